//! Text whose columns stand at fixed places of each line. Nothing in such a file says so: it is read only by name, with the
//! option `layout`.
//!
//! Places count characters, from 1. Cells lose the blanks around them unless `trim` is false; an empty cell is NULL. A line
//! that ends before a column begins has NULL there; one that ends in the middle of a column is kept, and told. A line with
//! content behind the last column is rejected.
//!
//! | file | what happens there |
//! | --- | --- |
//! | `connector` | all of it as a connector: [`FixedWidth`] |
//! | `layout` | the option `layout`: names and places |
//! | `source` | line by line |
//! | `code` | codes of rejects, findings, notes and errors |

mod code;
mod connector;
mod layout;
mod source;

pub use connector::FixedWidth;
