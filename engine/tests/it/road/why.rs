//! The life of a record as it is told: every outcome that a record can have, on both databases; each statement of a
//! story asked again gives the same answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use importer_engine::catalogue;
use importer_engine::plan::ApplyOptions;
use importer_engine::request::RunRequest;
use importer_engine::rollback::RollbackRequest;
use importer_engine::store::{AuditFilter, Store, StoreOptions};
use importer_engine::why::{
    CoreQuestion, CoreStory, FileName, LoadState, Outcome, RowQuestion, RowStory, RuleVerdict, Verdict, Which,
};
use importer_engine::{Listener, Silent, Step, StepReport};
use importer_plans::project::DuplicatePolicy;
use serde_json::Value;

use super::ground::{Ground, named, succeeded};
use crate::store::harness::{TestStore, on_both};

/// Six records, one of them torn, one without an address, one that is the first one again.
const FIRST: &str = "\
external_id,first_name,last_name,email,phone,city,employer,source_updated_at
C-1,Anna,Schmidt,anna@example.org,+493012345678,Bonn,ACME,2026-01-01T00:00:00Z
C-2,Ben,Weber,ben@example.org,,Köln,,2026-01-01T00:00:00Z
C-3,Cara,Klein,cara@example.org,,Ulm,,2026-01-01T00:00:00Z
C-4,Dora,Lang,not-an-address,,Jena,,2026-01-01T00:00:00Z
C-5,too,many,fields,here,in,this,row,really
,Anna,Schmidt,anna@example.org,,Berlin,,2025-06-01T00:00:00Z

C-6,Bert,Mill,anna@example.org,,Hof,,2026-01-01T00:00:00Z
";

/// A change, the same again, a deletion.
const SECOND: &str = "\
external_id,first_name,last_name,email,city,employer,is_deleted,source_updated_at
C-1,Anna,Schmidt,anna@example.org,Hamburg,Old Corp,,2026-03-01T00:00:00Z
C-2,Ben,Weber,ben@example.org,Köln,,,2026-01-01T00:00:00Z
C-3,Cara,Klein,cara@example.org,Ulm,,yes,2026-03-01T00:00:00Z
";

/// An id of somebody else, and a deleted record that comes back.
const THIRD: &str = "\
external_id,first_name,last_name,email,city,source_updated_at
C-2,Gustav,Other,gustav@example.org,Köln,2026-04-01T00:00:00Z
C-3,Cara,Klein,cara@example.org,Ulm,2026-05-01T00:00:00Z
";

fn request(ground: &Ground, name: &str, text: &str) -> RunRequest {
    let mut request = RunRequest::files([ground.file(name, text)]);
    request.accept_bad = true;
    request.external_system = Some("crm".to_owned());
    request.triggered_by = Some("tester".to_owned());
    request
}

async fn three_runs(test: &TestStore) -> Ground {
    let ground = Ground::new(test).await;
    for (name, text) in [("first.csv", FIRST), ("second.csv", SECOND), ("third.csv", THIRD)] {
        succeeded(ground.run(&request(&ground, name, text)).await);
    }
    ground
}

async fn why(ground: &Ground, run: i64, row: i64) -> RowStory {
    story(ground, run, Which::Row(row)).await
}

async fn story(ground: &Ground, run: i64, which: Which) -> RowStory {
    let told = ground.engine.why_row(&RowQuestion { run, which }).await;
    let story = told.unwrap_or_else(|e| panic!("no story: {e} ({:?})", e.help()));
    same_answers(ground, &serde_json::to_value(&story).unwrap()).await;
    story
}

async fn why_core(ground: &Ground, id: i64, field: Option<&str>) -> CoreStory {
    let question = CoreQuestion { entity: "volunteers".to_owned(), id, field: field.map(str::to_owned) };
    let told = ground.engine.why_core(&question).await;
    let story = told.unwrap_or_else(|e| panic!("no story: {e} ({:?})", e.help()));
    same_answers(ground, &serde_json::to_value(&story).unwrap()).await;
    story
}

/// Everything in a story that was asked, and every rule: the statement with what it must give.
fn statements<'a>(value: &'a Value, into: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Object(object) => {
            if let (Some(sql), Some(rows)) = (value["sql"].as_str(), object.get("rows")) {
                into.push((sql, rows));
            } else if let (Some(sql), Some(verdict)) = (value["sql"].as_str(), object.get("verdict")) {
                into.push((sql, verdict));
            }
            object.values().for_each(|inner| statements(inner, into));
        }
        Value::Array(items) => items.iter().for_each(|inner| statements(inner, into)),
        _ => {}
    }
}

