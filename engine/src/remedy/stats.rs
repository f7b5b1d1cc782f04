//! Figures of remediation: how often it works, what is edited, what is resolved.

use serde::Serialize;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};

/// The longest look back.
const MOST_DAYS: i64 = 36_500;

/// How often something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Times {
    pub name: String,
    pub times: u64,
}

/// Figures of the last days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RemedyStats {
    pub days: i64,
    /// Edited rows.
    pub attempts: u64,
    /// Edited rows that left quarantine.
    pub fixed: u64,
    /// Edited rows that passed the rules and wait for a person to say who they are.
    pub review: u64,
    /// Edited rows that are held still.
    pub still_quarantined: u64,
    /// Rows that passed the rules, of all edited rows; nothing where there were none.
    pub success_rate: Option<f64>,
    /// Fields by how often they were edited.
    pub most_edited_fields: Vec<Times>,
    /// Rules by how often their findings were resolved, by edits and by requeues.
    pub most_resolved_rules: Vec<Times>,
}

/// Reads the figures.
pub async fn stats(engine: &Engine, days: i64) -> Result<RemedyStats> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::new(ErrorKind::Usage, format!("{days} days cannot be looked back"))
            .with_help(format!("write a number from 1 to {MOST_DAYS}")));
    }
    let figures = engine.store.remedy_figures(&engine.tenant, days).await?;
    let times = |n: i64| u64::try_from(n).unwrap_or(0);
    let outcome =
        |name: &str| figures.outcomes.iter().filter(|(o, _)| o == name).map(|(_, n)| times(*n)).sum();
    let (fixed, review, held): (u64, u64, u64) = (outcome("fixed"), outcome("review"), outcome("held"));
    let attempts = fixed + review + held;
    let mut rules: Vec<Times> = Vec::new();
    for (rule, _, n) in &figures.rules {
        match rules.iter_mut().find(|t| t.name == *rule) {
            Some(known) => known.times += times(*n),
            None => rules.push(Times { name: rule.clone(), times: times(*n) }),
        }
    }
    rules.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.name.cmp(&b.name)));
    Ok(RemedyStats {
        days,
        attempts,
        fixed,
        review,
        still_quarantined: held,
        success_rate: (attempts > 0).then(|| (fixed + review) as f64 / attempts as f64),
        most_edited_fields: figures
            .fields
            .iter()
            .map(|(name, n)| Times { name: name.clone(), times: times(*n) })
            .collect(),
        most_resolved_rules: rules,
    })
}
