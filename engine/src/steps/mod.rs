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
//! | [`reconcile`] | freshness, parity, counts, the error report |

pub mod check;
pub mod core_rows;
pub mod land;
pub mod load;
pub mod lookup;
pub mod matching;
pub mod reconcile;
pub mod rejects;
mod report;
pub mod resolve;
pub mod stage;
pub mod statistics;
mod violations;

pub use report::{can_report, write_reports};
pub use violations::{close_superseded, write_violations};
