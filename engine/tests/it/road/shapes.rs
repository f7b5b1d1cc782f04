//! Lists of unusual shape: many rows that share an id, many namespaces, many files, headers that the engine uses itself. What
//! becomes of the rows; how long it may take is measured in the benches.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use importer_engine::request::RunRequest;
use importer_engine::store::Table;
use importer_engine::{Limits, Policy, RunSummary};

use super::ground::{Ground, adds_up, core, core_counts, count, lines, number, succeeded, whole};
use crate::store::harness::{TestStore, on_both};

on_both!(
    one_id_of_many_people_costs_nobody_else,
    a_chain_of_rows_is_no_person,
    headers_may_be_named_like_ours,
    files_by_the_hundred,
    a_file_that_changes_while_others_are_read,
    namespaces_by_the_thousand,
    a_namespace_without_ids_is_told,
    ids_lose_their_guards,
    joins_without_room_are_sorted,
);

const GIVEN: [&str; 12] =
    ["Ada", "Bodo", "Cay", "Dirk", "Emil", "Fay", "Gus", "Hugo", "Ida", "Jan", "Kaja", "Lena"];

/// A person by number: no two are alike.
fn person(n: usize) -> String {
    let letters = |n: usize| -> String {
        [n / 676 % 26, n / 26 % 26, n % 26].iter().map(|d| char::from(b'a' + *d as u8)).collect()
    };
    let given = GIVEN[n % GIVEN.len()];
    format!("{given},F{}er,{}{n}@example.org", letters(n), given.to_lowercase())
}

/// More people than match compares with each other stand under one id: all of them wait, and everybody else is loaded.
async fn one_id_of_many_people_costs_nobody_else(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut text = "ID,First name,Last name,Email\n".to_owned();
    for n in 0..60 {
        let _ = writeln!(text, "F-7,{}", person(n));
    }
    for n in 60..70 {
        let _ = writeln!(text, "P-{n},{}", person(n));
    }
    let summary = ground.load(&ground.file("club.csv", text)).await;
    adds_up(&summary);
    assert_eq!((core(&summary, "rows_created"), core(&summary, "rows_review")), (10, 60));
    let waiting =
        "SELECT count(*) FROM {dedupe_suggestions} WHERE reason = 'id_reused' AND decision = 'pending'";
    assert_eq!(count(ground.store(), waiting).await, 60);
    whole(ground.store()).await;
}

/// A run that was thought to have room enough, and whose joins find none: they are done in another way, and the rows are the
/// same.
async fn joins_without_room_are_sorted(test: &TestStore) {
    let ground = Ground::with(test, |options, _| {
        options.limits = Limits {
            memory: 24 << 20,
            partitions: 2,
            policy: Some(Policy::Large),
            held: 0,
            ..Limits::default()
        };
    })
    .await;
    // Everybody stands there twice: what is decided about shared people is all of the list.
    let mut text = "ID,First name,Last name,Email,Notes\n".to_owned();
    for n in 0..12_000 {
        let notes = "x".repeat(1_000);
        let _ = writeln!(text, "A-{n},{},{notes}", person(n));
        let _ = writeln!(text, "B-{n},{},{notes}", person(n));
    }
    let summary = ground.load(&ground.file("twice.csv", text)).await;
    adds_up(&summary);
    assert_eq!((core(&summary, "rows_created"), core(&summary, "rows_skipped_duplicates")), (12_000, 12_000));
    whole(ground.store()).await;
}

/// Rows of one name that hang together by an e-mail here and a phone there: a few are one person, a long chain of them is
/// nobody's decision but a person's. Rows that repeat each other to the letter are no chain, however many there are.
async fn a_chain_of_rows_is_no_person(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut text = "First name,Last name,Email,Phone\n".to_owned();
    for n in 0..70 {
        let _ = writeln!(text, "Anna,Lang,link{}@example.org,202-555-{:04}", n / 2, 100 + (n + 1) / 2);
    }
    for n in 0..40 {
        let _ = writeln!(text, "Bea,Kurz,short{}@example.org,212-555-{:04}", n / 2, 100 + (n + 1) / 2);
    }
    text.push_str(&"Cay,Cohn,cay.cohn@example.org,\n".repeat(80));
    let summary = ground.load(&ground.file("chain.csv", text)).await;
    adds_up(&summary);
    assert_eq!(
        core_counts(&summary),
        BTreeMap::from([
            ("rows_processed".to_owned(), 190),
            ("rows_created".to_owned(), 2),
            ("rows_tied".to_owned(), 39),
            ("rows_skipped_duplicates".to_owned(), 39 + 79),
            ("rows_deduped_auto".to_owned(), 39 + 79),
            ("rows_review".to_owned(), 70),
            ("rows_missing_external_id".to_owned(), 190),
        ])
    );
    let waiting = "SELECT count(*) FROM {dedupe_suggestions} WHERE reason = 'cluster_too_large' AND decision = 'pending'";
    assert_eq!(count(ground.store(), waiting).await, 70);
    whole(ground.store()).await;
}

