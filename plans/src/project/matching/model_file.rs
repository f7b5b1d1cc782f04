//! `match.model.json` and its terms: written by training, read with the project.
//!
//! The hash names everything in the file but itself, in one canonical form, so that a file may be laid out anew and not
//! changed. `compiled` names the SQL that it was trained for. Terms belong to values and not to comparisons: one value may
//! adjust levels of several.

use std::collections::BTreeMap;

use importer_sql::functions::json_canonical_str;
use serde::Deserialize;

use super::level::is_by_hand;
use super::model::{bits, bits_of, shown};
use super::spec::MODEL_ENDING;
use super::{Comparison, FuzzySpec, Model, Terms, Thresholds, Weights};

const VERSION: u32 = 1;

/// What one rule's pairs taught.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    pub rule: String,
    pub iterations: u32,
    /// The largest change of the last iteration.
    pub change: f64,
}

/// A model and how it came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFile {
    pub model: Model,
    pub seed: u64,
    /// Records that it was trained on.
    pub records: u64,
    /// Where the prior comes from, in words.
    pub from: String,
    pub rounds: Vec<Round>,
    /// Pairs of strangers that u was counted over.
    pub pairs_u: u64,
    /// The thresholds of that time.
    pub thresholds: Thresholds,
}

/// What a file of a model says, as its JSON is laid out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    hash: String,
    compiled: String,
    seed: u64,
    records: u64,
    prior: Prior,
    comparisons: Vec<Trained>,
    terms: Vec<TermsOf>,
    training: Training,
    thresholds_seen: Seen,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prior {
    log2_odds: f64,
    household_log2_odds: Option<f64>,
    from: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trained {
    name: String,
    personal: bool,
    /// From best to worst, without `missing`.
    levels: Vec<TrainedLevel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainedLevel {
    /// For whoever reads the file: the project's own is told.
    #[serde(rename = "label")]
    _label: String,
    m: f64,
    h: f64,
    u: f64,
    weight: f64,
    #[serde(rename = "fixed")]
    _fixed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsOf {
    of: String,
    file: String,
    rows: usize,
    floor: f64,
    hash: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Training {
    rounds: Vec<Round>,
    pairs_u: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    review: f64,
    #[serde(rename = "match")]
    matched: f64,
}

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::project) enum Unfit {
    /// The text is no model: what is wrong, with line and column where they are known.
    Unreadable(String, Option<(usize, usize)>),
    /// It was changed by hand.
    Changed,
    Version(u32),
    /// The project says something else than what was trained.
    OtherProject,
    /// A file with terms is not there, or is another one.
    Terms(String),
}

impl FuzzySpec {
    /// 32 hexadecimal digits that name what pairs are found by and compared with.
    pub fn compiled(&self) -> String {
        let values = self.compare.iter();
        let values =
            values.map(|value| format!("compare {:?} {} {:?}", value.name, value.is_list, value.sql));
        let rules = self.blocking.iter();
        let rules = rules.map(|rule| {
            format!("rule {:?} {:?} {} {}", rule.name, rule.on, self.max_block_of(rule), rule.train)
        });
        let comparisons = self.comparisons.iter().flat_map(|comparison| {
            let personal = self.is_personal(comparison);
            let head = format!("comparison {:?} {:?} {personal}", comparison.name, comparison.from);
            let levels = comparison.levels.iter();
            let levels =
                levels.map(|level| format!("level {} {:?} {:?}", level.code, level.when, level.terms));
            std::iter::once(head).chain(levels)
        });
        let text = values.chain(rules).chain(comparisons).collect::<Vec<_>>().join("\n");
        hash_of(&text)
    }

    /// The name of the file with the terms of a value.
    pub fn terms_file(&self, value: &str) -> String {
        let stem = self.model_file.strip_suffix(MODEL_ENDING).unwrap_or(&self.model_file);
        format!("{stem}.terms.{value}.csv")
    }
}

impl ModelFile {
    /// The files of a model, by name, ready to lie beside `match.yml`; the model gets its hash.
    pub fn write(&mut self, spec: &FuzzySpec) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        for (value, terms) in &self.model.terms {
            files.push((spec.terms_file(value), terms_csv(terms)));
        }
        let body = self.body(spec, &files);
        self.model.hash = content_hash(&format!("{{\"version\":{VERSION},{body}}}"));
        let text = format!("{{\"version\":{VERSION},\"hash\":\"{}\",\n{body}}}\n", self.model.hash);
        files.insert(0, (spec.model_file.clone(), text));
        files
    }

    /// Reads a model; `file` gives the text of a file beside it.
    pub(in crate::project) fn read(
        spec: &FuzzySpec,
        text: &str,
        file: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Unfit> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            Unfit::Unreadable(message, (error.line() > 0).then(|| (error.line(), error.column().max(1))))
        })?;
        if document.version != VERSION {
            return Err(Unfit::Version(document.version));
        }
        if document.compiled != spec.compiled() || !fits(spec, &document) {
            return Err(Unfit::OtherProject);
        }
        if content_hash(text) != document.hash {
            return Err(Unfit::Changed);
        }
        let terms = terms(&document, file)?;
        let hash = document.hash.clone();
        let read = Self::of(spec, document, terms).with_hand_set(spec);
        Ok(Self { model: Model { hash, ..read.model }, ..read })
    }

    fn of(spec: &FuzzySpec, document: Document, terms: BTreeMap<String, Terms>) -> Self {
        let by_code = |of: fn(&TrainedLevel) -> f64| -> Vec<Vec<f64>> {
            let codes =
                |trained: &Trained| [0.0].into_iter().chain(trained.levels.iter().rev().map(of)).collect();
            document.comparisons.iter().map(codes).collect()
        };
        let parts =
            Weights { m: by_code(|level| level.m), h: by_code(|level| level.h), u: by_code(|level| level.u) };
        let weights = by_code(|level| level.weight);
        let model =
            Model::new(spec, parts.clone(), document.prior.log2_odds, document.prior.household_log2_odds);
        let Weights { m, h, u } = parts;
        Self {
            model: Model { weights, m, h, u, terms, ..model },
            seed: document.seed,
            records: document.records,
            from: document.prior.from,
            rounds: document.training.rounds,
            pairs_u: document.training.pairs_u,
            thresholds: Thresholds {
                review: document.thresholds_seen.review,
                matched: document.thresholds_seen.matched,
            },
        }
    }

    /// What was set by hand since it was trained holds.
    fn with_hand_set(self, spec: &FuzzySpec) -> Self {
        let levels = || spec.comparisons.iter().flat_map(|comparison| &comparison.levels);
        if !levels().any(is_by_hand) {
            return self;
        }
        let Model { m, h, u, prior, household_prior, terms, .. } = self.model;
        let model = Model::new(spec, Weights { m, h, u }, prior, household_prior);
        Self { model: Model { terms, ..model }, ..self }
    }

    /// Everything below the hash, in its canonical form. `files` are the terms with their texts.
    fn body(&self, spec: &FuzzySpec, files: &[(String, String)]) -> String {
        let model = &self.model;
        let household = model.household_prior.map_or("null".to_owned(), |bits| format!("{bits:.6}"));
        let comparisons: Vec<String> =
            (0..spec.comparisons.len()).map(|at| self.comparison(spec, at)).collect();
        let terms: Vec<String> =
            model.terms.iter().filter_map(|(value, terms)| terms_line(spec, value, terms, files)).collect();
        let round = |round: &Round| {
            format!(
                "{{\"rule\":{},\"iterations\":{},\"change\":{}}}",
                quoted(&round.rule),
                round.iterations,
                shown(round.change)
            )
        };
        let rounds: Vec<String> = self.rounds.iter().map(round).collect();
        format!(
            "\"compiled\":\"{}\",\n\"seed\":{},\"records\":{},\"prior\":{{\"log2_odds\":{:.6},\"household_log2_odds\":{household},\"from\":{}}},\n\"comparisons\":[\n{}],\n\"terms\":[{}],\n\"training\":{{\"rounds\":[{}],\"pairs_u\":{}}},\n\"thresholds_seen\":{{\"review\":{:.6},\"match\":{:.6}}}",
            spec.compiled(),
            self.seed,
            self.records,
            model.prior,
            quoted(&self.from),
            comparisons.join(",\n"),
            terms.join(",\n"),
            rounds.join(","),
            self.pairs_u,
            self.thresholds.review,
            self.thresholds.matched
        )
    }

    fn comparison(&self, spec: &FuzzySpec, at: usize) -> String {
        let comparison = &spec.comparisons[at];
        let part = |parts: &[Vec<f64>], code: u8| bits_of(parts, at, code);
        let model = &self.model;
        let mut levels: Vec<_> = comparison.levels.iter().filter(|level| level.code > 0).collect();
        levels.sort_by_key(|level| std::cmp::Reverse(level.code));
        let level = |level: &&super::Level| {
            format!(
                "  {{\"label\":{},\"m\":{},\"h\":{},\"u\":{},\"weight\":{:.6},\"fixed\":{}}}",
                quoted(&level.label),
                shown(part(&model.m, level.code)),
                shown(part(&model.h, level.code)),
                shown(part(&model.u, level.code)),
                bits(part(&model.weights, level.code)),
                is_by_hand(level)
            )
        };
        let levels: Vec<String> = levels.iter().map(level).collect();
        format!(
            " {{\"name\":{},\"personal\":{},\"levels\":[\n{}]}}",
            quoted(&comparison.name),
            spec.is_personal(comparison),
            levels.join(",\n")
        )
    }
}

