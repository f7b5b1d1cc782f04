//! Training: expectation and maximisation over counted patterns. Decisions of people count where there are any, and none are
//! needed.
//!
//! A pair is of one of three classes: match, household, stranger. Of a household nothing personal is the same but by chance,
//! so its levels of personal comparisons are those of strangers; all others are learned. What strangers have is counted over
//! pairs drawn at random, and stays. Each rule with `train` is one round, in which the comparisons that its keys decide are
//! held out; what the rounds expect of a comparison is added up. The levels start as their kinds say, and that counts as
//! much as fifty pairs throughout. At last, a better level never weighs less than a worse one (`isotonic`).
//!
//! Patterns are sorted and sums made in their order: the same counts give the same bits.

use super::counted::Row;
use super::prior::{odds, pairs_of};
use crate::project::{Comparison, FuzzySpec, Model, Pattern, Patterns, Round, Weights, isotonic};

/// What a model is trained on.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// How many records there are.
    pub records: u64,
    /// Patterns of pairs drawn at random.
    pub strangers: &'a [(Pattern, u64)],
    /// Patterns of the pairs that each rule finds first, by its place in `blocking`. Those of rules without `train` tell
    /// how many matches there are, and teach nothing else.
    pub rules: &'a [(usize, Patterns)],
    /// What people decided: one person, or two.
    pub labels: &'a [(Pattern, bool)],
}

/// What training gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Without terms and without a name.
    pub model: Model,
    /// One per rule that taught something.
    pub rounds: Vec<Round>,
    /// All rounds came to rest.
    pub converged: bool,
    /// Comparisons that every rule holds out: their matches are as the kinds of their levels say.
    pub untrained: Vec<String>,
    /// Levels that no pair has, as comparison and label: perhaps one before them holds wherever they would.
    pub unseen: Vec<(String, String)>,
}

/// Pairs that the weights of the kinds of levels count as.
const PRIOR_PAIRS: f64 = 50.0;
/// Pairs that one decision counts as.
const LABEL_PAIRS: f64 = 10.0;
/// A round is at rest when nothing changes by as much.
pub const AT_REST: f64 = 1e-4;
const MOST_ITERATIONS: u32 = 50;
/// Match, household and stranger among the pairs of a rule, at the start.
const SHARES: [f64; 3] = [0.4, 0.2, 0.4];

/// Learns a model.
pub fn em(spec: &FuzzySpec, sample: &Sample<'_>, prior: &Weights) -> Trained {
    let strangers = Row::sorted(spec, sample.strangers);
    let u = strangers_of(spec, &strangers, &prior.u);
    let fit = Fit::new(spec, prior, u);
    let mut rules: Vec<(usize, Vec<Row>)> =
        sample.rules.iter().map(|(rule, patterns)| (*rule, Row::sorted(spec, patterns))).collect();
    rules.sort_by_key(|(rule, _)| *rule);
    let labels = Labelled::sorted(spec, sample.labels);
    let mut sums = Expected::like(&fit.u);
    sums.add_labels(&labels, &fit);
    let (mut rounds, mut converged, mut taught) = (Vec::new(), true, vec![false; spec.comparisons.len()]);
    for (at, rows) in &rules {
        let Some(rule) = spec.blocking.get(*at).filter(|rule| rule.train) else { continue };
        let held = spec.held_out(rule);
        let (expected, iterations, change) = fit.learn(rows, &labels, &held);
        sums.add(&expected);
        taught.iter_mut().zip(&held).for_each(|(taught, held)| *taught |= !held && !rows.is_empty());
        converged &= change < AT_REST;
        rounds.push(Round { rule: rule.name.clone(), iterations, change });
    }
    let parts = fit.parts(&sums);
    let all: Vec<&Row> = rules.iter().flat_map(|(_, rows)| rows).collect();
    let (prior, household) = odds(
        &all,
        pairs_of(sample.records),
        sample.records,
        |row| fit.likelihoods(&parts, row, &[]),
        fit.has_households,
    );
    let comparisons = || spec.comparisons.iter().zip(&taught);
    Trained {
        untrained: comparisons()
            .filter(|(_, taught)| !**taught)
            .map(|(comparison, _)| comparison.name.clone())
            .collect(),
        unseen: unseen(spec, strangers.iter().chain(all.iter().copied())),
        model: Model::new(spec, parts, prior, household),
        rounds,
        converged,
    }
}

/// A decided pattern.
struct Labelled {
    row: Row,
    is_match: bool,
}

impl Labelled {
    fn sorted(spec: &FuzzySpec, labels: &[(Pattern, bool)]) -> Vec<Self> {
        let mut labels = labels.to_vec();
        labels.sort_unstable();
        let of = |(pattern, is_match)| Self {
            row: Row { codes: spec.levels_of(pattern), pairs: LABEL_PAIRS },
            is_match,
        };
        labels.into_iter().map(of).collect()
    }
}

