//! What a scored suggestion was made of: the answers of its comparisons in words and bits, and no cell value.

use std::borrow::Cow;

use datafusion::arrow::array::{Array, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Float64Type, Int64Type};
use importer_plans::compile::fuzzy::{Waterfall, told, waterfall};
use importer_plans::project::{FuzzySpec, Model, Pattern};
use serde_json::{Map, Value, json};

use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::store::MadeOf;

/// What the scores of a run mean.
pub struct Scores<'a> {
    spec: &'a FuzzySpec,
    model: Cow<'a, Model>,
}

/// The columns of suggestions that scores are made of.
pub struct Columns<'a> {
    scores: &'a Scores<'a>,
    score: &'a Float64Array,
    pattern: &'a Int64Array,
    rule: &'a StringArray,
    /// By the place of their comparison.
    terms: Vec<(usize, &'a Float64Array)>,
}

/// One scored suggestion.
pub struct Scored {
    pub probability: f64,
    pub features: Map<String, Value>,
    pub made_of: MadeOf,
}

impl<'a> Scores<'a> {
    /// Those of a run, where records are compared by likeness.
    pub fn of(cx: &'a RunContext) -> Option<Self> {
        let spec = cx.entity.matching.fuzzy.as_ref()?;
        Some(Self { spec, model: spec.model_or_kinds() })
    }

    /// The columns of a batch.
    pub fn columns(&'a self, batch: &'a RecordBatch) -> Result<Columns<'a>> {
        let shape = || Error::internal("the scored suggestions have an unexpected shape");
        let column = |name: &str| batch.column_by_name(name).ok_or_else(shape);
        let terms = told::adjusted(self.spec).into_iter().map(|at| {
            let name = told::term_column(&self.spec.comparisons[at]);
            Ok((at, column(&name)?.as_primitive_opt::<Float64Type>().ok_or_else(shape)?))
        });
        Ok(Columns {
            scores: self,
            score: column("score")?.as_primitive_opt::<Float64Type>().ok_or_else(shape)?,
            pattern: column("pattern")?.as_primitive_opt::<Int64Type>().ok_or_else(shape)?,
            rule: column("rule")?.as_string_opt::<i32>().ok_or_else(shape)?,
            terms: terms.collect::<Result<Vec<_>>>()?,
        })
    }
}

impl Columns<'_> {
    /// What a row was made of, where it was scored.
    pub fn row(&self, row: usize) -> Option<Scored> {
        if self.pattern.is_null(row) || self.score.is_null(row) {
            return None;
        }
        let Scores { spec, model } = self.scores;
        let (pattern, probability) = (self.pattern.value(row), self.score.value(row));
        let mut terms = vec![0.0; spec.comparisons.len()];
        for (at, column) in self.terms.iter().filter(|(_, column)| column.is_valid(row)) {
            terms[*at] = column.value(row);
        }
        let rule = self.rule.is_valid(row).then(|| self.rule.value(row).to_owned());
        let told = waterfall(spec, model, Pattern(pattern), &terms);
        let made_of = MadeOf { pattern, rule: rule.clone(), model_hash: model.hash.clone() };
        Some(Scored { probability, features: features(&told, rule, probability), made_of })
    }
}

fn features(told: &Waterfall, rule: Option<String>, probability: f64) -> Map<String, Value> {
    let comparisons: Vec<Value> = told
        .steps
        .iter()
        .map(|step| {
            json!({
                "name": step.comparison,
                "level": step.level,
                "label": step.label,
                "weight": rounded(step.weight),
                "household": rounded(step.household),
                "term": rounded(step.term),
            })
        })
        .collect();
    let flip = told.flip.as_ref().map(|flip| {
        json!({ "name": flip.comparison, "to": flip.label, "weight": rounded(flip.weight), "probability": rounded(flip.probability) })
    });
    let seen = [
        ("rule", rule.map(Value::from)),
        ("probability", Some(rounded(probability))),
        ("weight", Some(rounded(told.total))),
        ("prior", Some(rounded(told.prior))),
        ("household", told.household.map(rounded)),
        ("comparisons", Some(Value::from(comparisons))),
        ("flip", flip),
    ];
    seen.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A number as people read it: with six decimals, so that it is the same wherever it was computed.
fn rounded(value: f64) -> Value {
    Value::from((value * 1e6).round() / 1e6)
}
