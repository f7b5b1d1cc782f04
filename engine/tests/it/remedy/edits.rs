//! One row mended with `--set`: it loads, stays open with its new reason, goes on where it was left; never twice.

use serde_json::Value;

use super::ground::{PEOPLE, by_name, findings, imported, set, texts, violation};
use crate::road::ground::{Ground, adds_up, count, number, whole};
use crate::store::harness::{TestStore, on_both};

async fn a_mended_row_loads(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    assert_eq!(
        findings(ground.store(), first.run_id).await,
        [
            "VOL_EMAIL_FORMAT email 2 open -",
            "VOL_EMAIL_FORMAT email 3 open -",
            "VOL_PHONE_E164 phone 3 open -",
            "VOL_NAME_REQUIRED last_name 4 open -",
            "CSV_TOO_FEW_FIELDS  -6 open -",
        ]
    );
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    let done = set(&ground, id, &[("email", "bert@example.org")]).await.expect("it is mended");
    adds_up(&done.summary);
    assert_eq!((done.rows, done.promoted, done.held, done.fixed), (1, 1, 0, 1), "{done:?}");
    assert_eq!((done.summary.kind.as_str(), done.summary.status.as_str()), ("remediation", "succeeded"));
    let run = done.summary.run_id;
    let bert = &by_name(ground.store()).await["Braun"];
    assert_eq!((bert["email"].as_str(), bert["links"].as_str()), ("bert@example.org", "crm:N-2"));
    whole(ground.store()).await;

    let parent = format!("SELECT parent_run_id FROM {{import_runs}} WHERE id = {run}");
    assert_eq!(count(ground.store(), &parent).await, first.run_id);
    assert_eq!(
        findings(ground.store(), first.run_id).await[0],
        "VOL_EMAIL_FORMAT email 2 fixed remediated",
        "the finding is where it was found"
    );
    let none = format!("SELECT count(*) FROM {{dq_violations}} WHERE run_id = {run}");
    assert_eq!(count(ground.store(), &none).await, 0, "a row has its findings in one place");
    let resolved = format!("SELECT resolved_run_id FROM {{dq_violations}} WHERE id = {id}");
    assert_eq!(count(ground.store(), &resolved).await, run);

    let sql = format!("SELECT edited_fields_json FROM {{dq_violations}} WHERE id = {id}");
    let edited: Value = serde_json::from_str(&texts(ground.store(), &sql).await[0]).expect("JSON");
    assert_eq!(edited, serde_json::json!({"email": {"before": "no address", "after": "bert@example.org"}}));
    let sql = format!("SELECT edited_payload_json FROM {{dq_violations}} WHERE id = {id}");
    let payload: Value = serde_json::from_str(&texts(ground.store(), &sql).await[0]).expect("JSON");
    assert_eq!((&payload["E-Mail"], &payload["Notiz"]), (&"bert@example.org".into(), &"=1+1".into()));

    let sql = "SELECT details_json FROM {audit} WHERE action = 'ROW_REMEDIATED'";
    let audit: Vec<String> = texts(ground.store(), sql).await;
    assert_eq!(audit.len(), 1);
    let entry: Value = serde_json::from_str(&audit[0]).expect("JSON");
    assert_eq!((&entry["violation_id"], &entry["outcome"]), (&id.into(), &"fixed".into()), "{entry}");
    assert_eq!(entry["edited_fields"], edited);
    assert_eq!(entry["origin"]["line"], 3);
    let actor = "SELECT actor FROM {audit} WHERE action = 'ROW_REMEDIATED'";
    assert_eq!(texts(ground.store(), actor).await, ["steward"]);

    // The effective time is that of the row, not of the fix.
    let at = "SELECT count(*) FROM {external_id_map} m JOIN {external_id_map} n ON n.last_effective_at = m.last_effective_at WHERE m.external_id = 'N-1' AND n.external_id = 'N-2'";
    assert_eq!(count(ground.store(), at).await, 1);
}

async fn the_time_of_landing_is_kept(test: &TestStore) {
    let ground = Ground::new(test).await;
    let text = "external_id,first_name,last_name,email\nK-1,Kim,Kern,not one\n";
    let first = imported(&ground, "people.csv", text).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    set(&ground, id, &[("email", "kim@example.org")]).await.expect("it is mended");
    let params = format!("SELECT ingest_params_json FROM {{import_runs}} WHERE id = {}", first.run_id);
    let params: Value = serde_json::from_str(&texts(ground.store(), &params).await[0]).expect("JSON");
    let landed_at = params["landed_at"].as_i64().expect("a time");
    let mut session = ground.store().session().await.expect("a session");
    let sql = crate::road::ground::named(ground.store(), "SELECT last_effective_at FROM {external_id_map}");
    let row = session.fetch_one(&sql, &[]).await.expect("a link");
    assert_eq!(row.opt_timestamp(0).expect("a time"), Some(landed_at));
}

