//! Suppress and won't fix: what they let through, what they keep out, and what they refuse.

use importer_engine::Error;
use importer_engine::remedy::{DecideRequest, Decided, Decision, Which};
use importer_engine::store::{Severity, ViolationFilter};

use super::ground::{PEOPLE, by_name, findings, imported, requeue, set, texts, untouched, violation};
use crate::road::ground::{Ground, count};
use crate::store::harness::{TestStore, on_both};

async fn decide(
    ground: &Ground,
    decision: Decision,
    which: Which,
    reason: &str,
    dry_run: bool,
) -> Result<Decided, Error> {
    let request = DecideRequest {
        decision,
        which,
        reason: reason.to_owned(),
        dry_run,
        actor: Some("steward".to_owned()),
    };
    Box::pin(ground.engine.decide(&request)).await
}

fn all(rule: Option<&str>, run: Option<i64>, severity: Option<Severity>) -> Which {
    Which::All(ViolationFilter { rule: rule.map(str::to_owned), run, severity })
}

async fn a_suppressed_finding_holds_no_row(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let rule = || all(Some("VOL_EMAIL_FORMAT"), Some(first.run_id), Some(Severity::Error));
    let before = untouched(ground.store()).await;
    let dry = decide(&ground, Decision::Suppress, rule(), "checked", true).await.expect("a count");
    assert_eq!((dry.decided, dry.dry_run), (2, true));
    assert_eq!(untouched(ground.store()).await, before, "a count changes nothing");

    let done = decide(&ground, Decision::Suppress, rule(), "checked", false).await.expect("it is decided");
    assert_eq!(done.decided, 2);
    let found = findings(ground.store(), first.run_id).await;
    assert_eq!(found[0], "VOL_EMAIL_FORMAT email 2 suppressed checked");
    let entry = "SELECT details_json FROM {audit} WHERE action = 'VIOLATIONS_SUPPRESSED'";
    let entry: serde_json::Value =
        serde_json::from_str(&texts(ground.store(), entry).await[0]).expect("JSON");
    assert_eq!(
        (&entry["before"], &entry["after"], &entry["violations"]),
        (&"open".into(), &"suppressed".into(), &2.into())
    );

    // Row 2 has no other error; row 3 has: its phone still holds it.
    let again = requeue(&ground, Some("VOL_EMAIL_FORMAT"), None, false).await.expect("it goes");
    assert_eq!((again.rows, again.runs[0].promoted, again.runs[0].held), (2, 1, 1), "{again:?}");
    let core = by_name(ground.store()).await;
    assert_eq!(core["Braun"]["email"], "no address", "the value that was let in as it is");
    assert!(!core.contains_key("Claus"));
    let found = findings(ground.store(), first.run_id).await;
    assert_eq!(found[0], "VOL_EMAIL_FORMAT email 2 suppressed checked", "the decision stays");
    assert_eq!(found[2], "VOL_PHONE_E164 phone 3 open -");
    // What was let in does not go twice.
    let again = requeue(&ground, Some("VOL_EMAIL_FORMAT"), None, false).await.expect("it goes");
    assert_eq!(again.rows, 1, "{again:?}");
}

async fn a_row_that_was_given_up_stays_out(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    let done =
        decide(&ground, Decision::WontFix, Which::Ids(vec![id]), "test row", false).await.expect("decided");
    assert_eq!(done.decided, 1);
    let again = requeue(&ground, None, Some(first.run_id), true).await.expect("a question");
    assert_eq!(again.given_up, 0, "its only error is decided, so it is no held row");
    assert_eq!(again.rows, 2, "rows 3 and 4: {again:?}");

    // Mended after all, it loads.
    let done = set(&ground, id, &[("email", "bert@example.org")]).await.expect("it is mended");
    assert_eq!(done.promoted, 1, "{done:?}");
    assert_eq!(findings(ground.store(), first.run_id).await[0], "VOL_EMAIL_FORMAT email 2 fixed remediated");

    // A row with an open error and one that was given up is given up.
    let email = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 3).await;
    decide(&ground, Decision::WontFix, Which::Ids(vec![email]), "no address", false).await.expect("decided");
    let again = requeue(&ground, Some("VOL_PHONE_E164"), None, true).await.expect("a question");
    assert_eq!((again.rows, again.given_up), (0, 1), "{again:?}");
    // Its phone mended, the e-mail still keeps it out.
    let phone = violation(ground.store(), first.run_id, "VOL_PHONE_E164", 3).await;
    let done = set(&ground, phone, &[("phone", "+49 30 901822")]).await.expect("it goes");
    assert_eq!((done.promoted, done.held), (0, 1), "{done:?}");
    assert_eq!(
        findings(ground.store(), first.run_id).await[1],
        "VOL_EMAIL_FORMAT email 3 wont_fix no address"
    );
}

async fn what_cannot_be_decided_is_refused(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let reject = violation(ground.store(), first.run_id, "CSV_TOO_FEW_FIELDS", -6).await;
    let email = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    let before = untouched(ground.store()).await;
    let requests = [
        (Decision::Suppress, Which::Ids(vec![email, reject]), "x", "could not be read"),
        (Decision::Suppress, Which::Ids(vec![email, 9999]), "x", "no violation 9999"),
        (Decision::Suppress, Which::Ids(vec![email]), "  ", "needs its reason"),
        (
            Decision::WontFix,
            all(Some("VOL_EMAIL_FORMATT"), None, None),
            "x",
            "no finding is of a rule VOL_EMAIL_FORMATT",
        ),
        (Decision::WontFix, all(None, Some(77), None), "x", "no run 77"),
    ];
    for (decision, which, reason, said) in requests {
        let error = decide(&ground, decision, which, reason, false).await.expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.help().is_some());
    }
    assert_eq!(untouched(ground.store()).await, before);

    // In bulk, unreadable records are left out of a suppression, and taken into a refusal to mend.
    let run = || all(None, Some(first.run_id), Some(Severity::Error));
    let done = decide(&ground, Decision::Suppress, run(), "x", false).await.expect("decided");
    assert_eq!((done.decided, done.unreadable), (4, 1), "{done:?}");
    let done = decide(&ground, Decision::WontFix, run(), "x", false).await.expect("decided");
    assert_eq!((done.decided, done.unreadable, done.left_as_they_are), (1, 0, 4), "{done:?}");
    let error =
        decide(&ground, Decision::WontFix, Which::Ids(vec![email]), "x", false).await.expect_err("decided");
    assert!(error.to_string().contains("suppressed already"), "{error}");
    let entries = "SELECT count(*) FROM {audit} WHERE action LIKE 'VIOLATIONS_%'";
    assert_eq!(count(ground.store(), entries).await, 2);
}

on_both!(
    a_suppressed_finding_holds_no_row,
    a_row_that_was_given_up_stays_out,
    what_cannot_be_decided_is_refused,
);
