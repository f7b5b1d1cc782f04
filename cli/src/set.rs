//! `importer run --set`: the lists of a folder, each by a run of its own, in the order that their references need.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use importer_engine::remedy::{Remedied, RequeueRequest, Requeued};
use importer_engine::request::RunRequest;
use importer_engine::{Engine, Listener, NOTHING_NEW, RunSummary, SetMember, set_of};
use importer_plans::compile::references::UNRESOLVED;
use serde_json::json;

use crate::failure::Failure;
use crate::remedy;
use crate::run::{Args, INTERRUPTED, Telling, exit_code, go_on, heeded, listener, nothing_new, tell, told};
use crate::screen::{self, counted};
use crate::settings::{Settings, actor};

/// How a set went.
#[derive(Default)]
struct Done {
    runs: Vec<RunSummary>,
    /// Sources that were not imported, and why.
    left_out: Vec<(String, String)>,
    /// Entities whose records may be missing.
    failed: BTreeSet<String>,
    requeued: Vec<Requeued>,
    /// The first exit code that is not 0.
    code: u8,
}

impl Done {
    /// Dry runs of earlier lists, whose records count as there.
    fn plans(&self) -> Vec<i64> {
        let made = self.runs.iter().filter(|run| run.dry_run && run.status == "succeeded");
        made.map(|run| run.run_id).collect()
    }

    /// Rows wait for records that these runs have brought.
    fn is_waited_for(&self) -> bool {
        self.runs.iter().any(|run| !run.dry_run && !run.waiting.is_empty())
    }
}

/// Imports a set.
pub async fn command(settings: &Settings, args: &Args, folder: &Path) -> Result<u8, Failure> {
    let members = match set_of(&settings.project()?, folder) {
        Err(error) if error.code() == Some(NOTHING_NEW) => return Ok(nothing_new(&error)),
        members => members?,
    };
    let base = args.request()?;
    importer_engine::warm_up();
    let engine = settings.open().await?;
    let mut done = Done::default();
    let count = members.len();
    for (n, member) in members.iter().enumerate() {
        if !args.summary_json {
            let files = counted(member.inputs.len() as u64, "file", "files");
            screen::print(&format!("── {} ({} of {count}, {files})\n", member.entity, n + 1))?;
        }
        import(settings, args, &engine, (member, &base), &mut done).await?;
        if done.code == INTERRUPTED {
            break;
        }
    }
    if !args.dry_run {
        requeue(settings, args, &engine, &mut done).await?;
    }
    if done.code == INTERRUPTED && done.is_waited_for() {
        let command = settings.command(&go_on());
        screen::say(&format!("rows that wait for these records go on with `{command}`\n"));
    }
    if args.summary_json {
        let left_out: Vec<_> =
            done.left_out.iter().map(|(source, why)| json!({ "source": source, "why": why })).collect();
        screen::print_json(&json!({ "runs": done.runs, "requeued": done.requeued, "left_out": left_out }))?;
    }
    Ok(done.code)
}

/// One list of the set, unless what its rows refer to could not be imported.
async fn import(
    settings: &Settings,
    args: &Args,
    engine: &Engine,
    (member, base): (&SetMember, &RunRequest),
    done: &mut Done,
) -> Result<(), Failure> {
    if let Some(to) = member.refers_to.iter().find(|to| done.failed.contains(*to)) {
        let why = format!("its rows refer to {to}, which was not imported");
        screen::say(&format!("{} is left out: {why}\n", member.source));
        done.left_out.push((member.source.clone(), why));
        done.failed.insert(member.entity.clone());
        return Ok(());
    }
    let request = RunRequest {
        source: Some(member.source.clone()),
        inputs: member.inputs.clone(),
        only_new: !args.again,
        plans: done.plans(),
        ..base.clone()
    };
    let listener = listener(settings, args.summary_json);
    let run = engine.run(&request, Arc::clone(&listener) as Arc<dyn Listener>);
    let summary = Box::pin(heeded(engine, run)).await;
    listener.clear();
    match summary {
        Ok(summary) => {
            let code = exit_code(&summary, args.strict);
            if summary.status != "succeeded" {
                done.failed.insert(member.entity.clone());
            }
            match args.summary_json {
                true => drop(told(true, args.strict, &summary)),
                false => {
                    let telling =
                        Telling { json: false, strict: args.strict, again: None, goes_on: !args.dry_run };
                    tell(settings, engine, &telling, &summary)?;
                    screen::print("\n")?;
                }
            }
            done.runs.push(summary);
            keep(&mut done.code, code);
        }
        Err(error) if error.code() == Some(NOTHING_NEW) => drop(nothing_new(&error)),
        Err(error) => {
            done.failed.insert(member.entity.clone());
            done.left_out.push((member.source.clone(), error.to_string()));
            let code = Failure::from(error).report(false);
            keep(&mut done.code, code);
        }
    }
    Ok(())
}

/// Rows that waited for records of this set, in this one or an earlier one, go again, as long as that helps others that wait
/// for them.
async fn requeue(settings: &Settings, args: &Args, engine: &Engine, done: &mut Done) -> Result<(), Failure> {
    let mut waiting = done.is_waited_for();
    while waiting && done.code != INTERRUPTED {
        let request =
            RequeueRequest { rule: Some(UNRESOLVED.to_owned()), run: None, dry_run: false, actor: actor() };
        let listener = listener(settings, args.summary_json);
        let going = engine.requeue(&request, Arc::clone(&listener) as Arc<dyn Listener>);
        let requeued = Box::pin(heeded(engine, going)).await;
        listener.clear();
        let requeued = requeued?;
        if !args.summary_json {
            screen::print("── rows that waited for these records\n")?;
            screen::print(&remedy::requeued_by(settings, UNRESOLVED, &requeued))?;
        }
        for remedied in &requeued.runs {
            keep(&mut done.code, exit_code(&remedied.summary, false));
        }
        let again = |run: &Remedied| run.promoted > 0 && !run.summary.waiting.is_empty();
        waiting = requeued.runs.iter().any(again);
        done.requeued.push(requeued);
    }
    Ok(())
}

/// An interruption is what the process ends with; otherwise what came first.
fn keep(code: &mut u8, next: u8) {
    if *code == 0 || next == INTERRUPTED {
        *code = next;
    }
}
