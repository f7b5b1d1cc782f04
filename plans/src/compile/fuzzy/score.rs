//! What the answers of a pair say under a model, in SQL: what `Model::score` says of its pattern.

use std::collections::BTreeSet;

use super::gamma::{at_most, gamma, packed};
use super::records::{frequency_column, is_list, known_terms};
use super::template::{filled, number};
use crate::compile::ident::ident;
use crate::project::{Comparison, FuzzySpec, Level, Model};

/// The most bits that a rare value adds: chance alone does not make a value that nobody else has a proof.
const MOST_BITS_OF_TERMS: f64 = 5.0;

/// The scored pairs, given their rule and the join that finds them.
pub(super) fn scored(spec: &FuzzySpec, model: &Model, floor: f64, (rule, pairs): (&str, &str)) -> String {
    let scoring = Scoring::new(spec, model);
    filled(
        include_str!("../../../../sql/steps/match/fuzzy/scored.sql"),
        &[
            ("rule", rule),
            ("pairs", pairs),
            ("levels", &scoring.levels()),
            ("frequencies", &scoring.frequencies()),
            ("bound", &scoring.bound(floor)),
            ("codes", &scoring.codes()),
            ("adjusted", &scoring.adjusted()),
            ("pattern", &packed(spec, |n, _| code(n))),
            ("match", &scoring.matched()),
            ("household", &scoring.household()),
            ("most", scoring.most()),
            ("two", scoring.two()),
            ("terms", &scoring.terms()),
            ("floor", &number(floor)),
        ],
    )
}

/// The column with the answer of a comparison.
fn code(comparison: usize) -> String {
    ident(&format!("code {comparison}"))
}

/// The column with what the frequency of a value adds to a comparison, in bits.
fn term(comparison: &Comparison) -> String {
    ident(&format!("term_{}", comparison.name))
}

struct Scoring<'a> {
    spec: &'a FuzzySpec,
    model: &'a Model,
    /// The values whose frequencies are known.
    frequent: BTreeSet<&'a str>,
}

impl<'a> Scoring<'a> {
    fn new(spec: &'a FuzzySpec, model: &'a Model) -> Self {
        let frequent = known_terms(spec, Some(model)).map(|(name, _)| name).collect();
        Self { spec, model, frequent }
    }

    /// The value whose frequency adjusts a level.
    fn term_of<'l>(&self, level: &'l Level) -> Option<&'l str> {
        level.terms.as_deref().filter(|name| self.frequent.contains(*name))
    }

    /// The comparisons that frequencies adjust.
    fn with_terms(&self) -> impl Iterator<Item = (usize, &'a Comparison)> {
        let comparisons = self.spec.comparisons.iter().enumerate();
        comparisons.filter(move |(_, comparison)| comparison.levels.iter().any(|l| self.term_of(l).is_some()))
    }

    fn levels(&self) -> String {
        let comparisons = self.spec.comparisons.iter().enumerate();
        comparisons
            .map(|(n, comparison)| format!(",\n                 {} AS {}", gamma(comparison), code(n)))
            .collect()
    }

    /// Both have the same value, and so the same frequency; of lists, the shared item is at most as frequent as the most
    /// frequent one of either.
    fn frequencies(&self) -> String {
        self.frequent
            .iter()
            .map(|name| {
                let (of, column) =
                    (if is_list(self.spec, name) { "least" } else { "greatest" }, frequency_column(name));
                format!(",\n                 {of}(a.{column}, b.{column}) AS {column}")
            })
            .collect()
    }

    fn codes(&self) -> String {
        (0..self.spec.comparisons.len()).map(|n| format!(", {}", code(n))).collect()
    }

    fn adjusted(&self) -> String {
        self.with_terms()
            .map(|(n, comparison)| {
                let cases: String = comparison
                    .levels
                    .iter()
                    .filter_map(|level| {
                        let frequency = frequency_column(self.term_of(level)?);
                        let chance = number(of_code(&self.model.u, n, level.code));
                        let most = number(MOST_BITS_OF_TERMS);
                        Some(format!(" WHEN {} THEN least({most}, log2({chance} / {frequency}))", level.code))
                    })
                    .collect();
                format!(",\n               CASE {}{cases} ELSE 0.0 END AS {}", code(n), term(comparison))
            })
            .collect()
    }

    fn terms(&self) -> String {
        self.with_terms().map(|(_, comparison)| format!(", {}", term(comparison))).collect()
    }

    fn matched(&self) -> String {
        self.sum(self.model.prior, &self.model.weights, |_| true)
    }

    /// A household shares what is not personal, rare values as well.
    fn household(&self) -> String {
        let Some(prior) = self.model.household_prior else { return String::new() };
        let shared = |comparison: &Comparison| !self.spec.is_personal(comparison);
        format!(",\n             {} AS \"household\"", self.sum(prior, &self.model.household, shared))
    }

    /// The sum of a class in the order of the comparisons, so that its last bit is always the same.
    fn sum(&self, prior: f64, weights: &[Vec<f64>], takes_terms: impl Fn(&Comparison) -> bool) -> String {
        let mut sum = number(prior);
        for (n, comparison) in self.spec.comparisons.iter().enumerate() {
            let cases: String = comparison
                .levels
                .iter()
                .map(|level| format!(" WHEN {} THEN {}", level.code, number(of_code(weights, n, level.code))))
                .collect();
            let bits = format!("CASE {}{cases} ELSE 0.0 END", code(n));
            let has_term = takes_terms(comparison) && self.with_terms().any(|(other, _)| other == n);
            match has_term {
                true => sum.push_str(&format!(" + ({bits} + {})", term(comparison))),
                false => sum.push_str(&format!(" + {bits}")),
            }
        }
        sum
    }

    fn most(&self) -> &'static str {
        match self.model.household_prior {
            Some(_) => r#"greatest("match", "household", 0.0)"#,
            None => r#"greatest("match", 0.0)"#,
        }
    }

    fn two(&self) -> &'static str {
        match self.model.household_prior {
            Some(_) => r#"power(2.0, "household" - "most")"#,
            None => "0.0",
        }
    }

    /// Whether a pair can come to the floor at all. A household only takes from a match.
    fn bound(&self, floor: f64) -> String {
        let is_costly = |comparison: &Comparison| comparison.levels.iter().any(|level| level.is_costly);
        if floor <= 0.0 || !self.spec.comparisons.iter().any(is_costly) {
            return "true".to_owned();
        }
        let mut sum = number(self.model.prior);
        for (n, comparison) in self.spec.comparisons.iter().enumerate() {
            let bits = |level: &Level| {
                let rare = if self.term_of(level).is_some() { MOST_BITS_OF_TERMS } else { 0.0 };
                of_code(&self.model.weights, n, level.code) + rare
            };
            sum.push_str(&format!("\n              + {}", at_most(comparison, bits)));
        }
        // The sum of the bounds may round otherwise than that of the weights.
        format!("{sum} >= {}", number((floor / (1.0 - floor)).log2() - 1e-6))
    }
}

/// The number of a level in the tables of a model; nothing is said of what it does not know.
fn of_code(table: &[Vec<f64>], comparison: usize, code: u8) -> f64 {
    table.get(comparison).and_then(|codes| codes.get(usize::from(code))).copied().unwrap_or(0.0)
}
