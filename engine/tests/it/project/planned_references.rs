//! Lists of a set that are planned one after the other and name records of each other, on both databases: what earlier plans
//! would create counts as there, until it is loaded or gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::util::display::array_value_to_string;
use importer_engine::plan::{self, ApplyOptions, Wanted};
use importer_engine::request::RunRequest;
use importer_engine::{RunSummary, Silent};

use super::references::{EVENTS, PEOPLE, SIGNUPS, codes, figure, run, signups};
use crate::road::ground::{Ground, succeeded};
use crate::rollback::stage::{all_of, back};
use crate::store::harness::{TestStore, on_both};

on_both!(
    a_dry_run_counts_on_what_earlier_ones_would_create,
    lists_that_would_create_one_record_twice_share_it,
    an_id_that_is_loaded_is_no_planned_one_any_more,
    a_plan_made_anew_counts_as_loaded,
    what_somebody_removed_is_no_planned_record,
);

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

/// What differs between two plans: the field, and what would stand there by the one and by the other.
async fn differences(ground: &Ground, old: i64, new: i64) -> Vec<(String, String, String)> {
    let old = ground.engine.get_run(old).await.expect("the old plan");
    let new = ground.engine.get_run(new).await.expect("the new plan");
    let mut lines = plan::between(&ground.engine, &old, &new, Wanted::default()).await.expect("lines");
    let mut found = Vec::new();
    while let Some(batch) = lines.next().await.expect("lines") {
        let text = |name: &str, row| {
            let column = batch.column_by_name(name).expect("a column");
            array_value_to_string(column, row).expect("a text")
        };
        found.extend(
            (0..batch.num_rows())
                .map(|row| (text("field", row), text("old_after", row), text("new_after", row))),
        );
    }
    found
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
    // What was yet to be created is named by its row and plan, and what is there by its id.
    let named = differences(&ground, third.run_id, anew.run_id).await;
    let of_plan = format!(" of plan {people}");
    let is_named = |(field, old, new): &(String, String, String)| {
        field.starts_with("volunteer")
            && old.starts_with("new from row ")
            && old.ends_with(&of_plan)
            && new.parse::<i64>().is_ok_and(|id| id > 0)
    };
    assert!(named.iter().any(is_named), "{named:?}");
    assert!(named.iter().all(|(_, old, new)| !old.starts_with('-') && !new.starts_with('-')), "{named:?}");
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
