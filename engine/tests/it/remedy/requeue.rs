//! Held rows under a changed project, over several runs, with newer rows of the same record about.

use std::path::Path;
use std::sync::Arc;

use importer_engine::plan::ApplyOptions;
use importer_engine::store::{Dialect, Table};
use importer_engine::{EngineOptions, ResumeOptions, Silent};

use super::ground::{PEOPLE, by_name, findings, imported, requeue, set, untouched, violation};
use crate::road::ground::{Ground, adds_up, count, open, whole};
use crate::store::harness::{TestStore, on_both};

const CHECKS: &str = "project/entities/volunteers/check";

/// A project folder with one rule of its own, and the engine opened with it.
async fn under_rule(ground: &mut Ground, rule: &str, sql: &str) {
    let folder = ground.folder().join(CHECKS);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{rule}.sql")), sql).expect("a rule");
    let options = EngineOptions { project: Some(ground.folder().join("project")), ..ground.options.clone() };
    ground.engine = open(&options).await;
}

/// Phones may be anything.
const LENIENT: &str = "/*---
rule: VOL_PHONE_E164
severity: warn
mode: enforce
message: The phone number is not valid
hint: look at it
fields: [phone]
---*/
SELECT sequence_number, 'phone' AS field, phone_unparsed AS value
FROM staged
WHERE phone_unparsed IS NOT NULL
";

async fn a_changed_rule_lets_rows_pass(test: &TestStore) {
    let mut ground = Ground::new(test).await;
    let text = "external_id,first_name,last_name,email,phone\n\
                P-1,Pia,Post,pia@example.org,call me\n\
                P-2,Paul,Pohl,paul@example.org,ask\n\
                P-3,Pit,,pit@example.org,later\n";
    let first = imported(&ground, "one.csv", text).await;
    let second = imported(
        &ground,
        "two.csv",
        "id,first_name,last_name,email,phone,extra\nP-4,Pam,Punk,pam@example.org,soon,x\n",
    )
    .await;

    // Nothing has changed: nobody passes.
    let dry = requeue(&ground, Some("VOL_PHONE_E164"), None, true).await.expect("a question");
    assert_eq!((dry.rows, dry.runs.len(), dry.runs[0].promoted), (4, 1, 0), "{dry:?}");

    under_rule(&mut ground, "VOL_PHONE_E164", LENIENT).await;
    let before = untouched(ground.store()).await;
    let dry = requeue(&ground, Some("VOL_PHONE_E164"), None, true).await.expect("a question");
    let passing: Vec<(i64, i64)> = dry.runs[0].passing.iter().map(|p| (p.run_id, p.line)).collect();
    assert_eq!(passing, [(first.run_id, 2), (first.run_id, 3), (second.run_id, 2)], "who would pass");
    assert_eq!((dry.runs[0].promoted, dry.runs[0].held), (3, 1));
    assert_eq!(dry.runs[0].summary.kind, "dry_run");
    let after = untouched(ground.store()).await;
    assert_eq!(after[1..3], before[1..3], "findings and promotions are as they were");
    assert_eq!(after[4..], before[4..], "core is as it was");

    let done = requeue(&ground, Some("VOL_PHONE_E164"), None, false).await.expect("it goes");
    assert_eq!((done.rows, done.runs.len()), (4, 1), "one run for the batch: {done:?}");
    let run = &done.runs[0];
    adds_up(&run.summary);
    assert_eq!(
        (run.promoted, run.held, run.fixed),
        (3, 1, 0),
        "the finding is a warning now, and still occurs: {run:?}"
    );
    assert_eq!(run.summary.kind, "remediation");
    whole(ground.store()).await;
    let core = by_name(ground.store()).await;
    assert_eq!(core.len(), 3);
    assert_eq!(core["Punk"]["links"], "crm:P-4");
    let severity = format!(
        "SELECT count(*) FROM {{dq_violations}} WHERE run_id = {} AND rule_code = 'VOL_PHONE_E164' AND severity = 'warn' AND status = 'open'",
        first.run_id
    );
    assert_eq!(count(ground.store(), &severity).await, 3);
    let parent = format!(
        "SELECT count(*) FROM {{import_runs}} WHERE id = {} AND parent_run_id IS NULL",
        run.summary.run_id
    );
    assert_eq!(count(ground.store(), &parent).await, 1, "rows of two runs have no one parent");
    let audit = "SELECT count(*) FROM {audit} WHERE action = 'ROWS_REQUEUED' AND actor = 'steward'";
    assert_eq!(count(ground.store(), audit).await, 1);

    // What passed does not go again; what is held does.
    let again = requeue(&ground, None, None, false).await.expect("it goes");
    assert_eq!((again.rows, again.runs[0].promoted, again.runs[0].held), (1, 0, 1), "{again:?}");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 3);
}

