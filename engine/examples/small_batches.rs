//! Batches of ten rows from memory, one run each, in one process: what a window of a stream costs.
//!
//! ```sh
//! cargo run --release -p importer-engine --example small_batches -- 20
//! ```

use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use importer_engine::request::{Input, RunRequest};
use importer_engine::{Engine, EngineOptions};

fn ten_people(window: usize) -> Result<RecordBatch, Box<dyn std::error::Error>> {
    let column = |text: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new((0..10).map(|n| Some(text(window * 10 + n))).collect::<StringArray>())
    };
    Ok(RecordBatch::try_from_iter([
        ("first_name", column(&|n| format!("Ada{n}"))),
        ("last_name", column(&|n| format!("Lovelace{n}"))),
        ("email", column(&|n| format!("ada{n}@example.org"))),
    ])?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let windows = std::env::args().nth(1).map_or(Ok(5), |n| n.parse::<usize>())?;
    let folder = tempfile::tempdir()?;
    let store = std::env::var("IMPORTER_STORE");
    let options = EngineOptions {
        store: store.unwrap_or(format!("sqlite://{}", folder.path().join("importer.db").display())),
        lake: folder.path().join("lake").display().to_string(),
        ..EngineOptions::default()
    };
    let engine = Arc::new(Engine::open(options).await.map_err(|e| format!("{e:?}"))?);
    for window in 0..windows {
        let input = Input::Batches { name: "window".to_owned(), batches: vec![ten_people(window)?] };
        let request = RunRequest { inputs: vec![input], ..RunRequest::files([] as [&str; 0]) };
        let begun = Instant::now();
        let summary = engine.start(request).join().await?;
        println!("run {}: {} in {} ms", summary.run_id, summary.status, begun.elapsed().as_millis());
    }
    Ok(())
}
