//! Tables of databases: what is read from where on, and what is told. Here SQLite; Postgres has a file of its own.

use std::path::{Path, PathBuf};

use importer_connectors::connector::{self, Input, Request};
use importer_connectors::source::{Source, SourceError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

use crate::tables::{Table, drain, request};

/// A table that was read, and the watermark that it leaves.
pub struct Read {
    pub table: Table,
    pub watermark: Option<String>,
}

impl Read {
    pub fn noted(&self) -> Vec<(&str, i64, u64)> {
        self.table.notes.iter().map(|n| (n.code.as_str(), n.line_number, n.count)).collect()
    }
}

/// Opens the one table that the words name.
pub fn open(
    name: &str,
    words: &[(&str, &str)],
    after: Option<&str>,
    batch_rows: usize,
) -> Result<Box<dyn Source>, SourceError> {
    let request = Request { after: after.map(str::to_owned), ..request(words, batch_rows) };
    let mut sources = connector::open(name, Input::nothing("table"), &request)?;
    assert_eq!(sources.len(), 1);
    Ok(sources.remove(0))
}

/// Reads it to its end, in batches of different sizes that must give the same.
#[track_caller]
pub fn read(name: &str, words: &[(&str, &str)], after: Option<&str>) -> Read {
    let once = |rows: usize| match open(name, words, after, rows) {
        Ok(mut source) => {
            assert!(source.checkpoint().is_none(), "nothing was read yet");
            let table = drain(source.as_mut(), rows);
            assert!(table.stopped.is_none(), "{:?}", table.stopped);
            let watermark = source.checkpoint().and_then(|checkpoint| checkpoint.watermark.clone());
            Read { table, watermark }
        }
        Err(error) => panic!("{} {error}: {}", error.code(), error.help()),
    };
    let (whole, torn) = (once(8192), once(2));
    assert_eq!(whole.table.cells(), torn.table.cells());
    assert_eq!(whole.table.lines, torn.table.lines);
    assert_eq!(whole.table.findings, torn.table.findings);
    assert_eq!(whole.table.notes, torn.table.notes);
    assert_eq!(whole.watermark, torn.watermark);
    whole
}

/// The error with which it is refused, its text with its help.
#[track_caller]
pub fn refused(name: &str, words: &[(&str, &str)], after: Option<&str>) -> (&'static str, String) {
    let error = match open(name, words, after, 8192) {
        Err(error) => error,
        Ok(mut source) => drain(source.as_mut(), 8192).stopped.expect("it is refused"),
    };
    (error.code(), format!("{error}; {}", error.help()))
}

pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// A SQLite file of its own.
struct File {
    _folder: TempDir,
    path: PathBuf,
    url: String,
}

impl File {
    fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("crm.db");
        let url = format!("sqlite://{}", path.display());
        let file = Self { _folder: folder, path, url };
        file.change(sql);
        file
    }

    fn change(&self, sql: &str) {
        change(&self.path, sql);
    }

    fn words<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&[("url", self.url.as_str())][..], more].concat()
    }

    #[track_caller]
    fn read(&self, more: &[(&str, &str)], after: Option<&str>) -> Read {
        read("sqlite", &self.words(more), after)
    }

    #[track_caller]
    fn refused(&self, more: &[(&str, &str)], after: Option<&str>) -> (&'static str, String) {
        refused("sqlite", &self.words(more), after)
    }
}

fn change(path: &Path, sql: &str) {
    wait(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.expect("the file opens");
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        connection.close().await.expect("it closes");
    });
}

const PEOPLE: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, changed TEXT);
    INSERT INTO people VALUES (1, 'Anna', '2025-03-01 10:00:00'), (2, 'Bert', '2025-03-01 10:05:00'),
                              (3, 'Carl', '2025-03-01 10:05:00')";

const BY_CHANGED: [(&str, &str); 2] = [("table", "people"), ("cursor", "changed")];

