//! Whether a header looks like a field's, for proposals only: nothing is mapped by likeness.

use super::fold::fold_header;

/// Letters of which one may be another: a slip, not another word.
const LETTERS_PER_SLIP: usize = 4;

/// Whether one folded header is another but for slips of the pen: few letters differ, are missing or swapped, for how long the
/// words are. `Status` is no `Staat` and `Gender` no `Geändert`: words that share some letters are other words.
pub(super) fn slips(a: &str, b: &str) -> bool {
    let allowed = (a.len().max(b.len()) / LETTERS_PER_SLIP).min(3);
    a.len().abs_diff(b.len()) <= allowed
        && rapidfuzz::distance::osa::distance(a.chars(), b.chars()) <= allowed
}

/// No header, or one that the reader made up for a column without.
pub(super) fn is_empty(header: &str) -> bool {
    let header = header.trim();
    let made_up = header.to_lowercase();
    let numbered = made_up.strip_prefix("column_").or_else(|| made_up.strip_prefix("unnamed: "));
    fold_header(header).is_empty()
        || numbered.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::slips;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        for (a, b) in [
            ("emial", "email"),
            ("fristname", "firstname"),
            ("frstnam", "firstname"),
            ("lastnmae", "lastname"),
            ("telphone", "telephone"),
        ] {
            assert!(slips(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("status", "staat"),
            ("gender", "geandertam"),
            ("geburtsort", "geburtsdatum"),
            ("membertype", "memberid"),
            ("fax", "fon"),
            ("companyemail", "companyname"),
            ("geschlecht", "geloscht"),
        ] {
            assert!(!slips(a, b), "{a} {b}");
        }
    }
}
