//! What the values of a file say about how it is to be read: the country of its telephone numbers, the order of its
//! dates, the mark before the decimals of its numbers. Proposals with evidence, never applied unless somebody accepts them.
//!
//! - here: the question as a whole; `asked`: what is looked at and what is proposed
//! - `region`: which country do the numbers fit? `regions`: what lists of countries look like
//! - `two_ways`: which reading do values mean that have several? `dates`: orders of day, month and year; `numbers`: marks
//!   before decimals

mod asked;
mod dates;
mod numbers;
mod region;
mod regions;
mod two_ways;

pub use self::asked::{Habits, Looked, Suggestion};
use self::two_ways::Usual;
use crate::project::{Contract, DateOrder, NumberFormat};

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
