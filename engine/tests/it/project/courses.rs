//! A field of every type, from text and from typed columns, to the table and back, on both databases.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, DurationSecondArray, Int64Array, ListBuilder, RecordBatch, StringArray,
    StringBuilder, StructArray, Time64MicrosecondArray,
};
use arrow::datatypes::{DataType, Field};
use importer_engine::request::{Input, RunRequest};
use importer_engine::store::{Dialect, Table};
use importer_engine::{RunSummary, project_check};
use importer_plans::project::NumberFormat;

use super::students::project;
use crate::road::ground::{Ground, lines, succeeded};
use crate::rollback::stage::{all_of, back, host};
use crate::store::harness::{TestStore, on_both};

on_both!(
    its_own_cases_hold,
    from_text_to_the_table_and_back,
    the_format_of_numbers_is_said_or_asked_for,
    typed_columns_give_the_same_rows,
    what_the_host_changes_is_seen,
    more_rows_than_one_statement_takes,
);

const HEADER: &str = "code,title,fee,starts,lasts,page,status,details,room,tags,days,credits,rates\n";
const ART: &str = "1,Art,\"1,234.50\",2:30 pm,1:30,HTTPS://Example.org,Offen,\"{\"\"b\"\": 1.0, \"\"a\"\": [1, 2]}\",{F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6},\"new; \"\"a;b\"\"\",2025-03-01;2025-03-08,1;2,0.5;0.125\n";
const DANCE: &str = "2,Dance,80,,,,,,,,,,\n";
const STORED: &str = "title=Art fee=1234.50 starts=14:30:00 lasts=5400 page=https://example.org/ status=open details={\"a\":[1,2],\"b\":1} room=f81d4fae-7dec-11d0-a765-00a0c91e6bf6 tags=[\"new\",\"a;b\"] days=[\"2025-03-01\",\"2025-03-08\"] credits=[1,2] rates=[0.500,0.125]";

/// The courses as they stand, in one spelling for both databases: decimals of a list are numbers in an array of Postgres, and
/// texts in JSON of SQLite.
async fn courses(ground: &Ground) -> Vec<String> {
    let found = lines(ground.store(), &Table::core("courses"), &["tenant_id", "id"]).await;
    let one = |line: &String| {
        let line = line.replace(", ", ",").replace("\": ", "\":");
        ["0.500", "0.250", "0.125"].iter().fold(line, |line, n| line.replace(&format!("\"{n}\""), n))
    };
    found.iter().map(one).collect()
}

fn figure(summary: &RunSummary, name: &str) -> u64 {
    summary.counts["core"]["courses"][name].as_u64().unwrap_or(0)
}

async fn load(ground: &Ground, name: &str, rows: &str) -> RunSummary {
    let file = ground.file(name, format!("{HEADER}{rows}"));
    succeeded(ground.run(&RunRequest::files([file])).await)
}

async fn its_own_cases_hold(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let reports =
        project_check::run_cases(&ground.engine.project, 1_760_000_000_000_000).await.expect("cases run");
    let failed: Vec<_> = reports.iter().flat_map(|r| &r.differences).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let tables = project_check::compare_tables(&ground.engine.project, ground.store()).await.expect("tables");
    let wrong: Vec<_> = tables.iter().filter(|f| f.path.contains("courses") && !f.is_warning).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn from_text_to_the_table_and_back(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let first = load(&ground, "one.csv", &format!("{ART}{DANCE}")).await;
    assert_eq!(figure(&first, "rows_created"), 2, "{:?}", first.counts);
    assert_eq!(courses(&ground).await[0], STORED);

    let again = load(&ground, "again.csv", &format!("{DANCE}{ART}")).await;
    assert_eq!(figure(&again, "rows_skipped_no_change"), 2, "{:?}", again.counts);

    let changed = ART.replace("1,234.50", "99.90").replace("1;2,0.5", "3,0.25").replace("Offen", "voll");
    let second = load(&ground, "two.csv", &changed).await;
    assert_eq!(figure(&second, "rows_updated"), 1, "{:?}", second.counts);
    let wanted = STORED
        .replace("fee=1234.50", "fee=99.90")
        .replace("credits=[1,2] rates=[0.500", "credits=[3] rates=[0.250")
        .replace("status=open", "status=full");
    assert_eq!(courses(&ground).await[0], wanted);
    let log = lines(ground.store(), &Table::control("change_log"), &[]).await;
    let changed: Vec<&str> =
        log.iter().filter_map(|l| l.split("field_name=").nth(1)?.split(' ').next()).collect();
    assert_eq!(changed, ["credits", "fee", "rates", "status"], "{log:#?}");

    back(&ground, &all_of(second.run_id)).await;
    assert_eq!(courses(&ground).await[0], STORED);
}

/// The same course as a source with types has it.
fn typed() -> RecordBatch {
    let text = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value])) };
    let list = |values: &[&str]| -> ArrayRef {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value(values.iter().map(|value| Some(*value)));
        Arc::new(lists.finish())
    };
    let fee = Decimal128Array::from(vec![1_234_500]).with_precision_and_scale(9, 3).expect("a decimal");
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let mut credits = ListBuilder::new(arrow::array::Int64Builder::new());
    credits.append_value([Some(1), Some(2)]);
    let credits: ArrayRef = Arc::new(credits.finish());
    let details = StructArray::from(vec![
        (Arc::new(Field::new("b", DataType::Int64, true)), one),
        (Arc::new(Field::new("a", credits.data_type().clone(), true)), Arc::clone(&credits)),
    ]);
    let mut rates = ListBuilder::new(arrow::array::Float64Builder::new());
    rates.append_value([Some(0.5), Some(0.125)]);
    RecordBatch::try_from_iter([
        ("code", text("1")),
        ("title", text("Art")),
        ("fee", Arc::new(fee) as ArrayRef),
        ("starts", Arc::new(Time64MicrosecondArray::from(vec![52_200_000_000])) as ArrayRef),
        ("lasts", Arc::new(DurationSecondArray::from(vec![5_400])) as ArrayRef),
        ("page", text("https://example.org/")),
        ("status", text("open")),
        ("details", Arc::new(details) as ArrayRef),
        ("room", text("f81d4fae7dec11d0a76500a0c91e6bf6")),
        ("tags", list(&["new", "a;b"])),
        ("days", list(&["2025-03-01", "2025-03-08"])),
        ("credits", credits),
        ("rates", Arc::new(rates.finish()) as ArrayRef),
    ])
    .expect("a batch")
}

