//! The Damerau-Levenshtein distance of a prepared text with others: letters left out, put in, exchanged, and neighbours
//! swapped, where letters may also be put between those that were swapped.
//!
//! That distance needs a table of all letters by all letters. The optimal string alignment, which does not look between
//! swapped letters, is bits of a word, many times as fast, and never less. The two differ only from three edits on, for
//! swapping and putting something between are two, where the quick answer says three; nor does it ever say more than half
//! as many again. So the table is made for few pairs only, and for none of texts that are longer than names and notes are:
//! there the quick answer is the answer.

use rapidfuzz::distance::{damerau_levenshtein, osa};

use super::letter_places::LetterPlaces;
use super::prepared::Prepare;

/// The longest texts, in letters, for which the table is made: it has as many fields as their lengths multiplied.
const LONGEST_EXACT: usize = 4096;

/// So many edits the quick answer counts as the other one does.
const SURE: usize = 2;

/// The measure, and the text that it is prepared for.
pub(super) struct Edits {
    left: LetterPlaces,
}

impl Edits {
    pub(super) fn new() -> Self {
        Self { left: LetterPlaces::new() }
    }

    /// The edits from one text to the other; more than `most` come as one more than that.
    pub(super) fn distance(&self, right: &str, most: usize) -> usize {
        let (left, too_many) = (self.left.text(), most.saturating_add(1));
        if left == right {
            return 0;
        }
        let is_served = self.left.serve(right);
        let (letters, others) =
            if is_served { (left.len(), right.len()) } else { (left.chars().count(), right.chars().count()) };
        // Each letter that one has more must be put in.
        if letters.abs_diff(others) > most {
            return too_many;
        }
        let quick = if is_served {
            self.aligned(letters, right.as_bytes())
        } else {
            osa::distance(left.chars(), right.chars())
        };
        let is_sure = quick <= SURE
            || quick.saturating_mul(2) > most.saturating_mul(3)
            || letters.max(others) > LONGEST_EXACT;
        let exact = if is_sure { quick } else { damerau_levenshtein::distance(left.chars(), right.chars()) };
        exact.min(too_many)
    }

    /// The optimal string alignment of short texts, column by column of the table of edits, whose differences from one
    /// row to the next are bits (Hyyrö 2003, with his swaps of neighbours).
    fn aligned(&self, letters: usize, right: &[u8]) -> usize {
        let Some(last) = letters.checked_sub(1).map(|last| 1_u64 << last) else { return right.len() };
        let (mut grows, mut shrinks) = (u64::MAX, 0_u64);
        let (mut diagonal, mut places_before) = (0_u64, 0_u64);
        let mut edits = letters;
        for letter in right {
            let places = self.left.of(*letter);
            let swapped = ((!diagonal & places) << 1) & places_before;
            diagonal = ((places & grows).wrapping_add(grows) ^ grows) | places | shrinks | swapped;
            let (more, less) = (shrinks | !(diagonal | grows), diagonal & grows);
            edits = edits + usize::from(more & last != 0) - usize::from(less & last != 0);
            let (more, less) = ((more << 1) | 1, less << 1);
            grows = less | !(diagonal | more);
            shrinks = more & diagonal;
            places_before = places;
        }
        edits
    }
}

impl Prepare for Edits {
    fn prepare(&mut self, left: &str) {
        self.left.prepare(left);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distance(a: &str, b: &str) -> usize {
        within(a, b, usize::MAX)
    }

    fn within(a: &str, b: &str, most: usize) -> usize {
        let mut measure = Edits::new();
        measure.prepare("left over");
        measure.prepare(a);
        measure.distance(b, most)
    }

    #[test]
    fn published_values() {
        for (a, b, wanted) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("Saturday", "Sunday", 3),
            ("ab", "ba", 1),
            ("teh", "the", 1),
            ("smtih", "smith", 1),
            // Here the optimal string alignment says one more.
            ("ca", "abc", 2),
            ("a cat", "an act", 2),
            ("M\u{fc}ller", "Mueller", 2),
            ("M\u{fc}ller", "M\u{fc}lelr", 1),
            ("Muller", "M\u{fc}ller", 1),
        ] {
            assert_eq!(distance(a, b), wanted, "{a} {b}");
            assert_eq!(distance(b, a), wanted, "{b} {a}");
        }
    }

