//! The lake: every data set of every run as Parquet, with a manifest per step that says which files are whole.
//!
//! - [`objects`] is the lake itself: small objects read and written, files made durable, folders listed.
//! - [`paths`] is the only place where an object path is formatted.
//! - [`dataset`] writes streams of record batches as `part` files and describes them.
//! - [`scratch`] holds rows that only the queries after them read.
//! - [`held`] keeps rows at hand that were just written.
//! - [`durable`] has the system write files beside what goes on.
//! - [`sink`] takes the bytes of a part file; [`pieces`] uploads them where the lake is no folder, and reports everywhere.
//! - [`location`] opens the object store that a lake's name means; [`below`] is a folder of a bucket.
//! - [`encoding`] says how the columns of a part file are written.
//! - [`match_index`] keeps the records that core rows were made of, over all runs.
//! - [`manifest`] says that a step's files are complete; files that no manifest lists do not count.

mod below;
mod dataset;
mod durable;
mod encoding;
mod held;
mod location;
mod manifest;
mod match_index;
mod objects;
mod paths;
mod pieces;
mod scratch;
mod sink;

pub use crate::error::DAMAGED;
pub use dataset::{DataFile, DataSet, DataSetWriter, Order};
pub use manifest::{Manifest, manifest_name};
pub use match_index::{Generation, Mark, MatchIndex, Part, PartSource, due};
pub use objects::Lake;
pub use paths::{DataSetName, RunPaths, data_set_root, kept_rows_root, project_bundle};
pub use pieces::Pieces;
pub use scratch::{Scratch, ScratchWriter};