async fn rows_that_a_newer_one_replaced_are_closed(test: &TestStore) {
    let mut ground = Ground::new(test).await;
    // The store keeps one finding per rule only: the others are in the lake alone.
    let project = ground.folder().join("project");
    std::fs::create_dir_all(&project).expect("a folder");
    std::fs::write(
        project.join("project.yml"),
        "name: small\nsource: csv\ndefaults:\n  max_violations_per_rule: 1\n",
    )
    .expect("a project");
    let options = EngineOptions { project: Some(project), ..ground.options.clone() };
    ground.engine = open(&options).await;
    let held = "external_id,first_name,last_name,email\nS-1,Sam,Sand,no way\nS-2,Sue,Sund,no way\nS-3,Sid,Sumpf,no way\n";
    let first = imported(&ground, "held.csv", held).await;
    assert_eq!(findings(ground.store(), first.run_id).await.len(), 1);
    // A newer good row of S-1, whose finding is in the store, and of S-2, whose finding is not.
    let newer = "external_id,first_name,last_name,email\nS-1,Sam,Sand,sam@example.org\nS-2,Sue,Sund,sue@example.org\n";
    imported(&ground, "newer.csv", newer).await;
    assert_eq!(findings(ground.store(), first.run_id).await, ["VOL_EMAIL_FORMAT email 1 fixed superseded"]);
    lenient_email(&mut ground).await;
    let again = requeue(&ground, None, Some(first.run_id), false).await.expect("it goes");
    assert_eq!((again.rows, again.superseded), (1, 1), "S-3 goes, S-2 does not: {again:?}");
    assert_eq!(again.runs[0].promoted, 1);
    let core = by_name(ground.store()).await;
    assert_eq!(
        (core["Sumpf"]["email"].as_str(), core["Sund"]["email"].as_str()),
        ("no way", "sue@example.org")
    );
    let again = requeue(&ground, None, Some(first.run_id), false).await.expect("a question");
    assert_eq!(again.rows, 0, "nothing is promoted twice, also what the store has no finding of: {again:?}");
}

async fn lenient_email(ground: &mut Ground) {
    let lenient = LENIENT
        .replace("VOL_PHONE_E164", "VOL_EMAIL_FORMAT")
        .replace("[phone]", "[email]")
        .replace("'phone'", "'email'")
        .replace("phone_unparsed AS", "email AS")
        .replace("phone_unparsed IS NOT NULL", "email IS NOT NULL AND NOT is_email(email)");
    under_rule(ground, "VOL_EMAIL_FORMAT", &lenient).await;
}

async fn among_held_rows_the_newest_counts(test: &TestStore) {
    let mut ground = Ground::new(test).await;
    let row = |email: &str, city: &str| {
        format!(
            "external_id,first_name,last_name,email,city\nT-1,Tom,Tau,{email},{city}\nT-2,Tim,Ton,not one,Trier\n"
        )
    };
    let first = imported(&ground, "a.csv", &row("old", "Altdorf")).await;
    // The newer row is bad too: it has the older one's place.
    let second =
        imported(&ground, "b.csv", "external_id,first_name,last_name,email,city\nT-1,Tom,Tau,new,Neudorf\n")
            .await;
    assert_eq!(
        findings(ground.store(), first.run_id).await,
        ["VOL_EMAIL_FORMAT email 1 fixed superseded", "VOL_EMAIL_FORMAT email 2 open -"]
    );
    let closed = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 1).await;
    let error = set(&ground, closed, &[("email", "tom@example.org")]).await.expect_err("it is closed");
    assert!(error.to_string().contains(&format!("superseded by run {}", second.run_id)), "{error}");
    lenient_email(&mut ground).await;
    let done = requeue(&ground, None, None, false).await.expect("it goes");
    assert_eq!((done.rows, done.runs[0].promoted), (2, 2), "{done:?}");
    let core = by_name(ground.store()).await;
    assert_eq!(core["Tau"]["city"], "Neudorf", "the older row was never promoted: {core:?}");
    assert_eq!(core.len(), 2);
}

async fn a_suppressed_row_that_was_replaced_is_closed(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first =
        imported(&ground, "a.csv", "external_id,first_name,last_name,email\nU-1,Udo,Uhl,not one\n").await;
    let sql = format!("UPDATE {{dq_violations}} SET status = 'suppressed' WHERE run_id = {}", first.run_id);
    let mut session = ground.store().session().await.expect("a session");
    session.execute(&crate::road::ground::named(ground.store(), &sql), &[]).await.expect("it is suppressed");
    drop(session);
    imported(&ground, "b.csv", "external_id,first_name,last_name,email\nU-1,Udo,Uhl,udo@example.org\n").await;
    assert_eq!(findings(ground.store(), first.run_id).await, ["VOL_EMAIL_FORMAT email 1 fixed superseded"]);
}

