//! How a pair answers the comparisons: one code each, and all of them packed into one number.

use super::template::number;
use crate::project::{Comparison, FuzzySpec, Level, When};

/// The answer of one comparison over the records `a` and `b`, as its code.
pub fn gamma(comparison: &Comparison) -> String {
    cases(comparison, |level| level.code.to_string())
}

/// The pattern of a pair `a` and `b`.
pub(super) fn pattern(spec: &FuzzySpec) -> String {
    packed(spec, |_, comparison| gamma(comparison))
}

/// The pattern, from the code of each comparison.
pub(super) fn packed(spec: &FuzzySpec, code: impl Fn(usize, &Comparison) -> String) -> String {
    let radix = spec.radix();
    let answers = spec.comparisons.iter().zip(radix).enumerate();
    let parts: Vec<String> = answers
        .map(|(n, (comparison, radix))| format!("CAST({} AS BIGINT) * {radix}", code(n, comparison)))
        .collect();
    if parts.is_empty() { "CAST(0 AS BIGINT)".to_owned() } else { parts.join(" + ") }
}

/// The most bits that a comparison can come to, as far as its cheap conditions tell: those that measure texts are not asked,
/// and may all hold.
pub(super) fn at_most(comparison: &Comparison, bits: impl Fn(&Level) -> f64) -> String {
    let mut highest = f64::NEG_INFINITY;
    let mut cases = String::new();
    for level in &comparison.levels {
        highest = match (&level.when, level.is_costly) {
            (When::Condition(_), true) => highest.max(bits(level)),
            (When::Missing(condition) | When::Condition(condition), _) => {
                cases.push_str(&format!(" WHEN {condition} THEN {}", number(highest.max(bits(level)))));
                highest
            }
            (When::Else, _) => {
                cases.push_str(&format!(" ELSE {}", number(highest.max(bits(level)))));
                highest
            }
        };
    }
    format!("CASE{cases} END")
}

fn cases(comparison: &Comparison, answer: impl Fn(&Level) -> String) -> String {
    let mut cases = String::new();
    for level in &comparison.levels {
        match &level.when {
            When::Missing(condition) | When::Condition(condition) => {
                cases.push_str(&format!(" WHEN {condition} THEN {}", answer(level)));
            }
            When::Else => cases.push_str(&format!(" ELSE {}", answer(level))),
        }
    }
    format!("CASE{cases} END")
}
