//! What a target table says of a row that it does not take: which of its constraints, in words for the person who mends
//! the row. Constraints of Importer's own tables are no word about a row.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::store::{StoreError, StoreErrorKind};

/// A change that the target did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The lead row of the change.
    pub lead: i64,
    /// `LOAD_UNIQUE` and its like.
    pub code: String,
    /// The column that the database named.
    #[serde(default)]
    pub column: Option<String>,
    pub message: String,
    pub hint: String,
}

impl Refusal {
    /// Reads an error of a write; nothing where it is no word about what was written.
    pub fn of(error: &Error, lead: i64) -> Option<Self> {
        let cause = std::error::Error::source(error)?.downcast_ref::<StoreError>()?;
        let (code, what, hint) = words(cause)?;
        let constraint = cause.constraint().map(|name| format!(" {name}")).unwrap_or_default();
        let column = cause.column().map(|name| format!(", column {name}")).unwrap_or_default();
        let table = cause.table().map(|name| format!(", table {name}")).unwrap_or_default();
        let told = match cause.kind() {
            StoreErrorKind::UniqueViolation | StoreErrorKind::ForeignKeyViolation => String::new(),
            _ if cause.is_trigger() || code == "LOAD_VALUE" => format!(": {}", cause.message()),
            _ => String::new(),
        };
        Some(Self {
            lead,
            code: code.to_owned(),
            column: cause.column().map(str::to_owned),
            message: format!("the target does not take this row: {what}{constraint}{column}{table}{told}"),
            hint: hint.to_owned(),
        })
    }

    /// Whether an error is a word about what was written.
    pub fn is(error: &Error) -> bool {
        Self::of(error, 0).is_some()
    }
}

/// A refusal that ended the transaction of the whole load.
pub fn all_is_gone(error: &Error) -> Error {
    let said = Refusal::of(error, 0).map_or_else(|| error.to_string(), |refusal| refusal.message);
    Error::new(
        ErrorKind::Refused,
        format!("{said}; the table takes the whole transaction back for it (RAISE(ROLLBACK) or ON CONFLICT ROLLBACK), and with it the load"),
    )
    .with_help("write RAISE(ABORT, …) into the trigger, or load without --atomic: then the row alone is held")
}

/// The code, what it is, and what to do.
fn words(error: &StoreError) -> Option<(&'static str, &'static str, &'static str)> {
    if error.is_of_ours() {
        return None;
    }
    Some(match error.kind() {
        StoreErrorKind::UniqueViolation => (
            "LOAD_UNIQUE",
            "unique constraint",
            "another record has these values already; correct the row, or find out whether both are one record",
        ),
        StoreErrorKind::ForeignKeyViolation => (
            "LOAD_FOREIGN_KEY",
            "foreign key",
            "what the row refers to is not there; correct the value, or add the record that it names first",
        ),
        StoreErrorKind::Value => (
            "LOAD_VALUE",
            "a value does not fit its column",
            "shorten or correct the value, or widen the column",
        ),
        StoreErrorKind::NotKept => (
            "LOAD_REFUSED",
            "the table did not keep it; a trigger or ON CONFLICT passes over it",
            "look at the triggers of the table, and at constraints with ON CONFLICT: let them raise an error that says what is wrong",
        ),
        StoreErrorKind::ConstraintViolation => match error.code() {
            Some("23502" | "1299") => {
                ("LOAD_NOT_NULL", "NOT NULL", "fill in the value, or give the column a default in the table")
            }
            Some("23514" | "275") => {
                ("LOAD_CHECK", "check constraint", "correct the value so that it satisfies the constraint")
            }
            Some("3091") => (
                "LOAD_VALUE",
                "a value does not fit its column",
                "correct the value, or change the column's type",
            ),
            _ => (
                "LOAD_REFUSED",
                "the database refuses it",
                "look at the constraints and triggers of the table",
            ),
        },
        _ => return None,
    })
}
