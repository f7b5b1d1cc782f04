//! Values in and out: every type, ugly texts, temporary tables, transactions, both ways of reading.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, FixedSizeBinaryArray, Float64Array, Int32Array,
    Int64Array, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::TryStreamExt;
use importer_engine::store::{Dialect, StoreErrorKind, Table, TableAnswers, Value, timestamp_type};

use super::harness::{TestStore, on_both};

on_both!(
    every_type_comes_back,
    parameters_come_back,
    wide_and_narrow_integers,
    json_columns,
    ugly_texts,
    temporary_tables_end_with_the_transaction,
    a_dropped_session_is_rolled_back,
    a_stream_dropped_early_harms_nobody,
    many_rows_come_in_order,
    errors_have_kinds_and_no_values,
    what_tables_do_with_rows_is_asked_once,
    #[ignore = "measures; run with --ignored --nocapture in release"]
    speed_of_copy,
);

fn schema(fields: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(
        fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>(),
    ))
}

async fn round_trip(test: &TestStore, batch: &RecordBatch, read_as: &SchemaRef) -> RecordBatch {
    let mut session = test.store.begin().await.unwrap();
    let table =
        session.temp_from_batches("probe", &batch.schema(), std::slice::from_ref(batch)).await.unwrap();
    let sql = format!("SELECT * FROM {}", table.sql(session.dialect()));
    let plain = session.read_all(&sql, &[], read_as).await.unwrap();
    let with = session.read_all(&format!("{sql} WHERE $1 = 1"), &[Value::Int(1)], read_as).await.unwrap();
    let plain = arrow::compute::concat_batches(read_as, &plain).unwrap();
    assert_eq!(plain, arrow::compute::concat_batches(read_as, &with).unwrap(), "both ways of reading agree");
    session.commit().await.unwrap();
    plain
}

async fn every_type_comes_back(test: &TestStore) {
    let micros = vec![Some(0), Some(1_700_000_000_123_456), Some(-2_208_988_800_000_000), None];
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(i64::MAX), Some(0), None]))),
        ("i32", Arc::new(Int32Array::from(vec![Some(i32::MIN), Some(i32::MAX), Some(0), None]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), Some(-1e300), Some(0.0), None]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), Some(true), None]))),
        ("text", Arc::new(StringArray::from(vec![Some("Jürgen"), Some(""), Some("a\nb"), None]))),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), Some(b""), Some(b"x"), None]))),
        (
            "fixed",
            Arc::new(
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                    [Some([0u8; 16]), Some([255; 16]), Some([7; 16]), None].into_iter(),
                    16,
                )
                .unwrap(),
            ),
        ),
        ("day", Arc::new(Date32Array::from(vec![Some(0), Some(-25_567), Some(19_782), None]))),
        ("seen_at", Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))),
    ];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    assert_eq!(round_trip(test, &batch, &batch.schema()).await, batch);
    let empty = batch.slice(0, 0);
    assert_eq!(round_trip(test, &empty, &batch.schema()).await, empty);
}

async fn parameters_come_back(test: &TestStore) {
    let mut session = test.store.begin().await.unwrap();
    let fields = schema(&[
        ("i", DataType::Int64),
        ("f", DataType::Float64),
        ("b", DataType::Boolean),
        ("t", DataType::Utf8),
        ("x", DataType::Binary),
        ("s_at", timestamp_type()),
        ("d", DataType::Date32),
    ]);
    let table = session.create_temp("probe", &fields).await.unwrap().sql(session.dialect());
    let insert = format!("INSERT INTO {table} VALUES ($1, $2, $3, $4, $5, $6, $7)");
    let values = [
        Value::Int(-5),
        Value::Float(2.5),
        Value::Bool(true),
        Value::Text("O'Brien \"x\" \u{1F600}".into()),
        Value::Bytes(vec![0, 1, 255]),
        Value::Timestamp(1_700_000_000_000_001),
        Value::Date(19_000),
    ];
    // NULLs first: they must not fix the types of the statement for what follows.
    let nulls = vec![Value::Null; values.len()];
    for row in [nulls.as_slice(), &values, &nulls, &values] {
        assert_eq!(session.execute(&insert, row).await.unwrap(), 1);
    }
    let rows = session.fetch(&format!("SELECT * FROM {table} WHERE i IS NOT NULL"), &[]).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].bool(2).unwrap());
    assert_eq!(rows[0].int(0).unwrap(), -5);
    assert_eq!(rows[1].text(3).unwrap(), "O'Brien \"x\" \u{1F600}");
    assert_eq!(rows[1].opt_bytes(4).unwrap(), Some(&[0, 1, 255][..]));
    assert_eq!(rows[1].opt_timestamp(5).unwrap(), Some(1_700_000_000_000_001));
    let batches =
        session.read_all(&format!("SELECT d FROM {table}"), &[], &schema(&[("d", DataType::Date32)])).await;
    let batches = batches.unwrap();
    let days = batches[0].column(0).as_any().downcast_ref::<Date32Array>().unwrap().clone();
    assert_eq!(days.iter().flatten().collect::<Vec<_>>(), [19_000, 19_000]);
}

