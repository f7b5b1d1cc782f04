//! Project files in, plans out: the loader of projects, the matching of headers, the compiler of SQL. No I/O.
//!
//! - [`project`]: the files of a data engineer, read into typed structs, every error with its place
//! - [`header`]: which column of a file is which field of the contract
//! - [`suggest`]: how a file is to be read, as its values show
//! - [`compile`]: an entity's files as the named queries of each step

pub mod compile;
pub mod header;
pub mod project;
pub mod suggest;