/// Whatever the columns of a file are called, a held row costs neither the run nor its report, nor the run that goes on.
async fn headers_may_be_named_like_ours(test: &TestStore) {
    let ground = Ground::new(test).await;
    let ours = "_row,_line,_message,_field,own_row,own_line,cell_0,landed_number,line_number,sequence_number,tenant,run_id,file_number,status";
    let cells = "r,l,m,f,or,ol,c,ln,li,sn,te,ru,fn,st";
    let text =
        format!("{ours},First name,Last name,Email\n{cells},{}\n{cells},Bob,Beil,no address\n", person(1));
    let path = ground.file("ours.csv", text);
    let mut request = RunRequest::files([path]);
    // To the header matching it is a cell phone.
    request.headers.push(("cell_0".to_owned(), String::new()));
    let stopped = ground.run(&request).await;
    assert_eq!(stopped.status, "failed", "half of the rows are bad: {:?}", stopped.error);
    assert!(
        stopped.error.as_deref().is_some_and(|e| e.contains("1 of 2 rows are bad")),
        "{:?}",
        stopped.error
    );
    let report = std::fs::read_to_string(Path::new(&stopped.report)).expect("the report");
    assert!(
        report.starts_with(&format!("{ours},First name,Last name,Email,_row,_line,_rule,_message,_hint")),
        "{report}"
    );
    assert!(report.contains(&format!("{cells},Bob,Beil,no address,2,3,VOL_EMAIL_FORMAT,")), "{report}");
    request.accept_bad = true;
    let summary = succeeded(ground.run(&request).await);
    assert_eq!((core(&summary, "rows_created"), number(&summary.counts, "dq", "rows_quarantined")), (1, 1));
    let told = lines(ground.store(), &Table::control("dq_violations"), &[]).await;
    assert!(told.iter().any(|line| line.contains("original_value=no address")), "{told:?}");
}

/// Files in one run, more than stay open, under more different headers than one query reads.
const FILES: usize = 240;
const HEADERS: usize = 40;

fn small_files(ground: &Ground) -> Vec<PathBuf> {
    let file = |n: usize| {
        let mut text = format!("External ID,First name,Last name,Email,Extra {}\n", n % HEADERS);
        let _ = writeln!(text, "A-{n},{},x", person(2 * n));
        if n % 10 == 3 {
            let _ = writeln!(text, "B-{n},Bea,Bad,no address {n},x");
        }
        if n % 15 == 4 {
            text.push_str("torn,row\n");
        }
        let _ = writeln!(text, "C-{n},{},x", person(2 * n + 1));
        ground.file(&format!("part-{n}.csv"), text)
    };
    (0..FILES).map(file).collect()
}

/// Every file has its rows, its findings under its own lines, and its report.
async fn files_by_the_hundred(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut request = RunRequest::files(small_files(&ground));
    request.accept_bad = true;
    let summary = succeeded(ground.run(&request).await);
    adds_up(&summary);
    let bad: Vec<usize> = (0..FILES).filter(|n| n % 10 == 3).collect();
    let torn: Vec<usize> = (0..FILES).filter(|n| n % 15 == 4).collect();
    assert_eq!(core(&summary, "rows_created") as usize, 2 * FILES);
    assert_eq!(number(&summary.counts, "dq", "rows_quarantined") as usize, bad.len());
    assert_eq!(number(&summary.counts, "staging", "rows_rejected") as usize, torn.len());
    assert_eq!(summary.reports.len(), FILES);
    for (n, report) in summary.reports.iter().enumerate() {
        assert!(report.ends_with(&format!("errors-{}-part-{n}.csv", n + 1)), "{report}");
        let text = std::fs::read_to_string(Path::new(report)).expect("the report");
        let wanted = 1 + usize::from(bad.contains(&n)) + usize::from(torn.contains(&n));
        assert_eq!(text.lines().count(), wanted, "{report}: {text}");
        assert!(!bad.contains(&n) || text.contains(&format!("no address {n},x,")), "{report}: {text}");
    }
    let told = lines(ground.store(), &Table::control("dq_violations"), &[]).await;
    let by_rule = |rule: &str| {
        let own = told.iter().filter(|line| line.contains(rule));
        let mut files: Vec<usize> = own.map(|line| place(line, "file_number=") - 1).collect();
        files.sort_unstable();
        files
    };
    assert_eq!(by_rule("VOL_EMAIL_FORMAT"), bad);
    assert_eq!(by_rule("CSV_"), torn);
    assert!(
        told.iter()
            .filter(|line| line.contains("VOL_EMAIL_FORMAT"))
            .all(|line| place(line, "line_number=") == 3)
    );
    let again = succeeded(ground.run(&request).await);
    assert_eq!(
        core_counts(&again),
        BTreeMap::from([
            ("rows_processed".to_owned(), 2 * FILES as u64),
            ("rows_skipped_no_change".to_owned(), 2 * FILES as u64),
        ])
    );
}

