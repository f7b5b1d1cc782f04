//! Imports a file into the embedded store and prints what happens meanwhile.
//!
//! ```sh
//! cargo run -p importer-engine --example file_with_progress -- testdata/golden/volunteers_valid.csv
//! ```

use std::sync::Arc;

use importer_engine::request::RunRequest;
use importer_engine::{Engine, EngineOptions, Event};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "testdata/golden/volunteers_valid.csv".to_owned());
    let folder = tempfile::tempdir()?;
    let options = EngineOptions {
        store: format!("sqlite://{}", folder.path().join("importer.db").display()),
        lake: folder.path().join("lake").display().to_string(),
        ..EngineOptions::default()
    };
    let engine = Arc::new(Engine::open(options).await.map_err(|e| format!("{e:?}"))?);
    let mut run = engine.start(RunRequest::files([file]));
    while let Some(event) = run.next_event().await {
        match event {
            Event::Begun { run_id } => println!("run {run_id} has begun"),
            Event::StepStarted { step, .. } => println!("{} …", step.name()),
            Event::Advanced { step, rows } => println!("{}: {rows} more rows", step.name()),
            Event::StepFinished(report) => println!("{}: {} rows", report.step.name(), report.rows_out),
            Event::DedupeAuto { match_type, count } => println!("{count} joined by {match_type}"),
            Event::Warning(text) => println!("warning: {text}"),
        }
    }
    let summary = run.join().await?;
    println!("{}: {}", summary.status, summary.counts["core"]);
    Ok(())
}