/// A new catalogue, as `importer sql` opens one, gives what the story says.
async fn same_answers(ground: &Ground, story: &Value) {
    let mut asked = Vec::new();
    statements(story, &mut asked);
    assert!(!asked.is_empty());
    let context = catalogue::open(&ground.engine).await.unwrap();
    for (sql, wanted) in asked {
        let mut answer = catalogue::query(&context, sql, None).await.unwrap_or_else(|e| panic!("{e}\n{sql}"));
        let mut rows = Vec::new();
        while let Some(batch) = answer.next().await.unwrap_or_else(|e| panic!("{e}\n{sql}")) {
            rows.extend(catalogue::json_rows(&batch).unwrap().into_iter().map(Value::Object));
        }
        match wanted.as_str() {
            Some("failed") => assert!(!rows.is_empty(), "the rule spoke and its SQL gives nothing\n{sql}"),
            Some("passed") => assert!(rows.is_empty(), "the row passed and its rule gives it\n{sql}"),
            Some(_) => {}
            None => assert_eq!(&Value::Array(rows), wanted, "{sql}"),
        }
    }
}

fn failed(story: &RowStory) -> Vec<&RuleVerdict> {
    let rules = &story.check.as_ref().expect("checked").rules;
    rules.iter().filter(|r| r.verdict == Verdict::Failed).collect()
}