async fn still_bad_is_open_with_the_new_reason(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 3).await;

    // One of two findings is mended: the other stays.
    let done = set(&ground, id, &[("E-Mail", "cora@example.org")]).await.expect("it goes");
    adds_up(&done.summary);
    assert_eq!((done.promoted, done.held, done.fixed), (0, 1, 1), "{done:?}");
    assert_eq!(done.open.len(), 1);
    assert_eq!((done.open[0].rule_code.as_str(), done.open[0].place.line), ("VOL_PHONE_E164", 4));
    let found = findings(ground.store(), first.run_id).await;
    assert_eq!(found[1], "VOL_EMAIL_FORMAT email 3 fixed remediated");
    assert_eq!(found[2], "VOL_PHONE_E164 phone 3 open -");
    assert!(!by_name(ground.store()).await.contains_key("Claus"));

    // The phone is mended by another bad value: the finding says what stands there now.
    let phone = violation(ground.store(), first.run_id, "VOL_PHONE_E164", 3).await;
    let done = set(&ground, phone, &[("phone", "12")]).await.expect("it goes");
    assert_eq!((done.promoted, done.held, done.fixed), (0, 1, 0));
    let value = format!("SELECT original_value FROM {{dq_violations}} WHERE id = {phone}");
    assert_eq!(texts(ground.store(), &value).await, ["12"]);

    // Taking the name out brings a finding that was not there before.
    let done = set(&ground, phone, &[("phone", "+49 30 901822"), ("Nachname", "")]).await.expect("it goes");
    assert_eq!((done.promoted, done.held), (0, 1));
    let found = findings(ground.store(), first.run_id).await;
    assert!(found.contains(&"VOL_NAME_REQUIRED last_name 3 open -".to_owned()), "{found:?}");
    assert!(found.contains(&"VOL_PHONE_E164 phone 3 fixed remediated".to_owned()), "{found:?}");

    // The edits of before are kept: the name alone makes the row good.
    let name = violation(ground.store(), first.run_id, "VOL_NAME_REQUIRED", 3).await;
    let done = set(&ground, name, &[("last_name", "Claus")]).await.expect("it goes");
    assert_eq!((done.promoted, done.held), (1, 0), "{done:?}");
    let cora = &by_name(ground.store()).await["Claus"];
    assert_eq!((cora["email"].as_str(), cora["phone"].as_str()), ("cora@example.org", "+4930901822"));
    let outcomes = "SELECT count(*) FROM {audit} WHERE action = 'ROW_REMEDIATED'";
    assert_eq!(count(ground.store(), outcomes).await, 4);
    let left = format!(
        "SELECT count(*) FROM {{dq_violations}} WHERE run_id = {} AND status = 'open' AND sequence_number = 3 AND severity = 'error'",
        first.run_id
    );
    assert_eq!(count(ground.store(), &left).await, 0);
}

async fn a_cell_is_emptied_and_a_missing_one_is_added(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    // The bad phone goes; the e-mail is enough.
    let phone = violation(ground.store(), first.run_id, "VOL_PHONE_E164", 3).await;
    let done = set(&ground, phone, &[("Mobil", ""), ("email", "cora@example.org"), ("street", "Am Ring 1")])
        .await
        .expect("it goes");
    assert_eq!((done.promoted, done.fixed), (1, 2), "{done:?}");
    let cora = &by_name(ground.store()).await["Claus"];
    assert_eq!((cora["phone"].as_str(), cora["street"].as_str()), ("", "Am Ring 1"), "{cora:?}");
    assert_eq!(cora["emails"], "cora@example.org*", "the bad address is nowhere: {cora:?}");
}

async fn nothing_is_promoted_twice(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let email = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    set(&ground, email, &[("email", "bert@example.org")]).await.expect("it is mended");
    let again = set(&ground, email, &[("email", "other@example.org")]).await.expect_err("it is closed");
    assert_eq!(again.kind().exit_code(), 2);
    assert!(again.to_string().contains("closed already"), "{again}");

    // Two at one row at the same moment: one wins, the other is told, and core has it once.
    let (email, phone) = (
        violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 3).await,
        violation(ground.store(), first.run_id, "VOL_PHONE_E164", 3).await,
    );
    let good = [("email", "cora@example.org"), ("phone", "+49 30 901823")];
    let (one, other) = tokio::join!(set(&ground, email, &good), set(&ground, phone, &good));
    let promoted: u64 = [&one, &other].into_iter().filter_map(|r| r.as_ref().ok()).map(|r| r.promoted).sum();
    assert_eq!(promoted, 1, "{one:?} {other:?}");
    let refused = [&one, &other].into_iter().any(|r| match r {
        Ok(done) => {
            done.summary.status == "failed"
                && done.summary.error.as_ref().is_some_and(|e| e.contains("promoted twice"))
        }
        Err(error) => error.kind().exit_code() == 2,
    });
    assert!(refused, "{one:?} {other:?}");
    let rows = format!(
        "SELECT count(*) FROM {} WHERE promoted_at IS NOT NULL",
        importer_engine::store::Table::control("row_promotions").sql(ground.store().dialect())
    );
    assert_eq!(count(ground.store(), &rows).await, 2);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 3);
}

async fn the_whole_file_again_changes_nothing(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    set(&ground, id, &[("email", "bert@example.org")]).await.expect("it is mended");
    let second = imported(&ground, "people.csv", PEOPLE).await;
    assert_eq!(number(&second.counts, "core", "rows_skipped_no_change"), 1);
    assert_eq!(by_name(ground.store()).await["Braun"]["email"], "bert@example.org");
    assert_eq!(
        findings(ground.store(), first.run_id).await[1],
        "VOL_EMAIL_FORMAT email 3 fixed superseded",
        "the newer row of a link has its place"
    );
}

on_both!(
    a_mended_row_loads,
    the_time_of_landing_is_kept,
    still_bad_is_open_with_the_new_reason,
    a_cell_is_emptied_and_a_missing_one_is_added,
    nothing_is_promoted_twice,
    the_whole_file_again_changes_nothing,
);
