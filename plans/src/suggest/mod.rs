//! What the values of a file say about how it is to be read: the country of its telephone numbers, the order of its
//! dates, the mark before the decimals of its numbers. Proposals with evidence, never applied unless somebody accepts them.
//!
//! - here: what is asked and what is proposed
//! - `region`: which country do the numbers fit? `regions`: what lists of countries look like
//! - `two_ways`: which reading do values mean that have several? `dates`: orders of day, month and year; `numbers`: marks
//!   before decimals

mod dates;
mod numbers;
mod region;
mod regions;
mod two_ways;

use serde::{Deserialize, Serialize};

use self::two_ways::Usual;
use crate::header::{HeaderMatch, Samples};
use crate::project::{Contract, DateOrder, NumberFormat};

/// A setting that the data speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The setting as in a source file: `default_region`, `date_order` or `number_format`.
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

/// How files are read so far.
#[derive(Debug, Clone, Copy)]
pub struct Habits<'a> {
    pub region: Option<&'a str>,
    pub date_order: DateOrder,
    pub number_format: NumberFormat,
}

/// What would be read better otherwise than so far. All files of a run are read alike, so all are looked at together.
pub fn suggest(files: &[Looked<'_>], contract: &Contract, so_far: Habits<'_>) -> Vec<Suggestion> {
    let told = region::suggest(files, contract, so_far.region);
    // Dates and numbers follow the country of the list, where its telephone numbers or its postal codes show one.
    let country = told.as_ref().filter(|told| !told.doubtful).map(|told| told.value.as_str());
    let country = country.or_else(|| so_far.region.filter(|region| region::fits(files, contract, region)));
    let marks = country.and_then(regions::of);
    let order = marks.map(|marks| Usual { region: marks.region, way: marks.date_order });
    let format = marks.map(|marks| Usual { region: marks.region, way: marks.number_format });
    let dates = || dates::suggest(files, contract, order);
    let numbers = || numbers::suggest(files, contract, format);
    let dates = (so_far.date_order == DateOrder::Auto).then(dates).flatten();
    let numbers = (so_far.number_format == NumberFormat::Auto).then(numbers).flatten();
    told.into_iter().chain(dates).chain(numbers).collect()
}
