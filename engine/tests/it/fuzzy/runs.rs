//! Runs over lists whose people share no key: what is suggested, what joins by itself, and what the index of records has to do
//! with it.

use std::path::Path;
use std::sync::Arc;

use importer_engine::Silent;
use importer_engine::rollback::RollbackRequest;
use importer_engine::store::Table;
use serde_json::Value;

use crate::road::ground::{Ground, core, succeeded, workspace};
use crate::store::harness::{TestStore, on_both};

on_both!(
    a_later_list_meets_the_records_of_an_earlier_one,
    what_is_sure_enough_joins_where_the_project_allows_it,
    everybody_whom_a_score_has_joined_is_told,
    one_run_and_three_suggest_the_same,
    the_index_is_made_anew_where_it_is_gone,
    a_record_of_a_run_that_was_rolled_back_counts_no_more,
    people_who_contradict_are_never_joined,
    what_people_have_decided_binds_a_run,
    without_its_sections_nothing_is_compared,
);

const HEADER: &str =
    "external_system,external_id,first_name,last_name,email,phone,date_of_birth,street,city,postal_code\n";
/// One person in three lists: no e-mail and no telephone number in common.
const ANNA: [&str; 3] = [
    "crm,C-1,Anna,Schmidtbauer,anna@example.org,+1 212 555 0101,1971-03-14,12 Elm Street,Springfield,62701\n",
    "shop,S-9,Anna,Schmidtbauer,a.s@example.net,+1 212 555 0199,1971-03-14,12 Elm Street,Springfield,62701\n",
    "news,N-4,Anna,Schmidtbauer,news@example.com,+1 212 555 0155,1971-03-14,12 Elm Street,Springfield,62701\n",
];
/// The sister.
const BERTA: &str = "shop,S-8,Berta,Schmidtbauer,b.s@example.net,+1 212 555 0123,1975-08-02,12 Elm Street,Springfield,62701\n";

/// A project whose people are compared by likeness, with a line of `match.yml` changed.
async fn ground(test: &TestStore, change: Option<(&str, &str)>) -> Ground {
    Ground::with(test, |options, folder| {
        let (project, of) = (folder.join("project"), "entities/volunteers/match.yml");
        let text = std::fs::read_to_string(workspace().join("testdata/projects/fuzzy_people").join(of));
        let mut text = text.expect("the project");
        if let Some((line, other)) = change {
            assert!(text.contains(line), "{line}");
            text = text.replace(line, other);
        }
        let path = project.join(of);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("the project is written");
        options.project = Some(project);
    })
    .await
}

async fn load(ground: &Ground, name: &str, rows: &[&str]) -> importer_engine::RunSummary {
    let file = ground.file(name, format!("{HEADER}{}", rows.concat()));
    ground.load(&file).await
}

#[derive(Debug)]
struct Told {
    decision: String,
    reason: Option<String>,
    score: f64,
    core_id: Option<i64>,
    other_core_id: Option<i64>,
    features: Value,
    key: String,
}

/// Scored suggestions, in an order that does not depend on when they were written.
async fn told(ground: &Ground) -> Vec<Told> {
    let mut session = ground.store().session().await.expect("a session");
    let table = Table::control("dedupe_suggestions").sql(session.dialect());
    let sql = format!(
        "SELECT decision, reason, CAST(score AS text), core_id, other_core_id, CAST(features_json AS text), natural_key FROM {table} WHERE match_type = 'fuzzy' ORDER BY natural_key"
    );
    let rows = session.fetch(&sql, &[]).await.expect("the suggestions");
    rows.iter()
        .map(|row| Told {
            decision: row.text(0).expect("a decision").to_owned(),
            reason: row.opt_text(1).expect("a reason").map(str::to_owned),
            score: row.text(2).expect("a score").parse().expect("a number"),
            core_id: row.opt_int(3).expect("an id"),
            other_core_id: row.opt_int(4).expect("an id"),
            features: serde_json::from_str(row.text(5).expect("features")).expect("JSON"),
            key: format!("{:?}", row.opt_bytes(6).expect("a key")),
        })
        .collect()
}

