//! A generator of volunteer lists with a hidden truth.
//!
//! Every value is a function of the seed and of a person's or row's number, so a file streams at any size with flat
//! memory, the same seed gives the same bytes, and the first rows of a long file are the rows of a short one.
//!
//! - [`draw`]: numbers out of hashes.
//! - [`lists`]: names, places, domains.
//! - [`person`]: what is true about a person: name, addresses, numbers, household.
//! - [`record`]: what a list says about a person: spelling, gaps, typing errors, planted defects.
//! - `contacts`: the e-mail and phone columns of a record.
//! - [`shapes`]: lists in which many rows share one key.
//!
//! About 8 % of the rows are another record of a person who came before; 5 % of the people live in a household with the
//! person before them (same family name and address, sometimes one phone, rarely one e-mail address): they look like
//! duplicates and are none. About 5 % of the rows have one planted defect, named in the truth.

mod contacts;
pub mod draw;
pub mod lists;
pub mod person;
pub mod record;
pub mod shapes;