/// What strangers have: counted, with half a pair of what the kinds of levels say. A level that no pair has is not weighed
/// by how many pairs were looked at alone.
fn strangers_of(spec: &FuzzySpec, rows: &[Row], prior: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let of = |(at, comparison): (usize, &Comparison)| {
        let mut counts = vec![0.0; comparison.levels.len()];
        for row in rows {
            let code = usize::from(row.codes[at]);
            counts[code] += row.pairs;
        }
        let all: f64 = counts.iter().skip(1).sum();
        let least = 0.5 / (all + 1.0);
        let part = |(code, counted): (usize, &f64)| match code {
            0 => 0.0,
            _ => ((counted + 0.5 * prior[at][code]) / (all + 0.5)).max(prior[at][code].min(least)),
        };
        let mut u: Vec<f64> = counts.iter().enumerate().map(part).collect();
        let by_hand = comparison.levels.iter().map(|level| (usize::from(level.code), level.u));
        whole(&mut u, &by_code(comparison, by_hand));
        u
    };
    spec.comparisons.iter().enumerate().map(of).collect()
}

fn by_code(comparison: &Comparison, values: impl Iterator<Item = (usize, Option<f64>)>) -> Vec<Option<f64>> {
    let mut found = vec![None; comparison.levels.len()];
    values.for_each(|(code, value)| found[code] = value);
    found
}

/// Makes the parts one together, but for those that are set by hand.
fn whole(parts: &mut [f64], by_hand: &[Option<f64>]) {
    let set: f64 = by_hand.iter().flatten().sum();
    let free: f64 = parts.iter().zip(by_hand).filter(|(_, set)| set.is_none()).map(|(part, _)| part).sum();
    let factor = if free > 0.0 { (1.0 - set).max(0.0) / free } else { 0.0 };
    for (part, set) in parts.iter_mut().zip(by_hand) {
        *part = set.unwrap_or(*part * factor);
    }
}

/// What stays the same through all rounds.
struct Fit<'a> {
    prior: &'a Weights,
    u: Vec<Vec<f64>>,
    /// Parts of matches that somebody set.
    by_hand: Vec<Vec<Option<f64>>>,
    personal: Vec<bool>,
    has_households: bool,
}

/// How many pairs of matches and of households are expected to have each level.
struct Expected {
    m: Vec<Vec<f64>>,
    h: Vec<Vec<f64>>,
}

impl Expected {
    /// Nothing, for the levels of these parts.
    fn like(other: &[Vec<f64>]) -> Self {
        let none: Vec<Vec<f64>> = other.iter().map(|parts| vec![0.0; parts.len()]).collect();
        Self { h: none.clone(), m: none }
    }

    fn add_row(&mut self, row: &Row, [matched, household]: [f64; 2], held: &[bool]) {
        for (at, code) in row.codes.iter().enumerate() {
            if *code > 0 && !held.get(at).copied().unwrap_or(false) {
                self.m[at][usize::from(*code)] += row.pairs * matched;
                self.h[at][usize::from(*code)] += row.pairs * household;
            }
        }
    }

    /// Decided pairs, where nothing is known of who is a household but that it is no match.
    fn add_labels(&mut self, labels: &[Labelled], fit: &Fit<'_>) {
        let start = fit.start();
        for label in labels {
            self.add_row(&label.row, fit.decided(&start, label, SHARES, &[]), &[]);
        }
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.m, &other.m), (&mut self.h, &other.h)] {
            for (mine, theirs) in mine.iter_mut().flatten().zip(theirs.iter().flatten()) {
                *mine += theirs;
            }
        }
    }
}

impl<'a> Fit<'a> {
    fn new(spec: &FuzzySpec, prior: &'a Weights, u: Vec<Vec<f64>>) -> Self {
        let by_hand = spec.comparisons.iter().zip(&u).map(|(comparison, u)| {
            let set = comparison.levels.iter().map(|level| {
                let code = usize::from(level.code);
                (code, level.m.or_else(|| level.weight.map(|bits| (u[code] * bits.exp2()).min(1.0))))
            });
            by_code(comparison, set)
        });
        Self {
            by_hand: by_hand.collect(),
            personal: spec.comparisons.iter().map(|comparison| spec.is_personal(comparison)).collect(),
            has_households: !spec.personal.is_empty(),
            prior,
            u,
        }
    }

    /// What is known before the first pair.
    fn start(&self) -> Weights {
        self.maximised(&Expected::like(&self.u))
    }

    /// How likely the levels of a pair are among matches, households and strangers.
    fn likelihoods(&self, parts: &Weights, row: &Row, held: &[bool]) -> [f64; 3] {
        let mut all = [1.0; 3];
        for (at, code) in row.codes.iter().enumerate() {
            if *code == 0 || held.get(at).copied().unwrap_or(false) {
                continue;
            }
            let code = usize::from(*code);
            all[0] *= parts.m[at][code];
            all[1] *= parts.h[at][code];
            all[2] *= self.u[at][code];
        }
        if !self.has_households {
            all[1] = 0.0;
        }
        all
    }