#[test]
fn a_column_has_the_type_of_its_values() {
    let file = File::new(
        "CREATE TABLE t (whole INTEGER, real REAL, both NUMERIC, large NUMERIC, mixed INTEGER, text TEXT, bytes BLOB, none REAL);
         INSERT INTO t VALUES (1, 0.5, 1, 9007199254740993, 7, 'ä', x'ff', NULL);
         INSERT INTO t VALUES (NULL, 2.0, 1.5, 0.5, 'x', '', 'plain', NULL)",
    );
    let read = file.read(&[("table", "t")], None);
    let types = ["Int64", "Float64", "Float64", "Utf8", "Utf8", "Utf8", "Utf8", "Float64"];
    assert_eq!(read.table.types(), types);
    let cells = [
        ["1", "0.5", "1.0", "9007199254740993", "7", "ä", "~", "~"],
        ["~", "2.0", "1.5", "0.5", "x", "~", "plain", "~"],
    ];
    assert_eq!(read.table.cells(), cells);
    let found: Vec<_> =
        read.table.findings.iter().map(|f| (f.code.as_str(), f.line_number, f.column)).collect();
    assert_eq!(found, [("DATABASE_VALUE_UNREADABLE", 1, 6)]);
    assert_eq!(read.table.name, "t");
    assert_eq!((read.table.why("format"), read.table.why("columns")), ("SQLite", "8"));
    assert_eq!(read.watermark, None);
    let hex = file.read(&[("table", "t"), ("binary", "hex")], None);
    assert_eq!(hex.table.column("bytes"), ["ff", "plain"]);
}

#[test]
fn a_query_is_read_like_a_table() {
    let file = File::new(PEOPLE);
    let query = "SELECT name AS \"First name\", count(*) AS n -- of people\n FROM people WHERE name <> ';' GROUP BY 1 ORDER BY 1;";
    let read = file.read(&[("query", query)], None);
    assert_eq!(read.table.headers.original, ["First name", "n"]);
    assert_eq!(read.table.column("First name"), ["Anna", "Bert", "Carl"]);
    assert_eq!(read.table.name, "query");
}

#[test]
fn only_what_came_since_is_read_and_what_shares_the_watermark() {
    let file = File::new(PEOPLE);
    let first = file.read(&BY_CHANGED, None);
    assert_eq!(first.table.column("id"), ["1", "2", "3"]);
    let watermark = first.watermark.as_deref();
    assert_eq!(watermark, Some("text:2025-03-01 10:05:00"));
    // A row of the same moment that was committed later, one above, and a late one below.
    file.change(
        "INSERT INTO people VALUES (4, 'Dora', '2025-03-01 10:05:00'), (5, 'Emil', '2025-03-01 11:00:00'),
                                   (6, 'Late', '2025-03-01 10:01:00')",
    );
    let second = file.read(&BY_CHANGED, watermark);
    assert_eq!(second.table.column("id"), ["2", "3", "4", "5"]);
    assert_eq!(second.watermark.as_deref(), Some("text:2025-03-01 11:00:00"));
    let back = file.read(&[BY_CHANGED[0], BY_CHANGED[1], ("lookback", "4 minutes")], watermark);
    assert_eq!(back.table.column("id"), ["2", "3", "4", "5", "6"]);
    // Nothing above: the watermark stays.
    file.change("DELETE FROM people WHERE id = 5");
    let third = file.read(&BY_CHANGED, second.watermark.as_deref());
    assert!(third.table.lines.is_empty());
    assert_eq!(third.watermark, second.watermark);
}

