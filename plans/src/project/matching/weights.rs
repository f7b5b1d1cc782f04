//! Weights before anything was learned: `sql/data/level_weights.csv`, by the kinds of levels.

use importer_sql::level_weights::LEVEL_WEIGHTS;

use super::level::is_by_hand;
use super::pools::isotonic;
use super::{FuzzySpec, Level, LevelKind};

/// How often matches, households and strangers meet each level, by code; the parts of a comparison without `missing` are one.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    pub m: Vec<Vec<f64>>,
    pub h: Vec<Vec<f64>>,
    pub u: Vec<Vec<f64>>,
}

/// `else` has at least this part of the matches, and of the strangers.
const LEAST_ELSE: (f64, f64) = (0.05, 0.5);

impl Weights {
    /// What the kinds of the levels say.
    pub fn of_kinds(spec: &FuzzySpec) -> Self {
        let (mut m, mut h, mut u) = (Vec::new(), Vec::new(), Vec::new());
        for comparison in &spec.comparisons {
            let (matches, strangers) = parts(&comparison.levels);
            h.push(if spec.is_personal(comparison) { strangers.clone() } else { matches.clone() });
            m.push(matches);
            u.push(strangers);
        }
        Self { m, h, u }
    }
}

/// m and u of the levels of one comparison, by code.
fn parts(levels: &[Level]) -> (Vec<f64>, Vec<f64>) {
    let (mut m, mut u) = (vec![0.0; levels.len()], vec![0.0; levels.len()]);
    let mut other = 1;
    for level in levels {
        let code = usize::from(level.code);
        match level.kind {
            LevelKind::Missing => {}
            LevelKind::Else => other = code,
            // An own condition that stands first is the best answer there is.
            LevelKind::Sql if code == levels.len() - 1 => (m[code], u[code]) = of_kind(LevelKind::Equal),
            kind => (m[code], u[code]) = of_kind(kind),
        }
    }
    for (parts, least) in [(&mut m, LEAST_ELSE.0), (&mut u, LEAST_ELSE.1)] {
        let has_else = levels.iter().any(|level| level.kind == LevelKind::Else);
        let taken: f64 = parts.iter().sum();
        if has_else {
            parts[other] = (1.0 - taken).max(least);
        }
        let all: f64 = parts.iter().sum();
        parts.iter_mut().for_each(|part| *part /= all.max(f64::MIN_POSITIVE));
    }
    let mut by_hand = vec![false; levels.len()];
    levels.iter().for_each(|level| by_hand[usize::from(level.code)] = is_by_hand(level));
    isotonic(&mut m, &u, &by_hand);
    (m, u)
}

fn of_kind(kind: LevelKind) -> (f64, f64) {
    let line = LEVEL_WEIGHTS.lines().skip(1).find_map(|line| {
        let mut cells = line.split(',');
        let is_it = cells.next() == Some(kind.as_str());
        let mut number = || cells.next().and_then(|cell| cell.parse::<f64>().ok());
        if is_it { number().zip(number()) } else { None }
    });
    // A kind without a line says nothing.
    line.unwrap_or((0.01, 0.01))
}