async fn wide_and_narrow_integers(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    session.execute_script("CREATE TABLE host (id integer, small smallint, big bigint)").await.unwrap();
    let table = Table::core("host");
    let numbers = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let batch = RecordBatch::try_from_iter([
        ("id", numbers(vec![1, 2])),
        ("small", numbers(vec![-3, 4])),
        ("big", Arc::new(Int32Array::from(vec![5, 6])) as ArrayRef),
    ])
    .unwrap();
    assert_eq!(session.copy_batches(&table, std::slice::from_ref(&batch)).await.unwrap(), 2);
    let wanted = schema(&[("id", DataType::Int64), ("small", DataType::Int32), ("big", DataType::Int64)]);
    let read = session.read_all("SELECT id, small, big FROM host ORDER BY id", &[], &wanted).await.unwrap();
    assert_eq!(read[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap().values(), &[1, 2]);
    assert_eq!(read[0].column(1).as_any().downcast_ref::<Int32Array>().unwrap().values(), &[-3, 4]);
    if session.dialect() == Dialect::Postgres {
        let batch = RecordBatch::try_from_iter([("id", numbers(vec![1 << 40]))]).unwrap();
        let error = session.copy_batches(&table, &[batch]).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Value);
        assert!(error.to_string().contains("id"), "{error}");
        let batch = RecordBatch::try_from_iter([("nothing", numbers(vec![1]))]).unwrap();
        assert_eq!(session.copy_batches(&table, &[batch]).await.unwrap_err().kind(), StoreErrorKind::Schema);
    }
}

async fn json_columns(test: &TestStore) {
    let mut session = test.store.begin().await.unwrap();
    let kind = if session.dialect() == Dialect::Postgres { "jsonb" } else { "text" };
    session.execute_script(&format!("CREATE TABLE notes (id bigint, body {kind})")).await.unwrap();
    let bodies = vec![Some(r#"{"a": "x"}"#), None, Some(r#"["nul\u0000gone"]"#)];
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef, false),
        ("body", Arc::new(StringViewArray::from(bodies)) as ArrayRef, true),
    ])
    .unwrap();
    session.copy_batches(&Table::core("notes"), &[batch]).await.unwrap();
    let wanted = schema(&[("body", DataType::Utf8)]);
    for params in [&[][..], &[Value::Int(0)]] {
        let filter = if params.is_empty() { "" } else { "WHERE id > $1" };
        let read =
            session.read_all(&format!("SELECT body FROM notes {filter} ORDER BY id"), params, &wanted).await;
        let read = read.unwrap();
        let texts = read[0].column(0).as_any().downcast_ref::<StringArray>().unwrap();
        assert_eq!(texts.value(0), r#"{"a": "x"}"#);
        assert!(texts.is_null(1));
        if session.dialect() == Dialect::Postgres {
            assert_eq!(texts.value(2), r#"["nulgone"]"#);
        }
    }
    let update = if session.dialect() == Dialect::Postgres { "$1::jsonb" } else { "$1" };
    session.execute(&format!("UPDATE notes SET body = {update}"), &[Value::Null]).await.unwrap();
    session.execute(&format!("UPDATE notes SET body = {update}"), &[r#"{"b":1}"#.into()]).await.unwrap();
}

async fn ugly_texts(test: &TestStore) {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let any = proptest::collection::vec(
        proptest::option::of(prop_oneof![
            any::<String>(),
            "[\"'\\\\;,\\n\\r\\t\\x00 -~]{0,40}",
            "[\\u{80}-\\u{10ffff}]{0,20}",
            Just("'; DROP TABLE contacts; --".to_owned()),
            Just("x".repeat(300_000)),
        ]),
        1..600,
    );
    for _ in 0..8 {
        let texts = any.new_tree(&mut runner).unwrap().current();
        let array: ArrayRef = Arc::new(texts.iter().cloned().collect::<StringArray>());
        let views: ArrayRef = Arc::new(texts.iter().cloned().collect::<StringViewArray>());
        let batch =
            RecordBatch::try_from_iter_with_nullable([("t", array, true), ("v", views, true)]).unwrap();
        let read_as = schema(&[("t", DataType::Utf8), ("v", DataType::Utf8)]);
        let back = round_trip(test, &batch, &read_as).await;
        let expected: StringArray =
            texts.iter().map(|text| text.as_ref().map(|t| t.replace('\0', ""))).collect();
        for column in back.columns() {
            assert_eq!(column.as_any().downcast_ref::<StringArray>().unwrap(), &expected);
        }
    }
}

async fn temporary_tables_end_with_the_transaction(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    for width in 1..4 {
        let fields: Vec<(&str, DataType)> =
            [("a", DataType::Int64), ("b", DataType::Utf8), ("c", DataType::Boolean)][..width].to_vec();
        session.begin().await.unwrap();
        // The same name with other columns, through the same connection.
        session.create_temp("probe", &schema(&fields)).await.unwrap();
        assert_eq!(session.fetch("SELECT * FROM probe", &[]).await.unwrap().len(), 0);
        session.commit().await.unwrap();
        assert_eq!(
            session.fetch("SELECT * FROM probe", &[]).await.unwrap_err().kind(),
            StoreErrorKind::Schema
        );
    }
    session.create_temp("lasting", &schema(&[("a", DataType::Int64)])).await.unwrap();
    session.begin().await.unwrap();
    session.rollback().await.unwrap();
    session.fetch("SELECT * FROM lasting", &[]).await.unwrap();
    drop(session);
    for _ in 0..4 {
        let mut next = test.store.session().await.unwrap();
        assert!(next.fetch("SELECT * FROM lasting", &[]).await.is_err());
    }
}

async fn a_dropped_session_is_rolled_back(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    session.execute_script("CREATE TABLE host (id integer PRIMARY KEY)").await.unwrap();
    for _ in 0..20 {
        let mut lost = test.store.begin().await.unwrap();
        lost.execute("INSERT INTO host VALUES (1)", &[]).await.unwrap();
        drop(lost);
    }
    assert_eq!(session.fetch_one("SELECT count(*) FROM host", &[]).await.unwrap().int(0).unwrap(), 0);
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Internal);
}

async fn a_stream_dropped_early_harms_nobody(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    session.execute_script("CREATE TABLE host (id integer PRIMARY KEY)").await.unwrap();
    let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(0..100_000));
    let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    session.begin().await.unwrap();
    session.copy_batches(&Table::core("host"), &[batch]).await.unwrap();
    session.commit().await.unwrap();
    let wanted = schema(&[("id", DataType::Int64)]);
    for _ in 0..20 {
        let mut stream = test.store.read_query("SELECT id FROM host".into(), Vec::new(), Arc::clone(&wanted));
        assert!(stream.try_next().await.unwrap().is_some());
    }
    let stream = test.store.read_query("SELECT id FROM host".into(), Vec::new(), wanted);
    let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 100_000);
}

