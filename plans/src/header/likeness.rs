//! How much a header looks like a field, for proposals only: nothing is mapped by likeness.

use super::fold::fold_header;
use crate::project::Field;

/// Likeness from which a header is worth proposing.
pub(super) const LIKE: f64 = 0.84;

/// The greatest likeness of a header to a field's name or an alias, between 0 and 1.
pub(super) fn likeness(header: &str, field: &Field) -> f64 {
    let folded = fold_header(header);
    let stands_in = field.stands_in.iter().flat_map(|stands_in| &stands_in.aliases);
    std::iter::once(&field.name)
        .chain(&field.aliases)
        .chain(stands_in)
        .map(|name| {
            let name = fold_header(name);
            rapidfuzz::distance::jaro_winkler::similarity(folded.chars(), name.chars())
        })
        .fold(0.0, f64::max)
}

/// No header, or one that the reader made up for a column without.
pub(super) fn is_empty(header: &str) -> bool {
    let header = header.trim();
    let made_up = header.to_lowercase();
    let numbered = made_up.strip_prefix("column_").or_else(|| made_up.strip_prefix("unnamed: "));
    fold_header(header).is_empty()
        || numbered.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}
