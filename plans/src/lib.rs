//! Project files in, plans out: the loader of projects, the matching of headers, the compiler of SQL. No I/O.

pub mod header;
pub mod project;
