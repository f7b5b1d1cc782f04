//! One error type for a run: what kind of failure it is, what happened, and what the operator can do.
//!
//! The kind decides the exit code and whether the run can be resumed; the sentences are for people.

use std::fmt;

/// Who has to act on a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request itself is wrong: an option, a path, a missing header. Nothing was started.
    Usage,
    /// A project file is wrong.
    Project,
    /// The input file cannot be read as what it claims to be.
    Input,
    /// A limit that the operator set was passed (the breaker, all-or-nothing).
    Refused,
    /// The database did not do what was asked.
    Store,
    /// The lake (files) did not do what was asked.
    Lake,
    /// Another run holds what this one needs, or took it over.
    Lease,
    /// The run was interrupted by a signal.
    Interrupted,
    /// An invariant of ours does not hold.
    Internal,
}

impl ErrorKind {
    /// The process exit code (architecture, section 10).
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage | Self::Project => 2,
            Self::Interrupted => 130,
            _ => 1,
        }
    }
}

/// A failure of the engine.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    code: Option<&'static str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with a sentence that says what is wrong and where.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None, code: None, source: None }
    }

    /// An invariant of ours that does not hold.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
            .with_help("this is a defect in Importer; please report it with the run id")
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Gives the failure its stable code.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says during what it happened.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Who has to act.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code, where there is one.
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

/// What to do when the lake is there and does not let us in.
const LAKE_KEYS_HELP: &str = "check who may read and write the lake; for s3:// lakes AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy";

/// What to do when files cannot be written or read.
const LAKE_HELP: &str = "check that the lake can be reached, is writable and has room";

/// The code of a database that is damaged.
pub const STORE_DAMAGED: &str = "STORE_DAMAGED";
/// The code of a data file that is not what its manifest says.
pub const DAMAGED: &str = "LAKE_DAMAGED";
/// The code of a request whose files were all loaded before.
pub const NOTHING_NEW: &str = "NOTHING_NEW";
/// More rows are bad, or refused by the target, than the run allows: it goes on when it is told to accept them.
pub const TOO_MANY_BAD: &str = "TOO_MANY_BAD";
/// The code of a plan that does not fit any more: it is made anew, and going on does not help.
pub const PLAN_MOVED: &str = "PLAN_MOVED";
/// A run that takes all or nothing met rows that it cannot load: it goes on without them when it is told to.
pub const ALL_OR_NOTHING: &str = "ALL_OR_NOTHING";
/// A file of the project is wrong, which shows only with the rows: a run that is resumed meets it again.
pub const PROJECT_FAULT: &str = "PROJECT";
/// The source takes no file with records that cannot be read: it is read anew when it is mended.
pub const UNREADABLE_ROWS: &str = "UNREADABLE_ROWS";

/// What to do when a file of the lake is missing or not what was written.
pub(crate) const DAMAGED_HELP: &str =
    "restore the file from a backup of the lake, or run the file of this run again";

/// A file that was there when its manifest was written.
fn is_gone(error: &datafusion::error::DataFusionError) -> bool {
    use datafusion::error::DataFusionError as D;
    match error {
        D::ObjectStore(inner) => matches!(**inner, object_store::Error::NotFound { .. }),
        D::IoError(inner) => inner.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

impl Error {
    /// Whether an operator of a query found no room in memory for what it cannot spill.
    pub(crate) fn wants_memory(&self) -> bool {
        use datafusion::error::DataFusionError as D;
        let mut at: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = at {
            if let Some(found) = error.downcast_ref::<D>() {
                return matches!(found.find_root(), D::ResourcesExhausted(_));
            }
            at = error.source();
        }
        false
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        use datafusion::error::DataFusionError as D;
        let root = error.find_root();
        if let D::External(inner) = root
            && let Some(ours) = inner.downcast_ref::<Error>()
        {
            let (kind, message) = (ours.kind, ours.message.clone());
            return Self {
                kind,
                message,
                help: ours.help.clone(),
                code: ours.code,
                source: Some(error.into()),
            };
        }
        let (kind, help) = match root {
            D::ResourcesExhausted(_) => {
                (ErrorKind::Refused, Some("give the run more memory with --memory, or more temporary disk"))
            }
            // Who waits for files reads Parquet; what cannot be read as such is not what was written.
            D::ParquetError(_) => (ErrorKind::Lake, Some(DAMAGED_HELP)),
            D::IoError(_) | D::ObjectStore(_) => (ErrorKind::Lake, Some(LAKE_HELP)),
            _ => (ErrorKind::Internal, None),
        };
        let damaged = matches!(root, D::ParquetError(_)) || is_gone(root);
        let message = root.strip_backtrace();
        let made = Error::new(kind, message).with_source(error);
        let made = if damaged { made.with_code(DAMAGED).with_help(DAMAGED_HELP) } else { made };
        if damaged {
            return made;
        }
        match help {
            Some(help) => made.with_help(help),
            None => made,
        }
    }
}

impl From<datafusion::arrow::error::ArrowError> for Error {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Error::new(ErrorKind::Internal, error.to_string()).with_source(error)
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        use object_store::Error as E;
        let help = match &error {
            E::Unauthenticated { .. } | E::PermissionDenied { .. } => LAKE_KEYS_HELP,
            _ => LAKE_HELP,
        };
        Error::new(ErrorKind::Lake, error.to_string()).with_help(help).with_source(error)
    }
}

impl From<parquet::errors::ParquetError> for Error {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Error::new(ErrorKind::Lake, error.to_string())
            .with_help(DAMAGED_HELP)
            .with_code(DAMAGED)
            .with_source(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::new(ErrorKind::Lake, error.to_string()).with_help(LAKE_HELP).with_source(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error::new(ErrorKind::Internal, format!("a document could not be read or written: {error}"))
            .with_source(error)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Error::internal(format!("a task ended unexpectedly: {error}")).with_source(error)
    }
}

impl From<crate::store::StoreError> for Error {
    fn from(error: crate::store::StoreError) -> Self {
        use crate::store::StoreErrorKind::{Damaged, LeaseHeld, LeaseLost};
        let kind = match error.kind() {
            LeaseHeld | LeaseLost => ErrorKind::Lease,
            _ => ErrorKind::Store,
        };
        let damaged = error.kind() == Damaged;
        let made =
            Error::new(kind, error.to_string()).with_help(error.advice().to_owned()).with_source(error);
        if damaged { made.with_code(STORE_DAMAGED) } else { made }
    }
}
