//! Rows that name records of other entities: sign-ups name people and events; on both databases.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use importer_engine::plan::ApplyOptions;
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
    a_dry_run_counts_on_what_earlier_ones_would_create,
    lists_that_would_create_one_record_twice_share_it,
    an_id_that_is_loaded_is_no_planned_one_any_more,
    a_plan_made_anew_counts_as_loaded,
    what_somebody_removed_is_no_planned_record,
);

const PEOPLE: &str = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,anna@example.org\nV-2,Ben,Moss,ben@example.org\n";
const EVENTS: &str =
    "Event ID,Event,Start\nE-1,Park clean-up,2025-05-03 09:00\nE-2,Concert,2025-06-01 18:00\n";
const SIGNUPS: &str = "Volunteer,Event,Status,Attended,Hours\n";

async fn run(ground: &Ground, source: &str, name: &str, text: &str) -> RunSummary {
    let file = ground.file(name, text);
    let request =
        RunRequest { source: Some(source.to_owned()), accept_bad: true, ..RunRequest::files([file]) };
    succeeded(ground.run(&request).await)
}

async fn people_and_events(ground: &Ground) {
    run(ground, "csv", "people.csv", PEOPLE).await;
    run(ground, "events", "events.csv", EVENTS).await;
}

fn figure(summary: &RunSummary, name: &str) -> u64 {
    let (stage, name) = name.split_once('.').expect("a stage");
    summary.counts[stage][&summary.entity][name].as_u64().unwrap_or(0)
}

fn codes(summary: &RunSummary) -> BTreeMap<&str, u64> {
    let mut codes = BTreeMap::new();
    for rule in &summary.rules {
        *codes.entry(rule.rule_code.as_str()).or_default() += rule.violations;
    }
    codes
}