fn index(ground: &Ground) -> std::path::PathBuf {
    ground.lake().join("_match_index")
}

/// The documents of the index.
fn generations(folder: &Path) -> usize {
    let folder = folder.join("tenant=default/entity=volunteers");
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .filter(|entry| entry.as_ref().is_ok_and(|e| e.path().extension().is_some_and(|x| x == "json")))
        .count()
}

async fn a_later_list_meets_the_records_of_an_earlier_one(test: &TestStore) {
    let ground = ground(test, None).await;
    load(&ground, "one.csv", &[ANNA[0]]).await;
    assert_eq!(told(&ground).await.len(), 0);
    let second = load(&ground, "two.csv", &[ANNA[1], BERTA]).await;
    assert_eq!(core(&second, "rows_created"), 2, "nobody is joined without being asked");
    let told_now = told(&ground).await;
    assert_eq!(told_now.len(), 1, "a sister is nobody's double: {told_now:#?}");
    let one = &told_now[0];
    assert_eq!((one.decision.as_str(), &one.reason), ("pending", &None));
    assert!(one.score >= 0.9 && one.score < 1.0, "{one:#?}");
    assert!(one.core_id.is_some() && one.other_core_id.is_some() && one.core_id != one.other_core_id);
    let comparisons = one.features["comparisons"].as_array().expect("comparisons");
    let born = comparisons.iter().find(|c| c["name"] == "born").expect("the birth date");
    assert_eq!(born["label"], "same birth date");
    assert!(born["weight"].as_f64().expect("bits") > 0.0);
    let text = one.features.to_string();
    assert!(
        !text.contains("Anna") && !text.contains("1971") && !text.contains("Elm"),
        "no cell value: {text}"
    );
    assert_eq!(generations(&index(&ground)), 1);
    // The same list again says nothing new, and the next list finds both.
    load(&ground, "two again.csv", &[ANNA[1], BERTA]).await;
    assert_eq!(told(&ground).await.len(), 1);
    load(&ground, "three.csv", &[ANNA[2]]).await;
    assert_eq!(told(&ground).await.len(), 3);
}

async fn what_is_sure_enough_joins_where_the_project_allows_it(test: &TestStore) {
    let ground = ground(test, Some(("auto: off", "auto: {at: 0.99, budget: 1.0}"))).await;
    load(&ground, "one.csv", &[ANNA[0]]).await;
    let second = load(&ground, "two.csv", &[ANNA[1], BERTA]).await;
    assert_eq!(core(&second, "rows_created"), 1, "the sister: {}", second.counts);
    assert_eq!(core(&second, "rows_updated") + core(&second, "rows_skipped_no_change"), 1);
    let told = told(&ground).await;
    let joined: Vec<_> = told.iter().filter(|one| one.decision == "auto_merged").collect();
    assert_eq!(joined.len(), 1, "{told:#?}");
    assert_eq!(joined[0].core_id, joined[0].other_core_id);
}

async fn everybody_whom_a_score_has_joined_is_told(test: &TestStore) {
    let ground = ground(test, Some(("auto: off", "auto: {at: 0.99, budget: 1.0}"))).await;
    let all = load(&ground, "all.csv", &[ANNA[0], BERTA, ANNA[1], ANNA[2]]).await;
    assert_eq!(core(&all, "rows_created"), 2, "Anna and her sister: {}", all.counts);
    let told = told(&ground).await;
    assert_eq!(told.len(), 2, "both that joined the first: {told:#?}");
    assert!(told.iter().all(|one| one.decision == "auto_merged"), "{told:#?}");
}

