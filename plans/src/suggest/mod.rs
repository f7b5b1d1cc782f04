//! What the values of a file say about how it is to be read: the country of its telephone numbers, the order of its dates.
//! Proposals with evidence, never applied unless somebody accepts them.
//!
//! - here: what is asked and what is proposed
//! - `region`: which country do the numbers fit? `regions`: what lists of countries look like
//! - `dates`: which order can the dates have?

mod dates;
mod region;
mod regions;

use serde::{Deserialize, Serialize};

use crate::header::{HeaderMatch, Samples};
use crate::project::{Contract, DateOrder};

/// A setting that the data speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The setting as in a source file: `default_region` or `date_order`.
    pub setting: String,
    pub value: String,
    /// The evidence, as a sentence without its full stop.
    pub why: String,
    /// Something else fits as well: a person has to say which, accepting all proposals leaves it out.
    pub doubtful: bool,
}

impl Suggestion {
    /// The flag to write.
    pub fn flag(&self) -> String {
        format!("--{} {}", self.setting.replace('_', "-"), self.value)
    }
}

/// A file as far as it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    pub headers: &'a [String],
    pub matched: &'a HeaderMatch,
    pub samples: &'a Samples,
}

/// What would be read better otherwise than with the region and the order given. All files of a run are read alike, so all are
/// looked at together.
pub fn suggest(
    files: &[Looked<'_>],
    contract: &Contract,
    region: Option<&str>,
    order: DateOrder,
) -> Vec<Suggestion> {
    let told = region::suggest(files, contract, region);
    // Dates follow the country of the list, where its numbers or its postal codes show one.
    let country = told.as_ref().filter(|told| !told.doubtful).map(|told| told.value.as_str());
    let country = country.or_else(|| region.filter(|region| region::fits(files, contract, region)));
    let dates = (order == DateOrder::Auto).then(|| dates::suggest(files, contract, country)).flatten();
    told.into_iter().chain(dates).collect()
}
