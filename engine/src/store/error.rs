//! What can go wrong in the store: a kind, a sentence, and the advice that belongs to the kind.
//!
//! Nothing of a row's content gets in here. Postgres puts values into `DETAIL`, and into the message of data
//! exceptions (class 22), so of a database error only the code, the names of table and constraint and, outside that
//! class, the primary message are kept; the driver's error itself is dropped.

use std::borrow::Cow;
use std::fmt;

/// Result of a store call.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What sort of failure it was; decides about retry and advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreErrorKind {
    /// The store's URL or options are wrong.
    Address,
    /// The database could not be reached, or refused the login.
    Connect,
    /// The connection broke; what was not committed is rolled back.
    ConnectionLost,
    /// Another writer holds the SQLite file.
    Busy,
    /// Postgres could not serialise the transaction (40001).
    Serialization,
    /// Deadlock (40P01).
    Deadlock,
    /// A lock was not granted in time (55P03).
    LockTimeout,
    /// A statement ran longer than allowed, or was cancelled (57014).
    StatementTimeout,
    /// A unique key exists already.
    UniqueViolation,
    /// A row that is referred to is missing.
    ForeignKeyViolation,
    /// Another constraint said no (check, not null, type).
    ConstraintViolation,
    /// A table, column or function is missing or the SQL is wrong.
    Schema,
    /// Missing rights.
    Permission,
    /// No space left, or the file is read-only.
    Storage,
    /// What is stored is damaged, or no database at all.
    Damaged,
    /// The database ran out of memory.
    Memory,
    /// A migration is missing, newer than this program, or was edited.
    Migration,
    /// A table of that name exists and Importer did not make it.
    NotOurs,
    /// The same in an SQLite file, which has one place for all tables.
    NotOurFile,
    /// Somebody else works on that run.
    LeaseHeld,
    /// Our lease was taken over: stop at once.
    LeaseLost,
    /// A run cannot go from its status to that one.
    IllegalTransition,
    /// There is no such row.
    NotFound,
    /// What is stored contradicts the request.
    Conflict,
    /// A value does not fit the column's type.
    Value,
    /// A table did not keep what was written, and said nothing.
    NotKept,
    /// A defect of Importer itself.
    Internal,
}

/// A failed store call. Small: one pointer.
pub struct StoreError(Box<Inner>);

struct Inner {
    kind: StoreErrorKind,
    message: Cow<'static, str>,
    code: Option<String>,
    object: Option<String>,
    table: Option<String>,
    column: Option<String>,
    /// The table is one of Importer's own.
    ours: bool,
}

/// Importer's own tables that a load writes: a constraint of theirs is no word about a row.
const OURS: [&str; 7] = [
    "external_id_map",
    "core_provenance",
    "change_log",
    "load_ledger",
    "id_ranges",
    "import_runs",
    "row_promotions",
];

impl StoreError {
    /// An error of this kind with a sentence for the operator.
    pub fn new(kind: StoreErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self(Box::new(Inner {
            kind,
            message,
            code: None,
            object: None,
            table: None,
            column: None,
            ours: false,
        }))
    }

    /// What sort of failure it was.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }

    /// SQLSTATE or SQLite's extended code, when the database gave one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The constraint or table the database named.
    pub fn object(&self) -> Option<&str> {
        self.0.object.as_deref()
    }

    /// The constraint that the database named.
    pub fn constraint(&self) -> Option<&str> {
        self.0.object.as_deref().filter(|object| Some(*object) != self.0.table.as_deref())
    }

    /// The table that the database named, or that was written.
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// The column that the database named.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The sentence without code and names.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether a trigger said no, in its own words.
    pub fn is_trigger(&self) -> bool {
        matches!(self.code(), Some("P0001" | "1811"))
    }

    /// Whether it is about one of Importer's own tables.
    pub fn is_of_ours(&self) -> bool {
        self.0.ours
    }