async fn many_rows_come_in_order(test: &TestStore) {
    let mut session = test.store.begin().await.unwrap();
    let ids = Int64Array::from_iter_values(0..30_001);
    let texts = StringArray::from_iter_values((0..30_001).map(|n| format!("row {n}")));
    let batch =
        RecordBatch::try_from_iter([("id", Arc::new(ids) as ArrayRef), ("t", Arc::new(texts) as ArrayRef)])
            .unwrap();
    let parts = [batch.slice(0, 10_000), batch.slice(10_000, 0), batch.slice(10_000, 20_001)];
    let table = session.temp_from_batches("probe", &batch.schema(), &parts).await.unwrap();
    let sql = format!("SELECT id, t FROM {} ORDER BY id -- and a comment", table.sql(session.dialect()));
    let back = session.read_all(&sql, &[], &batch.schema()).await.unwrap();
    assert!(back.len() > 3 && back.iter().all(|part| part.num_rows() <= 8192));
    assert_eq!(arrow::compute::concat_batches(&batch.schema(), &back).unwrap(), batch);
}

async fn errors_have_kinds_and_no_values(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    session
        .execute_script(
            "CREATE TABLE host (id integer PRIMARY KEY, t text NOT NULL CHECK (t <> 'secret-check'))",
        )
        .await
        .unwrap();
    let insert = "INSERT INTO host VALUES ($1, $2)";
    session.execute(insert, &[Value::Int(7_654_321), "a".into()]).await.unwrap();
    for (params, kind) in [
        ([Value::Int(7_654_321), "secret-row".into()], StoreErrorKind::UniqueViolation),
        ([Value::Int(8), "secret-check".into()], StoreErrorKind::ConstraintViolation),
        ([Value::Int(9), Value::Null], StoreErrorKind::ConstraintViolation),
    ] {
        let error = session.execute(insert, &params).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("secret-row") && !shown.contains("7654321"), "{shown}");
        assert!(!error.is_transient() && !error.advice().is_empty());
    }
    let error = session.fetch("SELECT * FROM missing_table", &[]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Schema);
    if session.dialect() == Dialect::Postgres {
        let error = session.fetch("SELECT 'secret-text'::integer", &[]).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Value);
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}

