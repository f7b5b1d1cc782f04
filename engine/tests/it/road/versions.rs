//! The newest version of a record holds, in whatever order its versions arrive and however they are grouped into runs.
//! Times are near misses: equal, a second apart, missing. A small model says what must be left.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::ground::{Ground, adds_up, named};
use crate::store::harness::{TestStore, on_both};

/// Runs of one test.
const RUNS: usize = 5;
/// Records that are looked at side by side.
const RECORDS: usize = 60;

/// One version of a record, as it arrives.
#[derive(Debug, Clone)]
struct Version {
    run: usize,
    /// Seconds after a moment of last year; a version without a time is as new as its run.
    at: Option<i64>,
    city: &'static str,
    employer: &'static str,
}

fn versions(missing_values: bool) -> impl Strategy<Value = Vec<Version>> {
    let employers: &'static [&'static str] =
        if missing_values { &["", "Acme", "Bolt"] } else { &["Acme", "Bolt"] };
    let at = prop_oneof![4 => (0_i64..5).prop_map(Some), 1 => Just(None)];
    let one =
        (0..RUNS, at, prop::sample::select(&["Bonn", "Kiel", "Jena"][..]), prop::sample::select(employers))
            .prop_map(|(run, at, city, employer)| Version { run, at, city, employer });
    prop::collection::vec(one, 1..7)
}

/// Versions that all have a time of their own; missing ones in one run would have the same.
fn told_apart(versions: &mut Vec<Version>) {
    let mut seen = std::collections::BTreeSet::new();
    versions.retain(|v| seen.insert(v.at.map_or((true, v.run as i64), |at| (false, at))));
}

/// A value with its time.
type Held = Option<(i64, &'static str)>;

/// What a field is after a run: the newest of what was there and what came; at equal times what was there stays, and of
/// what came together the smaller value.
fn after(held: Held, came: &[(i64, &'static str)]) -> Held {
    let newest = came.iter().map(|(at, _)| *at).max();
    match (held, newest) {
        (held, None) => held,
        (Some((at, value)), Some(newest)) if at >= newest => Some((at, value)),
        (_, Some(newest)) => {
            came.iter().filter(|(at, _)| *at == newest).min().map(|(at, value)| (*at, *value))
        }
    }
}

fn model(versions: &[Version]) -> (Held, Held) {
    let (mut city, mut employer) = (None, None);
    for run in 0..RUNS {
        let time = |v: &Version| v.at.unwrap_or(1_000_000 + run as i64);
        let of_run = || versions.iter().filter(|v| v.run == run);
        let cities: Vec<_> = of_run().map(|v| (time(v), v.city)).collect();
        let employers: Vec<_> =
            of_run().filter(|v| !v.employer.is_empty()).map(|v| (time(v), v.employer)).collect();
        (city, employer) = (after(city, &cities), after(employer, &employers));
    }
    (city, employer)
}

fn line(record: usize, version: &Version) -> String {
    let at = version.at.map_or(String::new(), |s| format!("2025-06-01T12:00:0{s}Z"));
    let letters: String =
        format!("{record:03}").chars().map(|c| char::from(b'a' + (c as u8 - b'0'))).collect();
    format!(
        "crm,V-{record},Vera{letters},Voss{letters},vera{record}@example.org,{},{},{at}\n",
        version.employer, version.city
    )
}

async fn holds(test: &TestStore, missing_values: bool) {
    let mut runner = TestRunner::deterministic();
    let records: Vec<Vec<Version>> = (0..RECORDS)
        .map(|_| {
            let mut made = versions(missing_values).new_tree(&mut runner).expect("versions").current();
            if missing_values {
                told_apart(&mut made);
            }
            made
        })
        .collect();
    let ground = Ground::new(test).await;
    for run in 0..RUNS {
        let mut text =
            "external_system,external_id,first_name,last_name,email,employer,city,source_updated_at\n"
                .to_owned();
        for (record, versions) in records.iter().enumerate() {
            // The order within a file carries no meaning.
            let mut of_run: Vec<_> = versions.iter().filter(|v| v.run == run).collect();
            if record % 2 == 0 {
                of_run.reverse();
            }
            for version in of_run {
                text.push_str(&line(record, version));
            }
        }
        adds_up(&ground.load(&ground.file(&format!("run{run}.csv"), text)).await);
    }
    let mut session = ground.store().session().await.expect("a session");
    let sql = named(ground.store(), "SELECT email, city, coalesce(employer, '') FROM {contacts}");
    let found: BTreeMap<String, (String, String)> = session
        .fetch(&sql, &[])
        .await
        .expect("people")
        .iter()
        .map(|row| {
            let text = |n| row.text(n).expect("text").to_owned();
            (text(0), (text(1), text(2)))
        })
        .collect();
    let mut wrong = Vec::new();
    for (record, versions) in records.iter().enumerate() {
        let (city, employer) = model(versions);
        let value = |held: Held| held.map_or("", |(_, value)| value).to_owned();
        let expected = (value(city), value(employer));
        let email = format!("vera{record}@example.org");
        if found.get(&email) != Some(&expected) {
            wrong.push(format!("{versions:#?}\nmust leave {expected:?}, not {:?}", found.get(&email)));
        }
    }
    assert!(wrong.is_empty(), "{} of {RECORDS}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Equal times among them: whoever was there first stays.
async fn whatever_the_times(test: &TestStore) {
    holds(test, false).await;
}

/// Every field on its own: an empty cell says nothing, whenever it comes.
async fn whatever_is_missing(test: &TestStore) {
    holds(test, true).await;
}

on_both!(whatever_the_times, whatever_is_missing);