    /// The file, its folder or the disk is read-only.
    fn is_read_only(&self) -> bool {
        self.code().and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == 8)
    }

    /// Says which table was written, where the database does not.
    #[must_use]
    pub fn of_table(mut self, table: &str) -> Self {
        self.0.table.get_or_insert_with(|| table.to_owned());
        self
    }

    /// Whether the same transaction, tried again from its start, may succeed.
    pub fn is_transient(&self) -> bool {
        use StoreErrorKind::*;
        matches!(self.0.kind, Connect | ConnectionLost | Busy | Serialization | Deadlock | LockTimeout)
            && self.0.code.as_deref() != Some("28P01")
    }

    /// What an operator can do about it.
    pub fn advice(&self) -> &'static str {
        use StoreErrorKind::*;
        match self.0.kind {
            Address => "write sqlite://path/to/file.db or postgres://user@host/database",
            Connect => "check that the database runs and that host, port, user and password are right",
            ConnectionLost => {
                "check the database's log, then run the same file again: what is loaded already counts as unchanged"
            }
            Busy => "another process writes to this file; wait for it or stop it, then run again",
            Serialization | Deadlock => "nothing was lost; run it again",
            LockTimeout => "another transaction holds the rows; wait for it or end it, then run again",
            StatementTimeout => "raise the statement timeout, or look for a missing index or a blocked query",
            UniqueViolation if self.0.ours => {
                "another program wrote the same key meanwhile; run again to take it into account"
            }
            UniqueViolation => "look at the named constraint of the target table: the value is there already",
            ForeignKeyViolation => {
                "look at the named constraint of the target table: what is referred to is not there"
            }
            ConstraintViolation => "look at the named constraint of the target table",
            Schema => "run `importer db upgrade`, or compare the table with the project's load files",
            Permission => "grant the database user rights on the schema and its tables",
            Storage if self.is_read_only() => {
                "let this user write the database's file and its folder: reading alone needs that too, as it locks the file"
            }
            Storage => "free disk space and check that the database's file and folder are writable",
            Damaged => {
                "restore the database from a backup; for an embedded store `sqlite3 FILE .recover` saves what can be read"
            }
            Memory => "give the database more memory, or the run fewer --partitions and --chunk-rows",
            Migration => "run `importer db upgrade` with the program version that matches the store",
            NotOurs => {
                "put the core tables into a schema of their own, here and in every later command: --core-schema importer_core"
            }
            NotOurFile => {
                "give the store a file of its own, here and in every later command: --store sqlite://importer.db"
            }
            LeaseHeld => "wait for the other process, or stop it; a dead one is noticed by itself",
            LeaseLost => "another process took the run over; look at `importer show` for its state",
            IllegalTransition => "look at the run's status with `importer show`",
            NotFound => "check the number and the tenant",
            Conflict => "look at the run with `importer show`, then run the same file again",
            Value => "check the field's type in the contract against the column of the target table",
            NotKept => "look at the table's triggers, and at rules and constraints that pass over rows",
            Internal => "please report this together with the command you ran",
        }
    }

    pub(crate) fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StoreErrorKind::Internal, message)
    }

    pub(crate) fn value(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StoreErrorKind::Value, message)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match (&self.0.code, &self.0.object) {
            (Some(code), Some(object)) => write!(f, " ({code}, {object})"),
            (Some(code), None) => write!(f, " ({code})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(inner) => from_database(&*inner),
            sqlx::Error::Io(inner) => Self::new(
                StoreErrorKind::ConnectionLost,
                format!("the connection to the database broke: {}", inner.kind()),
            ),
            sqlx::Error::Tls(_) => {
                Self::new(StoreErrorKind::Connect, "TLS with the database could not be set up")
            }
            sqlx::Error::Configuration(_) => {
                Self::new(StoreErrorKind::Address, "the store's URL is not understood")
            }
            sqlx::Error::PoolTimedOut => {
                Self::new(StoreErrorKind::Connect, "no database connection became free in time")
            }
            sqlx::Error::PoolClosed => Self::new(StoreErrorKind::ConnectionLost, "the store was closed"),
            sqlx::Error::WorkerCrashed => {
                Self::new(StoreErrorKind::ConnectionLost, "the database's worker thread ended")
            }
            sqlx::Error::RowNotFound => Self::new(StoreErrorKind::NotFound, "the query gave no row"),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::value(format!("column {index} could not be read as the expected type"))
            }
            sqlx::Error::Encode(_) => Self::value("a parameter could not be encoded"),
            sqlx::Error::Decode(_) => Self::value("a value could not be decoded"),
            sqlx::Error::BeginFailed => Self::new(StoreErrorKind::ConnectionLost, "BEGIN was not accepted"),
            // Protocol errors may quote bytes of the stream.
            _ => Self::internal("the database driver reported an unexpected state"),
        }
    }
}

fn from_database(error: &dyn sqlx::error::DatabaseError) -> StoreError {
    let code = error.code().map(Cow::into_owned).unwrap_or_default();
    let postgres = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
    let kind = if postgres.is_some() { postgres_kind(&code) } else { sqlite_kind(&code) };
    let message: Cow<'static, str> = match kind {
        // The message of a data exception quotes the value, but for lengths and ranges.
        StoreErrorKind::Value if !matches!(code.as_str(), "22001" | "22003") => {
            "a value does not fit the column's type".into()
        }
        _ => error.message().to_owned().into(),
    };
    let named = postgres.map_or_else(
        || sqlite_names(error.message()),
        |e| Named {
            object: e.constraint().or_else(|| e.table()).map(str::to_owned),
            table: e.table().map(str::to_owned),
            column: e.column().map(str::to_owned).or_else(|| copy_column(e.r#where().unwrap_or_default())),
        },
    );
    let ours = match postgres {
        Some(e) => e.schema() == Some("importer"),
        None => named.table.as_deref().is_some_and(|table| OURS.contains(&table)),
    };
    let Named { object, table, column } = named;
    StoreError(Box::new(Inner { kind, message, code: Some(code), object, table, column, ours }))
}

/// What a database names in an error.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    object: Option<String>,
    table: Option<String>,
    column: Option<String>,
}