/// What a field was and became, who won it and why.
fn field(story: &RowStory, name: &str) -> (Option<String>, Option<String>, Option<i64>, &'static str) {
    let change =
        story.resolve.as_ref().expect("resolved").fields.iter().find(|f| f.field == name).expect("a field");
    let winner = change.winner.as_ref();
    (change.before.clone(), change.after.clone(), winner.and_then(|w| w.row), winner.map_or("", |w| w.reason))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn a_created_row_and_the_older_row_of_the_same_person(test: &TestStore) {
    let ground = three_runs(test).await;
    let story = why(&ground, 1, 1).await;
    assert_eq!(
        (story.outcome, story.record.line, story.record.file.as_str()),
        (Outcome::Created, 2, "first.csv")
    );
    let phone = story.land.cells.iter().find(|c| c.column == "phone").unwrap();
    assert_eq!((phone.text.as_deref(), phone.field.as_deref()), (Some("+493012345678"), Some("phone")));
    let stage = story.stage.as_ref().unwrap();
    assert_eq!((stage.mapping.as_str(), stage.mapping_agrees), ("volunteers/csv@1", Some(true)));
    assert!(stage.mapping_sql.contains("FROM landed"));
    assert!(failed(&story).is_empty());
    let passed = story.check.as_ref().unwrap().rules.iter().filter(|r| r.verdict == Verdict::Passed).count();
    assert!(passed > 15, "every rule that was asked is told: {passed}");
    let matched = story.matched.as_ref().unwrap();
    assert_eq!(
        (matched.outcome.as_str(), matched.members.as_slice(), matched.member_count),
        ("new", &[1, 5][..], 2)
    );
    let other: Vec<_> = matched.hits.iter().map(|h| (h.row, h.joined)).collect();
    assert!(other.contains(&(Some(5), Some(true))) && other.contains(&(Some(6), Some(false))), "{other:?}");
    assert_eq!(field(&story, "city"), (None, some("Bonn"), Some(1), "freshest"));
    assert_eq!(field(&story, "employer"), (None, some("ACME"), Some(1), "only_value"));
    let load = story.load.as_ref().unwrap();
    assert_eq!(
        (load.state, load.chunk, load.loaded_by.as_deref()),
        (LoadState::Loaded, Some(0), Some("tester"))
    );
    assert!(load.committed_at.is_some());
    // What came after: run 2 moved her.
    let cities: Vec<_> = story.since.later_changes.iter().filter(|c| c["field_name"] == "city").collect();
    assert_eq!(
        (cities.len(), &cities[0]["after_value"], &cities[0]["run_id"]),
        (1, &"Hamburg".into(), &2.into())
    );
    assert_eq!(story.since.core_exists, Some(true));

    let older = why(&ground, 1, 5).await;
    assert_eq!((older.outcome, older.core_id), (Outcome::Duplicate, story.core_id));
    let city = older.resolve.as_ref().unwrap().fields.iter().find(|f| f.field == "city").unwrap();
    assert_eq!(
        (city.losers[0].row, city.losers[0].value.as_deref(), city.losers[0].reason),
        (Some(5), Some("Berlin"), "freshest")
    );

    let household = why(&ground, 1, 6).await;
    assert_eq!(household.outcome, Outcome::Created);
    assert_ne!(household.core_id, story.core_id);
    assert!(household.since.suggestions.iter().any(|s| s["match_type"] == "household"));
}

async fn a_rejected_and_a_quarantined_record(test: &TestStore) {
    let ground = three_runs(test).await;
    let torn = story(&ground, 1, Which::Line { line: 6, file: None }).await;
    assert_eq!((torn.outcome, torn.record.row), (Outcome::Rejected, None));
    let reject = torn.land.reject.as_ref().unwrap();
    assert_eq!(reject.code, "CSV_TOO_MANY_FIELDS");
    assert!(reject.raw.as_ref().unwrap().starts_with("C-5,too,many"));
    assert!(torn.stage.is_none() && torn.matched.is_none() && torn.stopped.is_some());
    assert_eq!(torn.since.findings[0]["status"], "open");

    let file = Some(FileName("1".to_owned()));
    let bad = story(&ground, 1, Which::Line { line: 5, file }).await;
    assert_eq!((bad.outcome, bad.record.row), (Outcome::Quarantined, Some(4)));
    let rules = failed(&bad);
    assert_eq!(rules.len(), 1);
    assert_eq!((rules[0].rule_code.as_str(), rules[0].field.as_deref()), ("VOL_EMAIL_FORMAT", Some("email")));
    assert_eq!(rules[0].original_value.as_deref(), Some("not-an-address"));
    assert_eq!(rules[0].status.as_deref(), Some("open"));
    assert!(bad.matched.is_none() && bad.load.is_none());
    assert!(bad.stopped.as_ref().unwrap().contains("quarantined"));

    // A newer row of the same record closes the finding, and the story says which.
    let text = "external_id,first_name,last_name,email,source_updated_at\nC-4,Dora,Lang,dora@example.org,2026-06-01T00:00:00Z\n";
    let run = succeeded(ground.run(&request(&ground, "fourth.csv", text)).await).run_id;
    let bad = why(&ground, 1, 4).await;
    let rule = failed(&bad)[0];
    assert_eq!((rule.status.as_deref(), rule.resolved_run_id), (Some("fixed"), Some(run)));
}

async fn changed_unchanged_gone_and_back(test: &TestStore) {
    let ground = three_runs(test).await;
    let updated = why(&ground, 2, 1).await;
    assert_eq!((updated.outcome, updated.core_id), (Outcome::Updated, why(&ground, 1, 1).await.core_id));
    assert_eq!(field(&updated, "city"), (some("Bonn"), some("Hamburg"), Some(1), "freshest"));
    let matched = updated.matched.as_ref().unwrap();
    assert_eq!(matched.outcome, "linked");
    let others: Vec<_> = matched.hits.iter().map(|h| (h.given.as_deref(), h.joined, h.seen)).collect();
    assert!(others.contains(&(Some("Bert"), Some(false), "match")), "{others:?}");

    let same = why(&ground, 2, 2).await;
    assert_eq!(same.outcome, Outcome::Unchanged);
    assert_eq!(same.matched.as_ref().unwrap().reason.as_deref(), Some("same_checksum"));
    assert_eq!(same.load.as_ref().unwrap().state, LoadState::NothingToWrite);
    assert!(same.matched.as_ref().unwrap().keys.is_empty(), "its keys were not looked up");

    let gone = why(&ground, 2, 3).await;
    assert_eq!(gone.outcome, Outcome::SoftDeleted);
    assert_eq!(field(&gone, "is_active").1.as_deref(), Some("false"));
    let back = why(&ground, 3, 2).await;
    assert_eq!((back.outcome, back.core_id), (Outcome::Reactivated, gone.core_id));

    let reused = why(&ground, 3, 1).await;
    assert_eq!(reused.outcome, Outcome::Review);
    assert_eq!(reused.matched.as_ref().unwrap().reason.as_deref(), Some("id_reused"));
    let owner = reused.matched.as_ref().unwrap().hits.iter().find(|h| h.key_type == "link").unwrap();
    assert_eq!((owner.given.as_deref(), owner.joined), (Some("Ben"), Some(false)));
    assert!(reused.resolve.is_none() && reused.load.is_none() && reused.stopped.is_some());
    assert!(
        reused.since.suggestions.iter().any(|s| s["reason"] == "id_reused" && s["decision"] == "pending")
    );
}

async fn policies_and_dry_runs(test: &TestStore) {
    let ground = three_runs(test).await;
    let text = "external_id,first_name,last_name,email,city,source_updated_at\nC-1,Anna,Schmidt,anna@example.org,Trier,2026-07-01T00:00:00Z\nC-77,Ida,Neu,ida@example.org,Trier,2026-07-01T00:00:00Z\n";
    let mut skip = request(&ground, "skip.csv", text);
    skip.policy = Some(DuplicatePolicy::Skip);
    skip.dry_run = true;
    let run = succeeded(ground.run(&skip).await).run_id;
    let skipped = why(&ground, run, 1).await;
    assert_eq!(skipped.outcome, Outcome::SkippedDuplicate);
    let new = why(&ground, run, 2).await;
    assert_eq!((new.outcome, new.core_id, new.run.dry_run), (Outcome::Created, None, true));
    assert_eq!(new.load.as_ref().unwrap().state, LoadState::WouldBe);
    assert!(new.summary.contains("would"), "{}", new.summary);

    let mut update = request(&ground, "update.csv", text);
    update.policy = Some(DuplicatePolicy::Update);
    let run = succeeded(ground.run(&update).await).run_id;
    assert_eq!(why(&ground, run, 2).await.outcome, Outcome::NotFound);
    assert_eq!(why(&ground, run, 1).await.outcome, Outcome::Updated);
}

async fn a_run_that_stopped_tells_how_far_it_came(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut request = request(&ground, "first.csv", FIRST);
    request.accept_bad = false;
    let run = ground.run(&request).await;
    assert_eq!(run.status, "failed");
    let good = why(&ground, run.run_id, 1).await;
    assert_eq!(good.outcome, Outcome::Undecided);
    assert!(good.check.is_some() && good.matched.is_none());
    assert!(good.stopped.as_ref().unwrap().contains("rows are bad"), "{:?}", good.stopped);
}

async fn a_core_row_with_an_edit_of_the_host(test: &TestStore) {
    let ground = three_runs(test).await;
    let id = why(&ground, 1, 1).await.core_id.unwrap();
    let sql = format!("UPDATE {{contacts}} SET employer = 'Host & Co' WHERE id = {id}");
    let mut session = ground.store().session().await.unwrap();
    session.execute_script(&named(ground.store(), &sql)).await.unwrap();
    let told = why_core(&ground, id, None).await;
    let made = told.made_by.as_ref().unwrap();
    assert_eq!((made.run_id, made.row, made.triggered_by.as_deref()), (1, Some(1), Some("tester")));
    let of = |name: &str| told.fields.iter().find(|f| f.field == name).unwrap();
    assert_eq!(
        (of("city").value.as_deref(), of("city").run_id, of("city").history.len()),
        (Some("Hamburg"), Some(2), 1)
    );
    assert_eq!((of("first_name").run_id, of("first_name").edited_since), (Some(1), false));
    assert_eq!((of("employer").value.as_deref(), of("employer").edited_since), (Some("Host & Co"), true));
    assert!(told.links.iter().any(|l| l["external_id"] == "C-1"));
    assert!(told.suggestions.iter().any(|s| s["match_type"] == "household"));

    // The host's value wins from now on, and the story of the row that lost says so.
    let text = "external_id,first_name,last_name,email,city,employer,source_updated_at\nC-1,Anna,Schmidt,anna@example.org,Hamburg,New Corp,2026-08-01T00:00:00Z\n";
    let run = succeeded(ground.run(&request(&ground, "later.csv", text)).await).run_id;
    let lost = why(&ground, run, 1).await;
    let employer = lost.resolve.as_ref().unwrap().fields.iter().find(|f| f.field == "employer").unwrap();
    let winner = employer.winner.as_ref().unwrap();
    assert_eq!(
        (winner.from, winner.value.as_deref(), winner.reason),
        ("manual", Some("Host & Co"), "manual")
    );
    assert_eq!((employer.losers[0].row, employer.losers[0].value.as_deref()), (Some(1), Some("New Corp")));

    let one = why_core(&ground, id, Some("city")).await;
    assert_eq!((one.fields.len(), one.changes.len()), (1, 1));
}

/// Edits core the first time that a run begins to load.
struct Meddler {
    store: StoreOptions,
    sql: String,
    done: AtomicBool,
}

impl Listener for Meddler {
    fn started(&self, step: Step, _: Option<u64>) {
        if step != Step::Load || self.done.swap(true, Ordering::SeqCst) {
            return;
        }
        let (options, sql) = (self.store.clone(), self.sql.clone());
        let edit = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = Store::connect(options).await.unwrap();
                store.session().await.unwrap().execute_script(&named(&store, &sql)).await.unwrap();
                store.close().await;
            });
        });
        edit.join().unwrap();
    }
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

