//! Tables of Postgres: types, cursors, and what a server can do to a reader.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

use crate::database::{Read, open, read, refused, wait};

/// A database of its own.
struct Server {
    admin: String,
    name: String,
    url: String,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Server {
    fn new(sql: &str) -> Self {
        let Ok(admin) = std::env::var("IMPORTER_TEST_POSTGRES") else {
            panic!("IMPORTER_TEST_POSTGRES is not set: run ./test, which starts a private Postgres");
        };
        let name = format!("importer_read_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        execute(&admin, &format!("CREATE DATABASE {name}"));
        let mut url = url::Url::parse(&admin).expect("IMPORTER_TEST_POSTGRES is a URL");
        url.set_path(&name);
        let server = Self { admin, name, url: url.to_string() };
        server.change(sql);
        server
    }

    fn change(&self, sql: &str) {
        execute(&self.url, sql);
    }

    fn words<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&[("url", self.url.as_str())][..], more].concat()
    }

    #[track_caller]
    fn read(&self, more: &[(&str, &str)], after: Option<&str>) -> Read {
        read("postgres", &self.words(more), after)
    }

    #[track_caller]
    fn refused(&self, more: &[(&str, &str)], after: Option<&str>) -> (&'static str, String) {
        refused("postgres", &self.words(more), after)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        execute(&self.admin, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

fn execute(url: &str, sql: &str) {
    wait(async {
        let mut connection = PgConnection::connect(url).await.expect("the test server answers");
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    });
}

const PEOPLE: &str = "CREATE TABLE people (id int PRIMARY KEY, name text, updated_at timestamptz);
    INSERT INTO people VALUES (1, 'Anna', '2025-03-01 10:00Z'), (2, 'Bert', '2025-03-01 10:05Z'),
                              (3, 'Carl', '2025-03-01 12:05+02')";

const BY_UPDATED: [(&str, &str); 2] = [("table", "public.people"), ("cursor", "updated_at")];

#[test]
fn values_keep_their_types() {
    let server = Server::new(
        "CREATE TYPE mood AS ENUM ('sad', 'glad');
         CREATE DOMAIN money_like AS numeric(8, 2);
         CREATE TABLE t (b bool, i2 smallint, i8 bigint, f real, d double precision, n numeric(10, 2), free numeric,
             dom money_like, t text, c char(5), day date, tm time, local timestamp, instant timestamptz, u uuid, j jsonb,
             bytes bytea, list int[], words text[], moods mood[], m mood, span interval, ip inet);
         INSERT INTO t VALUES (true, 1, 9223372036854775807, 0.5, 0.1, 12.50, 123456789012345678901234567890.5, -3.25, 'ä', 'ab',
             '2025-03-12', '12:15:00.25', '2025-03-12 12:15', '2025-03-12 12:15+02', '00112233-4455-6677-8899-AABBCCDDEEFF',
             '{\"a\": [1, 2]}', '\\x61', '{1,NULL,3}', '{\"x y\",\"\"}', '{sad}', 'glad', '1 day 2 hours', '10.0.0.1');
         INSERT INTO t (day, local, instant, n, t, bytes, tm) VALUES ('infinity', '-infinity', 'infinity', 'NaN', '', '\\xff', '24:00')",
    );
    let read = server.read(&[("table", "t")], None);
    let typed: Vec<(String, String)> =
        read.table.headers.unique.iter().cloned().zip(read.table.types()).collect();
    let of = |name: &str| typed.iter().find(|(n, _)| n == name).map(|(_, t)| t.as_str()).expect("a column");
    assert_eq!(
        (of("b"), of("i2"), of("i8"), of("f"), of("d")),
        ("Boolean", "Int64", "Int64", "Float32", "Float64")
    );
    assert_eq!((of("n"), of("free"), of("dom")), ("Decimal128(10, 2)", "Utf8", "Decimal128(8, 2)"));
    assert_eq!(
        (of("t"), of("c"), of("day"), of("u"), of("j"), of("bytes")),
        ("Utf8", "Utf8", "Date32", "Utf8", "Utf8", "Utf8")
    );
    let first = |name: &str| read.table.column(name).swap_remove(0);
    for (name, value) in [
        ("b", "true"),
        ("i8", "9223372036854775807"),
        ("d", "0.1"),
        ("n", "12.50"),
        ("free", "123456789012345678901234567890.5"),
        ("dom", "-3.25"),
        ("t", "ä"),
        ("c", "ab"),
        ("day", "2025-03-12"),
        ("tm", "12:15:00.250"),
        ("local", "2025-03-12T12:15:00"),
        ("instant", "2025-03-12T10:15:00Z"),
        ("u", "00112233-4455-6677-8899-aabbccddeeff"),
        ("j", "{\"a\": [1, 2]}"),
        ("bytes", "a"),
        ("list", "[1, ~, 3]"),
        ("words", "[x y, ]"),
        ("moods", "[sad]"),
        ("m", "glad"),
        ("span", "P1DT2H"),
        ("ip", "10.0.0.1/32"),
    ] {
        assert_eq!(first(name), value, "{name}");
    }
    let second = |name: &str| read.table.column(name).swap_remove(1);
    assert!(["day", "local", "instant", "n", "t", "bytes", "tm"].into_iter().all(|name| second(name) == "~"));
    // The first cell of a row that cannot be read stands for all.
    assert_eq!(
        read.table.findings.iter().map(|f| (f.line_number, f.code.as_str())).collect::<Vec<_>>(),
        [(2, "DATABASE_VALUE_UNREADABLE")]
    );
    assert_eq!(read.table.why("format"), "PostgreSQL");
}

#[test]
fn only_what_came_since_is_read_and_what_shares_the_watermark() {
    let server = Server::new(PEOPLE);
    let first = server.read(&BY_UPDATED, None);
    let watermark = first.watermark.as_deref();
    assert_eq!(watermark, Some("instant:2025-03-01T10:05:00.000000Z"));
    server.change(
        "INSERT INTO people VALUES (4, 'Dora', '2025-03-01 10:05Z'), (5, 'Emil', '2025-03-01 11:00Z'),
             (6, 'Late', '2025-03-01 10:01Z'), (7, 'None', NULL), (8, 'Soon', '2999-01-01'), (9, 'Never', 'infinity')",
    );
    let second = server.read(&BY_UPDATED, watermark);
    assert_eq!(second.table.column("id"), ["2", "3", "4", "5", "7", "8", "9"]);
    assert_eq!(second.watermark.as_deref(), Some("instant:2025-03-01T11:00:00.000000Z"));
    let noted: Vec<_> = second.noted().into_iter().map(|(code, _, count)| (code, count)).collect();
    assert_eq!(noted, [("DATABASE_CURSOR_EMPTY", 2), ("DATABASE_CURSOR_AHEAD", 1)]);
    let back = server.read(&[BY_UPDATED[0], BY_UPDATED[1], ("lookback", "10 minutes")], watermark);
    assert_eq!(back.table.lines.len(), 9);
}

#[test]
fn cursors_of_other_types_hold_their_order() {
    let server = Server::new(
        "CREATE TABLE t (n bigint, d date, l timestamp, s text, f double precision);
         INSERT INTO t VALUES (1, '2025-01-01', '2025-01-01 10:00', 'B', 1), (2, '2025-01-02', '2025-01-01 11:00', 'a', 2)",
    );
    for (cursor, watermark) in [
        ("n", "integer:2"),
        ("d", "date:2025-01-02"),
        ("l", "local:2025-01-01T11:00:00.000000"),
        ("s", "text:a"),
    ] {
        let words = [("table", "t"), ("cursor", cursor)];
        assert_eq!(server.read(&words, None).watermark.as_deref(), Some(watermark));
        assert_eq!(server.read(&words, Some(watermark)).table.column("n"), ["2"], "{cursor}");
    }
    assert_eq!(server.refused(&[("table", "t"), ("cursor", "f")], None).0, "DATABASE_CURSOR");
    // The column was a date when the watermark was written.
    assert_eq!(
        server.refused(&[("table", "t"), ("cursor", "n")], Some("date:2025-01-01")).0,
        "DATABASE_WATERMARK"
    );
    let since =
        server.read(&[("query", "SELECT n, d FROM t"), ("cursor", "d"), ("since", "2025-01-02")], None);
    assert_eq!(since.table.column("n"), ["2"]);
}

#[test]
fn what_cannot_be_read_is_refused_with_what_is_near() {
    let server = Server::new(PEOPLE);
    let (code, text) = server.refused(&[("table", "public.peple")], None);
    assert!(code == "DATABASE_TABLE" && text.contains("people"), "{text}");
    let (code, text) = server.refused(&[("table", "people"), ("cursor", "updatd_at")], None);
    assert!(code == "DATABASE_CURSOR" && text.contains("did you mean updated_at?"), "{text}");
    let (code, text) = server.refused(&[("query", "SELECT nothing FROM people")], None);
    assert!(code == "DATABASE_QUERY" && text.contains("nothing"), "{text}");
    assert_eq!(server.refused(&[("query", "SELECT 1 AS a, 2 AS a")], None).0, "DATABASE_COLUMNS");
    // Written to by a way around: the transaction cannot.
    assert_eq!(server.refused(&[("query", "SELECT nextval('s')")], None).0, "DATABASE_QUERY");
    server.change("CREATE SEQUENCE s");
    assert_eq!(server.refused(&[("query", "SELECT nextval('s')")], None).0, "DATABASE_QUERY");
    // The value of a cell is not repeated.
    let (code, text) = server.refused(&[("query", "SELECT CAST(name AS int) AS n FROM people")], None);
    assert!(code == "DATABASE_VALUE" && !text.contains("Anna"), "{text}");
}

#[test]
fn a_server_that_does_not_let_us_in_is_told_without_the_password() {
    let server = Server::new(PEOPLE);
    let with = |change: &dyn Fn(&mut url::Url)| {
        let mut url = url::Url::parse(&server.url).expect("a URL");
        change(&mut url);
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{url}\n")).expect("it is written");
        let named = format!("file:{}", file.path().display());
        refused("postgres", &[("url", &named), ("table", "people")], None)
    };
    let (code, text) = with(&|url| {
        url.set_password(Some("s3cret")).expect("it has a host");
        url.set_port(Some(1)).expect("it has a host");
    });
    assert!(code == "DATABASE_UNREACHABLE" && !text.contains("s3cret"), "{text}");
    let (code, text) = with(&|url| {
        url.set_password(Some("s3cret")).expect("it has a host");
        url.set_path("no_such_database");
    });
    assert!(
        code == "DATABASE_UNREACHABLE" && text.contains("no_such_database") && !text.contains("s3cret"),
        "{text}"
    );
    let role = format!("{}_reader", server.name);
    server.change(&format!("CREATE ROLE {role} LOGIN PASSWORD 's3cret'"));
    let (code, text) = with(&|url| {
        url.set_username(&role).expect("it has a host");
        url.set_password(Some("s3cret")).expect("it has a host");
    });
    server.change(&format!("DROP ROLE {role}"));
    assert!(code == "DATABASE_PERMISSION" && !text.contains("s3cret"), "{text}");
}

#[test]
fn many_rows_come_in_batches_and_a_connection_that_is_cut_is_told() {
    let server = Server::new(
        "CREATE TABLE t AS SELECT n, 'row ' || n || repeat(' of many', 20) AS text FROM generate_series(1, 200000) n",
    );
    let words = server.words(&[("table", "t"), ("cursor", "n")]);
    let mut source = open("postgres", &words, None, 4096).expect("it opens");
    let (mut rows, mut largest) = (0, 0);
    while let Some(batch) = source.next_batch().expect("it is read") {
        rows += batch.records.num_rows();
        largest = largest.max(batch.records.get_array_memory_size());
    }
    assert_eq!(rows, 200_000);
    assert!(largest < 4 << 20, "{largest} bytes");
    assert_eq!(source.checkpoint().and_then(|c| c.watermark.as_deref()), Some("integer:200000"));

    let mut source = open("postgres", &words, None, 1000).expect("it opens");
    assert!(source.next_batch().expect("it is read").is_some());
    let ended = wait(async {
        let mut other = PgConnection::connect(&server.url).await.expect("the server answers");
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        other.fetch_one(sql).await.expect("it is asked").get::<i64, _>(0)
    });
    assert_eq!(ended, 1);
    let error = loop {
        match source.next_batch() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the table ended before its end"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "DATABASE_LOST");
    assert!(source.checkpoint().is_none() && source.next_batch().expect("nothing more").is_none());
}

#[test]
fn a_reading_sees_one_state() {
    let server =
        Server::new("CREATE TABLE t AS SELECT n, repeat('x', 100) AS text FROM generate_series(1, 50000) n");
    let words = server.words(&[("table", "t")]);
    let mut source = open("postgres", &words, None, 100).expect("it opens");
    assert!(source.next_batch().expect("it is read").is_some());
    server.change("DELETE FROM t");
    while source.next_batch().expect("it is read").is_some() {}
    assert_eq!(source.counts().records, 50_000);
}
