//! What can go wrong at a database, in words. Nothing of a row and no password gets in here: of a driver's error only its
//! code is kept, and the database's own words where they speak of the query.

use crate::source::SourceError;

/// During what it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum During {
    Connecting,
    /// Nothing but the project's own words went to the database.
    Preparing,
    Reading,
}

/// A failure of the driver or of the database at `place`.
pub(super) fn failed(place: &str, during: During, error: &sqlx::Error) -> SourceError {
    let (code, message, help) = match error {
        sqlx::Error::Database(inner) => {
            let code = inner.code().unwrap_or_default().into_owned();
            let is_postgres = inner.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some();
            // The message of an error at work may quote values.
            let words = (during != During::Reading).then(|| inner.message());
            let kind = if is_postgres { postgres(&code) } else { sqlite(&code) };
            return of_database(place, kind, &code, words);
        }
        sqlx::Error::Tls(_) => (
            "DATABASE_UNREACHABLE",
            format!("TLS with {place} could not be set up"),
            "check sslmode and sslrootcert in the URL",
        ),
        sqlx::Error::Configuration(_) => (
            "DATABASE_URL",
            "the URL of the database is not understood".to_owned(),
            "it is written postgres://user@host:5432/database",
        ),
        sqlx::Error::Io(inner) if during == During::Connecting => (
            "DATABASE_UNREACHABLE",
            format!("{place} cannot be reached: {}", inner.kind()),
            "check that the database runs, and host and port in the URL",
        ),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => lost(place),
        _ => (
            "DATABASE_FAILED",
            format!("{place} cannot be read: its driver reported an unexpected state"),
            "run it again; look at the database's log if it stays so",
        ),
    };
    SourceError::new(code, message, help)
}

fn lost(place: &str) -> (&'static str, String, &'static str) {
    (
        "DATABASE_LOST",
        format!("the connection to {place} broke"),
        "look at the database's log, then run it again: nothing of this reading is loaded, and the watermark stays",
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Login,
    NoDatabase,
    Permission,
    Query,
    Ambiguous,
    Lost,
    Timeout,
    Value,
    Busy,
    Damaged,
    NotOpened,
    Other,
}

/// By SQLSTATE.
fn postgres(code: &str) -> Kind {
    match code {
        "28P01" | "28000" => Kind::Login,
        "3D000" => Kind::NoDatabase,
        "42501" => Kind::Permission,
        "42702" | "42701" => Kind::Ambiguous,
        "25006" => Kind::Query,
        "57014" => Kind::Timeout,
        "53300" | "57P03" | "55P03" => Kind::Busy,
        _ if code.starts_with("42") || code.starts_with("0A") => Kind::Query,
        _ if code.starts_with("08") || code.starts_with("57P") => Kind::Lost,
        _ if code.starts_with("22") => Kind::Value,
        _ if code.starts_with("XX") => Kind::Damaged,
        _ => Kind::Other,
    }
}

/// By SQLite's extended code.
fn sqlite(code: &str) -> Kind {
    match code.parse::<u32>().unwrap_or(0) & 0xFF {
        1 => Kind::Query,
        3 | 23 => Kind::Permission,
        5 | 6 => Kind::Busy,
        8 => Kind::Query,
        9 => Kind::Timeout,
        10 | 11 | 26 => Kind::Damaged,
        14 => Kind::NotOpened,
        _ => Kind::Other,
    }
}

fn of_database(place: &str, kind: Kind, code: &str, words: Option<&str>) -> SourceError {
    // A data exception quotes the value, also where it comes with the first row.
    let words = words.filter(|_| kind != Kind::Value);
    let told = words.map(|words| format!(": {words}")).unwrap_or_default();
    let (name, message, help) = match kind {
        // The server names the user, and never the password.
        Kind::Login => (
            "DATABASE_LOGIN",
            format!("{place} refuses the login{told}"),
            "check user and password in the URL",
        ),
        Kind::NoDatabase => (
            "DATABASE_UNREACHABLE",
            format!("{place} is not there{told}"),
            "check the database's name in the URL",
        ),
        Kind::Permission => (
            "DATABASE_PERMISSION",
            format!("{place} may not be read{told}"),
            "grant the user of the URL USAGE on the schema and SELECT on the table",
        ),
        Kind::Ambiguous => (
            "DATABASE_COLUMNS",
            format!("two columns of what {place} gives have one name{told}"),
            "give each column of the query a name of its own: a.id AS a_id",
        ),
        Kind::Query => (
            "DATABASE_QUERY",
            format!("{place} cannot answer{told}"),
            "correct the table, the query or the cursor",
        ),
        Kind::Lost => lost(place),
        Kind::Timeout => (
            "DATABASE_TIMEOUT",
            format!("{place} ended the reading before its end{told}"),
            "raise the statement timeout of the user, or read less with a cursor",
        ),
        Kind::Busy => {
            ("DATABASE_BUSY", format!("{place} has no room for a reader now{told}"), "run it again later")
        }
        Kind::Value => (
            "DATABASE_VALUE",
            format!("{place} cannot compute a value of the query{told}"),
            "correct the query: a cast or a calculation in it does not fit a row",
        ),
        Kind::Damaged => (
            "DATABASE_DAMAGED",
            format!("{place} is damaged, or no database{told}"),
            "check the file, or restore it",
        ),
        Kind::NotOpened => (
            "DATABASE_UNREACHABLE",
            format!("{place} cannot be opened{told}"),
            "check the path and its permissions; a database in WAL mode needs the files beside it",
        ),
        Kind::Other => (
            "DATABASE_FAILED",
            format!("{place} cannot be read{told} ({code})"),
            "look at the database's log",
        ),
    };
    SourceError::new(name, message, help)
}

/// What is read has no columns at all.
pub(super) fn no_columns(place: &str) -> SourceError {
    SourceError::new(
        "DATABASE_COLUMNS",
        format!("{place} has no columns"),
        "name a table or a query that gives some",
    )
}

/// The driver does not take the watermark: an invariant of ours.
pub(super) fn not_sent() -> SourceError {
    SourceError::new(
        "DATABASE_FAILED",
        "the watermark cannot be sent",
        "This is a defect in Importer; please report it.",
    )
}

/// Arrays that do not fit together: an invariant of ours.
pub(super) fn defect(error: &arrow::error::ArrowError) -> SourceError {
    SourceError::new(
        "DATABASE_FAILED",
        format!("rows could not be put into columns: {error}"),
        "This is a defect in Importer; please report it.",
    )
}
