//! match train: a model from the pairs of rows, and what is to be known of it before it is used.

use std::collections::BTreeMap;

use datafusion::common::runtime::SpawnedTask;
use importer_plans::compile::fuzzy::{self, Sample};
use importer_plans::project::{FuzzySpec, Level, ModelFile, Patterns, Round, Terms, Weights};
use serde::Serialize;

use super::desk::{Desk, Timing};
use super::outlook::{Outlook, outlook};
use super::rows::{self, Chosen, RowsOf};
use super::{patterns, sample};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};

/// What a model is learned from.
#[derive(Debug, Clone)]
pub struct TrainRequest {
    pub rows: RowsOf,
    /// Draws the strangers; the same seed and rows give the same model.
    pub seed: u32,
    /// Pairs of strangers, about.
    pub pairs: u64,
}

impl Default for TrainRequest {
    fn default() -> Self {
        Self { rows: RowsOf::default(), seed: 1, pairs: 1_000_000 }
    }
}

/// A model that was learned.
#[derive(Debug, Clone, Serialize)]
pub struct Training {
    pub entity: String,
    pub runs: Vec<i64>,
    pub records: u64,
    pub seed: u32,
    /// Names the model's content.
    pub hash: String,
    /// Log2 odds that two records are a match, and a household.
    pub prior: f64,
    pub household_prior: Option<f64>,
    pub pairs_of_strangers: u64,
    pub comparisons: Vec<TrainedComparison>,
    pub rounds: Vec<TrainedRound>,
    /// All rounds came to rest.
    pub converged: bool,
    /// Comparisons that every rule decides: their matches are as the kinds of their levels say.
    pub untrained: Vec<String>,
    /// Levels that no pair has.
    pub unseen: Vec<UnseenLevel>,
    /// What the model makes of the pairs it has seen.
    pub outlook: Outlook,
    pub timings: Vec<Timing>,
    /// The files of the model, by name, as they lie beside `match.yml`.
    #[serde(skip)]
    pub files: Vec<(String, String)>,
}

/// What the model says of one comparison.
#[derive(Debug, Clone, Serialize)]
pub struct TrainedComparison {
    pub name: String,
    pub personal: bool,
    /// From best to worst, without `missing`.
    pub levels: Vec<TrainedLevel>,
}

/// What it says of one level.
#[derive(Debug, Clone, Serialize)]
pub struct TrainedLevel {
    pub label: String,
    /// How often matches, households and strangers have it.
    pub m: f64,
    pub h: f64,
    pub u: f64,
    /// Bits against strangers.
    pub weight: f64,
}

/// What the pairs of one rule taught.
#[derive(Debug, Clone, Serialize)]
pub struct TrainedRound {
    pub rule: String,
    pub iterations: u32,
    /// The largest change of the last iteration.
    pub change: f64,
}

/// A level that no pair has: perhaps one before it holds wherever it would.
#[derive(Debug, Clone, Serialize)]
pub struct UnseenLevel {
    pub comparison: String,
    pub label: String,
}

/// What was counted.
struct Counted {
    records: u64,
    strangers: Patterns,
    rules: Vec<(usize, Patterns)>,
    terms: BTreeMap<String, Terms>,
}

/// Does it.
pub(super) async fn train(engine: &Engine, request: &TrainRequest) -> Result<Training> {
    let chosen = rows::choose(engine, &request.rows).await?;
    let mut desk = Desk::open(engine)?;
    let counted = count(engine, &mut desk, &chosen, request).await;
    let cleared = desk.clear().await;
    let (counted, timings) = (counted?, cleared?);
    if counted.records < 2 {
        return Err(Error::new(ErrorKind::Usage, "the runs have staged no two rows to be compared")
            .with_help("name runs with more rows: --run N"));
    }
    let learned = learn(chosen.spec.clone(), counted).await?;
    Ok(told(&chosen, request, learned, timings))
}

