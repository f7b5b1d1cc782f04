//! The seven steps. Each takes data sets and gives data sets, and nothing else; only `load` touches core.
//!
//! | module | gives |
//! | --- | --- |
//! | [`land`] | `landed`, `rejects` |
//! | [`stage`] | `staging_<entity>` |
//! | [`check`] | `dq_violations` |
//! | [`matching`] | `links`, `dedupe_pairs` |
//! | [`resolve`] | `changes` |
//! | [`load`] | core, the id map, provenance, logs, a ledger row per chunk |
//! | [`reconcile`] | suggestions, freshness, parity, the error reports |
//!
//! Between land and stage [`texts`] looks at the columns of each file as a whole.
//!
//! Stage asks the store for the records that rows name: [`references`].
//! Between them: [`refused`] holds the rows that the target tables did not take, [`lookup`] asks core by keys, [`promotions`] claims held rows that go again and settles them, [`similar`] whether new ids are known ones in another spelling, [`core_rows`]
//! reads core rows whole, [`statistics`] has the database look at its tables anew, [`alike`] makes one table of files that are
//! read alike.

pub mod alike;
pub mod check;
pub mod core_rows;
pub mod core_tables;
pub mod land;
pub mod load;
pub mod lookup;
pub mod matching;
pub mod promotions;
pub mod reconcile;
pub mod references;
pub mod refused;
pub mod rejects;
mod report;
pub mod resolve;
pub mod similar;
pub mod stage;
pub mod statistics;
pub mod texts;
mod violations;

pub use report::{Reports, can_report, write_reports};
pub use violations::{close_superseded, write_violations};