/// Sign-ups with the ids of their people and events.
async fn signups(ground: &Ground) -> Vec<String> {
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

/// What a dry run would have loaded.
fn would(summary: &RunSummary, name: &str) -> u64 {
    summary.metrics["core"][&summary.entity][name].as_u64().unwrap_or(0)
}

/// A list of a set, planned behind others.
async fn planned(ground: &Ground, (source, name, text): (&str, &str, &str), plans: &[i64]) -> RunSummary {
    let request = RunRequest {
        source: Some(source.to_owned()),
        accept_bad: true,
        dry_run: true,
        plans: plans.to_vec(),
        ..RunRequest::files([ground.file(name, text)])
    };
    succeeded(ground.run(&request).await)
}

async fn apply(ground: &Ground, plan: i64) -> RunSummary {
    let options = ApplyOptions::default();
    Box::pin(ground.engine.apply(plan, &options, Arc::new(Silent))).await.expect("a run")
}

async fn replanned(ground: &Ground, plan: i64) -> RunSummary {
    succeeded(Box::pin(ground.engine.replan(plan, None, Arc::new(Silent))).await.expect("a plan"))
}

/// Why a plan is not applied: something of it has moved.
async fn refused(ground: &Ground, plan: i64) -> String {
    let refused = apply(ground, plan).await;
    assert_eq!((refused.status.as_str(), refused.code.as_deref()), ("failed", Some("PLAN_MOVED")));
    refused.error.unwrap_or_default()
}

/// People and events that are only planned are named by id, by address and by name; nothing of it is in core.
async fn a_dry_run_counts_on_what_earlier_ones_would_create(test: &TestStore) {
    let ground = Ground::new(test).await;
    let anna = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,anna@example.org\n";
    run(&ground, "csv", "anna.csv", anna).await;
    let people = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,anna@example.com\nV-2,Ben,Moss,ben@example.org\nV-3,Cleo,Iver,family@example.org\nV-4,Dora,Iver,family@example.org\n";
    let people = planned(&ground, ("csv", "people.csv", people), &[]).await.run_id;
    let events = planned(&ground, ("events", "events.csv", EVENTS), &[people]).await.run_id;
    let text = format!(
        "{SIGNUPS}V-1,E-1,registered,,\nben@example.org,Concert,registered,,\nV-2,E-2,registered,,\nanna@example.com,E-2,registered,,\nfamily@example.org,E-1,registered,,\nV-9,E-1,registered,,\nV-3,E-1,registered,,\n"
    );
    let alone = planned(&ground, ("signups", "signups.csv", &text), &[]).await;
    assert_eq!(would(&alone, "rows_created"), 0, "{:?}", alone.metrics);

    let third = planned(&ground, ("signups", "signups.csv", &text), &[people, events]).await;
    // The family's address names two, nobody is V-9; Ben's sign-up stands there twice.
    assert_eq!(codes(&third), [("REF-401", 2)].into());
    assert_eq!(would(&third, "rows_created"), 4, "{:?}", third.metrics);
    assert_eq!(would(&third, "rows_skipped_duplicates"), 1, "{:?}", third.metrics);
    assert!(signups(&ground).await.is_empty());

    // It cannot be loaded before those that it counts on; then it is planned anew, and loads what was foretold.
    let error = refused(&ground, third.run_id).await;
    assert!(error.contains(&format!("would create them ({people}, {events})")), "{error}");
    for plan in [people, events] {
        succeeded(apply(&ground, plan).await);
    }
    let anew = replanned(&ground, third.run_id).await;
    assert_eq!(would(&anew, "rows_created"), 4, "{:?}", anew.metrics);
    let loaded = succeeded(apply(&ground, anew.run_id).await);
    assert_eq!(figure(&loaded, "core.rows_created"), 4, "{:?}", loaded.counts);
    assert_eq!(signups(&ground).await.len(), 4);

    // Only finished dry runs are counted on, and only by dry runs.
    for (dry_run, plans) in [(true, vec![loaded.run_id]), (false, vec![anew.run_id])] {
        let request = RunRequest {
            source: Some("signups".to_owned()),
            dry_run,
            plans,
            ..RunRequest::files([ground.file("signups.csv", &text)])
        };
        let refused = Box::pin(ground.engine.run(&request, Arc::new(Silent))).await.expect_err("no plans");
        assert!(refused.help().is_some(), "{refused}");
    }
}

/// Two lists of one set bring the same person: the second would find the record of the first.
async fn lists_that_would_create_one_record_twice_share_it(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = planned(&ground, ("csv", "people.csv", PEOPLE), &[]).await.run_id;
    let more = "First name,Last name,Email\nBen,Moss,ben@example.org\n";
    let second = planned(&ground, ("csv", "more.csv", more), &[first]).await.run_id;
    let events = planned(&ground, ("events", "events.csv", EVENTS), &[first, second]).await.run_id;
    let text = format!("{SIGNUPS}ben@example.org,E-1,registered,,\nV-2,E-1,registered,,\n");
    let third = planned(&ground, ("signups", "signups.csv", &text), &[first, second, events]).await;
    assert_eq!(codes(&third), BTreeMap::new());
    assert_eq!(would(&third, "rows_created"), 1, "{:?}", third.metrics);
}

/// A list that was planned before another was loaded brings the same ids: each has its owner in core by now.
async fn an_id_that_is_loaded_is_no_planned_one_any_more(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = planned(&ground, ("csv", "people.csv", PEOPLE), &[]).await.run_id;
    let more = "Volunteer ID,First name,Last name,Email\nV-2,Ben,Moss,ben@example.com\n";
    let second = planned(&ground, ("csv", "more.csv", more), &[first]).await.run_id;
    succeeded(apply(&ground, first).await);
    let events = planned(&ground, ("events", "events.csv", EVENTS), &[first, second]).await.run_id;
    let text = format!("{SIGNUPS}V-2,E-1,registered,,\n");
    let third = planned(&ground, ("signups", "signups.csv", &text), &[first, second, events]).await;
    assert_eq!(codes(&third), BTreeMap::new());
    assert_eq!(would(&third, "rows_created"), 1, "{:?}", third.metrics);
}

/// The lists of a set are loaded one by one, each planned anew before, also more than once: what then names their records
/// finds each of them once.
async fn a_plan_made_anew_counts_as_loaded(test: &TestStore) {
    let ground = Ground::new(test).await;
    let people = planned(&ground, ("csv", "people.csv", PEOPLE), &[]).await.run_id;
    let events = planned(&ground, ("events", "events.csv", EVENTS), &[people]).await.run_id;
    let text = format!("{SIGNUPS}V-1,E-1,registered,,\nben@example.org,Concert,registered,,\n");
    let third = planned(&ground, ("signups", "signups.csv", &text), &[people, events]).await;
    assert_eq!(would(&third, "rows_created"), 2, "{:?}", third.metrics);

    succeeded(apply(&ground, people).await);
    let anew = replanned(&ground, events).await.run_id;
    let anew = replanned(&ground, anew).await.run_id;
    // What is planned anew is not loaded yet.
    let error = refused(&ground, third.run_id).await;
    assert!(error.contains(&format!("would create them ({events})")), "{error}");
    succeeded(apply(&ground, anew).await);
    let error = refused(&ground, third.run_id).await;
    assert!(error.contains("are loaded by now"), "{error}");

    let third = replanned(&ground, third.run_id).await;
    assert_eq!(codes(&third), BTreeMap::new());
    assert_eq!(would(&third, "rows_created"), 2, "{:?}", third.metrics);
    let loaded = succeeded(apply(&ground, third.run_id).await);
    assert_eq!(figure(&loaded, "core.rows_created"), 2, "{:?}", loaded.counts);
    assert_eq!(signups(&ground).await.len(), 2);
}

/// A plan that could count on others names records of core alone: where those are gone, the others would not bring them.
async fn what_somebody_removed_is_no_planned_record(test: &TestStore) {
    let ground = Ground::new(test).await;
    let people = run(&ground, "csv", "people.csv", PEOPLE).await;
    run(&ground, "events", "events.csv", EVENTS).await;
    let more = "Event ID,Event,Start\nE-3,Choir,2025-07-01 18:00\n";
    let events = planned(&ground, ("events", "more.csv", more), &[]).await.run_id;
    let text = format!("{SIGNUPS}V-1,E-1,registered,,\n");
    let signups = planned(&ground, ("signups", "signups.csv", &text), &[events]).await;
    assert_eq!(would(&signups, "rows_created"), 1, "{:?}", signups.metrics);
    back(&ground, &all_of(people.run_id)).await;
    let error = refused(&ground, signups.run_id).await;
    assert!(error.contains("are there no more") && !error.contains("plans before it"), "{error}");
}