#[test]
fn somebody_may_say_where_reading_begins() {
    let file = File::new(PEOPLE);
    let with = |word: &'static str, value: &'static str| [BY_CHANGED[0], BY_CHANGED[1], (word, value)];
    let after = Some("text:2025-03-01 10:05:00");
    assert_eq!(file.read(&with("since", "2025-03-01 10:01"), None).table.column("id"), ["2", "3"]);
    // A watermark is beyond the first beginning.
    assert_eq!(file.read(&with("since", "2025-01-01"), after).table.column("id"), ["2", "3"]);
    let again = file.read(&with("reread", "start"), after);
    assert_eq!(again.table.column("id"), ["1", "2", "3"]);
    assert_eq!(again.watermark.as_deref(), after);
    let later = file.read(&with("reread", "2025-04-01"), after);
    assert!(later.table.lines.is_empty());
    assert_eq!(later.noted(), [("DATABASE_GAP", 1, 1)]);
}

#[test]
fn rows_without_a_value_and_in_the_future_are_told_and_read_every_time() {
    let file = File::new(PEOPLE);
    file.change(
        "INSERT INTO people VALUES (4, 'None', NULL), (5, 'None', NULL), (6, 'Soon', '2999-01-01 00:00:00')",
    );
    let read = file.read(&BY_CHANGED, Some("text:2025-03-01 10:05:00"));
    assert_eq!(read.table.column("id"), ["2", "3", "4", "5", "6"]);
    assert_eq!(read.noted(), [("DATABASE_CURSOR_EMPTY", 3, 2), ("DATABASE_CURSOR_AHEAD", 5, 1)]);
    assert_eq!(read.watermark.as_deref(), Some("text:2025-03-01 10:05:00"));
}

#[test]
fn a_cursor_may_count() {
    let file = File::new(PEOPLE);
    let by_id = [("table", "people"), ("cursor", "id")];
    assert_eq!(file.read(&by_id, None).watermark.as_deref(), Some("integer:3"));
    let back = [by_id[0], by_id[1], ("lookback", "1")];
    assert_eq!(file.read(&back, Some("integer:3")).table.column("id"), ["2", "3"]);
    let since = [by_id[0], by_id[1], ("since", "3")];
    assert_eq!(file.read(&since, None).table.column("id"), ["3"]);
}

