//! What match and resolve ask SQLite starts from their keys. It has no figures about our tables, and left to itself goes through all keys
//! for each row of the tenant: a thousand changed people would hide that, a hundred thousand would not end.

use importer_engine::store::Session;
use serde_json::Value;

use super::ground::{Ground, people_csv};
use crate::store::harness::{TestStore, on_sqlite};

fn person(id: &str, city: &str, day: u8) -> [String; 8] {
    let (email, at) = (format!("{id}@example.org"), format!("2026-01-{day:02}T00:00:00Z"));
    ["crm", id, "Anna", "Schmidt", &email, "+12025550143", city, &at].map(str::to_owned)
}

/// The questions that a run asked, by name, as it wrote them down.
fn asked(ground: &Ground, run_id: i64) -> Vec<(String, String)> {
    let folder = ground.lake().join(format!("_runs/default/{run_id}"));
    let mut found = Vec::new();
    for step in ["match", "resolve"] {
        let text = std::fs::read_to_string(folder.join(format!("{step}.json"))).expect("a manifest");
        let manifest: Value = serde_json::from_str(&text).expect("JSON");
        for query in manifest["facts"]["queries"].as_array().expect("queries") {
            let name = query["name"].as_str().expect("a name");
            if let Some(name) = name.strip_suffix(" (asked of the database)") {
                found.push((name.to_owned(), query["sql"].as_str().expect("SQL").to_owned()));
            }
        }
    }
    found
}

async fn plan(session: &mut Session, sql: &str) -> Vec<String> {
    let rows = session.fetch(&format!("EXPLAIN QUERY PLAN {sql}"), &[]).await.expect("a plan");
    rows.iter().map(|row| row.text(3).expect("a line").to_owned()).collect()
}

/// Keys are gone through where a question begins; whatever follows is found by more than the tenant and the entity.
fn starts_from_keys(plan: &[String]) -> bool {
    let mut begins = true;
    plan.iter().all(|line| {
        let heading =
            line.starts_with("COMPOUND") || line.starts_with("LEFT-MOST") || line.starts_with("UNION");
        let fits = match (heading, begins) {
            (true, _) => true,
            (false, false) if line.starts_with("CORRELATED") => true,
            (false, true) => line == "SCAN k",
            (false, false) => {
                let searched = line.split_once(" (").map_or("", |(_, columns)| columns.trim_end_matches(')'));
                line.starts_with("SEARCH")
                    && searched
                        .split(" AND ")
                        .any(|c| c != "tenant_id=?" && c != "entity_type=?" && c != "rowid=?")
            }
        };
        begins = heading;
        fits
    })
}

async fn keys_stand_first(test: &TestStore) {
    let ground = Ground::new(test).await;
    for (file, day) in [("one.csv", 1), ("two.csv", 2)] {
        let people = [person("A-1", &format!("City {day}"), day), person("A-2", "Bonn", day)];
        ground.load(&ground.file(file, people_csv(&people))).await;
    }
    let questions = asked(&ground, 2);
    let names: Vec<&str> = questions.iter().map(|(name, _)| name.as_str()).collect();
    let asks = [
        "found_links",
        "spelt_systems",
        "found_similar",
        "found_emails",
        "found_phones",
        "core_images",
        "core_emails",
        "core_phones",
        "core_links",
    ];
    for name in asks {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    let mut session = ground.store().session().await.expect("a session");
    for (name, sql) in questions {
        let keys = format!(
            "CREATE TEMPORARY TABLE \"{name}\" (seq, link_system, link_id, checksum, is_delete, effective_at, key_type, key, core_id, form)"
        );
        session.execute_script(&keys).await.expect("the keys");
        let plan = plan(&mut session, &sql).await;
        assert!(starts_from_keys(&plan), "{name}: {plan:#?}\n{sql}");
        let by_form =
            plan.iter().any(|line| line.contains("external_id_map_form (external_system=? AND <expr>=?)"));
        assert!(name != "found_similar" || by_form, "{name}: {plan:#?}\n{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_start_from_their_keys() {
    on_sqlite(|test| Box::pin(keys_stand_first(test))).await;
}
