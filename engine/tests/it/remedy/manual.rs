//! What a person has set wins from then on: against newer imports, also of another source, and it is counted.

use importer_engine::remedy::Edits;
use importer_engine::request::RunRequest;
use importer_engine::why::{RowQuestion, Which};

use super::ground::{PEOPLE, by_name, imported, remediate, set, texts, violation};
use super::reports::Sheet;
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

/// `none@example.org` is no address: whoever is known keeps theirs and is told of it, and it holds against nothing later.
async fn a_placeholder_set_by_hand_is_no_address(test: &TestStore) {
    let ground = Ground::new(test).await;
    let known = "N-2,Bert,Braun,bert@example.org,+49 30 901821,Berlin,2026-01-01T00:00:00Z\n";
    imported(&ground, "core.csv", &format!("{HEAD}{known}")).await;
    let held = "N-2,Bert,Braun,broken,+49 30 901821,Bonn,2025-01-01T00:00:00Z\nN-7,Gisa,Groß,broken,+49 30 901827,Gera,2025-01-01T00:00:00Z\n";
    let run = imported(&ground, "held.csv", &format!("{HEAD}{held}")).await;
    let id = violation(ground.store(), run.run_id, "VOL_EMAIL_FORMAT", 1).await;
    let values = [("email", "none@example.org"), ("phone", "+1 202 555 5555"), ("city", "Mainz")];
    let done = set(&ground, id, &values).await.expect("it goes");
    assert_eq!(done.promoted, 1, "{done:?}");
    let bert = &by_name(ground.store()).await["Braun"];
    assert_eq!(
        [&bert["email"], &bert["phone"], &bert["city"]],
        ["bert@example.org", "+4930901821", "Mainz"],
        "{bert:?}"
    );
    assert!(
        done.summary.warnings.iter().any(|w| w.contains("rows by field: email: 1, phone: 1")),
        "{:?}",
        done.summary.warnings
    );
    let sql = "SELECT p.fields_json FROM {core_provenance} p JOIN {contacts} c ON c.id = p.core_id WHERE c.last_name = 'Braun'";
    let fields: serde_json::Value = serde_json::from_str(&texts(ground.store(), sql).await[0]).expect("JSON");
    assert_eq!(fields["city"]["manual"], true, "{fields}");
    assert!(["email", "phone"].iter().all(|field| fields[*field].get("manual").is_none()), "{fields}");
    let question = RowQuestion { run: done.summary.run_id, which: Which::Row(1) };
    let story = ground.engine.why_row(&question).await.expect("its story");
    let resolved = story.resolve.expect("a change");
    for field in ["email", "phone"] {
        let told = resolved.fields.iter().find(|f| f.field == field).expect("the field");
        let lost: Vec<_> = told.losers.iter().map(|l| (l.row, l.reason)).collect();
        assert_eq!(lost, [(Some(1), "says_nothing")], "{told:?}");
        assert_eq!(told.winner.as_ref().map(|w| w.reason), Some("only_value"), "{told:?}");
    }
    // The source goes on to be heard.
    let newer = "N-2,Bert,Braun,bert.new@example.org,+49 30 901821,Bonn,2026-03-01T00:00:00Z\n";
    imported(&ground, "newer.csv", &format!("{HEAD}{newer}")).await;
    assert_eq!(by_name(ground.store()).await["Braun"]["email"], "bert.new@example.org");

    // Somebody new has nothing else; the first address that comes takes its place. An edited report says the same.
    let text = format!("{HEAD}{held}");
    let mut sheet = Sheet::of(&ground, run.run_id, &text).await;
    sheet.rows.retain(|row| row.iter().any(|cell| cell == "N-7"));
    let line = sheet.rows.iter().position(|row| row[2] == "VOL_EMAIL_FORMAT").expect("a line");
    sheet.edit(line, "original_value", "none@example.org");
    let path = sheet.write(&ground, "report.csv", b',');
    let done = remediate(&ground, Edits::Report(path)).await.expect("it goes");
    assert_eq!(done.iter().map(|done| done.promoted).sum::<u64>(), 1, "{done:?}");
    assert_eq!(by_name(ground.store()).await["Groß"]["email"], "none@example.org");
    let newer = "N-7,Gisa,Groß,gisa@example.org,+49 30 901827,Gera,2026-03-01T00:00:00Z\n";
    imported(&ground, "gisa.csv", &format!("{HEAD}{newer}")).await;
    assert_eq!(by_name(ground.store()).await["Groß"]["email"], "gisa@example.org");
}

on_both!(
    a_newer_import_does_not_override,
    an_edit_beats_what_core_has,
    a_placeholder_set_by_hand_is_no_address,
);