async fn count(
    engine: &Engine,
    desk: &mut Desk,
    chosen: &Chosen<'_>,
    request: &TrainRequest,
) -> Result<Counted> {
    let spec = chosen.spec;
    let records = rows::records(engine, desk, chosen, None).await?;
    let strangers = sample::strangers(desk, spec, i64::from(request.seed), request.pairs).await?;
    patterns::find_members(desk, spec).await?;
    let rules = patterns::of_rules(desk, spec).await?.into_iter().enumerate().collect();
    let mut terms = BTreeMap::new();
    for value in spec.term_values() {
        terms.insert(value.name.clone(), sample::terms(desk, spec, &value.name).await?);
    }
    Ok(Counted { records, strangers, rules, terms })
}

/// A model with what it was learned from.
struct Learned {
    spec: FuzzySpec,
    counted: Counted,
    trained: fuzzy::Trained,
    outlook: Outlook,
}

/// Some seconds of arithmetic, beside the threads that wait for others.
async fn learn(spec: FuzzySpec, counted: Counted) -> Result<Learned> {
    let work = move || {
        let sample = Sample {
            records: counted.records,
            strangers: &counted.strangers,
            rules: &counted.rules,
            labels: &[],
        };
        let mut trained = fuzzy::em(&spec, &sample, &Weights::of_kinds(&spec));
        trained.model.terms = counted.terms.clone();
        let outlook = outlook(&spec, &trained.model, &counted.rules);
        Learned { spec, counted, trained, outlook }
    };
    Ok(SpawnedTask::spawn_blocking(work).join_unwind().await?)
}

fn told(chosen: &Chosen<'_>, request: &TrainRequest, learned: Learned, timings: Vec<Timing>) -> Training {
    let Learned { spec, counted, trained, outlook } = learned;
    let pairs_of_strangers = counted.strangers.iter().map(|(_, pairs)| pairs).sum();
    let rules: Vec<&str> =
        spec.blocking.iter().filter(|rule| rule.train).map(|rule| rule.name.as_str()).collect();
    let mut file = ModelFile {
        model: trained.model,
        seed: u64::from(request.seed),
        records: counted.records,
        from: format!("pairs of the rules {}", rules.join(", ")),
        rounds: trained.rounds,
        pairs_u: pairs_of_strangers,
        thresholds: spec.thresholds,
    };
    let files = file.write(&spec);
    let unseen = trained.unseen.into_iter();
    Training {
        entity: chosen.entity.name.clone(),
        runs: chosen.numbers(),
        records: counted.records,
        seed: request.seed,
        hash: file.model.hash.clone(),
        prior: file.model.prior,
        household_prior: file.model.household_prior,
        pairs_of_strangers,
        comparisons: comparisons(&spec, &file),
        rounds: file.rounds.into_iter().map(TrainedRound::of).collect(),
        converged: trained.converged,
        untrained: trained.untrained,
        unseen: unseen.map(|(comparison, label)| UnseenLevel { comparison, label }).collect(),
        outlook,
        timings,
        files,
    }
}

impl TrainedRound {
    fn of(round: Round) -> Self {
        Self { rule: round.rule, iterations: round.iterations, change: round.change }
    }
}

fn comparisons(spec: &FuzzySpec, file: &ModelFile) -> Vec<TrainedComparison> {
    let model = &file.model;
    let part = |table: &[Vec<f64>], at: usize, code: u8| {
        table.get(at).and_then(|codes| codes.get(usize::from(code))).copied().unwrap_or_default()
    };
    spec.comparisons
        .iter()
        .enumerate()
        .map(|(at, comparison)| {
            let mut levels: Vec<_> = comparison.levels.iter().filter(|level| level.code > 0).collect();
            levels.sort_by_key(|level| std::cmp::Reverse(level.code));
            let of = |level: &&Level| TrainedLevel {
                label: level.label.clone(),
                m: part(&model.m, at, level.code),
                h: part(&model.h, at, level.code),
                u: part(&model.u, at, level.code),
                weight: part(&model.weights, at, level.code),
            };
            TrainedComparison {
                name: comparison.name.clone(),
                personal: spec.is_personal(comparison),
                levels: levels.iter().map(of).collect(),
            }
        })
        .collect()
}