    /// How much of a decided pair is match and household.
    fn decided(&self, parts: &Weights, label: &Labelled, shares: [f64; 3], held: &[bool]) -> [f64; 2] {
        if label.is_match {
            return [1.0, 0.0];
        }
        let [_, household, stranger] = self.likelihoods(parts, &label.row, held);
        let (household, stranger) = (household * shares[1], stranger * shares[2]);
        let all = household + stranger;
        [0.0, if all > 0.0 { household / all } else { 0.0 }]
    }

    /// One round: what is expected of the pairs of one rule, after how many iterations, and the last change.
    fn learn(&self, rows: &[Row], labels: &[Labelled], held: &[bool]) -> (Expected, u32, f64) {
        let mut parts = self.start();
        let mut shares = SHARES;
        if !self.has_households {
            shares = [0.5, 0.0, 0.5];
        }
        let mut iterations = 0;
        loop {
            let mut expected = Expected::like(&self.u);
            let mut sums = [0.0; 3];
            for row in rows {
                let likely = self.likelihoods(&parts, row, held);
                let joint = [likely[0] * shares[0], likely[1] * shares[1], likely[2] * shares[2]];
                let all: f64 = joint.iter().sum();
                if all > 0.0 {
                    let of = joint.map(|joint| joint / all);
                    expected.add_row(row, [of[0], of[1]], held);
                    sums.iter_mut().zip(of).for_each(|(sum, of)| *sum += of * row.pairs);
                }
            }
            let mut with_labels = Expected::like(&self.u);
            with_labels.add(&expected);
            for label in labels {
                with_labels.add_row(&label.row, self.decided(&parts, label, shares, held), held);
            }
            let next = self.maximised(&with_labels);
            let pairs: f64 = sums.iter().sum();
            let next_shares = if pairs > 0.0 { sums.map(|sum| sum / pairs) } else { shares };
            let change = change(&parts, &next).max(largest(shares.iter().zip(&next_shares)));
            (parts, shares) = (next, next_shares);
            iterations += 1;
            if change < AT_REST || iterations == MOST_ITERATIONS {
                return (expected, iterations, change);
            }
        }
    }

    /// The parts that expected pairs give, with the pairs that the kinds of levels stand for.
    fn maximised(&self, expected: &Expected) -> Weights {
        let learned = |counts: &[Vec<f64>], prior: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let of = |(counts, prior): (&Vec<f64>, &Vec<f64>)| {
                let all: f64 = counts.iter().sum::<f64>() + PRIOR_PAIRS;
                counts
                    .iter()
                    .zip(prior)
                    .map(|(counted, prior)| (counted + PRIOR_PAIRS * prior) / all)
                    .collect()
            };
            counts.iter().zip(prior).map(of).collect()
        };
        let (mut m, mut h) = (learned(&expected.m, &self.prior.m), learned(&expected.h, &self.prior.h));
        for at in 0..m.len() {
            whole(&mut m[at], &self.by_hand[at]);
            if self.personal[at] {
                h[at].clone_from(&self.u[at]);
            }
        }
        Weights { m, h, u: self.u.clone() }
    }

    /// The parts of all rounds together; a better level never weighs less.
    fn parts(&self, sums: &Expected) -> Weights {
        let mut parts = self.maximised(sums);
        for at in 0..parts.m.len() {
            let by_hand: Vec<bool> = self.by_hand[at].iter().map(Option::is_some).collect();
            isotonic(&mut parts.m[at], &self.u[at], &by_hand);
            if !self.personal[at] {
                isotonic(&mut parts.h[at], &self.u[at], &by_hand);
            }
        }
        parts
    }
}

fn change(one: &Weights, other: &Weights) -> f64 {
    let of = |one: &[Vec<f64>], other: &[Vec<f64>]| largest(one.iter().flatten().zip(other.iter().flatten()));
    of(&one.m, &other.m).max(of(&one.h, &other.h))
}

fn largest<'a>(pairs: impl Iterator<Item = (&'a f64, &'a f64)>) -> f64 {
    pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max)
}

/// Levels that no pair has.
fn unseen<'a>(spec: &FuzzySpec, rows: impl Iterator<Item = &'a Row>) -> Vec<(String, String)> {
    let mut seen: Vec<Vec<bool>> =
        spec.comparisons.iter().map(|comparison| vec![false; comparison.levels.len()]).collect();
    for row in rows {
        for (seen, code) in seen.iter_mut().zip(&row.codes) {
            seen[usize::from(*code)] = true;
        }
    }
    let comparisons = spec.comparisons.iter().zip(&seen);
    let missing = comparisons.flat_map(|(comparison, seen)| {
        let unseen =
            comparison.levels.iter().filter(|level| level.code > 0 && !seen[usize::from(level.code)]);
        unseen.map(|level| (comparison.name.clone(), level.label.clone()))
    });
    missing.collect()
}
