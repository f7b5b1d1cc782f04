//! Fix and requeue from the terminal.
//!
//! - here: the verbs and their exit codes
//! - `flags`: what they take
//! - `words`: what happened, for people

mod flags;
mod words;

use std::sync::Arc;

use importer_engine::Listener;
use importer_engine::remedy::{
    DecideRequest, Decision, Edits, RemediateRequest, Remedied, RequeueRequest, Requeued, Which,
};
use importer_engine::store::ViolationFilter;
use serde_json::json;

use crate::failure::{self, Failure};
use crate::run::{INTERRUPTED, heeded, listener};
use crate::screen;
use crate::settings::{Settings, actor};

pub use flags::{DecideArgs, RemediateArgs, RequeueArgs};

/// Done, but rows are held still.
const HELD: u8 = 3;

/// `importer remediate`.
pub async fn remediate(settings: &Settings, args: RemediateArgs) -> Result<u8, Failure> {
    let edits = match (args.violation, &args.from, args.stats) {
        (None, None, true) if args.set.is_empty() => return stats(settings, &args).await,
        (Some(violation), None, false) => Edits::Set { violation, values: args.set.clone() },
        (None, Some(path), false) if args.set.is_empty() => Edits::Report(path.clone()),
        _ => {
            return Err(Failure::wrong(
                "say what is to be mended: one violation, an edited report, or --stats for figures",
                "importer remediate 12 --set email=anna@example.org\nimporter remediate --from edited.csv\nimporter remediate --stats",
            ));
        }
    };
    let engine = settings.open_existing().await?;
    let teller = listener(settings, args.json);
    let request = RemediateRequest { edits, actor: actor() };
    let going = engine.remediate(&request, Arc::clone(&teller) as Arc<dyn Listener>);
    let done = Box::pin(heeded(&engine, going)).await;
    teller.clear();
    let done = done?;
    if args.json {
        screen::print_json(&json!({ "runs": done }))?;
    } else {
        screen::print(&words::remediated(settings, &done))?;
    }
    Ok(ended(&done))
}

async fn stats(settings: &Settings, args: &RemediateArgs) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let stats = engine.remedy_stats(args.days).await?;
    if args.json {
        screen::print_json(&stats)?;
    } else {
        screen::print(&words::stats(&stats))?;
    }
    Ok(0)
}

/// `importer requeue`.
pub async fn requeue(settings: &Settings, args: RequeueArgs) -> Result<u8, Failure> {
    if !args.all && args.rule.is_none() && args.run.is_none() {
        return Err(Failure::wrong(
            "say which rows shall go again",
            "--rule CODE, --run N, both, or --all; --dry-run says who would pass",
        ));
    }
    let engine = settings.open_existing().await?;
    let teller = listener(settings, args.json);
    let request =
        RequeueRequest { rule: args.rule.clone(), run: args.run, dry_run: args.dry_run, actor: actor() };
    let going = engine.requeue(&request, Arc::clone(&teller) as Arc<dyn Listener>);
    let done = Box::pin(heeded(&engine, going)).await;
    teller.clear();
    let done = done?;
    if args.json {
        screen::print_json(&done)?;
    } else {
        screen::print(&words::requeued(settings, &args, &done))?;
    }
    // A dry run answers a question, and the answer is no failure.
    Ok(if args.dry_run { failed(&done.runs) } else { ended(&done.runs) })
}

/// What became of the rows that one rule held.
pub fn requeued_by(settings: &Settings, rule: &str, done: &Requeued) -> String {
    let args =
        RequeueArgs { rule: Some(rule.to_owned()), run: None, all: false, dry_run: false, json: false };
    words::requeued(settings, &args, done)
}

/// `importer suppress`.
pub async fn suppress(settings: &Settings, args: DecideArgs) -> Result<u8, Failure> {
    decide(settings, args, Decision::Suppress).await
}

/// `importer wont-fix`.
pub async fn wont_fix(settings: &Settings, args: DecideArgs) -> Result<u8, Failure> {
    decide(settings, args, Decision::WontFix).await
}

async fn decide(settings: &Settings, args: DecideArgs, decision: Decision) -> Result<u8, Failure> {
    let filtered = args.rule.is_some() || args.run.is_some() || args.severity.is_some();
    let which = match (args.violations.is_empty(), filtered) {
        (false, false) => Which::Ids(args.violations.clone()),
        (true, true) => Which::All(ViolationFilter {
            rule: args.rule.clone(),
            run: args.run,
            severity: args.severity.as_deref().map(str::parse).transpose()?,
        }),
        _ => {
            return Err(Failure::wrong(
                "say which findings are meant: numbers, or --rule, --run and --severity",
                "`importer violations --status open` shows them with their numbers",
            ));
        }
    };
    let engine = settings.open_existing().await?;
    let request =
        DecideRequest { decision, which, reason: args.reason.clone(), dry_run: args.dry_run, actor: actor() };
    let decided = engine.decide(&request).await?;
    if args.json {
        screen::print_json(&decided)?;
    } else {
        screen::print(&words::decided(settings, decision, &decided))?;
    }
    Ok(0)
}

/// 1 when a run failed, 130 when it was stopped; its reason goes to stderr.
fn failed(done: &[Remedied]) -> u8 {
    let mut code = 0;
    for remedied in done.iter().filter(|r| r.summary.status != "succeeded") {
        let error = remedied.summary.error.as_deref().unwrap_or("the run did not end well");
        let name = remedied.summary.code.as_deref().unwrap_or("RUN_FAILED");
        screen::say(&format!("\n{}", failure::plain(name, error, remedied.summary.help.as_deref())));
        code = if remedied.summary.status == "paused" { INTERRUPTED } else { 1 };
    }
    code
}

/// 3 when rows are held still.
fn ended(done: &[Remedied]) -> u8 {
    match failed(done) {
        0 if done.iter().any(|r| r.held > 0) => HELD,
        code => code,
    }
}
