//! What a person has set wins from then on: against newer imports, also of another source, and it is counted.

use importer_engine::request::RunRequest;

use super::ground::{PEOPLE, by_name, imported, set, texts, violation};
use crate::road::ground::{Ground, core, core_counts, count, succeeded};
use crate::store::harness::{TestStore, on_both};

const HEAD: &str = "external_id,first_name,last_name,email,phone,city,source_updated_at\n";

async fn a_newer_import_does_not_override(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    set(&ground, id, &[("email", "bert@example.org"), ("Ort", "Bonn-Beuel")]).await.expect("it is mended");
    let sql = "SELECT p.fields_json FROM {core_provenance} p JOIN {contacts} c ON c.id = p.core_id WHERE c.last_name = 'Braun'";
    let fields: serde_json::Value = serde_json::from_str(&texts(ground.store(), sql).await[0]).expect("JSON");
    for field in ["email", "city"] {
        assert_eq!(fields[field]["manual"], true, "{fields}");
        assert_eq!(fields[field]["source"], "manual", "{fields}");
    }
    assert!(fields.get("last_name").is_none(), "only what was edited: {fields}");

    // A year later the source knows better; only the phone, which nobody set, follows it.
    let newer =
        format!("{HEAD}N-2,Bert,Braun,bert.new@example.org,+49 30 901899,Köln,2026-03-01T12:00:00Z\n");
    let mut request = RunRequest::files([ground.file("newer.csv", newer)]);
    request.external_system = Some("crm".to_owned());
    let run = succeeded(ground.run(&request).await);
    assert_eq!(core(&run, "rows_manual_kept"), 1, "{:?}", core_counts(&run));
    assert_eq!(core(&run, "rows_updated"), 1);
    assert!(
        run.warnings.iter().any(|w| w.contains("set by hand (city, email)")),
        "it is told which fields: {:?}",
        run.warnings
    );
    let bert = &by_name(ground.store()).await["Braun"];
    assert_eq!((bert["email"].as_str(), bert["city"].as_str()), ("bert@example.org", "Bonn-Beuel"));
    assert_eq!(bert["phone"], "+4930901899", "fields that nobody set follow the source: {bert:?}");

    // Another source says something else again, later still.
    let other = format!("{HEAD}X-9,Bert,Braun,bert@example.org,+49 30 901898,Ulm,2026-06-01T12:00:00Z\n");
    let mut request = RunRequest::files([ground.file("other.csv", other)]);
    request.external_system = Some("erp".to_owned());
    let run = succeeded(ground.run(&request).await);
    assert_eq!(core(&run, "rows_manual_kept"), 1);
    assert_eq!(by_name(ground.store()).await["Braun"]["city"], "Bonn-Beuel");

    // The same value is no conflict.
    let same =
        format!("{HEAD}X-9,Bert,Braun,bert@example.org,+49 30 901898,Bonn-Beuel,2026-07-01T12:00:00Z\n");
    request.inputs = RunRequest::files([ground.file("same.csv", same)]).inputs;
    let run = succeeded(ground.run(&request).await);
    assert_eq!(core(&run, "rows_manual_kept"), 0, "{:?}", run.warnings);
}

async fn an_edit_beats_what_core_has(test: &TestStore) {
    let ground = Ground::new(test).await;
    // The person is in core with a newer version than the held row.
    imported(
        &ground,
        "core.csv",
        &format!("{HEAD}N-2,Bert,Braun,bert@example.org,,Berlin,2026-01-01T00:00:00Z\n"),
    )
    .await;
    let held = format!("{HEAD}N-2,Bert,Braun,broken,,Bonn,2025-01-01T00:00:00Z\n");
    let run = imported(&ground, "held.csv", &held).await;
    let id = violation(ground.store(), run.run_id, "VOL_EMAIL_FORMAT", 1).await;
    let done = set(&ground, id, &[("email", "bert.braun@example.org")]).await.expect("it is mended");
    assert_eq!(done.promoted, 1, "{done:?}");
    let bert = &by_name(ground.store()).await["Braun"];
    assert_eq!(bert["email"], "bert.braun@example.org", "what was set wins");
    assert_eq!(bert["city"], "Berlin", "what was not set is as old as it was");
    assert_eq!(bert["emails"], "bert.braun@example.org* bert@example.org");
    let log = format!(
        "SELECT count(*) FROM {{change_log}} WHERE run_id = {} AND field_name = 'email' AND after_value = 'bert.braun@example.org'",
        done.summary.run_id
    );
    assert_eq!(count(ground.store(), &log).await, 1);

    // Setting what is there already still marks it.
    let held = format!("{HEAD}N-2,Bert,Braun,bert.braun@example.org,12,Berlin,2026-01-01T00:00:00Z\n");
    let run = imported(&ground, "held again.csv", &held).await;
    let id = violation(ground.store(), run.run_id, "VOL_PHONE_E164", 1).await;
    let done = set(&ground, id, &[("phone", ""), ("city", "Mainz")]).await.expect("it is mended");
    assert_eq!(done.promoted, 1);
    let sql = "SELECT fields_json FROM {core_provenance}";
    let fields: serde_json::Value = serde_json::from_str(&texts(ground.store(), sql).await[0]).expect("JSON");
    assert_eq!(
        (&fields["city"]["manual"], &fields["email"]["manual"]),
        (&true.into(), &true.into()),
        "{fields}"
    );
    assert!(
        fields["phone"].get("manual").is_none(),
        "an emptied cell says nothing about the person: {fields}"
    );
}

on_both!(a_newer_import_does_not_override, an_edit_beats_what_core_has);