/// The terms of a value, as the model names them.
fn terms_line(spec: &FuzzySpec, value: &str, terms: &Terms, files: &[(String, String)]) -> Option<String> {
    let file = spec.terms_file(value);
    let (_, text) = files.iter().find(|(name, _)| *name == file)?;
    Some(format!(
        "{{\"of\":{},\"file\":{},\"rows\":{},\"floor\":{},\"hash\":\"{}\"}}",
        quoted(value),
        quoted(&file),
        terms.values.len(),
        shown(terms.floor),
        hash_of(text)
    ))
}

/// Whether a model has the comparisons and levels of the project; labels and thresholds may be others.
fn fits(spec: &FuzzySpec, document: &Document) -> bool {
    let fits = |(comparison, trained): (&Comparison, &Trained)| {
        comparison.name == trained.name
            && spec.is_personal(comparison) == trained.personal
            && comparison.levels.len() == trained.levels.len() + 1
    };
    spec.comparisons.len() == document.comparisons.len()
        && spec.comparisons.iter().zip(&document.comparisons).all(fits)
}

/// The terms that a model names.
fn terms(
    document: &Document,
    file: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Terms>, Unfit> {
    let read = |of: &TermsOf| -> Result<(String, Terms), Unfit> {
        let unfit = || Unfit::Terms(of.file.clone());
        let text = file(&of.file).filter(|text| hash_of(text) == of.hash).ok_or_else(unfit)?;
        let values = values_of(&text).filter(|values| values.len() == of.rows).ok_or_else(unfit)?;
        Ok((of.of.clone(), Terms { values, floor: of.floor }))
    };
    document.terms.iter().map(read).collect()
}

const TERMS_HEAD: &str = "value,frequency";

fn terms_csv(terms: &Terms) -> String {
    let line = |(value, frequency): &(String, f64)| {
        format!("\"{}\",{}\n", value.replace('"', "\"\""), shown(*frequency))
    };
    std::iter::once(format!("{TERMS_HEAD}\n")).chain(terms.values.iter().map(line)).collect()
}

/// The values of a file of terms: quoted, one a line; `None` for another file.
fn values_of(text: &str) -> Option<Vec<(String, f64)>> {
    let mut rest = text.strip_prefix(TERMS_HEAD)?.strip_prefix('\n')?;
    let mut values = Vec::new();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('"')?;
        // Quotes within are doubled, so the first that is followed by a comma and not part of such a pair ends the value.
        let mut end = 0;
        loop {
            end += inner.get(end..)?.find('"')?;
            if !inner[end + 1..].starts_with('"') {
                break;
            }
            end += 2;
        }
        let (value, tail) = (inner[..end].replace("\"\"", "\""), inner[end + 1..].strip_prefix(',')?);
        let (frequency, tail) = tail.split_once('\n')?;
        values.push((value, frequency.parse().ok()?));
        rest = tail;
    }
    Some(values)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The hash of a model's text without the one that stands in it.
fn content_hash(text: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        // Set, and not taken away: that would change the order of the others.
        map.insert("hash".to_owned(), serde_json::Value::Null);
    }
    let text = value.to_string();
    hash_of(&json_canonical_str(&text).unwrap_or(text))
}

fn hash_of(text: &str) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(text.as_bytes()))
}
