//! Two runs of the same people at once: one core row per person, on both databases, however they meet.
//!
//! `IMPORTER_REPEAT` says how often (3); the long set does it 50 times.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use importer_engine::request::RunRequest;
use importer_engine::store::{Dialect, RunFilter, RunStatus};
use importer_engine::{EngineOptions, Listener, RunSummary, Step, StepReport};

use super::ground::{Ground, adds_up, core, core_counts, count, named, open, people_csv, succeeded, whole};
use super::people::{line, people};
use crate::store::harness::{TestStore, on_postgres, on_sqlite};

const PEOPLE: u64 = 20;
/// The last of them come without an external id.
const NAMELESS: u64 = 2;

/// How two runs meet.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    /// Both use one namespace, so that the links collide as well as the keys.
    one_system: bool,
    /// Somebody else is in core already.
    inhabited: bool,
    /// Where they wait for each other: at the first load both have decided, and neither knows of the other.
    at: Step,
    /// The second one loads in one transaction.
    atomic: bool,
}

impl Meeting {
    /// Repetitions go through all ways.
    fn number(n: u64) -> Self {
        Self {
            one_system: n % 3 == 1,
            inhabited: n % 2 == 1,
            at: if n % 4 == 3 { Step::Land } else { Step::Load },
            atomic: n % 3 == 2,
        }
    }
}

/// Two runs wait here for each other, once; should one never come, the other goes on after a while.
#[derive(Default)]
struct Gate {
    arrived: Mutex<u32>,
    all: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut arrived = self.arrived.lock().expect("nobody panics here");
        *arrived += 1;
        self.all.notify_all();
        let (_arrived, timeout) = self
            .all
            .wait_timeout_while(arrived, Duration::from_secs(60), |n| *n < 2)
            .expect("nobody panics here");
        assert!(!timeout.timed_out(), "the other run did not come");
    }
}

struct Waiting {
    gate: Arc<Gate>,
    at: Step,
    passed: AtomicBool,
}

impl Listener for Waiting {
    fn started(&self, step: Step, _: Option<u64>) {
        if step == self.at && !self.passed.swap(true, Ordering::SeqCst) {
            self.gate.pass();
        }
    }
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

/// A run with everything of its own: thread, runtime, pool, as another process would have.
fn importer(
    options: EngineOptions,
    request: RunRequest,
    gate: &Arc<Gate>,
    at: Step,
) -> JoinHandle<RunSummary> {
    let listener = Arc::new(Waiting { gate: Arc::clone(gate), at, passed: AtomicBool::new(false) });
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(Box::pin(async move {
            let engine = open(&options).await;
            let summary =
                engine.run(&request, listener).await.unwrap_or_else(|e| panic!("no run was made: {e}"));
            engine.store.close().await;
            summary
        }))
    })
}

fn file() -> String {
    let person = |n: u64| {
        let id = if n > PEOPLE - NAMELESS { String::new() } else { format!("P-{n}") };
        [
            String::new(),
            id,
            ["Ada", "Bo", "Cleo", "Dov"][(n % 4) as usize].to_owned(),
            format!("Number{}", char::from(b'a' + n as u8)),
            format!("person{n}@example.org"),
            // One in three has no phone.
            if n.is_multiple_of(3) { String::new() } else { format!("212-555-{:04}", 100 + n) },
            format!("City {n}"),
            "2025-02-03T04:05:06Z".to_owned(),
        ]
    };
    people_csv(&(1..=PEOPLE).map(person).collect::<Vec<_>>())
}

async fn meet(test: &TestStore, meeting: Meeting) {
    let ground = Ground::new(test).await;
    let store = ground.store();
    if meeting.inhabited {
        let host = "INSERT INTO {contacts} (tenant_id, id, first_name, last_name) VALUES ('default', 1000000, 'Host', 'Guest')";
        store
            .session()
            .await
            .expect("a session")
            .execute_script(&named(store, host))
            .await
            .expect("the host writes");
    }
    let path = ground.file("people.csv", file());
    let gate = Arc::new(Gate::default());
    // Small chunks of different sizes, so that the two loads interleave and each finds the other's work in its midst.
    let runs = [("a", 8, false), ("b", 12, meeting.atomic)].map(|(system, chunk_rows, atomic)| {
        let mut request = RunRequest::files([&path]);
        request.external_system = Some(if meeting.one_system { "a" } else { system }.to_owned());
        request.atomic = atomic;
        importer(EngineOptions { chunk_rows, ..ground.options.clone() }, request, &gate, meeting.at)
    });
    let ended = tokio::task::spawn_blocking(|| runs.map(|r| r.join())).await.expect("both are joined");
    let ended = ended.map(|r| succeeded(r.unwrap_or_else(|_| panic!("{meeting:?}: a run panicked"))));
    check(test, meeting, &ended).await;
}