async fn a_row_that_moved_is_told_by_its_last_round(test: &TestStore) {
    let ground = Ground::new(test).await;
    succeeded(ground.run(&request(&ground, "first.csv", FIRST)).await);
    let id = why(&ground, 1, 1).await.core_id.unwrap();
    let meddler = Meddler {
        store: test.options.clone(),
        sql: format!("UPDATE {{contacts}} SET city = 'Elsewhere' WHERE id = {id}"),
        done: AtomicBool::new(false),
    };
    let second = request(&ground, "second.csv", SECOND);
    let run = succeeded(Box::pin(ground.engine.run(&second, Arc::new(meddler))).await.unwrap()).run_id;
    let moved = why(&ground, run, 1).await;
    assert_eq!((moved.outcome, moved.core_id), (Outcome::Updated, Some(id)));
    assert_eq!(moved.matched.as_ref().unwrap().round, 1, "decided a second time");
    assert_eq!(field(&moved, "city"), (some("Elsewhere"), some("Elsewhere"), None, "manual"));
    assert_eq!(field(&moved, "employer"), (some("ACME"), some("Old Corp"), Some(1), "freshest"));
    let load = moved.load.as_ref().unwrap();
    assert_eq!((load.state, load.round, load.chunk), (LoadState::Loaded, Some(1), Some(0)));
    // The others were loaded in the first round.
    let gone = why(&ground, run, 3).await;
    assert_eq!((gone.outcome, gone.load.unwrap().round), (Outcome::SoftDeleted, Some(0)));
}

