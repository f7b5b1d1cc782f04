//! A dry run says what would be and leaves the store as it was.

use importer_engine::request::RunRequest;
use importer_engine::store::Store;

use super::ground::{Ground, adds_up, core_counts, count, golden, lines, number, succeeded};
use crate::store::harness::{TestStore, on_both};

/// Everything in the store but the runs themselves, their numbers and that they were.
async fn everything(store: &Store) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for table in store.known_tables() {
        if ![
            "import_runs",
            "run_inputs",
            "run_steps",
            "run_files",
            "run_rules",
            "run_counts",
            "id_counters",
            "audit",
        ]
        .contains(&table.name.as_str())
        {
            all.push((table.name.clone(), lines(store, &table, &[]).await));
        }
    }
    all
}

async fn a_dry_run_leaves_the_store_as_it_was(test: &TestStore) {
    let ground = Ground::new(test).await;
    ground.load(&golden("volunteers_valid.csv")).await;
    let before = everything(ground.store()).await;
    for wanted in [
        "contacts",
        "volunteers",
        "contact_emails",
        "contact_phones",
        "external_id_map",
        "core_provenance",
        "change_log",
        "dedupe_suggestions",
        "dq_violations",
        "namespaces",
        "load_ledger",
        "id_ranges",
    ] {
        assert!(before.iter().any(|(name, _)| name == wanted), "{wanted} is compared");
    }

    let files =
        ["volunteers_duplicate_skip.csv", "volunteers_invalid.csv", "ambiguous/first.csv"].map(golden);
    let mut request = RunRequest::files(files);
    request.dry_run = true;
    request.accept_bad = true;
    let summary = succeeded(ground.run(&request).await);
    adds_up(&summary);
    assert!(number(&summary.metrics, "core", "rows_created") > 10, "{}", summary.metrics);
    assert!(number(&summary.metrics, "core", "rows_deduped_auto") > 0, "{}", summary.metrics);
    assert!(core_counts(&summary).is_empty(), "nothing was written, nothing counts: {}", summary.counts);
    let run = ground.engine.get_run(summary.run_id).await.expect("the run");
    assert!(run.dry_run);

    for ((name, before), (_, after)) in before.iter().zip(everything(ground.store()).await) {
        assert_eq!(*before, after, "{name}");
    }
    // Nor was the sequence of core ids asked: the next person gets the next id.
    let highest = "SELECT max(id) FROM {contacts}";
    let before = count(ground.store(), highest).await;
    ground.load(&golden("localised_headers/fr.csv")).await;
    assert_eq!(count(ground.store(), highest).await, before + 1);
}

on_both!(a_dry_run_leaves_the_store_as_it_was);
