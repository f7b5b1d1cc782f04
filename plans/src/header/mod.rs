//! Which column of a file is which field of a contract.
//!
//! [`match_headers`] is a pure function of the header line, the contract and the choices that people have made. It maps
//! by a closed vocabulary: every word of a header must be known. `Work e-mail` is an e-mail because both words are; an
//! `Email opt in`, a `Parent email` or a `Phone type` has a word that is not, and stays unmapped.
//!
//! | module | question |
//! | --- | --- |
//! | `fold` | when are two headers the same? |
//! | `words` | which words may stand beside a header, which make it somebody else's, what is a question? |
//! | `recognise` | which field can one header mean? |
//! | `known` | how many cells of a line are headers at all? |
//! | `assign` | which column gives which field, all headers seen together? |
//! | `which_id` | which of two ids is the external one? |
//! | `samples`, `agree` | what stands below a header, and can it be the field's? |
//! | `outcome` | what did people choose, and what became of each column? |
//! | `missing`, `likeness` | what is missing, and which field may an unknown header have meant? |
//! | `error` | what is missing or said twice, and what to write |

mod agree;
mod assign;
mod error;
mod fold;
mod known;
mod likeness;
mod missing;
mod outcome;
mod recognise;
mod samples;
mod which_id;
mod words;

pub use assign::{match_columns, match_headers};
pub use error::{HeaderError, Instead, MissingField};
pub use fold::fold_header;
pub use known::KnownHeaders;
pub use outcome::{Assignment, HeaderChoices, HeaderMatch, REPORT_COLUMNS, UnmappedColumn, WhyUnmapped};
pub use samples::Samples;
pub(crate) use words::knows_group;