async fn an_applied_plan_is_told(test: &TestStore) {
    let ground = three_runs(test).await;
    let text = "external_id,first_name,last_name,email,city\nC-88,Uli,Plan,uli@example.org,Trier\n";
    let mut planned = request(&ground, "plan.csv", text);
    planned.dry_run = true;
    let plan = succeeded(ground.run(&planned).await).run_id;
    let options = ApplyOptions { actor: Some("applier".to_owned()), ..ApplyOptions::default() };
    let applied = Box::pin(ground.engine.apply(plan, &options, Arc::new(Silent))).await.unwrap();
    let run = succeeded(applied).run_id;
    let story = why(&ground, run, 1).await;
    assert_eq!((story.outcome, story.load.as_ref().unwrap().state), (Outcome::Created, LoadState::Loaded));
    assert_eq!(story.load.unwrap().loaded_by.as_deref(), Some("applier"));
    let of_plan = why(&ground, plan, 1).await;
    assert_eq!(of_plan.load.unwrap().state, LoadState::WouldBe);
    let filter = AuditFilter { run_id: Some(run), ..AuditFilter::default() };
    let audit = ground.store().list_audit("default", &filter).await.unwrap();
    let started = audit.iter().find(|r| r.entry.action == "IMPORT_RUN_STARTED").expect("the run began");
    assert_eq!(
        (started.entry.actor.as_str(), &started.entry.details_json["files"][0]),
        ("applier", &"plan.csv".into())
    );
}

