//! Two people that nobody has touched since: one row has what both had, and the way back gives exactly what was there.

use importer_engine::deciding::{MergeRequest, Side, UnmergeRequest};

use super::stage::{import, merge, of, person, row_of, try_merge, try_unmerge, unmerge};
use crate::road::ground::{Ground, count, whole};
use crate::rollback::stage::{Person, host, records, same, value};
use crate::store::harness::{TestStore, on_both};

on_both!(
    two_become_one_and_two_again,
    a_person_says_who_gives_a_field,
    what_the_host_wrote_stays_its_own,
    a_look_changes_nothing,
    what_cannot_be_merged_is_refused,
    a_later_file_finds_the_one_that_stayed,
);

fn two() -> [Person; 2] {
    [
        Person { email: "anna@example.org", phone: "+49 30 1234567", ..person("A", "Anna", "") },
        Person {
            email: "a.stein@example.org",
            others: "anna2@example.org",
            employer: "Mill",
            updated: "2025-02-10T00:00:00Z",
            ..person("B", "Anna", "Kiel")
        },
    ]
}

async fn loaded(test: &TestStore) -> (Ground, i64, i64) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &two()).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    assert_ne!(a, b, "they are two");
    (ground, a, b)
}

async fn two_become_one_and_two_again(test: &TestStore) {
    let (ground, a, b) = loaded(test).await;
    let before = records(ground.store()).await;

    let report = merge(&ground, a, b).await;
    assert_eq!((report.winner, report.loser, report.links), (a, b, 1), "{report:#?}");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {volunteers}").await, 1);
    // B is fresher; what only one of the two has is kept.
    assert_eq!(of(&ground, a, "city").await, "Kiel");
    assert_eq!(of(&ground, a, "employer").await, "Mill");
    assert_eq!(of(&ground, a, "email").await, "a.stein@example.org");
    assert_eq!(of(&ground, a, "phone").await, "+49301234567");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contact_emails}").await, 3);
    let first = "SELECT email FROM {contact_emails} WHERE is_primary";
    assert_eq!(value(&ground, first).await, "a.stein@example.org");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contact_emails} WHERE is_primary").await, 1);
    assert_eq!(row_of(&ground, "B").await, a);
    whole(ground.store()).await;
    let logged = "SELECT count(*) FROM {change_log} WHERE field_name = 'city' AND changed_by = 'stella'";
    assert_eq!(count(ground.store(), logged).await, 1);

    let back = unmerge(&ground, report.merge_id).await;
    assert_eq!((back.status.as_str(), back.told.len()), ("undone", 0), "{back:#?}");
    same(&records(ground.store()).await, &before, "exactly what was there");
    whole(ground.store()).await;
    let verdicts = ground.engine.merges_of("volunteers", b).await.unwrap();
    assert_eq!(verdicts[0].status, "undone");
    assert_eq!(verdicts[0].undone_by.as_deref(), Some("stella"));
}

async fn a_person_says_who_gives_a_field(test: &TestStore) {
    let (ground, a, b) = loaded(test).await;
    let before = records(ground.store()).await;
    let fields = vec![("email".to_owned(), a), ("employer".to_owned(), a)];
    let request = MergeRequest { rows: Some((a, b)), fields, ..MergeRequest::default() };
    let report = try_merge(&ground, request).await.unwrap();
    assert_eq!(of(&ground, a, "email").await, "anna@example.org");
    assert_eq!(of(&ground, a, "employer").await, "NULL");
    assert_eq!(of(&ground, a, "city").await, "Kiel");
    let first = "SELECT email FROM {contact_emails} WHERE is_primary";
    assert_eq!(value(&ground, first).await, "anna@example.org");
    let city = report.fields.iter().find(|f| f.field == "city").unwrap();
    assert_eq!(
        (city.winner.as_deref(), city.merged.as_deref(), city.from),
        (None, Some("Kiel"), Some(Side::Loser))
    );
    unmerge(&ground, report.merge_id).await;
    same(&records(ground.store()).await, &before, "exactly what was there");
}

