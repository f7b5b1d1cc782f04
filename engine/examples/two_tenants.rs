//! Two tenants import at the same time through one engine; one of the runs is stopped, the other is not touched by that.
//!
//! ```sh
//! cargo run -p importer-engine --example two_tenants
//! ```

use std::fmt::Write as _;
use std::sync::Arc;

use importer_engine::request::RunRequest;
use importer_engine::{Engine, EngineOptions, Event};

fn people(rows: usize) -> String {
    let mut text = "First Name,Last Name,Email\n".to_owned();
    for n in 0..rows {
        let _ = writeln!(text, "Ada{n},Lovelace{n},ada{n}@example.org");
    }
    text
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let options = EngineOptions {
        store: format!("sqlite://{}", folder.path().join("importer.db").display()),
        lake: folder.path().join("lake").display().to_string(),
        ..EngineOptions::default()
    };
    let engine = Arc::new(Engine::open(options).await.map_err(|e| format!("{e:?}"))?);
    let request = |tenant: &str, rows: usize| -> std::io::Result<RunRequest> {
        let file = folder.path().join(format!("{tenant}.csv"));
        std::fs::write(&file, people(rows))?;
        Ok(RunRequest {
            tenant: Some(tenant.to_owned()),
            triggered_by: Some(format!("{tenant}'s operator")),
            ..RunRequest::files([file])
        })
    };
    let mut stopped = engine.start(request("north", 20_000)?);
    let goes_on = engine.start(request("south", 500)?);
    // The first run is stopped as soon as it exists; it can be resumed.
    while let Some(event) = stopped.next_event().await {
        if let Event::Begun { run_id } = event {
            println!("run {run_id} of north is asked to pause");
            stopped.pause();
        }
    }
    let (north, south) = (stopped.join().await?, goes_on.join().await?);
    println!("north: {}, south: {} with {}", north.status, south.status, south.counts["core"]);
    Ok(())
}