async fn a_changed_header_list_is_taken_in(test: &TestStore) {
    let mut ground = Ground::new(test).await;
    let first = imported(
        &ground,
        "a.csv",
        "external_id,first_name,last_name,Netzpost\nV-1,Vera,Veit,vera@example.org\n",
    )
    .await;
    assert_eq!(findings(ground.store(), first.run_id).await, ["VOL_CONTACT_REQUIRED email 1 open -"]);
    let sources = ground.folder().join("project/sources");
    std::fs::create_dir_all(&sources).expect("a folder");
    std::fs::write(
        sources.join("csv.yml"),
        "source: csv\nconnector: csv\nentity: volunteers\nheaders: {Netzpost: email}\n",
    )
    .expect("a source");
    let options = EngineOptions { project: Some(ground.folder().join("project")), ..ground.options.clone() };
    ground.engine = open(&options).await;
    let done = requeue(&ground, None, Some(first.run_id), false).await.expect("it goes");
    assert_eq!((done.rows, done.runs[0].promoted), (1, 1), "{done:?}");
    assert_eq!(by_name(ground.store()).await["Veit"]["email"], "vera@example.org");
}

async fn what_is_gone_or_wrong_is_told(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let before = untouched(ground.store()).await;
    let error = requeue(&ground, Some("VOL_EMAIL"), None, false).await.expect_err("no such rule");
    assert!(error.help().is_some_and(|h| h.contains("VOL_EMAIL_FORMAT")), "{error} {:?}", error.help());
    let error = requeue(&ground, None, Some(99), false).await.expect_err("no such run");
    assert!(error.to_string().contains("no run 99"), "{error}");
    for status in ["failed", "rolled_back", "running", "paused", "cancelled"] {
        let sql = format!("UPDATE {{import_runs}} SET status = '{status}' WHERE id = {}", first.run_id);
        let sql = crate::road::ground::named(ground.store(), &sql);
        let mut session = ground.store().session().await.expect("a session");
        session.execute(&sql, &[]).await.expect("the status is set");
        drop(session);
        let error = requeue(&ground, None, Some(first.run_id), false).await.expect_err(status);
        assert!(error.to_string().contains(status) && error.help().is_some(), "{error}");
        assert_eq!(error.kind().exit_code(), 2);
        let email = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
        let error = set(&ground, email, &[("email", "b@example.org")]).await.expect_err(status);
        assert!(error.to_string().contains(status), "{error}");
    }
    let after = untouched(ground.store()).await;
    assert_eq!(after[1..], before[1..], "nothing but the status that the test set");

    // The lake's files are gone: told, and no run is begun.
    let sql = format!("UPDATE {{import_runs}} SET status = 'succeeded' WHERE id = {}", first.run_id);
    let sql = crate::road::ground::named(ground.store(), &sql);
    let mut session = ground.store().session().await.expect("a session");
    session.execute(&sql, &[]).await.expect("the status is set");
    drop(session);
    remove(&ground.lake().join(format!("_runs/default/{}/land.json", first.run_id)));
    let error = requeue(&ground, None, Some(first.run_id), false).await.expect_err("nothing to read");
    assert!(error.to_string().contains("the lake has nothing of run"), "{error}");
}

fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

async fn a_rolled_back_fix_is_open_again(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    let done = set(&ground, id, &[("email", "bert@example.org")]).await.expect("it is mended");
    // What a rollback leaves of the run: its status, and nothing of it in core.
    for sql in [
        format!("UPDATE {{import_runs}} SET status = 'rolled_back' WHERE id = {}", done.summary.run_id),
        format!("DELETE FROM {{external_id_map}} WHERE run_id = {}", done.summary.run_id),
        "DELETE FROM {core_provenance} WHERE core_id IN (SELECT id FROM {contacts} WHERE last_name = 'Braun')".to_owned(),
        "DELETE FROM {contact_emails} WHERE contact_id IN (SELECT id FROM {contacts} WHERE last_name = 'Braun')".to_owned(),
        "DELETE FROM {contact_phones} WHERE contact_id IN (SELECT id FROM {contacts} WHERE last_name = 'Braun')".to_owned(),
        "DELETE FROM {volunteers} WHERE contact_id IN (SELECT id FROM {contacts} WHERE last_name = 'Braun')".to_owned(),
        "DELETE FROM {contacts} WHERE last_name = 'Braun'".to_owned(),
    ] {
        let mut session = ground.store().session().await.expect("a session");
        session.execute(&crate::road::ground::named(ground.store(), &sql), &[]).await.expect("it is taken back");
    }
    let done = set(&ground, id, &[("email", "bert.two@example.org")]).await.expect("it is open again");
    assert_eq!(done.promoted, 1, "{done:?}");
    assert_eq!(by_name(ground.store()).await["Braun"]["email"], "bert.two@example.org");
}