async fn check(test: &TestStore, meeting: Meeting, ended: &[RunSummary; 2]) {
    let told = ended.each_ref().map(|r| (core_counts(r), steps(r)));
    let guests =
        people(&test.store).await.into_iter().filter(|p| p["last_name"] != "Guest").collect::<Vec<_>>();
    let mut found: Vec<String> = guests
        .iter()
        .map(|p| line(p, &["email", "is_active", "emails", "links"].map(str::to_owned)))
        .collect();
    found.sort();
    let mut wanted: Vec<String> = (1..=PEOPLE)
        .map(|n| {
            let id = if n > PEOPLE - NAMELESS { "~".to_owned() } else { format!("P-{n}") };
            let links = if meeting.one_system { format!("a:{id}") } else { format!("a:{id} b:{id}") };
            format!("person{n}@example.org | true | person{n}@example.org* | {links}")
        })
        .collect();
    wanted.sort();
    assert_eq!(found, wanted, "{meeting:?}: {told:?}");
    for run in ended {
        println!("{meeting:?}: {} {:?}", run.run_id, steps(run));
        adds_up(run);
        assert_eq!(core(run, "rows_processed"), PEOPLE, "{meeting:?}: {told:?}");
        assert_eq!(core(run, "rows_review"), 0, "{meeting:?}: {told:?}");
        assert!(!run.anomalies.contains(&"parity".to_owned()), "{meeting:?}: {:?}", run.warnings);
    }
    let created: u64 = ended.iter().map(|r| core(r, "rows_created")).sum();
    assert_eq!(created, PEOPLE, "{meeting:?}: {told:?}");
    let store = &test.store;
    let resolved = "SELECT count(*) FROM {dedupe_suggestions} WHERE decision = 'auto_resolved'";
    let expected = if meeting.one_system { 0 } else { PEOPLE as i64 };
    assert_eq!(
        count(store, resolved).await,
        expected,
        "{meeting:?}: suggestions, once per link that met a person: {told:?}"
    );
    assert_eq!(count(store, "SELECT count(*) FROM {change_log}").await, 0, "{meeting:?}: nothing differed");
    let runs = store.list_runs("default", &RunFilter::default()).await.expect("runs");
    assert!(
        runs.len() == 2 && runs.iter().all(|r| r.status == RunStatus::Succeeded),
        "{meeting:?}: {runs:?}"
    );
    if !meeting.inhabited {
        whole(store).await;
    }
}

/// The load and what came before it, round by round.
fn steps(summary: &RunSummary) -> Vec<String> {
    let told = |s: &StepReport| format!("{} {}/{} {}", s.step.name(), s.rows_out, s.rows_in, s.note);
    summary.steps.iter().filter(|s| s.step >= Step::Match).map(told).collect()
}

fn repeat(default: u64) -> u64 {
    std::env::var("IMPORTER_REPEAT").ok().map_or(default, |n| n.parse().expect("IMPORTER_REPEAT is a number"))
}

async fn meet_often(dialect: Dialect, times: u64) {
    for n in 0..times {
        let (meeting, since) = (Meeting::number(n), Instant::now());
        match dialect {
            Dialect::Postgres => on_postgres(|test| Box::pin(meet(test, meeting))).await,
            Dialect::Sqlite => on_sqlite(|test| Box::pin(meet(test, meeting))).await,
        }
        println!(
            "{dialect:?}: repetition {} of {times}, {meeting:?}: {} ms",
            n + 1,
            since.elapsed().as_millis()
        );
    }
}

#[tokio::test]
async fn two_runs_at_once_on_postgres() {
    meet_often(Dialect::Postgres, repeat(3)).await;
}

#[tokio::test]
async fn two_runs_at_once_on_sqlite() {
    meet_often(Dialect::Sqlite, repeat(3)).await;
}

#[tokio::test]
#[ignore = "long: ./test --long"]
async fn two_runs_at_once_fifty_times_on_postgres() {
    meet_often(Dialect::Postgres, repeat(50)).await;
}

#[tokio::test]
#[ignore = "long: ./test --long"]
async fn two_runs_at_once_fifty_times_on_sqlite() {
    meet_often(Dialect::Sqlite, repeat(50)).await;
}
