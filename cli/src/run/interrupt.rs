//! Ctrl-C. The run is dropped where it stands: a transaction that is open is rolled back, what was committed stays,
//! and the run is marked so that nobody waits for it.

use importer_engine::Engine;
use importer_engine::store::{Run, RunFilter, RunOutcome, RunStatus};

use crate::failure::{self, Failure};
use crate::settings::Settings;

/// As a shell counts a process that SIGINT ended.
const INTERRUPTED: u8 = 130;

/// Waits until somebody asks the process to stop. Asked twice, it stops at once.
pub async fn asked() {
    signal().await;
    tokio::spawn(async {
        signal().await;
        std::process::exit(i32::from(INTERRUPTED));
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => ctrl_c().await,
    }
}

#[cfg(not(unix))]
async fn signal() {
    ctrl_c().await;
}

async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the process ends by itself when it is asked to.
        std::future::pending::<()>().await;
    }
}

/// Marks the run that this process was at, and says how to go on.
pub async fn end(settings: &Settings, engine: &Engine) -> Result<u8, Failure> {
    let help = match ours(engine).await? {
        None => "no run was begun; nothing was changed".to_owned(),
        Some(run) => {
            let chunks = mark(engine, &run).await?;
            let again = "run the same command again: rows that were loaded count as unchanged";
            let look = settings.command(&format!("show {}", run.id));
            match chunks {
                0 => format!(
                    "run {} is marked as failed, nothing of it was loaded\n{again}\nlook at it with `{look}`",
                    run.id
                ),
                n => format!(
                    "run {} is marked as partially failed, {n} chunks of it are loaded\n{again}\nlook at it with `{look}`",
                    run.id
                ),
            }
        }
    };
    eprintln!("\n{}", failure::plain("INTERRUPTED", "interrupted", Some(&help)));
    Ok(INTERRUPTED)
}

/// The run whose lease this process has.
async fn ours(engine: &Engine) -> Result<Option<Run>, Failure> {
    let filter = RunFilter { status: Some(RunStatus::Running), limit: Some(50), ..Default::default() };
    let process = format!(":{}", std::process::id());
    let runs = engine.runs(&filter).await?;
    Ok(runs.into_iter().find(|run| run.lease_owner.as_ref().is_some_and(|owner| owner.ends_with(&process))))
}

async fn mark(engine: &Engine, run: &Run) -> Result<usize, Failure> {
    let chunks = engine.store.committed_chunks(&engine.tenant, run.id).await?.len();
    let outcome = RunOutcome {
        status: if chunks == 0 { RunStatus::Failed } else { RunStatus::PartiallyFailed },
        counts_json: serde_json::json!({}),
        metrics_json: serde_json::json!({}),
        timings_json: serde_json::json!({}),
        anomaly_flags_json: serde_json::json!([]),
        error_summary: Some("interrupted".to_owned()),
        max_source_updated_at: None,
        report_url: None,
    };
    engine.store.finish_run(&engine.tenant, run.id, run.lease_epoch, &outcome).await?;
    Ok(chunks)
}
