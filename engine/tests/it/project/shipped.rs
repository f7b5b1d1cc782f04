//! The shipped entities beside volunteers: events, in which nobody is a person, and leads; on both databases.

use importer_engine::request::RunRequest;
use importer_engine::store::Table;
use importer_engine::{RunSummary, project_check};

use crate::road::ground::{Ground, lines, succeeded};
use crate::rollback::stage::{all_of, back};
use crate::store::harness::{TestStore, on_both};

on_both!(
    their_own_cases_hold,
    events_without_ids_are_known_by_name_and_time,
    events_with_ids_are_known_by_them,
    leads_move_through_their_pipeline,
);

const EVENTS: &str = "Event,Start,End,Location,Max attendees,Status\n";
const CLEAN_UP: &str = "Park clean-up,2025-05-03 09:00,2025-05-03 13:00,Riverside,40,geplant\n";

fn figure(summary: &RunSummary, entity: &str, name: &str) -> u64 {
    summary.counts["core"][entity][name].as_u64().unwrap_or(0)
}

async fn run(ground: &Ground, source: &str, system: Option<&str>, name: &str, text: String) -> RunSummary {
    let file = ground.file(name, text);
    let request = RunRequest {
        source: Some(source.to_owned()),
        external_system: system.map(str::to_owned),
        accept_bad: true,
        ..RunRequest::files([file])
    };
    succeeded(ground.run(&request).await)
}

async fn rows(ground: &Ground, table: &str) -> Vec<String> {
    let without = ["tenant_id", "id", "created_at", "updated_at", "deactivated_at", "deleted_reason"];
    lines(ground.store(), &Table::core(table), &without).await
}

async fn their_own_cases_hold(test: &TestStore) {
    let ground = Ground::new(test).await;
    let project = &ground.engine.project;
    let reports = project_check::run_cases(project, 1_760_000_000_000_000).await.expect("cases run");
    let failed: Vec<_> = reports.iter().flat_map(|r| &r.differences).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let found = project_check::compare_tables(project, ground.store()).await.expect("the tables");
    assert!(found.is_empty(), "{found:#?}");
}

async fn events_without_ids_are_known_by_name_and_time(test: &TestStore) {
    let ground = Ground::new(test).await;
    let other = "Park clean-up,2025-06-07 09:00,,Riverside,,\n";
    let text = format!("{EVENTS}{CLEAN_UP}{other}{CLEAN_UP}");
    let first = run(&ground, "events", None, "one.csv", text).await;
    assert_eq!(figure(&first, "events", "rows_created"), 2, "{:?} {:?}", first.counts, first.rules);
    let found = rows(&ground, "events").await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("capacity=40 status=planned"), "{found:#?}");

    let again = run(&ground, "events", None, "two.csv", format!("{EVENTS}{other}{CLEAN_UP}")).await;
    assert_eq!(figure(&again, "events", "rows_skipped_no_change"), 2, "{:?}", again.counts);

    let changed = CLEAN_UP.replace("geplant", "abgesagt").replace("13:00", "12:00");
    let second = run(&ground, "events", None, "three.csv", format!("{EVENTS}{changed}")).await;
    assert_eq!(figure(&second, "events", "rows_updated"), 1, "{:?}", second.counts);
    // Another system knows it under an id of its own.
    let theirs = format!("Event ID,{EVENTS}EV-1,{CLEAN_UP}");
    let third = run(&ground, "events", Some("calendar"), "four.csv", theirs).await;
    assert_eq!(figure(&third, "events", "rows_created"), 0, "{:?}", third.counts);
    assert_eq!(rows(&ground, "events").await.len(), 2);

    let nothing = run(&ground, "events", None, "five.csv", format!("{EVENTS}No time,,,,,\n")).await;
    assert_eq!(figure(&nothing, "events", "rows_created"), 0, "{:?}", nothing.counts);
}

async fn events_with_ids_are_known_by_them(test: &TestStore) {
    let ground = Ground::new(test).await;
    let header = format!("Event ID,{}", EVENTS.replace("Status", "Status,Deleted"));
    let row = |id: &str, start: &str, deleted: &str| {
        format!("{id},Park clean-up,{start},,Riverside,40,geplant,{deleted}\n")
    };
    // Two groups at the same time are two events: their source says so.
    let both = format!("{header}{}{}", row("1", "2025-05-03 09:00", ""), row("2", "2025-05-03 09:00", ""));
    let first = run(&ground, "events", Some("crm"), "one.csv", both).await;
    assert_eq!(figure(&first, "events", "rows_created"), 2, "{:?}", first.counts);
    let moved = format!("{header}{}", row("1", "2025-05-10 09:00", ""));
    let second = run(&ground, "events", Some("crm"), "two.csv", moved).await;
    assert_eq!(figure(&second, "events", "rows_updated"), 1, "{:?}", second.counts);
    assert_eq!(rows(&ground, "events").await.len(), 2);

    let before = rows(&ground, "events").await;
    let gone = format!("{header}{}", row("2", "2025-05-03 09:00", "true"));
    let third = run(&ground, "events", Some("crm"), "three.csv", gone).await;
    assert_eq!(figure(&third, "events", "rows_soft_deleted"), 1, "{:?}", third.counts);
    assert!(rows(&ground, "events").await.iter().any(|row| row.contains("is_active=false")));
    back(&ground, &all_of(third.run_id)).await;
    assert_eq!(rows(&ground, "events").await, before);
}

async fn leads_move_through_their_pipeline(test: &TestStore) {
    let ground = Ground::new(test).await;
    let header = "First name,Last name,Email,Company,Lead Status,Lead Source,Expected revenue\n";
    let first = format!(
        "{header}Anna,Schmidt,anna@example.org,,Open - Not Contacted,Web,\"1,250.50\"\n,,office@example.com,Example Foundation,Neu,Empfehlung,\n"
    );
    let created = run(&ground, "leads", None, "one.csv", first).await;
    assert_eq!(figure(&created, "leads", "rows_created"), 2, "{:?} {:?}", created.counts, created.rules);
    let found = rows(&ground, "leads").await;
    assert!(
        found.iter().any(|row| row.contains("status=new lead_source=website expected_amount=1250.50")),
        "{found:#?}"
    );
    assert_eq!(rows(&ground, "lead_emails").await.len(), 2);

    let later = format!("{header}Anna,Schmidt,ANNA@example.org,,gewonnen,Web,2000\n");
    let updated = run(&ground, "leads", None, "two.csv", later).await;
    assert_eq!(figure(&updated, "leads", "rows_updated"), 1, "{:?}", updated.counts);
    let found = rows(&ground, "leads").await;
    assert!(
        found.iter().any(|row| row.contains("status=converted lead_source=website expected_amount=2000.00")),
        "{found:#?}"
    );
    back(&ground, &all_of(updated.run_id)).await;
    assert!(rows(&ground, "leads").await.iter().any(|row| row.contains("status=new")));
}
