//! Rows whose ground moves between resolve and load: they are resolved again, and after three rounds a person has to look.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use importer_engine::request::RunRequest;
use importer_engine::store::{Store, StoreOptions};
use importer_engine::{Limits, Listener, RunSummary, Step, StepReport};

use super::ground::{Ground, adds_up, core_counts, count, named, people_csv, succeeded, whole};
use crate::store::harness::{TestStore, on_both};

/// When a [`Host`] writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Each time that a round begins to load.
    RoundBegins,
    /// Once, after the first chunk is in.
    FirstChunkIn,
}

/// The host application, which writes to core while a run loads; `{n}` is how often it has before.
struct Host {
    store: StoreOptions,
    when: When,
    sql: String,
    times: AtomicUsize,
}

impl Host {
    fn writes(&self) {
        let time = self.times.fetch_add(1, Ordering::SeqCst);
        if self.when == When::FirstChunkIn && time > 0 {
            return;
        }
        let (options, sql) = (self.store.clone(), self.sql.replace("{n}", &time.to_string()));
        let edit = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
                let store = Store::connect(options).await.expect("the store opens");
                let mut session = store.session().await.expect("a session");
                session.execute_script(&named(&store, &sql)).await.expect("the host writes");
                drop(session);
                store.close().await;
            });
        });
        edit.join().expect("the host");
    }
}

impl Listener for Host {
    fn started(&self, step: Step, _: Option<u64>) {
        if step == Step::Load && self.when == When::RoundBegins {
            self.writes();
        }
    }
    fn advanced(&self, step: Step, _: u64) {
        if step == Step::Load && self.when == When::FirstChunkIn {
            self.writes();
        }
    }
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

fn person(id: &str, email: &str, city: &str, day: u8) -> [String; 8] {
    let at = format!("2026-01-{day:02}T00:00:00Z");
    ["crm", id, "Anna", "Schmidt", email, "", city, &at].map(str::to_owned)
}

/// Anna is in core; chunks hold one change, one after the other.
async fn anna(test: &TestStore) -> Ground {
    let ground = Ground::with(test, |options, _| {
        options.chunk_rows = 1;
        options.limits = Limits { partitions: 1, ..Limits::default() };
    })
    .await;
    let file = ground.file("anna.csv", people_csv(&[person("A-1", "anna@example.org", "Bonn", 1)]));
    ground.load(&file).await;
    ground
}

async fn run(ground: &Ground, test: &TestStore, people: &[[String; 8]], when: When, sql: &str) -> RunSummary {
    let file = ground.file("second.csv", people_csv(people));
    let host = Host { store: test.options.clone(), when, sql: sql.to_owned(), times: AtomicUsize::new(0) };
    let request = RunRequest::files([&file]);
    Box::pin(ground.engine.run(&request, Arc::new(host))).await.expect("a run")
}

/// A record that was new finds its address taken by Anna, whom the run has changed before: she is changed once more, by
/// the same run, and the log has both.
async fn two_rounds_change_one_record(test: &TestStore) {
    let ground = anna(test).await;
    let people =
        [person("A-1", "anna@example.org", "Trier", 2), person("A-2", "a.schmidt@example.org", "Mainz", 3)];
    let sql = "INSERT INTO {contact_emails} (tenant_id, contact_id, email_key, email, is_primary) SELECT tenant_id, id, 'a.schmidt@example.org', 'a.schmidt@example.org', FALSE FROM {contacts}";
    let done = succeeded(run(&ground, test, &people, When::FirstChunkIn, sql).await);
    adds_up(&done);
    assert_eq!(core_counts(&done).get("rows_updated"), Some(&2), "{:?}", core_counts(&done));
    whole(ground.store()).await;
    let store = ground.store();
    assert_eq!(count(store, "SELECT count(*) FROM {contacts}").await, 1);
    assert_eq!(count(store, "SELECT count(*) FROM {contacts} WHERE city = 'Mainz'").await, 1);
    let of_city = |more: &str| {
        format!("SELECT count(*) FROM {{change_log}} WHERE run_id = 2 AND field_name = 'city' AND {more}")
    };
    for (round, before, after) in [(0, "Bonn", "Trier"), (1, "Trier", "Mainz")] {
        let line =
            format!("ordinal = {round} AND before_value LIKE '%{before}%' AND after_value LIKE '%{after}%'");
        assert_eq!(count(store, &of_city(&line)).await, 1, "round {round}");
    }
}

/// Somebody else writes to the record in every round: nothing of it is overwritten, and a person has to look.
async fn three_rounds_are_enough(test: &TestStore) {
    let ground = anna(test).await;
    let people = [person("A-1", "anna@example.org", "Trier", 2), {
        let mut other = person("B-1", "bert@example.org", "Kiel", 2);
        (other[2], other[3]) = ("Bert".to_owned(), "Vogel".to_owned());
        other
    }];
    let sql = "UPDATE {contacts} SET employer = 'Host {n}' WHERE first_name = 'Anna'";
    let done = succeeded(run(&ground, test, &people, When::RoundBegins, sql).await);
    adds_up(&done);
    let counts = core_counts(&done);
    assert_eq!((counts.get("rows_review"), counts.get("rows_created")), (Some(&1), Some(&1)), "{counts:?}");
    whole(ground.store()).await;
    let store = ground.store();
    let kept = "SELECT count(*) FROM {contacts} WHERE city = 'Bonn' AND employer = 'Host 2'";
    assert_eq!(count(store, kept).await, 1, "nothing of the host is overwritten, nor half the row written");
    let waiting = "SELECT count(*) FROM {dedupe_suggestions} WHERE reason = 'moved' AND decision = 'pending'";
    assert_eq!(count(store, waiting).await, 1);
    // Nobody writes any more: the same record goes in.
    let file = ground.file("third.csv", people_csv(&people));
    let again = ground.load(&file).await;
    assert_eq!(core_counts(&again).get("rows_updated"), Some(&1), "{:?}", core_counts(&again));
    assert_eq!(count(store, "SELECT count(*) FROM {contacts} WHERE city = 'Trier'").await, 1);
}

on_both!(two_rounds_change_one_record, three_rounds_are_enough);
