//! Rows that name records of other entities: sign-ups name people and events; on both databases.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use importer_engine::remedy::{RequeueRequest, Requeued};
use importer_engine::request::{Input, RunRequest};
use importer_engine::store::Table;
use importer_engine::why::{Outcome, RowQuestion, Which};
use importer_engine::{RunSummary, Silent, set_of};

use crate::road::ground::{Ground, lines, succeeded};
use crate::rollback::stage::{all_of, back};
use crate::store::harness::{TestStore, on_both};

on_both!(
    rows_name_records_by_id_and_by_address,
    rows_wait_for_records_and_heal,
    what_several_share_names_none_of_them,
    ids_of_one_system_name_no_records_of_another,
    a_placeholder_names_nobody,
    lists_of_a_set_come_in_the_order_of_their_references,
);

pub const PEOPLE: &str = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,anna@example.org\nV-2,Ben,Moss,ben@example.org\n";
pub const EVENTS: &str =
    "Event ID,Event,Start\nE-1,Park clean-up,2025-05-03 09:00\nE-2,Concert,2025-06-01 18:00\n";
pub const SIGNUPS: &str = "Volunteer,Event,Status,Attended,Hours\n";

pub async fn run(ground: &Ground, source: &str, name: &str, text: &str) -> RunSummary {
    let file = ground.file(name, text);
    let request =
        RunRequest { source: Some(source.to_owned()), accept_bad: true, ..RunRequest::files([file]) };
    succeeded(ground.run(&request).await)
}

async fn people_and_events(ground: &Ground) {
    run(ground, "csv", "people.csv", PEOPLE).await;
    run(ground, "events", "events.csv", EVENTS).await;
}

pub fn figure(summary: &RunSummary, name: &str) -> u64 {
    let (stage, name) = name.split_once('.').expect("a stage");
    summary.counts[stage][&summary.entity][name].as_u64().unwrap_or(0)
}

pub fn codes(summary: &RunSummary) -> BTreeMap<&str, u64> {
    let mut codes = BTreeMap::new();
    for rule in &summary.rules {
        *codes.entry(rule.rule_code.as_str()).or_default() += rule.violations;
    }
    codes
}

/// Sign-ups with the ids of their people and events.
pub async fn signups(ground: &Ground) -> Vec<String> {
    let without = [
        "tenant_id",
        "id",
        "created_at",
        "updated_at",
        "deactivated_at",
        "deleted_reason",
        "signed_up_at",
        "note",
        "attended",
    ];
    lines(ground.store(), &Table::core("signups"), &without).await
}

async fn requeue(ground: &Ground) -> Requeued {
    let request = RequeueRequest {
        rule: Some("REF-401".to_owned()),
        run: None,
        dry_run: false,
        actor: Some("tester".to_owned()),
    };
    Box::pin(ground.engine.requeue(&request, Arc::new(Silent))).await.expect("they go again")
}

async fn rows_name_records_by_id_and_by_address(test: &TestStore) {
    let ground = Ground::new(test).await;
    people_and_events(&ground).await;
    let text = format!(
        "{SIGNUPS}V-1,E-1,registered,,\n BEN@example.org ,E-1,angemeldet,yes,2.5\n'V-1,Concert,Warteliste,no,\nV-9,E-2,registered,,\n"
    );
    let first = run(&ground, "signups", "one.csv", &text).await;
    assert_eq!(codes(&first), [("REF-401", 1)].into());
    assert_eq!(figure(&first, "core.rows_created"), 3, "{:?}", first.counts);
    let found = signups(&ground).await;
    assert_eq!(
        found,
        [
            "volunteer_id=1 event_id=1 status=registered hours=NULL is_active=true",
            "volunteer_id=1 event_id=2 status=waitlisted hours=NULL is_active=true",
            "volunteer_id=2 event_id=1 status=registered hours=2.50 is_active=true",
        ]
    );
    // Twice is once; another state of the same person at the same event is an update.
    let again = run(&ground, "signups", "one.csv", &text).await;
    assert_eq!(figure(&again, "core.rows_skipped_no_change"), 3, "{:?}", again.counts);
    let later = format!("{SIGNUPS}anna@example.org,Park clean-up,attended,yes,3\n");
    let updated = run(&ground, "signups", "two.csv", &later).await;
    assert_eq!(figure(&updated, "core.rows_updated"), 1, "{:?}", updated.counts);
    assert!(signups(&ground).await[0].contains("event_id=1 status=attended hours=3.00"));

    let question = RowQuestion { run: first.run_id, which: Which::Line { file: None, line: 5 } };
    let story = ground.engine.why_row(&question).await.expect("a story");
    assert_eq!(story.outcome, Outcome::Quarantined);
    assert_eq!(story.stage.and_then(|stage| stage.mapping_agrees), Some(true));

    back(&ground, &all_of(updated.run_id)).await;
    assert_eq!(signups(&ground).await, found);
}

