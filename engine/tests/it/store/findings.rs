//! Violations and suggestions: written once, however often they are sent.

use importer_engine::store::{
    Decision, Fence, MatchType, Severity, Store, StoreErrorKind, SuggestionRow, Table, ViolationRow,
    ViolationWriter,
};
use serde_json::json;

use super::harness::{TestStore, on_both};
use super::runs::new_run;

on_both!(findings_are_written_once, findings_stop_at_the_limit, a_decision_outlives_a_rerun);

pub fn finding(sequence: Option<i64>, line: i64, rule: &str, field: &str) -> ViolationRow {
    ViolationRow {
        sequence_number: sequence,
        file_number: 0,
        line_number: line,
        rule_code: rule.to_owned(),
        field: field.to_owned(),
        severity: Severity::Error,
        original_value: Some("O'Brien \"x\"\u{0}".to_owned()),
        normalised_value: None,
        message: "The e-mail address is not valid".to_owned(),
        hint: None,
        details_json: json!({"fields": {field: "x\u{0}y"}}),
        link_system: Some("csv".to_owned()),
        link_id: sequence.map(|number| number.to_string()),
        row_checksum: None,
    }
}

async fn write(store: &Store, run: i64, limit: u64, rows: &[ViolationRow]) -> u64 {
    let mut session = store.begin().await.unwrap();
    let mut writer = ViolationWriter::new(&Fence::of_new("t", run), "volunteers", limit);
    for part in rows.chunks(1000) {
        writer.write(&mut session, part.to_vec()).await.unwrap();
    }
    session.commit().await.unwrap();
    writer.written()
}

async fn findings_are_written_once(test: &TestStore) {
    let store = test.upgraded().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let mut rows = vec![
        finding(Some(1), 2, "VOL_EMAIL_FORMAT", "email"),
        finding(Some(1), 2, "VOL_EMAIL_FORMAT", "alternate_emails"),
        finding(Some(2), 3, "VOL_EMAIL_FORMAT", "email"),
        finding(None, 9, "CSV_TOO_FEW_FIELDS", ""),
        finding(None, 10, "CSV_TOO_FEW_FIELDS", ""),
    ];
    assert_eq!(write(store, run, 100, &rows).await, 5);
    assert_eq!(write(store, run, 100, &rows).await, 0);
    rows.push(finding(Some(3), 4, "VOL_PHONE_E164", "phone"));
    assert_eq!(write(store, run, 100, &rows).await, 1);
    let counts = store.count_violations("t", run).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|count| (count.rule_code.as_str(), count.count)).collect();
    assert_eq!(counts, [("CSV_TOO_FEW_FIELDS", 2), ("VOL_EMAIL_FORMAT", 3), ("VOL_PHONE_E164", 1)]);
    let mut session = store.session().await.unwrap();
    let table = Table::control("dq_violations").sql(store.dialect());
    let sql = format!("SELECT original_value, status FROM {table} ORDER BY id LIMIT 1");
    let row = session.fetch_one(&sql, &[]).await.unwrap();
    assert_eq!((row.text(0).unwrap(), row.text(1).unwrap()), ("O'Brien \"x\"", "open"));
    let mut writer = ViolationWriter::new(&Fence::of_new("t", run), "volunteers", 1);
    let outside = writer.write(&mut session, rows).await.unwrap_err();
    assert_eq!(outside.kind(), StoreErrorKind::Internal);
}

async fn findings_stop_at_the_limit(test: &TestStore) {
    let store = test.upgraded().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let mut rows: Vec<_> = (0..2500).map(|number| finding(Some(number), number, "A", "email")).collect();
    rows.extend((0..30).map(|number| finding(Some(number), number, "B", "email")));
    assert_eq!(write(store, run, 1200, &rows[..700]).await, 700);
    assert_eq!(write(store, run, 1200, &rows).await, 530);
    assert_eq!(write(store, run, 1200, &rows).await, 0);
    let counts = store.count_violations("t", run).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.count).collect::<Vec<_>>(), [1200, 30]);
}

async fn a_decision_outlives_a_rerun(test: &TestStore) {
    let store = test.upgraded().await;
    let row = SuggestionRow {
        natural_key: [7; 16],
        sequence_number: Some(1),
        link_system: Some("csv".into()),
        link_id: Some("C-1".into()),
        core_id: Some(5),
        other_core_id: None,
        match_type: MatchType::Household,
        reason: Some("household".into()),
        score: None,
        confidence_score: Some(1.0),
        features_json: json!({"email": true}),
        decision: Decision::Pending,
        made_of: None,
        reopened_from: None,
    };
    let rows = [
        row.clone(),
        SuggestionRow { natural_key: [8; 16], decision: Decision::AutoResolved, ..row.clone() },
    ];
    let mut fences = Vec::new();
    for tenant in ["t", "t", "u"] {
        fences.push(Fence::of_new(tenant, store.create_run(&new_run(tenant)).await.unwrap()));
    }
    let mut session = store.begin().await.unwrap();
    assert_eq!(session.insert_suggestions(&fences[0], "volunteers", &rows).await.unwrap(), 2);
    session.commit().await.unwrap();
    let table = Table::control("dedupe_suggestions").sql(store.dialect());
    session
        .execute(&format!("UPDATE {table} SET decision = 'rejected' WHERE core_id = 5"), &[])
        .await
        .unwrap();
    session.begin().await.unwrap();
    assert_eq!(session.insert_suggestions(&fences[1], "volunteers", &rows).await.unwrap(), 0);
    assert_eq!(session.insert_suggestions(&fences[2], "volunteers", &rows[..1]).await.unwrap(), 1);
    session.commit().await.unwrap();
    let sql = format!("SELECT decision, run_id FROM {table} WHERE tenant_id = 't' ORDER BY id");
    let rows = session.fetch(&sql, &[]).await.unwrap();
    assert_eq!((rows[0].text(0).unwrap(), rows[0].int(1).unwrap()), ("rejected", 1));
}