#[test]
fn what_cannot_be_read_is_refused_with_what_is_near() {
    let file = File::new(PEOPLE);
    let code = |words: &[(&str, &str)], after| file.refused(words, after);
    let (name, text) = code(&[("table", "peple")], None);
    assert!(name == "DATABASE_TABLE" && text.contains("did you mean people?"), "{text}");
    let (name, text) = code(&[("table", "people"), ("cursor", "chnged")], None);
    assert!(name == "DATABASE_CURSOR" && text.contains("did you mean changed?"), "{text}");
    assert_eq!(code(&[("query", "SELECT nothing FROM people")], None).0, "DATABASE_QUERY");
    assert_eq!(code(&[("query", "DELETE FROM people")], None).0, "DATABASE_QUERY");
    assert_eq!(code(&[("query", "SELECT 1; DELETE FROM people")], None).0, "DATABASE_QUERY");
    let (name, text) =
        code(&[("table", "people"), ("cursor", "changed"), ("lookback", "5")], Some("text:2025-03-01"));
    assert!(name == "SOURCE_OPTIONS" && text.contains("lookback"), "{text}");
    assert_eq!(
        code(&[("table", "people"), ("cursor", "id"), ("since", "yesterday")], None).0,
        "SOURCE_OPTIONS"
    );
    let (name, text) = code(&[("table", "people"), ("sheet", "1")], None);
    assert!(name == "SOURCE_OPTIONS" && text.contains("sheet"), "{text}");
    assert_eq!(
        refused("sqlite", &[("url", "sqlite://none/none.db"), ("table", "t")], None).0,
        "DATABASE_UNREACHABLE"
    );
    assert_eq!(
        refused("sqlite", &[("url", "env:IMPORTER_NO_SUCH_URL"), ("table", "t")], None).0,
        "DATABASE_URL"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("no.db");
    std::fs::write(&path, vec![b'x'; 8192]).expect("it is written");
    let url = path.display().to_string();
    assert_eq!(refused("sqlite", &[("url", &url), ("table", "t")], None).0, "DATABASE_DAMAGED");
}

#[test]
fn a_cursor_without_an_order_is_refused_before_rows_are_lost() {
    let file = File::new(PEOPLE);
    file.change("CREATE TABLE mixed (c); INSERT INTO mixed VALUES (1), ('x'); CREATE TABLE dates (c TEXT); INSERT INTO dates VALUES ('31.12.2024')");
    assert_eq!(file.refused(&[("table", "mixed"), ("cursor", "c")], None).0, "DATABASE_CURSOR");
    assert_eq!(file.refused(&[("table", "dates"), ("cursor", "c")], None).0, "DATABASE_CURSOR");
    // The cursor changed its kind: numbers would never come after texts.
    assert_eq!(
        file.refused(&[("table", "people"), ("cursor", "id")], Some("text:2025")).0,
        "DATABASE_CURSOR"
    );
    assert_eq!(file.refused(&BY_CHANGED, Some("integer:5")).0, "DATABASE_CURSOR");
    assert_eq!(file.refused(&BY_CHANGED, Some("of another version")).0, "DATABASE_WATERMARK");
}

#[test]
fn what_a_watermark_belongs_to_is_told_apart() {
    let file = File::new(PEOPLE);
    let key = |words: &[(&str, &str)]| {
        let words = file.words(words).into_iter().collect();
        let own = connector::own_input("sqlite", &words).expect("options that can be").expect("a table");
        own.partition.map(|partition| partition.key)
    };
    let of = key(&BY_CHANGED);
    assert!(of.is_some());
    assert_eq!(of, key(&[BY_CHANGED[0], BY_CHANGED[1], ("lookback", "1 h"), ("since", "2025-01-01")]));
    assert_ne!(of, key(&[("table", "people"), ("cursor", "id")]));
    assert_ne!(of, key(&[("query", "SELECT * FROM people"), ("cursor", "changed")]));
    assert_eq!(None, key(&[("table", "people")]));
    assert!(
        connector::own_input("csv", &[("url", "x")].into_iter().collect())
            .expect("a connector of files")
            .is_none()
    );
}

#[test]
fn many_rows_come_in_batches_and_a_reading_may_be_given_up() {
    let file = File::new(
        "CREATE TABLE t (n INTEGER, text TEXT);
         INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200000)
             SELECT n, printf('row %d of many', n) FROM c",
    );
    let words = file.words(&[("table", "t"), ("cursor", "n")]);
    let mut source = open("sqlite", &words, None, 4096).expect("it opens");
    let (mut rows, mut largest) = (0, 0);
    while let Some(batch) = source.next_batch().expect("it is read") {
        rows += batch.records.num_rows();
        largest = largest.max(batch.records.get_array_memory_size());
    }
    assert_eq!((rows, source.counts().records), (200_000, 200_000));
    assert!(largest < 1 << 20, "{largest} bytes");
    assert_eq!(source.checkpoint().and_then(|c| c.watermark.as_deref()), Some("integer:200000"));
    let mut source = open("sqlite", &words, None, 4096).expect("it opens");
    assert!(source.next_batch().expect("it is read").is_some());
    drop(source);
    // The file is free again.
    file.change("DELETE FROM t");
}

#[test]
fn a_reading_sees_one_state_and_holds_no_writer_up_in_wal_mode() {
    let file = File::new("PRAGMA journal_mode = WAL");
    file.change("CREATE TABLE t (n INTEGER); INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 50000) SELECT n FROM c");
    let words = file.words(&[("table", "t")]);
    let mut source = open("sqlite", &words, None, 100).expect("it opens");
    assert!(source.next_batch().expect("it is read").is_some());
    file.change("DELETE FROM t");
    while source.next_batch().expect("it is read").is_some() {}
    assert_eq!(source.counts().records, 50_000);
}
