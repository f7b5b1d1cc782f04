//! What a person decides about findings without mending them.
//!
//! | status | says | holds the row |
//! | --- | --- | --- |
//! | `open` | nobody has decided | yes |
//! | `suppressed` | the row is right and the rule is not, for this row | no: it may load at the next requeue |
//! | `wont_fix` | nobody will mend this row | yes, and no requeue takes it on; an edit does |
//! | `fixed` | the finding no longer occurs, or a newer row has taken the row's place | no |
//!
//! A row loads only when no open error is left.

use serde::Serialize;
use serde_json::json;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{AuditEntry, FilteredCount, StoredViolation, ViolationFilter};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Suppress,
    WontFix,
}

impl Decision {
    /// The status that findings get.
    pub fn status(self) -> &'static str {
        match self {
            Self::Suppress => "suppressed",
            Self::WontFix => "wont_fix",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Suppress => "VIOLATIONS_SUPPRESSED",
            Self::WontFix => "VIOLATIONS_WONT_FIX",
        }
    }
}

/// About which findings.
#[derive(Debug, Clone)]
pub enum Which {
    Ids(Vec<i64>),
    /// All open ones that fit.
    All(ViolationFilter),
}

/// A decision to be written down.
#[derive(Debug, Clone)]
pub struct DecideRequest {
    pub decision: Decision,
    pub which: Which,
    pub reason: String,
    /// Only count.
    pub dry_run: bool,
    pub actor: Option<String>,
}

/// What was decided.
#[derive(Debug, Clone, Serialize)]
pub struct Decided {
    pub status: String,
    pub dry_run: bool,
    /// Findings decided now.
    pub decided: u64,
    /// Findings that fit and are closed or decided already.
    pub left_as_they_are: u64,
    /// Open findings about records that could not be read, which cannot be suppressed.
    pub unreadable: u64,
    /// What fits, by run, rule and status.
    pub by_rule: Vec<FilteredCount>,
}

/// Writes a decision down, with the audit in the same transaction.
pub async fn decide(engine: &Engine, request: &DecideRequest) -> Result<Decided> {
    if request.reason.trim().is_empty() {
        return Err(
            Error::new(ErrorKind::Usage, "a decision needs its reason").with_help("write --reason \"…\"")
        );
    }
    let (by_rule, ids) = match &request.which {
        Which::Ids(ids) => {
            let found = named(engine, ids, request.decision).await?;
            (counted(&found), Some(found.iter().map(|v| v.id).collect::<Vec<_>>()))
        }
        Which::All(filter) => (engine.store.count_filtered(&engine.tenant, filter).await?, None),
    };
    let sum = |keep: &dyn Fn(&FilteredCount) -> i64| {
        u64::try_from(by_rule.iter().map(keep).sum::<i64>()).unwrap_or(0)
    };
    let with_rejects = request.decision == Decision::WontFix;
    let open = sum(&|c| if c.status == "open" { c.count } else { 0 });
    let rejects = sum(&|c| if c.status == "open" && !with_rejects { c.rejects } else { 0 });
    let mut decided = Decided {
        status: request.decision.status().to_owned(),
        dry_run: request.dry_run,
        decided: open - rejects,
        left_as_they_are: sum(&|c| if c.status == "open" { 0 } else { c.count }),
        unreadable: rejects,
        by_rule,
    };
    if request.dry_run || decided.decided == 0 {
        return Ok(decided);
    }
    let actor = request.actor.as_deref().unwrap_or("operator");
    let words = (request.decision.status(), request.reason.trim());
    let mut session = engine.store.begin().await?;
    decided.decided = match (&request.which, &ids) {
        (_, Some(ids)) => session.decide_ids(&engine.tenant, ids, words, actor).await?,
        (Which::All(filter), None) => {
            session.decide_filtered(&engine.tenant, filter, words, actor, with_rejects).await?
        }
        (Which::Ids(_), None) => return Err(Error::internal("named findings without numbers")),
    };
    session.audit(&engine.tenant, &entry(request, actor, &decided, ids)).await?;
    session.commit().await?;
    Ok(decided)
}

fn entry(request: &DecideRequest, actor: &str, decided: &Decided, ids: Option<Vec<i64>>) -> AuditEntry {
    let (target, run) = match &request.which {
        Which::Ids(ids) => (ids.iter().map(i64::to_string).collect::<Vec<_>>().join(","), None),
        Which::All(filter) => (filter.rule.clone().unwrap_or_else(|| "*".to_owned()), filter.run),
    };
    let filter = match &request.which {
        Which::Ids(_) => json!(null),
        Which::All(f) => json!({ "rule": f.rule, "run": f.run, "severity": f.severity }),
    };
    AuditEntry {
        action: request.decision.action().to_owned(),
        actor: actor.to_owned(),
        target_type: Some("violation".to_owned()),
        target_id: Some(target),
        run_id: run,
        details_json: json!({
            "before": "open",
            "after": decided.status,
            "reason": request.reason.trim(),
            "violations": decided.decided,
            "violation_ids": ids,
            "filter": filter,
        }),
    }
}

/// Findings by number; each must be there, open, and one that the decision can be about.
async fn named(engine: &Engine, ids: &[i64], decision: Decision) -> Result<Vec<StoredViolation>> {
    let found = engine.store.violations_by_id(&engine.tenant, ids).await?;
    let mut problems = Vec::new();
    for id in ids {
        match found.iter().find(|v| v.id == *id) {
            None => problems.push(format!("there is no violation {id}")),
            Some(v) if v.status != "open" => problems.push(format!("violation {id} is {} already", v.status)),
            Some(v) if v.sequence_number.is_none() && decision == Decision::Suppress => {
                problems.push(format!(
                    "violation {id} is about a record that could not be read; nothing of it could load"
                ));
            }
            Some(_) => {}
        }
    }
    if problems.is_empty() {
        return Ok(found);
    }
    Err(Error::new(ErrorKind::Usage, format!("nothing was changed: {}", problems.join("; "))).with_help(
        "`importer violations` shows findings with their numbers and status; `wont-fix` gives a record up",
    ))
}

fn counted(found: &[StoredViolation]) -> Vec<FilteredCount> {
    let mut counts: Vec<FilteredCount> = Vec::new();
    for v in found {
        let same = counts.iter_mut().find(|c| {
            c.run_id == v.place.run_id
                && c.rule_code == v.rule_code
                && c.status == v.status
                && c.severity == v.severity
        });
        let rejects = i64::from(v.sequence_number.is_none());
        match same {
            Some(count) => {
                count.count += 1;
                count.rejects += rejects;
            }
            None => counts.push(FilteredCount {
                run_id: v.place.run_id,
                rule_code: v.rule_code.clone(),
                severity: v.severity,
                status: v.status.clone(),
                count: 1,
                rejects,
            }),
        }
    }
    counts
}
