//! Staged rows analysed and learned from: the same answers every time, and a model that the project takes.

use std::path::{Path, PathBuf};

use importer_benches::record::{COLUMNS, Records};
use importer_engine::request::RunRequest;
use importer_engine::training::{AnalyzeRequest, RowsOf, TrainRequest, Training};
use importer_engine::{Limits, load_project};

use crate::road::ground::{Ground, open, succeeded, workspace};
use crate::store::harness::{TestStore, on_sqlite};

/// A project whose people are compared by likeness.
fn project(folder: &Path) -> PathBuf {
    let (project, from) = (folder.join("project"), workspace().join("testdata/projects/fuzzy_people"));
    let of = "entities/volunteers";
    std::fs::create_dir_all(project.join(of)).expect("a folder");
    let copied = std::fs::copy(from.join(of).join("match.yml"), project.join(of).join("match.yml"));
    copied.expect("the project is copied");
    project
}

/// A list with people who stand in it twice.
fn people(rows: usize) -> String {
    let mut text = format!("{}\n", COLUMNS.join(","));
    for record in Records::new(7, 0.2, 0.0).take(rows) {
        let cells: Vec<String> =
            record.cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        text.push_str(&format!("{}\n", cells.join(",")));
    }
    text
}

async fn ground(test: &TestStore, limits: Limits) -> Ground {
    let ground = Ground::with(test, |options, folder| {
        options.project = Some(project(folder));
        options.limits = limits;
    })
    .await;
    let list = ground.file("people.csv", people(1_500));
    let mut request = RunRequest::files([&list]);
    request.dry_run = true;
    succeeded(ground.run(&request).await);
    ground
}

async fn trained(ground: &Ground, seed: u32) -> Training {
    let request = TrainRequest { seed, pairs: 20_000, ..TrainRequest::default() };
    ground.engine.match_train(&request).await.unwrap_or_else(|e| panic!("{e} ({:?})", e.help()))
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_pairs_are_at_most_those_of_the_blocks() {
    on_sqlite(|test| {
        Box::pin(async move {
            let ground = ground(test, Limits { partitions: 2, ..Limits::default() }).await;
            let request = AnalyzeRequest { rows: RowsOf::default(), exact: false };
            let all = ground.engine.match_analyze(&request).await.expect("an analysis");
            let exact = AnalyzeRequest { exact: true, ..request };
            let exact = ground.engine.match_analyze(&exact).await.expect("an analysis");
            assert_eq!((all.entity.as_str(), all.runs.as_slice()), ("volunteers", &[1][..]));
            assert!(all.records > 1_200, "{}", all.records);
            assert!(exact.rules[0].pairs > 50, "{:?}", exact.rules[0]);
            // Two records that share two addresses stand together in two blocks.
            for (all, exact) in all.rules.iter().zip(&exact.rules) {
                assert!(exact.pairs <= all.pairs, "{all:?}");
            }
            assert!(exact.pairs < all.pairs);
            let shown = all.rules[0].largest[0].values[0].as_str();
            assert!(shown.contains("***"), "{shown} is masked");
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_rows_and_seed_give_the_same_model() {
    on_sqlite(|test| {
        Box::pin(async move {
            let ground = ground(test, Limits { partitions: 2, ..Limits::default() }).await;
            let first = trained(&ground, 1).await;
            let mut limits = ground.options.clone();
            limits.limits = Limits { partitions: 4, batch_rows: 101, ..Limits::default() };
            let other = open(&limits).await;
            let request = TrainRequest { pairs: 20_000, ..TrainRequest::default() };
            let again = other.match_train(&request).await.expect("a model");
            assert_eq!(first.files, again.files, "to the last byte");
            assert_ne!(trained(&ground, 2).await.hash, first.hash);
            let equal = |name: &str| {
                let found = first.comparisons.iter().find(|c| c.name == name).expect("a comparison");
                (found.levels[0].weight, found.levels.last().expect("else").weight)
            };
            for (best, worst) in ["given", "family", "born"].map(equal) {
                assert!(best > 2.0 && worst < best - 2.0, "{best} {worst}");
            }
            let page = first.html();
            assert!(page.contains("<svg"), "a page with charts");
            assert!(!page.contains("src=") && !page.contains("href="), "it needs nothing beside it");
            // The project takes its own model.
            let folder = ground.options.project.as_ref().expect("a project");
            for (name, text) in &first.files {
                std::fs::write(folder.join("entities/volunteers").join(name), text).expect("a file");
            }
            let read = load_project(Some(folder.as_path()))
                .unwrap_or_else(|e| panic!("the project is refused: {e:?}"));
            let spec = read.entities["volunteers"].matching.fuzzy.as_ref().expect("its sections");
            assert_eq!(spec.model.as_ref().expect("a model").hash, first.hash);
            // Nothing is left in the lake.
            assert!(!ground.lake().join("_scratch").exists());
        })
    })
    .await;
}