async fn what_was_taken_back_is_told(test: &TestStore) {
    let ground = three_runs(test).await;
    let (anna, household) =
        (why(&ground, 1, 1).await.core_id.unwrap(), why(&ground, 1, 6).await.core_id.unwrap());
    let request =
        RollbackRequest { run: 2, triggered_by: Some("undoer".to_owned()), ..RollbackRequest::default() };
    let undo = Box::pin(ground.engine.rollback(&request, Arc::new(Silent))).await.unwrap().run_id.unwrap();
    let updated = why(&ground, 2, 1).await;
    assert_eq!(updated.outcome, Outcome::Updated);
    assert!(updated.summary.contains(&format!("run {undo} took that back")), "{}", updated.summary);
    assert_eq!(updated.since.related_runs[0]["triggered_by"], "undoer");
    let city = updated.since.later_changes.iter().find(|c| c["field_name"] == "city").unwrap();
    assert_eq!((&city["after_value"], &city["kind"]), (&"Bonn".into(), &"rollback".into()));
    let told = why_core(&ground, anna, Some("city")).await;
    assert_eq!((told.fields[0].value.as_deref(), told.fields[0].history.len()), (Some("Bonn"), 2));

    let error = ground
        .engine
        .why_row(&RowQuestion { run: undo, which: Which::Row(1) })
        .await
        .expect_err("a rollback has no rows");
    assert!(error.to_string().contains("rollback of run 2"), "{error}");

    let request = RollbackRequest { run: 1, ..request };
    let undo = Box::pin(ground.engine.rollback(&request, Arc::new(Silent))).await.unwrap().run_id.unwrap();
    let gone = why(&ground, 1, 6).await;
    assert_eq!(
        (gone.outcome, gone.core_id, gone.since.core_exists),
        (Outcome::Created, Some(household), Some(false))
    );
    assert_eq!(
        (&gone.since.taken_back[0]["action"], &gone.since.taken_back[0]["run_id"]),
        (&"removed".into(), &undo.into())
    );
    let told = why_core(&ground, household, None).await;
    assert!(!told.exists && told.fields.is_empty());
    assert_eq!(told.made_by.unwrap().run_id, 1);
    assert_eq!(told.taken_back[0]["run_id"], undo);
}

async fn wrong_questions_say_what_there_is(test: &TestStore) {
    let ground = three_runs(test).await;
    let row = async |run: i64, which: Which| {
        let error =
            ground.engine.why_row(&RowQuestion { run, which }).await.expect_err("there is no such record");
        assert_eq!((error.kind().exit_code(), error.code()), (2, Some("NOT_FOUND")), "{error}");
        format!("{error}: {}", error.help().unwrap_or_default())
    };
    assert!(row(9, Which::Row(1)).await.contains("the newest run is 3"));
    assert!(row(1, Which::Row(99)).await.contains("1 to 6"));
    assert!(row(1, Which::Row(0)).await.contains("1 to 6"));
    let line = |line, file: Option<&str>| Which::Line { line, file: file.map(|f| FileName(f.to_owned())) };
    assert!(row(1, line(8, None)).await.contains("row 5"), "a blank line");
    assert!(row(1, line(1, None)).await.contains("rows 1 to 6"), "the header");
    assert!(row(1, line(2, Some("frist.csv"))).await.contains("did you mean first.csv"));
    assert!(row(1, line(2, Some("2"))).await.contains("first.csv (1)"));
    let core = async |entity: &str, id, field: Option<&str>| {
        let question = CoreQuestion { entity: entity.to_owned(), id, field: field.map(str::to_owned) };
        let error = ground.engine.why_core(&question).await.expect_err("there is no such core row");
        assert_eq!(error.kind().exit_code(), 2, "{error}");
        format!("{error}: {}", error.help().unwrap_or_default())
    };
    assert!(core("volunters", 1, None).await.contains("did you mean volunteers"));
    assert!(core("volunteers", 1, Some("emial")).await.contains("did you mean email"));
    assert!(core("volunteers", 1_000_000, None).await.contains("go from"));
}

async fn lines_of_several_files_are_told_apart(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut both = request(&ground, "first.csv", FIRST);
    both.inputs.push(importer_engine::request::Input::File(ground.file("third.csv", THIRD)));
    let run = succeeded(ground.run(&both).await).run_id;
    let line = |line, file: &str| Which::Line { line, file: Some(FileName(file.to_owned())) };
    let of = async |line| story(&ground, run, line).await.record;
    assert_eq!(of(line(2, "first.csv")).await.row, Some(1));
    assert_eq!(of(line(2, "third.csv")).await.row, Some(7));
    assert_eq!(of(line(3, "2")).await.row, Some(8));
    let error = ground
        .engine
        .why_row(&RowQuestion { run, which: Which::Line { line: 2, file: None } })
        .await
        .expect_err("two files have a line 2");
    assert!(error.help().unwrap().contains("first.csv (1), third.csv (2)"), "{:?}", error.help());
}

on_both!(
    a_created_row_and_the_older_row_of_the_same_person,
    a_rejected_and_a_quarantined_record,
    changed_unchanged_gone_and_back,
    policies_and_dry_runs,
    a_run_that_stopped_tells_how_far_it_came,
    a_core_row_with_an_edit_of_the_host,
    a_row_that_moved_is_told_by_its_last_round,
    an_applied_plan_is_told,
    what_was_taken_back_is_told,
    wrong_questions_say_what_there_is,
    lines_of_several_files_are_told_apart,
);