/// `UNIQUE constraint failed: contacts.tenant_id, contacts.email`
fn sqlite_names(message: &str) -> Named {
    let Some((kind, names)) = message.split_once(" constraint failed: ") else {
        // `cannot store TEXT value in INTEGER column contacts.birth_date`
        let place = message.split_once(" column ").map(|(_, place)| place).and_then(|p| p.split_once('.'));
        let (table, column) = place.unzip();
        return Named { object: None, table: table.map(str::to_owned), column: column.map(str::to_owned) };
    };
    if kind == "CHECK" {
        return Named { object: Some(names.to_owned()), ..Named::default() };
    }
    let pairs: Vec<(&str, &str)> = names.split(", ").filter_map(|name| name.split_once('.')).collect();
    let columns: Vec<&str> = pairs.iter().map(|(_, column)| *column).filter(|c| *c != "tenant_id").collect();
    Named {
        // Constraints have no names here; their columns say which one it is.
        object: (kind == "UNIQUE").then(|| format!("({})", columns.join(", "))),
        table: pairs.first().map(|(table, _)| (*table).to_owned()),
        column: columns.first().map(|column| (*column).to_owned()),
    }
}

/// `COPY contacts, line 3, column first_name`; what may stand behind it is the value.
fn copy_column(place: &str) -> Option<String> {
    let rest = place.lines().find_map(|line| line.strip_prefix("COPY ")?.split_once(", column "))?.1;
    let column = rest.split([':', ',', ' ']).next()?;
    (!column.is_empty()).then(|| column.to_owned())
}

fn postgres_kind(code: &str) -> StoreErrorKind {
    use StoreErrorKind::*;
    match code {
        "40001" => Serialization,
        "40P01" => Deadlock,
        "55P03" => LockTimeout,
        "57014" => StatementTimeout,
        "57P01" | "57P02" | "57P05" | "25P03" => ConnectionLost,
        "57P03" | "53300" | "28000" | "28P01" | "3D000" => Connect,
        "23505" => UniqueViolation,
        "23503" => ForeignKeyViolation,
        // A trigger that raises, and a view with check option.
        "P0001" | "44000" => ConstraintViolation,
        "42501" => Permission,
        "53100" => Storage,
        "53200" => Memory,
        "XX001" | "XX002" => Damaged,
        _ => match code.get(..2) {
            Some("08") => ConnectionLost,
            Some("22") => Value,
            Some("23") => ConstraintViolation,
            Some("42" | "3F") => Schema,
            Some("58") => Storage,
            _ => Internal,
        },
    }
}

fn sqlite_kind(code: &str) -> StoreErrorKind {
    use StoreErrorKind::*;
    let Ok(extended) = code.parse::<i32>() else { return Internal };
    match (extended, extended & 0xff) {
        (_, 5 | 6) => Busy,
        (1555 | 2067, _) => UniqueViolation,
        (787, _) => ForeignKeyViolation,
        (_, 19 | 20) => ConstraintViolation,
        (_, 3 | 23) => Permission,
        (_, 8 | 10 | 13 | 14) => Storage,
        (_, 11 | 26) => Damaged,
        (_, 7) => Memory,
        (_, 1) => Schema,
        _ => Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_read_only_is_no_full_disk() {
        let of = |code: &str| {
            let mut error = StoreError::new(StoreErrorKind::Storage, "no");
            error.0.code = Some(code.to_owned());
            error.advice()
        };
        assert!(of("1544").contains("let this user write") && of("8").contains("let this user write"));
        assert!(of("13").contains("disk space"));
    }

    #[test]
    fn names_are_read_out_of_messages() {
        let unique = sqlite_names("UNIQUE constraint failed: people.tenant_id, people.email");
        assert_eq!(unique.object.as_deref(), Some("(email)"));
        assert_eq!((unique.table.as_deref(), unique.column.as_deref()), (Some("people"), Some("email")));
        let missing = sqlite_names("NOT NULL constraint failed: people.name");
        assert_eq!((missing.object, missing.column.as_deref()), (None, Some("name")));
        assert_eq!(sqlite_names("CHECK constraint failed: adult").object.as_deref(), Some("adult"));
        assert_eq!(sqlite_names("FOREIGN KEY constraint failed"), Named::default());
        let typed = sqlite_names("cannot store TEXT value in INTEGER column people.age");
        assert_eq!((typed.table.as_deref(), typed.column.as_deref()), (Some("people"), Some("age")));
        assert_eq!(copy_column("COPY people, line 3, column name: \"Anna\"").as_deref(), Some("name"));
        assert_eq!(copy_column("SQL statement"), None);
    }
}
