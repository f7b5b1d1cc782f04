//! The compiler: an entity's files in, the named queries of each step out. Readable SQL, shown by `importer explain`.
//!
//! Pure: nothing here reads a file, a clock or a table. Values that are known only when a run starts are parameters
//! (`$landed_at`, `$latest_at` (24 hours later), `$external_system`, `$default_region`, `$date_order`, `$time_zone`, `$policy`, `$id_reused`,
//! `$incompatible`, `$no_key`, `$similar_id`, `$max_key_people`, `$max_key_group`, `$max_cluster`), bound by the engine and never pasted into text.
//!
//! | step | module | gives |
//! | --- | --- | --- |
//! | stage | [`stage`] | mapping, types, keys, checksum; the file before its mapping is [`landed`] |
//! | | [`texts`] | how the cells of a file are read, decided from its columns as a whole |
//! | | [`references`] | the records of other entities that rows name |
//! | check | [`check`] | violations of all rules, fused into one scan where they are plain filters |
//! | match | [`matching`] | identity decisions, over the SQL files of `sql/steps/match` |
//! | | [`fuzzy`] | records compared by likeness, and what that says |
//! | resolve | [`resolve`] | the changes; who wins a field is [`survivorship`] |
//! | rollback | [`undo`] | what taking back a run's changes makes of each core row |
//! | merge | [`merging`] | which of two core rows gives each field, and what is made of both |
//! | | [`splitting`] | records that leave the core row of others |
//! | | [`diff`] | changes as lines to read: core row, field, before, after, why |
//!
//! Beside the steps, [`why`] asks one record back from what a run left.

mod bind;
mod built_in;
pub mod check;
mod columns;
mod core_table;
pub mod diff;
mod faults;
pub mod fuzzy;
mod ident;
mod judge;
mod kinds;
mod landed;
pub mod load;
pub mod matching;
pub mod merging;
mod query;
mod reference_shape;
pub mod references;
pub mod resolve;
mod shape;
pub mod splitting;
pub mod stage;
mod survivorship;
pub mod texts;
mod typed;
pub mod undo;
pub mod why;

pub use bind::{Bound, bind};
pub use core_table::{CoreTable, with_tenant};
pub use ident::{ident, literal};
pub use kinds::{FieldKind, KindOptions, SetKind};
pub use query::{Keep, Query};
pub use reference_shape::{ReferenceShape, WayShape};
pub use shape::{BadValue, FieldShape, KeyShape, Roles, SetShape, Shape, StateTable};
