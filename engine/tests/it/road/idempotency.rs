//! The same file twice is nothing new; a changed file changes what it changed (W-03). The figures are kept as
//! `idempotency_summary.json` (W-04).

use std::path::Path;

use importer_engine::RunSummary;
use importer_engine::store::{Dialect, Table};
use serde_json::{Value, json};

use super::ground::{Ground, core, core_counts, count, everybody, golden, lines, workspace};
use crate::store::harness::{TestStore, on_both};

fn told(summary: &RunSummary, file: &str, people: i64, net_new: i64) -> Value {
    let n = |name: &str| core(summary, name);
    json!({
        "run_id": summary.run_id,
        "file": file,
        "processed": n("rows_processed"),
        "created": n("rows_created"),
        "updated": n("rows_updated"),
        "changed": n("rows_changed"),
        "reactivated": n("rows_reactivated"),
        "soft_deleted": n("rows_soft_deleted"),
        "skipped_no_change": n("rows_skipped_no_change"),
        "skipped_duplicates": n("rows_skipped_duplicates"),
        "review": n("rows_review"),
        "missing_external_id": n("rows_missing_external_id"),
        "deduped_auto": n("rows_deduped_auto"),
        "people_in_core": people,
        "net_new": net_new,
    })
}

fn keep(path: &Path, document: &Value) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    std::fs::write(path, serde_json::to_vec_pretty(document).expect("JSON")).expect("the summary is written");
}

async fn the_same_file_twice(test: &TestStore) {
    let ground = Ground::new(test).await;
    let store = ground.store();
    let valid = golden("volunteers_valid.csv");
    let text = std::fs::read_to_string(&valid).expect("the file");
    let (old, new) =
        ("New York,10012,US,Harbor Clinic,2025-03-01", "Albany,10012,US,Harbor Clinic,2025-04-01");
    assert_eq!(text.matches(old).count(), 1);
    let changed = ground.file("volunteers_changed.csv", text.replace(old, new));

    let everyone = "SELECT count(*) FROM {contacts}";
    // What a sighting may touch: when, and by which run, a link was last met.
    let seen = ["last_seen_at", "last_run_id"];
    let map = Table::control("external_id_map");
    let mut runs = Vec::new();
    let mut people = Vec::new();
    let mut maps = Vec::new();
    let mut before = 0;
    for file in [&valid, &valid, &changed] {
        let summary = ground.load(file).await;
        let now = count(store, everyone).await;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        runs.push((told(&summary, &name, now, now - before), summary));
        before = now;
        people.push(everybody(store).await);
        maps.push(lines(store, &map, &seen).await);
    }
    let equal = maps[0] == maps[1];
    let document = json!({
        "database": match store.dialect() { Dialect::Postgres => "postgres", Dialect::Sqlite => "sqlite" },
        "runs": runs.iter().map(|r| r.0.clone()).collect::<Vec<_>>(),
        "net_new_second_run": runs[1].0["net_new"],
        "map_entries_equal_apart_from_timestamps": equal,
    });
    let mirror = workspace().join("ci_artifacts/idempotency");
    if store.dialect() == Dialect::Sqlite {
        let artifacts = workspace().join(format!("instance/import_artifacts/run_{}", runs[1].1.run_id));
        keep(&artifacts.join("idempotency_summary.json"), &document);
        keep(&mirror.join("idempotency_summary.json"), &document);
    } else {
        keep(&mirror.join("idempotency_summary_postgres.json"), &document);
    }

    assert_eq!(document["net_new_second_run"], 0, "{document:#}");
    assert_eq!(maps[0], maps[1], "the id map, apart from the time of the last sighting");
    assert_eq!(people[0], people[1]);
    let counted = |n: usize| core_counts(&runs[n].1).into_iter().collect::<Vec<_>>();
    let expected =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect::<Vec<_>>();
    assert_eq!(
        counted(0),
        expected(&[("rows_created", 25), ("rows_missing_external_id", 3), ("rows_processed", 25)])
    );
    assert_eq!(
        counted(1),
        expected(&[("rows_missing_external_id", 3), ("rows_processed", 25), ("rows_skipped_no_change", 25)])
    );
    let third = [
        ("rows_changed", 1),
        ("rows_missing_external_id", 3),
        ("rows_processed", 25),
        ("rows_skipped_no_change", 24),
        ("rows_updated", 1),
    ];
    assert_eq!(counted(2), expected(&third));
    assert_eq!(people[1].iter().filter(|p| !people[2].contains(p)).count(), 1, "one person changed");
    assert_eq!(maps[1].iter().filter(|m| !maps[2].contains(m)).count(), 1, "and one link");
    let log = lines(store, &Table::control("change_log"), &[]).await;
    assert!(
        log.len() == 1
            && log[0].contains("field_name=city ordinal=0 before_value=New York after_value=Albany "),
        "{log:?}"
    );
}

on_both!(the_same_file_twice);
