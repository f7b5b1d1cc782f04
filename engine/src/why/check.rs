//! check: what every rule of the entity said. A row passed every rule that was asked and did not speak.

use std::collections::HashSet;

use importer_plans::compile::Bound;
use importer_plans::compile::why::{Fixed, RowRule, fixed_sql, row_rules};

use super::ask::{Asked, Asker, Row, int, text};
use super::pinned::Pinned;
use super::story::{Check, RuleVerdict, Verdict};
use crate::error::Result;
use crate::steps::check::lenient;

/// All rules about a row, those that spoke first.
pub async fn of_row(asker: &Asker, pinned: &Pinned, row: i64) -> Result<Check> {
    let values = [Bound::number("run_id", pinned.run.id), Bound::number("row", row)];
    let findings = asker.ask("findings", fixed_sql(Fixed::Findings, pinned.place, &values)).await?;
    let mut asked = Vec::new();
    let mut states = Vec::new();
    if !pinned.run.dry_run {
        let status =
            asker.ask("findings now", fixed_sql(Fixed::FindingStatus, pinned.place, &values)).await?;
        states.clone_from(&status.rows);
        asked.push(status);
    }
    let shape = lenient(&pinned.shape, &pinned.source);
    let params = pinned.params().unwrap_or_default();
    let rules = row_rules(
        &shape,
        &pinned.entity.rules,
        |r| r.is_enforced(pinned.source.external_id),
        pinned.place,
        row,
        &params,
    );
    let verdicts = verdicts(&findings, &states, &rules);
    asked.insert(0, findings);
    Ok(Check {
        quarantined: verdicts
            .iter()
            .any(|v| v.verdict == Verdict::Failed && v.severity == "error" && v.mode == "enforce"),
        rules: verdicts,
        asked,
    })
}

fn verdicts(findings: &Asked, states: &[Row], rules: &[RowRule]) -> Vec<RuleVerdict> {
    let mut spoke: HashSet<(String, Option<String>)> = HashSet::new();
    let mut all: Vec<RuleVerdict> = findings
        .rows
        .iter()
        .map(|found| {
            let code = text(found, "rule_code").unwrap_or_default();
            let field = text(found, "field");
            let rule = rules.iter().find(|r| r.code == code && (r.field.is_none() || r.field == field));
            // A rule of the project speaks as a whole; a built-in check once per field.
            spoke.insert((code.clone(), rule.and_then(|r| r.field.clone())));
            failed(found, code, field, rule, states)
        })
        .collect();
    all.extend(rules.iter().filter(|r| !spoke.contains(&(r.code.clone(), r.field.clone()))).map(|rule| {
        RuleVerdict {
            rule_code: rule.code.clone(),
            verdict: if rule.asked { Verdict::Passed } else { Verdict::NotAsked },
            severity: rule.severity.as_str().to_owned(),
            mode: rule.mode.as_str().to_owned(),
            field: rule.field.clone(),
            original_value: None,
            normalised_value: None,
            message: rule.message.clone(),
            hint: rule.hint.clone(),
            path: rule.path.clone(),
            sql: Some(rule.sql.clone()),
            status: None,
            resolution: None,
            resolved_by: None,
            resolved_run_id: None,
        }
    }));
    all
}

fn failed(
    found: &Row,
    code: String,
    field: Option<String>,
    rule: Option<&RowRule>,
    states: &[Row],
) -> RuleVerdict {
    let state = states.iter().find(|s| {
        text(s, "rule_code").as_ref() == Some(&code)
            && text(s, "field").unwrap_or_default() == field.clone().unwrap_or_default()
    });
    let word = |name: &str| text(found, name).unwrap_or_default();
    let now = |name: &str| state.and_then(|s| text(s, name));
    RuleVerdict {
        rule_code: code,
        verdict: Verdict::Failed,
        severity: word("severity"),
        mode: word("mode"),
        field,
        original_value: text(found, "original_value"),
        normalised_value: text(found, "normalised_value"),
        message: word("message"),
        hint: word("hint"),
        path: rule.and_then(|r| r.path.clone()),
        sql: rule.map(|r| r.sql.clone()),
        status: now("status"),
        resolution: now("resolution"),
        resolved_by: now("resolved_by"),
        resolved_run_id: state.and_then(|s| int(s, "resolved_run_id")),
    }
}

/// What became of a record that could not be read.
pub async fn of_reject(asker: &Asker, pinned: &Pinned, file: i32, line: i64) -> Result<Asked> {
    let values = [
        Bound::number("run_id", pinned.run.id),
        Bound::number("file", i64::from(file)),
        Bound::number("line", line),
    ];
    asker.ask("findings now", fixed_sql(Fixed::RejectStatus, pinned.place, &values)).await
}