async fn one_run_and_three_suggest_the_same(test: &TestStore) {
    let together = ground(test, None).await;
    load(&together, "all.csv", &[ANNA[2], BERTA, ANNA[0], ANNA[1]]).await;
    let at_once = told(&together).await;
    assert_eq!(at_once.len(), 3, "{at_once:#?}");
    // The other tenant knows nothing of them.
    let mut options = together.options.clone();
    options.tenant = "other".to_owned();
    let engine = crate::road::ground::open(&options).await;
    for (name, row) in ["1.csv", "2.csv", "3.csv", "4.csv"].iter().zip([ANNA[1], BERTA, ANNA[2], ANNA[0]]) {
        let file = together.file(name, format!("{HEADER}{row}"));
        let request = importer_engine::request::RunRequest::files([&file]);
        succeeded(Box::pin(engine.run(&request, Arc::new(Silent))).await.expect("a run"));
    }
    let all = told(&together).await;
    assert_eq!(all.len(), 6, "{all:#?}");
    let mut keys: Vec<&str> = all.iter().map(|one| one.key.as_str()).collect();
    keys.dedup();
    assert_eq!(keys.len(), 3, "each pair is known by its records, whatever the order");
    let mut scores: Vec<String> =
        all.iter().map(|one| format!("{} {}", one.key, one.score.to_bits())).collect();
    scores.dedup();
    assert_eq!(scores.len(), 3, "to the last bit");
}

async fn the_index_is_made_anew_where_it_is_gone(test: &TestStore) {
    let ground = ground(test, None).await;
    load(&ground, "one.csv", &[ANNA[0]]).await;
    load(&ground, "two.csv", &[BERTA]).await;
    assert_eq!(generations(&index(&ground)), 1);
    std::fs::remove_dir_all(index(&ground)).expect("it is a cache");
    load(&ground, "three.csv", &[ANNA[1]]).await;
    assert_eq!(told(&ground).await.len(), 1, "the record of the first run was found again");
    // A part that is gone is as good as no index.
    let records = index(&ground).join("tenant=default/entity=volunteers/records");
    std::fs::remove_dir_all(records).expect("the records");
    load(&ground, "four.csv", &[ANNA[2]]).await;
    assert_eq!(told(&ground).await.len(), 3);
}

async fn a_record_of_a_run_that_was_rolled_back_counts_no_more(test: &TestStore) {
    let ground = ground(test, None).await;
    let first = load(&ground, "one.csv", &[ANNA[0]]).await;
    load(&ground, "two.csv", &[BERTA]).await;
    assert_eq!(generations(&index(&ground)), 1, "the record is in the index");
    let request = RollbackRequest { run: first.run_id, ..RollbackRequest::default() };
    Box::pin(ground.engine.rollback(&request, Arc::new(Silent))).await.expect("a rollback");
    load(&ground, "three.csv", &[ANNA[1]]).await;
    assert_eq!(told(&ground).await.len(), 0, "nobody has that link any more");
    // It comes again, and the index is made anew: of the two runs that had it, the one that stands counts.
    let stranger = "crm,C-7,Zoe,Miller,zoe@example.net,+1 212 555 0177,1990-01-09,3 Oak Road,Chicago,60601\n";
    load(&ground, "four.csv", &[ANNA[0], stranger]).await;
    assert_eq!(told(&ground).await.len(), 1);
    std::fs::remove_dir_all(index(&ground)).expect("it is a cache");
    load(&ground, "five.csv", &[ANNA[2]]).await;
    assert_eq!(told(&ground).await.len(), 3, "both of the others");
}

async fn people_who_contradict_are_never_joined(test: &TestStore) {
    // Mother and daughter: everything but the birth date is the same.
    let ground = ground(test, Some(("auto: off", "auto: {at: 0.99, budget: 1.0}"))).await;
    let two = [
        "crm,C-1,Anna,Schmidtbauer,anna@example.org,+1 212 555 0101,1971-03-14,12 Elm Street,Springfield,62701\n",
        "shop,S-9,Anna,Schmidtbauer,berta@example.net,+1 212 555 0199,1994-11-02,12 Elm Street,Springfield,62701\n",
    ];
    let both = load(&ground, "two.csv", &two).await;
    assert_eq!(core(&both, "rows_created"), 2);
    let told = told(&ground).await;
    assert_eq!(told.len(), 1, "likely but for what contradicts: {told:#?}");
    assert!(told.iter().all(|one| one.decision == "pending"), "{told:#?}");
    assert!(told.iter().all(|one| one.reason.as_deref() == Some("contradicts")), "{told:#?}");
}