async fn rows_wait_for_records_and_heal(test: &TestStore) {
    let ground = Ground::new(test).await;
    let text = format!("{SIGNUPS}V-1,E-1,registered,,\nV-2,E-2,registered,,\nV-3,E-1,registered,,\n");
    let request = RunRequest {
        source: Some("signups".to_owned()),
        accept_bad: true,
        ..RunRequest::files([ground.file("early.csv", &text)])
    };
    let early = succeeded(ground.run(&request).await);
    assert_eq!(figure(&early, "dq.rows_quarantined"), 3);
    assert_eq!(codes(&early), [("REF-401", 6)].into());

    let people = run(&ground, "csv", "people.csv", PEOPLE).await;
    let waiting: Vec<_> =
        people.waiting.iter().map(|w| (w.entity.as_str(), w.field.as_str(), w.rows)).collect();
    assert_eq!(waiting, [("signups", "volunteer", 3)]);
    let events = run(&ground, "events", "events.csv", EVENTS).await;
    assert!(!events.waiting.is_empty());
    // Who created nothing does not send anybody anywhere.
    assert!(run(&ground, "events", "again.csv", EVENTS).await.waiting.is_empty());

    let healed = requeue(&ground).await;
    let promoted: u64 = healed.runs.iter().map(|run| run.promoted).sum();
    assert_eq!((healed.rows, promoted), (3, 2), "{healed:#?}");
    let found = signups(&ground).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    // The third waits on, and comes when its person does.
    let third = "Volunteer ID,First name,Last name,Email\nV-3,Cleo,Iver,cleo@example.org\n";
    assert_eq!(run(&ground, "csv", "third.csv", third).await.waiting.len(), 1);
    let healed = requeue(&ground).await;
    assert_eq!(healed.runs.iter().map(|run| run.promoted).sum::<u64>(), 1, "{healed:#?}");
    assert_eq!(signups(&ground).await.len(), 3);
    assert_eq!(requeue(&ground).await.rows, 0);
}

async fn what_several_share_names_none_of_them(test: &TestStore) {
    let ground = Ground::new(test).await;
    let twins = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,family@example.org\nV-2,Ben,Schmidt,family@example.org\n";
    run(&ground, "csv", "people.csv", twins).await;
    let twice = "Event ID,Event,Start\nE-1,Choir,2025-05-03 09:00\nE-2,Choir,2025-05-10 09:00\n";
    run(&ground, "events", "events.csv", twice).await;
    let text = format!(
        "{SIGNUPS}V-1,Choir,registered,,\nfamily@example.org,E-1,registered,,\nV-2,E-2,registered,,\n"
    );
    let request = RunRequest {
        source: Some("signups".to_owned()),
        accept_bad: true,
        ..RunRequest::files([ground.file("signups.csv", &text)])
    };
    let summary = succeeded(ground.run(&request).await);
    assert_eq!(figure(&summary, "core.rows_created"), 1, "{:?}", summary.counts);
    let found = lines(ground.store(), &Table::control("dq_violations"), &[]).await;
    let several = found.iter().filter(|line| line.contains("names several records of")).count();
    assert_eq!((found.len(), several), (2, 2), "{found:#?}");
}

