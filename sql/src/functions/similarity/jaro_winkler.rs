//! The Jaro-Winkler similarity of a prepared text with others.
//!
//! Short texts of ASCII take bits of one word for their letters ([`LetterPlaces`]): each letter of the other side takes the
//! first of the places of its like that is near enough and still free. All others go to `rapidfuzz`, whose answers are the
//! same.

use super::letter_places::LetterPlaces;
use super::prepared::Prepare;

/// What letters in common at the beginning add, and how many of them count at most.
const PREFIX_WEIGHT: f64 = 0.1;
const LONGEST_PREFIX: usize = 4;
/// A common beginning adds nothing to texts that are less alike than this.
const BOOSTED: f64 = 0.7;

/// The measure, and the text that it is prepared for.
pub(super) struct JaroWinkler {
    left: LetterPlaces,
}

impl JaroWinkler {
    pub(super) fn new() -> Self {
        Self { left: LetterPlaces::new() }
    }

    /// From 0 (nothing in common) to 1 (equal).
    #[inline]
    pub(super) fn similarity(&self, right: &str) -> f64 {
        let left = self.left.text();
        if left == right {
            1.0
        } else if self.left.serve(right) {
            self.similarity_of_short(left.as_bytes(), right.as_bytes())
        } else {
            rapidfuzz::distance::jaro_winkler::similarity(left.chars(), right.chars())
        }
    }

    fn similarity_of_short(&self, left: &[u8], right: &[u8]) -> f64 {
        let similarity = self.jaro(left, right);
        if similarity <= BOOSTED {
            return similarity;
        }
        let prefix = left.iter().zip(right).take(LONGEST_PREFIX).take_while(|(a, b)| a == b).count();
        similarity + prefix as f64 * PREFIX_WEIGHT * (1.0 - similarity)
    }

    fn jaro(&self, left: &[u8], right: &[u8]) -> f64 {
        let reach = (left.len().max(right.len()) / 2).saturating_sub(1);
        // The places that a letter may take: as far as `reach` before and behind its own.
        let mut near = (1_u64 << (reach + 1)) - 1;
        let (mut taken, mut takers) = (0_u64, 0_u64);
        for (at, letter) in right.iter().enumerate() {
            let free = self.left.of(*letter) & near & !taken;
            taken |= free & free.wrapping_neg();
            takers |= u64::from(free != 0) << at;
            near = (near << 1) | u64::from(at < reach);
        }
        let common = taken.count_ones();
        if common == 0 {
            return 0.0;
        }
        let common = f64::from(common);
        let moved = f64::from(out_of_order(left, right, taken, takers) / 2);
        (common / left.len() as f64 + common / right.len() as f64 + (common - moved) / common) / 3.0
    }
}

impl Prepare for JaroWinkler {
    fn prepare(&mut self, left: &str) {
        self.left.prepare(left);
    }
}

/// How many of the letters in common meet another one, when both sides are read from their beginning.
fn out_of_order(left: &[u8], right: &[u8], mut taken: u64, mut takers: u64) -> u32 {
    let mut others = 0;
    while taken != 0 && takers != 0 {
        let (a, b) = (taken.trailing_zeros() as usize, takers.trailing_zeros() as usize);
        others += u32::from(left.get(a) != right.get(b));
        taken &= taken - 1;
        takers &= takers - 1;
    }
    others
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::letter_places::LONGEST;
    use super::*;

    fn similarity(a: &str, b: &str) -> f64 {
        let mut measure = JaroWinkler::new();
        // What an earlier text has left behind must not count.
        measure.prepare("left over from the row before");
        measure.prepare(a);
        measure.similarity(b)
    }

    #[test]
    fn published_values() {
        // Winkler (1990, 1994) and the table of strcmp95.
        for (a, b, wanted) in [
            ("MARTHA", "MARHTA", 0.961),
            ("DWAYNE", "DUANE", 0.840),
            ("DIXON", "DICKSONX", 0.813),
            ("JONES", "JOHNSON", 0.832),
            ("MASSEY", "MASSIE", 0.933),
            ("ABROMS", "ABRAMS", 0.922),
            ("SHACKLEFORD", "SHACKELFORD", 0.982),
            ("DUNNINGHAM", "CUNNIGHAM", 0.896),
            ("NICHLESON", "NICHULSON", 0.956),
            ("JERALDINE", "GERALDINE", 0.926),
            ("MICHELLE", "MICHAEL", 0.921),
            ("JULIES", "JULIUS", 0.933),
            ("TANYA", "TONYA", 0.880),
            ("SEAN", "SUSAN", 0.805),
            ("JON", "JOHN", 0.933),
            ("HARDIN", "MARTINEZ", 0.722),
            ("ITMAN", "SMITH", 0.467),
        ] {
            let found = similarity(a, b);
            assert!((found - wanted).abs() < 0.0006, "{a} {b}: {found}");
        }
    }

    #[test]
    fn short_empty_and_long_texts() {
        for (a, b, wanted) in [
            ("", "", 1.0),
            ("", "a", 0.0),
            ("a", "", 0.0),
            ("a", "a", 1.0),
            ("a", "b", 0.0),
            ("ab", "ba", 0.0),
            ("ab", "ab", 1.0),
        ] {
            assert!((similarity(a, b) - wanted).abs() < f64::EPSILON, "{a:?} {b:?}");
        }
        let long = "x".repeat(LONGEST);
        assert!(similarity(&long, &long[1..]) > 0.99);
        assert!(similarity(&format!("{long}y"), &long) > 0.99);
        assert!((similarity("m\u{fc}ller", "m\u{fc}lker") - similarity("muller", "mulker")).abs() < 1e-12);
    }

    /// A text, and another one that is near it: letters left out, exchanged and swapped.
    fn near_texts() -> impl Strategy<Value = (String, String)> {
        ("[abcdeno \u{fc}]{0,70}", any::<prop::sample::Index>(), 0..4_u8).prop_map(|(text, at, how)| {
            let mut letters: Vec<char> = text.chars().collect();
            if letters.len() > 1 {
                let at = at.index(letters.len() - 1);
                match how {
                    0 => letters.swap(at, at + 1),
                    1 => letters[at] = 'x',
                    2 => drop(letters.remove(at)),
                    _ => letters.insert(at, 'q'),
                }
            }
            let other = letters.into_iter().collect();
            (text, other)
        })
    }

    fn check(a: &str, b: &str) -> Result<(), TestCaseError> {
        let found = similarity(a, b);
        prop_assert!((0.0..=1.0).contains(&found), "{} {} {}", a, b, found);
        prop_assert_eq!(found.to_bits(), similarity(b, a).to_bits(), "{} {}", a, b);
        let oracle = rapidfuzz::distance::jaro_winkler::similarity(a.chars(), b.chars());
        prop_assert!((found - oracle).abs() < 1e-12, "{} {}: {} is not {}", a, b, found, oracle);
        prop_assert_eq!(similarity(a, a).to_bits(), 1.0_f64.to_bits());
        Ok(())
    }

    proptest! {
        #[test]
        fn is_symmetric_and_that_of_rapidfuzz((a, b) in near_texts()) {
            check(&a, &b)?;
        }

        #[test]
        fn holds_for_words_of_few_letters(a in "[ab]{0,8}", b in "[ab]{0,8}") {
            check(&a, &b)?;
        }

        #[test]
        fn holds_for_any_text(a in any::<String>(), b in any::<String>()) {
            check(&a, &b)?;
        }
    }
}
