//! The store: one database, Postgres or SQLite, that decides a run's status and holds what people act on.
//!
//! ```no_run
//! # async fn example() -> importer_engine::store::Result<()> {
//! use importer_engine::store::{Store, StoreOptions, UpgradeOptions};
//! let store = Store::connect(StoreOptions::new("sqlite://.importer/importer.db".parse()?)).await?;
//! store.upgrade(UpgradeOptions::default()).await?;
//! let mut chunk = store.begin().await?;
//! chunk.lock_entity("default", "volunteers").await?;
//! chunk.commit().await
//! # }
//! ```
//!
//! Where to look:
//!
//! - opening it: `address` (URL), `options`, `open` ([`Store`], pools), `ready` (for runs), `error` (kinds, retry, advice), `retry`
//! - what the databases do in different ways: `dialect`, `expressions` (SQL), `abilities` (what a step may do)
//! - its tables: `migrate` (up, down, adopt), `catalogue` (as Arrow schemas), `shape` (what they take), `numbered` (the
//!   organisation's, whose keys are no whole numbers), `others` (who else has to do with them), `shelf` (whole rows, put aside
//!   and put back)
//! - one connection: `session` ([`Session`]: transactions, statements, locks), `value` (parameters, small results),
//!   `constraints` (looked at before the end, and what tables say of them), `answers` (what they said), `guard` (rows that stay as they were read)
//! - bulk data: `copy` (in), `read` (out), `temp` (tables to join with), `arrays` (the same, without a table), `beside` (one of
//!   the two), `cells` and `columns` (Arrow both ways), `typed` and `declared` (types that both write in different ways), `json`
//! - control plane: `run`, `status`, `step` (steps, ledger), `audit`, `lease`, `fence` (who may write as a run), `ids`, `violations`, `remedy`,
//!   `suggestions`, `pairs` (what was decided about two), `merges`, `namespace`, `undo`, `spelling` (of external ids),
//!   `index` (which runs the match index lacks)
//!
//! Rules kept throughout: every statement is a file under `sql/store/<dialect>/` or made of quoted identifiers
//! (`ident`), never of input; parameters are `$1`, `$2`, … in both dialects; times are microseconds since 1970 UTC;
//! no cell value gets into an error or a log. Whoever opens a transaction ends it: a session dropped inside one is
//! rolled back. What a run at work writes takes a [`Fence`] and asks for it in its transaction; what takes none is read, is
//! written before there is a lease, or is done by people to runs of others.

mod abilities;
mod address;
mod answers;
mod arrays;
mod audit;
mod beside;
mod catalogue;
mod cells;
mod columns;
mod constraints;
mod copy;
mod copy_postgres;
mod copy_sqlite;
mod declared;
mod dialect;
mod error;
mod expressions;
mod fence;
mod gate;
mod guard;
mod ident;
mod ids;
mod index;
mod insert_postgres;
mod json;
mod lease;
mod merges;
mod migrate;
mod namespace;
mod numbered;
mod open;
mod operate;
mod options;
mod others;
mod pairs;
mod read;
mod ready;
pub(crate) mod remedy;
mod retry;
mod run;
mod session;
mod shape;
mod shelf;
mod spelling;
mod statement;
mod status;
mod step;
mod suggestions;
mod temp;
mod time;
mod typed;
mod undo;
mod value;
mod violations;

pub use address::StoreUrl;
pub use answers::TableAnswers;
pub use arrays::rows_as_arrays;
pub use audit::{AuditEntry, AuditFilter, AuditRecord, AuditWords};
pub use beside::RowsBeside;
pub use catalogue::TableSource;
pub use cells::timestamp_type;
pub use constraints::Unsettled;
pub use copy::CopyIn;
pub use dialect::Dialect;
pub use error::{Result, StoreError, StoreErrorKind};
pub use fence::Fence;
pub use gate::EntityGate;
pub use guard::AsRead;
pub use ident::{Space, Table, ident, ident_list};
pub use ids::{IdRange, IdRequest};
pub use index::IndexedRun;
pub use lease::{LeaseOptions, RunLease};
pub use merges::{
    ChangeRow, DecidedChange, LinkRow, MergeDocuments, MergeFilter, MergeRow, NewMerge, ProvenanceRow,
};
pub use migrate::{MigrationStatus, UpgradeOptions};
pub use namespace::{Namespace, NewNamespaces, StoreInfo};
pub use numbered::{NUMBER, with_numbers};
pub use open::Store;
pub use operate::Restart;
pub use options::{AuditAs, Durability, StoreOptions};
pub use others::ForeignKey;
pub use pairs::{NewVerdict, PairVerdict, RecordLink, RejectedPair, StoredSuggestion, SuggestionFilter};
pub use read::{BatchStream, Reader};
pub use ready::is_made_by_upgrade;
pub use remedy::{FilteredCount, Place, RemedyFigures, Settled, StoredViolation, Taken, ViolationFilter};
pub use run::{NewRun, Run, RunFilter, RunOutcome};
pub use session::Session;
pub use shape::{TableColumn, TableIndex, TableShape};
pub use shelf::{Shelf, ShelvedRow};
pub use spelling::{id_form, id_spelt};
pub use status::{
    Decision, MatchType, NamespaceStatus, RunKind, RunStatus, Severity, StepStatus, StopRequest,
};
pub use step::{LedgerEntry, StepRecord};
pub use suggestions::{MadeOf, SuggestionRow};
pub use typed::stored_text;
pub use value::{Row, Value};
pub use violations::{MAX_VIOLATIONS_PER_RULE, ViolationCount, ViolationRow, ViolationWriter};

use statement::{Statement, statement};
