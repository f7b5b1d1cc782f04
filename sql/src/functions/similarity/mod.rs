//! How much two values are alike: measures for the SQL of people, and for the levels of `match.yml`. The name test asks what
//! a slip makes of a date.
//!
//! They are batch kernels. A join gives its pairs in the order of one side, so the left text of a row is often that of the
//! row before; what a measure prepares of it ([`prepared`]) is kept until it changes.
//!
//! - [`jaro_winkler`]: the kernel behind `jaro_winkler_similarity`.
//! - [`edits`]: the kernel behind `damerau_levenshtein`.
//! - [`date_slip`]: what a slip of the pen makes of a date; also what the name test asks.
//! - [`letter_places`]: a prepared text, for the two; [`numbers`]: arguments that are numbers.
//! - [`spanish`]: one spelling for what sounds alike in Spanish.
//! - `phonetic_code`, `phonetic_codes`, `date_evidence`, `numeric_distance`, `relative_distance`, `array_overlap`, `array_edits`,
//!   `array_smallest_common`: one function each, as in the folder above.

mod array_edits;
mod array_overlap;
mod array_smallest_common;
mod damerau_levenshtein;
mod date_evidence;
mod date_slip;
mod edits;
mod jaro_winkler;
mod jaro_winkler_similarity;
mod letter_places;
mod numbers;
mod numeric_distance;
mod phonetic_code;
mod phonetic_codes;
mod prepared;
mod relative_distance;
mod spanish;

pub(in crate::functions) use array_edits::ArrayEdits;
pub(in crate::functions) use array_overlap::ArrayOverlap;
pub(in crate::functions) use array_smallest_common::ArraySmallestCommon;
pub(in crate::functions) use damerau_levenshtein::DamerauLevenshtein;
pub(in crate::functions) use date_evidence::DateEvidence;
pub(in crate::functions) use date_slip::{DateSlip, date_slip};
pub(in crate::functions) use jaro_winkler_similarity::JaroWinklerSimilarity;
pub(in crate::functions) use numeric_distance::NumericDistance;
pub(in crate::functions) use phonetic_code::PhoneticCode;
pub(in crate::functions) use phonetic_codes::PhoneticCodes;
pub(in crate::functions) use relative_distance::RelativeDistance;