/// Runs a statement that is none of Importer's.
async fn by_others(ground: &Ground, sql: &str) {
    let sql = crate::road::ground::named(ground.store(), sql)
        .replace("{row_promotions}", &Table::control("row_promotions").sql(ground.store().dialect()));
    let mut session = ground.store().session().await.expect("a session");
    session.execute(&sql, &[]).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

async fn a_batch_that_was_cut_off_is_taken_up(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let id = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    // The settlement fails behind the last chunk: an entry stands in its way.
    let index = Table::control("only_once").sql(ground.store().dialect());
    let plant =
        "INSERT INTO {audit} (tenant_id, action, actor) VALUES ('default', 'ROW_REMEDIATED', 'planted')";
    by_others(&ground, plant).await;
    let audit = match ground.store().dialect() {
        Dialect::Postgres => "{audit}",
        Dialect::Sqlite => "audit",
    };
    let once = format!("CREATE UNIQUE INDEX only_once ON {audit} (action) WHERE action = 'ROW_REMEDIATED'");
    by_others(&ground, &once).await;
    let done = set(&ground, id, &[("email", "bert@example.org")]).await.expect("a run is made");
    let run = done.summary.run_id;
    assert_eq!((done.summary.status.as_str(), done.promoted), ("partially_failed", 0), "{done:?}");
    assert_eq!(findings(ground.store(), first.run_id).await[0], "VOL_EMAIL_FORMAT email 2 open -");
    by_others(&ground, &format!("DROP INDEX {index}")).await;
    by_others(&ground, "DELETE FROM {audit} WHERE actor = 'planted'").await;

    // Nobody else may have the row meanwhile.
    let error = set(&ground, id, &[("email", "other@example.org")]).await.expect_err("it is with that run");
    assert!(error.to_string().contains("with another run"), "{error}");
    let held = requeue(&ground, Some("VOL_EMAIL_FORMAT"), None, true).await.expect("a question");
    assert_eq!(held.rows, 1, "row 3 alone: {held:?}");

    let options = ResumeOptions::default();
    let resumed = ground.engine.resume(run, &options, Arc::new(Silent)).await.expect("it goes on");
    assert_eq!(resumed.status, "succeeded", "{:?}", resumed.error);
    let found = findings(ground.store(), first.run_id).await;
    assert_eq!(found[0], "VOL_EMAIL_FORMAT email 2 fixed remediated", "as if nothing had happened");
    let audited = "SELECT count(*) FROM {audit} WHERE action = 'ROW_REMEDIATED'";
    assert_eq!(count(ground.store(), audited).await, 1);
    assert_eq!(by_name(ground.store()).await["Braun"]["email"], "bert@example.org");
    whole(ground.store()).await;
}

async fn the_dry_run_of_a_requeue_can_be_applied(test: &TestStore) {
    let mut ground = Ground::new(test).await;
    let first =
        imported(&ground, "a.csv", "external_id,first_name,last_name,email\nY-1,Yan,Yew,not one\n").await;
    lenient_email(&mut ground).await;
    let dry = requeue(&ground, None, Some(first.run_id), true).await.expect("a question");
    let plan = dry.runs[0].summary.run_id;
    let options = ApplyOptions { actor: Some("steward".to_owned()), ..ApplyOptions::default() };
    let applied = ground.engine.apply(plan, &options, Arc::new(Silent)).await.expect("it is loaded");
    assert_eq!(applied.status, "succeeded", "{:?}", applied.error);
    assert_eq!(by_name(ground.store()).await["Yew"]["links"], "crm:Y-1");
    // The row is promoted by it, and by nobody else.
    let again = requeue(&ground, None, Some(first.run_id), false).await.expect("a question");
    assert_eq!(again.rows, 0, "{again:?}");
    let promoted = Table::control("row_promotions").sql(ground.store().dialect());
    let promoted = format!(
        "SELECT count(*) FROM {promoted} WHERE run_id = {} AND promoted_at IS NOT NULL",
        applied.run_id
    );
    assert_eq!(count(ground.store(), &promoted).await, 1);
}

on_both!(
    a_batch_that_was_cut_off_is_taken_up,
    the_dry_run_of_a_requeue_can_be_applied,
    a_changed_rule_lets_rows_pass,
    rows_that_a_newer_one_replaced_are_closed,
    among_held_rows_the_newest_counts,
    a_suppressed_row_that_was_replaced_is_closed,
    a_changed_header_list_is_taken_in,
    what_is_gone_or_wrong_is_told,
    a_rolled_back_fix_is_open_again,
);