/// Nothing shows what `1.234` is: the row waits, until the request says it.
async fn the_format_of_numbers_is_said_or_asked_for(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let file = ground.file("fees.csv", "code,title,fee\n7,Yoga,1.234\n8,Chess,80\n");
    let request = RunRequest { accept_bad: true, ..RunRequest::files([file]) };
    let summary = succeeded(ground.run(&request).await);
    assert_eq!(figure(&summary, "rows_created"), 1, "{:?}", summary.counts);
    assert!(summary.warnings.iter().any(|w| w.contains("--number-format")), "{:?}", summary.warnings);
    let request = RunRequest { number_format: Some(NumberFormat::Comma), ..request };
    let summary = succeeded(ground.run(&request).await);
    assert_eq!(figure(&summary, "rows_created"), 1, "{:?}", summary.counts);
    let found = courses(&ground).await;
    assert!(
        found.iter().any(|line| line.contains("title=Yoga") && line.contains("fee=1234.00")),
        "{found:#?}"
    );
}

async fn typed_columns_give_the_same_rows(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let batches = Input::Batches { name: "courses".to_owned(), batches: vec![typed()] };
    let none: [&str; 0] = [];
    let request = RunRequest { inputs: vec![batches], ..RunRequest::files(none) };
    let summary = succeeded(ground.run(&request).await);
    assert_eq!(figure(&summary, "rows_created"), 1, "{:?} {:?}", summary.counts, summary.rules);
    assert_eq!(courses(&ground).await, [STORED]);
    let again = load(&ground, "text.csv", ART).await;
    assert_eq!(figure(&again, "rows_skipped_no_change"), 1, "{:?}", again.counts);
}

async fn what_the_host_changes_is_seen(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    load(&ground, "one.csv", &format!("{ART}{DANCE}")).await;
    let edit = match ground.store().dialect() {
        Dialect::Postgres => {
            "UPDATE courses SET fee = 7.5, tags = ARRAY['theirs'], details = '{\"c\": 3}' WHERE title = 'Art'"
        }
        Dialect::Sqlite => {
            "UPDATE courses SET fee = '7.50', tags = '[\"theirs\"]', details = '{\"c\":3}' WHERE title = 'Art'"
        }
    };
    host(&ground, edit).await;
    let changed = ART.replace("1,234.50", "99.90").replace("new;", "old;").replace("2:30 pm", "16:00");
    let summary = load(&ground, "two.csv", &changed).await;
    assert_eq!(figure(&summary, "rows_updated"), 1, "{:?}", summary.counts);
    // Postgres keeps the decimals of the column.
    let found = courses(&ground).await[0].replace("fee=7.5 ", "fee=7.50 ");
    for theirs in ["fee=7.50", "tags=[\"theirs\"]", "details={\"c\":3}", "starts=16:00:00"] {
        assert!(found.contains(theirs), "{theirs}: {found}");
    }
}

async fn more_rows_than_one_statement_takes(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let rows: String =
        (0..9_000).map(|n| format!("{n},Course {n},{n}.50,8:00,45,,open,,,a;b,,{n},\n")).collect();
    let summary = load(&ground, "many.csv", &rows).await;
    assert_eq!(figure(&summary, "rows_created"), 9_000, "{:?}", summary.counts);
    let bad = "9001,Late,-5,8:00,45,,open,,,,,,\n9002,Early,5,8:00,45,,open,,,,,,\n";
    let file = ground.file("bad.csv", format!("{HEADER}{bad}"));
    let refused = succeeded(ground.run(&RunRequest { accept_bad: true, ..RunRequest::files([file]) }).await);
    assert_eq!(figure(&refused, "rows_created"), 1, "{:?}", refused.counts);
    assert_eq!(courses(&ground).await.len(), 9_001);
}