    #[test]
    fn what_is_too_far_is_told_as_one_more() {
        for (a, b, most, wanted) in [
            ("kitten", "sitting", 2, 3),
            ("kitten", "sitting", 3, 3),
            ("kitten", "kitchen", 2, 2),
            ("ann", "annabella", 2, 3),
            ("ca", "abc", 2, 2),
            ("ca", "abc", 1, 2),
            ("ab", "ba", 0, 1),
            ("ab", "ab", 0, 0),
        ] {
            assert_eq!(within(a, b, most), wanted, "{a} {b} {most}");
        }
    }

    #[test]
    fn the_bound_counts_letters_of_texts_of_any_kind() {
        let long = "x".repeat(100);
        for (a, b, most, wanted) in [
            // As many letters, more bytes.
            ("\u{fc}\u{fc}\u{fc}", "uuu", 2, 3),
            ("\u{fc}\u{fc}\u{fc}", "uuu", 3, 3),
            ("M\u{fc}ller", "M\u{fc}ller", 0, 0),
            ("M\u{fc}ller", "M\u{fc}llerin", 1, 2),
            ("M\u{fc}ller", "M\u{fc}llerin", 2, 2),
            (long.as_str(), "x", 5, 6),
        ] {
            assert_eq!(within(a, b, most), wanted, "{a} {b} {most}");
            assert_eq!(within(b, a, most), wanted, "{b} {a} {most}");
        }
    }

    #[test]
    fn very_long_texts_are_aligned() {
        for (letters, wanted) in [(LONGEST_EXACT - 3, 2), (LONGEST_EXACT, 3)] {
            let behind = "-".repeat(letters);
            let (one, other) = (format!("ca{behind}"), format!("abc{behind}"));
            assert_eq!(distance(&one, &other), wanted, "{letters}");
            assert_eq!(distance(&other, &one), wanted, "{letters}");
        }
        // A short text beside a long one needs no table to be too far.
        let far = "\u{fc}".repeat(200_000);
        assert_eq!(within(&far, &far[..20], 3), 4);
    }

    proptest! {
        #[test]
        fn is_a_metric(a in "[abc\u{fc}]{0,7}", b in "[abc\u{fc}]{0,7}", c in "[abc\u{fc}]{0,7}") {
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
        }

        #[test]
        fn is_that_of_rapidfuzz_up_to_the_bound(a in "[abcd ]{0,70}", b in "[abcd ]{0,70}", most in 0..9_usize) {
            let oracle = damerau_levenshtein::distance(a.chars(), b.chars());
            prop_assert_eq!(distance(&a, &b), oracle);
            prop_assert_eq!(within(&a, &b, most), oracle.min(most + 1));
        }

        #[test]
        fn short_texts_align_as_in_rapidfuzz(a in "[abc ]{0,64}", b in "[abc ]{0,64}") {
            let mut measure = Edits::new();
            measure.prepare(&a);
            prop_assert_eq!(measure.aligned(a.len(), b.as_bytes()), osa::distance(a.chars(), b.chars()));
        }

        #[test]
        fn bounds_hold_for_words_of_few_letters(a in "[abc]{0,6}", b in "[abc]{0,6}", most in 0..6_usize) {
            let oracle = damerau_levenshtein::distance(a.chars(), b.chars());
            prop_assert_eq!(within(&a, &b, most), oracle.min(most + 1), "{} {}", a, b);
        }

        #[test]
        fn holds_for_any_text(a in any::<String>(), b in any::<String>()) {
            let letters = a.chars().count().max(b.chars().count());
            prop_assert!(distance(&a, &b) <= letters);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
        }
    }
}