/// The number behind a word of a line.
fn place(line: &str, word: &str) -> usize {
    let behind = line.split(word).nth(1).unwrap_or_else(|| panic!("{word} in {line}"));
    behind.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// A file that is not open when its turn comes is looked at again: another header is another file.
async fn a_file_that_changes_while_others_are_read(test: &TestStore) {
    let ground = Ground::new(test).await;
    let files = small_files(&ground);
    let request = RunRequest::files(&files);
    let listener = std::sync::Arc::new(Swap(files[FILES - 1].clone()));
    let summary: RunSummary = Box::pin(ground.engine.run(&request, listener)).await.expect("a run");
    assert_eq!(summary.status, "failed");
    assert!(
        summary.error.as_deref().is_some_and(|e| e.contains("part-239.csv: the file has changed")),
        "{:?}",
        summary.error
    );
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 0);
}

/// Gives a file another header as soon as the run has begun.
struct Swap(PathBuf);

impl importer_engine::Listener for Swap {
    fn started(&self, _: importer_engine::Step, _: Option<u64>) {
        std::fs::write(&self.0, "First name,Last name,Phone\nAda,Amt,+12025550143\n").expect("written");
    }

    fn advanced(&self, _: importer_engine::Step, _: u64) {}

    fn finished(&self, _: &importer_engine::StepReport) {}

    fn warn(&self, _: &str) {}
}

/// As many namespaces as rows: told in one sentence, written down all the same.
async fn namespaces_by_the_thousand(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut text = "External system,External ID,First name,Last name,Email\n".to_owned();
    for n in 0..3000 {
        let _ = writeln!(text, "space-{n:04},1,{}", person(n));
    }
    let path = ground.file("spaces.csv", text);
    let summary = ground.load(&path).await;
    assert_eq!(core(&summary, "rows_created"), 3000);
    let told: Vec<&String> = summary.warnings.iter().filter(|w| w.contains("namespace")).collect();
    assert_eq!(told.len(), 1, "{:#?}", summary.warnings);
    assert!(told[0].starts_with("3000 namespaces are new: \"space-0000\", \"space-0001\""), "{told:?}");
    assert!(told[0].contains("and 2980 more"), "{told:?}");
    assert_eq!(summary.anomalies.iter().filter(|a| a.starts_with("new_namespace")).count(), 21);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {namespaces}").await, 3000);
    let seen = "SELECT count(*) FROM {audit} WHERE action = 'NAMESPACE_SEEN'";
    assert_eq!(count(ground.store(), seen).await, 20);
    let again = ground.load(&path).await;
    assert!(again.warnings.iter().all(|w| !w.contains("namespace")), "{:#?}", again.warnings);
}

/// A typing error in the name of a namespace is worth a word, also where no row has an id.
async fn a_namespace_without_ids_is_told(test: &TestStore) {
    let ground = Ground::new(test).await;
    let mut request =
        RunRequest::files([ground.file("plain.csv", format!("First name,Last name,Email\n{}\n", person(1)))]);
    request.external_system = Some("cmr".to_owned());
    let summary = succeeded(ground.run(&request).await);
    assert!(summary.warnings.contains(&"the namespace \"cmr\" is new".to_owned()), "{:#?}", summary.warnings);
    assert!(summary.anomalies.contains(&"new_namespace:cmr".to_owned()));
    request.external_system = None;
    let summary = succeeded(ground.run(&request).await);
    assert!(
        summary.warnings.iter().all(|w| !w.contains("external ids")),
        "it has none: {:#?}",
        summary.warnings
    );
}

/// What is kept is the id, not its guard; one that a spreadsheet has spoilt is none.
async fn ids_lose_their_guards(test: &TestStore) {
    let ground = Ground::new(test).await;
    let ids = ["'00123", "\"=\"\"00124\"\"\"", "00125.0", "V-1", "1.00123E+12", "#REF!", " 7 "];
    let mut text = "ID,First name,Last name,Email\n".to_owned();
    for (n, id) in ids.iter().enumerate() {
        let _ = writeln!(text, "{id},{}", person(n));
    }
    let summary = ground.load(&ground.file("ids.csv", text)).await;
    let map = lines(ground.store(), &Table::control("external_id_map"), &[]).await;
    let mut kept: Vec<&str> = map
        .iter()
        .filter_map(|line| line.split("external_id=").nth(1)?.split(' ').next())
        .filter(|id| !id.starts_with('~'))
        .collect();
    kept.sort_unstable();
    assert_eq!(kept, ["00123", "00124", "00125", "7", "V-1"]);
    let found: BTreeMap<&str, u64> =
        summary.rules.iter().map(|r| (r.rule_code.as_str(), r.violations)).collect();
    assert_eq!(found, BTreeMap::from([("STG_ID_GUARD", 1), ("STG_ID_SCIENTIFIC", 1)]));
    let guard = summary.rules.iter().find(|r| r.rule_code == "STG_ID_GUARD").expect("the guard");
    assert!(guard.message.starts_with("In 4 cells of external_id"), "{}", guard.message);
    assert_eq!(guard.example.as_ref().map(|e| e.line), Some(2));
}