async fn speed_of_copy(test: &TestStore) {
    const ROWS: i64 = 1_000_000;
    let store = test.upgraded().await;
    let batches: Vec<RecordBatch> = (0..ROWS)
        .step_by(8192)
        .map(|from| {
            let range = || from..(from + 8192).min(ROWS);
            RecordBatch::try_from_iter([
                (
                    "tenant_id",
                    Arc::new(StringArray::from_iter_values(range().map(|_| "default"))) as ArrayRef,
                ),
                ("id", Arc::new(Int64Array::from_iter_values(range())) as ArrayRef),
                ("first_name", Arc::new(StringArray::from_iter_values(range().map(|n| format!("First{n}"))))),
                (
                    "email",
                    Arc::new(StringArray::from_iter_values(range().map(|n| format!("user{n}@example.org")))),
                ),
            ])
            .unwrap()
        })
        .collect();
    let rate = |what: &str, started: std::time::Instant| {
        let seconds = started.elapsed().as_secs_f64();
        println!("{:?} {what}: {seconds:.2} s, {:.0} rows/s", store.dialect(), ROWS as f64 / seconds);
    };
    let mut session = store.begin().await.unwrap();
    let started = std::time::Instant::now();
    session.create_temp("probe", &batches[0].schema()).await.unwrap();
    session.copy_batches(&Table::temp("probe"), &batches).await.unwrap();
    rate("into a temporary table", started);
    session.rollback().await.unwrap();
    let started = std::time::Instant::now();
    session.begin().await.unwrap();
    session.copy_batches(&Table::core("contacts"), &batches).await.unwrap();
    session.commit().await.unwrap();
    rate("into contacts", started);
    let wanted = batches[0].schema();
    let started = std::time::Instant::now();
    let sql = "SELECT tenant_id, id, first_name, email FROM contacts";
    let stream = store.read_query(sql.into(), Vec::new(), wanted);
    let rows: usize =
        stream.try_fold(0, |sum, batch| async move { Ok(sum + batch.num_rows()) }).await.unwrap();
    rate("out of contacts", started);
    assert_eq!(rows as i64, ROWS);
    let started = std::time::Instant::now();
    session.begin().await.unwrap();
    let sql = "INSERT INTO contact_emails (tenant_id, contact_id, email_key, email)
               SELECT tenant_id, id, email, email FROM contacts";
    session.execute(sql, &[]).await.unwrap();
    session.commit().await.unwrap();
    rate("contact_emails by INSERT SELECT", started);
}

/// A table that may drop rows in silence is known as such; sessions that share their answers do not ask again.
async fn what_tables_do_with_rows_is_asked_once(test: &TestStore) {
    let dialect = test.store.dialect();
    let (plain, loose) = (Table::core("probe_plain"), Table::core("probe_loose"));
    let mut session = test.store.session().await.unwrap();
    let constraint = if dialect == Dialect::Sqlite { "UNIQUE ON CONFLICT IGNORE" } else { "UNIQUE" };
    session
        .execute_script(&format!(
            "CREATE TABLE {} (id integer PRIMARY KEY); CREATE TABLE {} (id integer {constraint})",
            plain.sql(dialect),
            loose.sql(dialect)
        ))
        .await
        .unwrap();
    let answers = TableAnswers::default();
    session.share(&answers);
    assert!(!session.may_drop_rows(&plain).await.unwrap());
    assert_eq!(session.may_drop_rows(&loose).await.unwrap(), dialect == Dialect::Sqlite);
    assert!(session.may_drop_rows(&Table::core("probe_nowhere")).await.unwrap());
    assert_eq!(session.conflicts(&plain).await.unwrap(), "");
    let aborts = session.conflicts(&loose).await.unwrap();
    assert_eq!(aborts, if dialect == Dialect::Sqlite { " OR ABORT" } else { "" });

    let quiet = match dialect {
        Dialect::Sqlite => "CREATE TRIGGER quiet_T BEFORE INSERT ON T BEGIN SELECT RAISE(IGNORE); END",
        Dialect::Postgres => {
            "CREATE OR REPLACE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER quiet BEFORE INSERT ON T FOR EACH ROW EXECUTE FUNCTION quiet()"
        }
    };
    for table in [&plain, &loose] {
        let quiet = quiet.replace("quiet_T", &format!("quiet_{}", table.name));
        session.execute_script(&quiet.replace(" T ", &format!(" {} ", table.sql(dialect)))).await.unwrap();
    }
    let mut other = test.store.session().await.unwrap();
    other.share(&answers);
    for session in [&mut session, &mut other] {
        assert!(!session.may_drop_rows(&plain).await.unwrap());
        assert_eq!(session.conflicts(&loose).await.unwrap(), aborts);
    }
    let mut alone = test.store.session().await.unwrap();
    assert!(alone.may_drop_rows(&plain).await.unwrap() && alone.may_drop_rows(&loose).await.unwrap());
    assert_eq!(alone.conflicts(&loose).await.unwrap(), "");
}
