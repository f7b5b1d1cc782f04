//! load: the only step that touches core. Changes go in chunks of whole core rows, one transaction each, in the order
//! of their files; the ledger says which chunks are in, so that a resumed load goes on behind them.
//!
//! - [`round`]: the load of one round, and what it did
//! - [`ids`]: the core ids that a round takes and uses
//! - [`chunk`]: a chunk of changes as rows per table
//! - [`cut`]: how many changes each chunk takes
//! - [`statements`]: the set-based SQL, from the entity's load files
//! - [`turns`]: the chunks of a round in turns, each made ready while the one before is written
//! - [`apply`]: the transaction: lock, fence, guard, write, ledger
//! - [`ground`]: whether somebody else has changed what a chunk stands on; [`write`]: its rows into the tables;
//!   [`ledger`]: what became of it; [`kept`]: whether the tables have it
//! - [`sift`]: what the target tables refuse of a chunk, and the rest of it; [`refusal`]: what they say
//! - [`beside`]: rows of a chunk in the statements of its transaction
//! - [`tally`]: the rows of a round whose chunks are in
//! - [`suggestions`]: what a person may decide, after all chunks are in; [`features`]: what scores were made of; [`rejected`]:
//!   what somebody has decided before

mod apply;
mod beside;
mod chunk;
mod cut;
mod features;
mod ground;
mod ids;
mod kept;
mod ledger;
mod refusal;
mod rejected;
mod round;
mod sift;
mod statements;
mod suggestions;
mod tally;
mod turns;
mod write;

pub(crate) use chunk::{Chunk, Lane, Rows, with_ids, with_ordinal};
pub(crate) use cut::Cut;
pub use ground::OwnIds;
pub(crate) use ledger::refused_of;
pub use refusal::Refusal;
pub use round::{Loaded, load, register_created, stands};
pub(crate) use statements::{LINK_COLUMNS, Target, update_provenance};
pub use suggestions::{register_all_created, write_suggestions};
pub use tally::loaded_rows;
pub(crate) use turns::ChunkReader;