/// Columns of the host go with their row, and what it edited counts as its own after the merge as before.
async fn what_the_host_wrote_stays_its_own(test: &TestStore) {
    let (ground, a, b) = loaded(test).await;
    host(
        &ground,
        "ALTER TABLE {contacts} ADD COLUMN notes TEXT; ALTER TABLE {contact_emails} ADD COLUMN bounced TEXT;",
    )
    .await;
    host(
        &ground,
        &format!("UPDATE {{contacts}} SET notes = 'plays the violin', city = 'Ulm' WHERE id = {a}"),
    )
    .await;
    host(&ground, &format!("UPDATE {{contacts}} SET notes = 'and the flute' WHERE id = {b}")).await;
    host(&ground, "UPDATE {contact_emails} SET bounced = 'twice' WHERE email_key = 'anna2@example.org'")
        .await;
    let (before, notes) = (records(ground.store()).await, "SELECT notes FROM {contacts} WHERE id = ");
    let report = merge(&ground, a, b).await;
    assert_eq!(of(&ground, a, "city").await, "Ulm", "an edit of the host counts as manual");
    let bounced = "SELECT bounced FROM {contact_emails} WHERE email_key = 'anna2@example.org'";
    assert_eq!(value(&ground, bounced).await, "twice");
    // It still does: a later value of a source does not win over it.
    let later = Person { city: "Bonn", updated: "2025-03-10T00:00:00Z", ..two()[1].clone() };
    import(&ground, "2.csv", "crm", &[later]).await;
    assert_eq!(of(&ground, a, "city").await, "Ulm");
    unmerge(&ground, report.merge_id).await;
    assert_eq!(value(&ground, &format!("{notes}{a}")).await, "plays the violin");
    assert_eq!(value(&ground, &format!("{notes}{b}")).await, "and the flute");
    assert_eq!(value(&ground, bounced).await, "twice");
    let contacts = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|l| l.starts_with("contact")).cloned().collect()
    };
    same(&contacts(&records(ground.store()).await), &contacts(&before), "the rows are as they were");
}

async fn a_look_changes_nothing(test: &TestStore) {
    let (ground, a, b) = loaded(test).await;
    let before = records(ground.store()).await;
    let look = MergeRequest { rows: Some((a, b)), dry_run: true, ..MergeRequest::default() };
    let told = try_merge(&ground, look).await.unwrap();
    assert!(told.dry_run && told.merge_id.is_none(), "{told:#?}");
    same(&records(ground.store()).await, &before, "a look changes nothing");
    let done = merge(&ground, a, b).await;
    assert_eq!((&told.fields, told.links), (&done.fields, done.links));
    let merged = records(ground.store()).await;
    let look = UnmergeRequest { merge: done.merge_id.unwrap(), dry_run: true, ..UnmergeRequest::default() };
    let told = try_unmerge(&ground, look).await.unwrap();
    assert!(told.dry_run && told.status == "undone", "{told:#?}");
    same(&records(ground.store()).await, &merged, "a look changes nothing");
}

async fn what_cannot_be_merged_is_refused(test: &TestStore) {
    let (ground, a, b) = loaded(test).await;
    let ask = |winner, loser| MergeRequest { rows: Some((winner, loser)), ..MergeRequest::default() };
    let code = |error: importer_engine::Error| error.code().unwrap_or_default();
    assert!(try_merge(&ground, ask(a, a)).await.unwrap_err().to_string().contains("same row"));
    assert_eq!(code(try_merge(&ground, ask(a, 4711)).await.unwrap_err()), "NOT_FOUND");
    let unknown = MergeRequest { fields: vec![("citty".to_owned(), a)], ..ask(a, b) };
    let error = try_merge(&ground, unknown).await.unwrap_err();
    assert!(error.help().unwrap().contains("did you mean city"), "{:?}", error.help());
    let foreign = MergeRequest { fields: vec![("city".to_owned(), 4711)], ..ask(a, b) };
    assert!(try_merge(&ground, foreign).await.is_err());

    let merged = merge(&ground, a, b).await;
    let again = try_merge(&ground, ask(a, b)).await.unwrap_err();
    assert_eq!(again.code(), Some("MERGE_DONE"), "{again}");
    let rollback = importer_engine::rollback::RollbackRequest {
        run: merged.run_id.unwrap(),
        ..importer_engine::rollback::RollbackRequest::default()
    };
    let error = crate::rollback::stage::try_back(&ground, &rollback).await.unwrap_err();
    assert_eq!(error.code(), Some("ROLLBACK_MERGE"), "{error}");
    unmerge(&ground, merged.merge_id).await;
    let twice = UnmergeRequest { merge: merged.merge_id.unwrap(), ..UnmergeRequest::default() };
    assert_eq!(code(try_unmerge(&ground, twice).await.unwrap_err()), "UNMERGE_DONE");
    let none = UnmergeRequest { merge: 4711, ..UnmergeRequest::default() };
    assert_eq!(code(try_unmerge(&ground, none).await.unwrap_err()), "NOT_FOUND");
    // Whoever parted them said that they are two.
    let error = try_merge(&ground, ask(a, b)).await.unwrap_err();
    assert_eq!(error.code(), Some("MERGE_DIFFERENT"), "{error}");
    try_merge(&ground, MergeRequest { force: true, ..ask(a, b) }).await.unwrap();
}

async fn a_later_file_finds_the_one_that_stayed(test: &TestStore) {
    let (ground, a, b) = loaded(test).await;
    merge(&ground, a, b).await;
    let later = Person { city: "Bonn", updated: "2025-03-10T00:00:00Z", ..two()[1].clone() };
    import(&ground, "2.csv", "crm", &[two()[0].clone(), later]).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1);
    assert_eq!(of(&ground, a, "city").await, "Bonn");
    whole(ground.store()).await;
}