/// Writes down what somebody has decided about Anna's record in two lists.
async fn decide(ground: &Ground, verdict: &str) {
    let mut session = ground.store().session().await.expect("a session");
    let table = Table::control("match_decisions").sql(session.dialect());
    let sql = format!(
        "INSERT INTO {table} (tenant_id, core_table, one_system, one_id, other_system, other_id, verdict, decided_by) VALUES ('default', 'contacts', 'crm', 'C-1', 'shop', 'S-9', '{verdict}', 'olga')"
    );
    session.execute_script(&sql).await.expect("a decision");
}

async fn what_people_have_decided_binds_a_run(test: &TestStore) {
    // The same e-mail and the same name: a key joins them, were it not for Olga.
    let same_key = [
        "crm,C-1,Anna,Schmidtbauer,anna@example.org,+1 212 555 0101,1971-03-14,12 Elm Street,Springfield,62701\n",
        "shop,S-9,Anna,Schmidtbauer,anna@example.org,+1 212 555 0199,1971-03-14,12 Elm Street,Springfield,62701\n",
    ];
    let ground = ground(test, Some(("auto: off", "auto: {at: 0.99, budget: 1.0}"))).await;
    decide(&ground, "different").await;
    let both = load(&ground, "both.csv", &same_key).await;
    assert_eq!(core(&both, "rows_created"), 2, "{}", both.counts);
    assert_eq!(told(&ground).await.len(), 0, "nobody is asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_decided_to_be_the_same_is_joined_without_a_key() {
    crate::store::harness::on_sqlite(|test| {
        Box::pin(async move {
            let ground = ground(test, None).await;
            load(&ground, "one.csv", &[ANNA[0]]).await;
            decide(&ground, "same").await;
            let stranger =
                "shop,S-9,Zoe,Miller,zoe@example.net,+1 212 555 0177,1990-01-09,3 Oak Road,Chicago,60601\n";
            let second = load(&ground, "two.csv", &[stranger, BERTA]).await;
            assert_eq!(core(&second, "rows_created"), 1, "the sister alone: {}", second.counts);
        })
    })
    .await;
}

async fn without_its_sections_nothing_is_compared(test: &TestStore) {
    let ground = Ground::new(test).await;
    load(&ground, "one.csv", &[ANNA[0]]).await;
    load(&ground, "two.csv", &[ANNA[1]]).await;
    assert_eq!(told(&ground).await.len(), 0);
    assert!(!index(&ground).exists());
    assert!(!ground.lake().join("dedupe_scores").exists());
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_breaks_before_the_index_is_written_finds_the_same_later() {
    let name = "a_run_that_breaks_before_the_index_is_written_finds_the_same_later";
    if !crate::road::failpoints::alone_in(module_path!(), name) {
        return;
    }
    crate::store::harness::on_sqlite(|test| {
        Box::pin(async move {
            let ground = ground(test, None).await;
            load(&ground, "one.csv", &[ANNA[0]]).await;
            let file = ground.file("two.csv", format!("{HEADER}{}", ANNA[1]));
            fail::cfg("match::before_generation", "1*return").expect("a failpoint");
            let broken = ground.run(&importer_engine::request::RunRequest::files([&file])).await;
            assert_ne!(broken.status, "succeeded");
            assert_eq!(generations(&index(&ground)), 0, "files without a document are no index");
            ground.load(&file).await;
            assert_eq!(told(&ground).await.len(), 1);
            assert_eq!(generations(&index(&ground)), 1);
        })
    })
    .await;
}