async fn ids_of_one_system_name_no_records_of_another(test: &TestStore) {
    let ground = Ground::new(test).await;
    let of = |system: &str, source: &str, name: &str, text: &str| RunRequest {
        source: Some(source.to_owned()),
        external_system: Some(system.to_owned()),
        accept_bad: true,
        ..RunRequest::files([ground.file(name, text)])
    };
    for (system, source, name, text) in
        [("crm", "csv", "people.csv", PEOPLE), ("crm", "events", "events.csv", EVENTS)]
    {
        succeeded(ground.run(&of(system, source, name, text)).await);
    }
    let text = format!("{SIGNUPS}V-1,E-1,registered,,\n");
    let other = succeeded(ground.run(&of("shop", "signups", "one.csv", &text)).await);
    assert_eq!(figure(&other, "core.rows_created"), 0);
    let same = succeeded(ground.run(&of("crm", "signups", "two.csv", &text)).await);
    assert_eq!(figure(&same, "core.rows_created"), 1);
    // A column says whose the ids of a row are.
    let named = "Source system,Volunteer,Event\ncrm,V-2,E-2\nshop,V-2,E-1\n";
    let named = succeeded(ground.run(&of("shop", "signups", "three.csv", named)).await);
    assert_eq!((figure(&named, "core.rows_created"), figure(&named, "dq.rows_quarantined")), (1, 1));
}

/// What stands in for an address names nobody, even where one person alone has it: the shipped ones and the project's own.
async fn a_placeholder_names_nobody(test: &TestStore) {
    const KEYS: &str = "names: {given: first_name, family: last_name}\nkeys:\n  - {key: email, sets: [emails]}\nplaceholders: {emails: [\"nirgends@*\"]}\n";
    let ground = Ground::with(test, |options, folder| {
        let project = folder.join("project");
        let people = project.join("entities/volunteers");
        std::fs::create_dir_all(&people).expect("a folder");
        std::fs::write(people.join("match.yml"), KEYS).expect("the keys");
        options.project = Some(project);
    })
    .await;
    let people = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,nirgends@example.org\nV-2,Ben,Moss,none@example.org\nV-3,Cleo,Iver,cleo@example.org\n";
    run(&ground, "csv", "people.csv", people).await;
    run(&ground, "events", "events.csv", EVENTS).await;
    let text = format!(
        "{SIGNUPS}nirgends@example.org,E-1,registered,,\nNone@Example.org,E-1,registered,,\ncleo@example.org,E-1,registered,,\n"
    );
    let request = RunRequest {
        source: Some("signups".to_owned()),
        accept_bad: true,
        ..RunRequest::files([ground.file("signups.csv", &text)])
    };
    let summary = succeeded(ground.run(&request).await);
    assert_eq!(codes(&summary), [("REF-401", 2)].into());
    assert_eq!(
        (figure(&summary, "core.rows_created"), figure(&summary, "dq.rows_quarantined")),
        (1, 2),
        "{:?}",
        summary.counts
    );
    assert_eq!(
        signups(&ground).await,
        ["volunteer_id=3 event_id=1 status=registered hours=NULL is_active=true"]
    );
}

async fn lists_of_a_set_come_in_the_order_of_their_references(test: &TestStore) {
    let ground = Ground::new(test).await;
    let folder = ground.folder().join("export");
    std::fs::create_dir_all(folder.join("events")).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("Sign-Ups 2025.csv", SIGNUPS);
    let project = &ground.engine.project;
    let refused = set_of(project, &folder).expect_err("no source begins so");
    assert!(refused.to_string().contains("Sign-Ups 2025.csv"), "{refused}");
    std::fs::remove_file(folder.join("Sign-Ups 2025.csv")).expect("it goes");
    write("signups_2025.csv", &format!("{SIGNUPS}V-1,E-1,registered,,\nV-2,E-2,registered,,\n"));
    write("volunteers.csv", PEOPLE);
    write("events/may.csv", EVENTS);
    write(".hidden", "x");
    let members = set_of(project, &folder).expect("a set");
    let order: Vec<_> = members.iter().map(|member| member.source.as_str()).collect();
    assert_eq!(order, ["csv", "events", "signups"]);
    assert_eq!(members[2].refers_to, ["events", "volunteers"]);
    let first = members[1].inputs.first().expect("an input");
    assert_eq!(*first, Input::File(folder.join(Path::new("events/may.csv"))));
    for member in members {
        let request =
            RunRequest { source: Some(member.source), inputs: member.inputs, ..RunRequest::default() };
        succeeded(ground.run(&request).await);
    }
    assert_eq!(signups(&ground).await.len(), 2);
}
