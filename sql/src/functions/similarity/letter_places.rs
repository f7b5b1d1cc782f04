//! The text that is prepared, and where each of its letters stands, as bits of a word.
//!
//! That serves texts of ASCII up to 64 letters, which names and keys are. Others are kept as they are.

use super::prepared::Prepare;

/// Letters that fit into a word of flags.
pub(super) const LONGEST: usize = 64;
const ASCII: usize = 128;

/// A text with the places of its letters.
pub(super) struct LetterPlaces {
    text: String,
    is_short: bool,
    /// For each letter the places where it stands; empty unless `is_short`.
    places: [u64; ASCII],
}

impl LetterPlaces {
    pub(super) fn new() -> Self {
        Self { text: String::new(), is_short: true, places: [0; ASCII] }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether both texts are of the kind that this is for.
    #[inline]
    pub(super) fn serve(&self, other: &str) -> bool {
        self.is_short && is_short(other)
    }

    /// Where a letter stands.
    #[inline]
    pub(super) fn of(&self, letter: u8) -> u64 {
        self.places.get(usize::from(letter)).copied().unwrap_or(0)
    }

    fn each(&mut self, mut set: impl FnMut(&mut u64, usize)) {
        for (at, letter) in self.text.bytes().enumerate() {
            if let Some(places) = self.places.get_mut(usize::from(letter)) {
                set(places, at);
            }
        }
    }
}

impl Prepare for LetterPlaces {
    fn prepare(&mut self, text: &str) {
        // Only what the last text has set: most names are shorter than the table.
        if self.is_short {
            self.each(|places, _| *places = 0);
        }
        self.text.clear();
        self.text.push_str(text);
        self.is_short = is_short(text);
        if self.is_short {
            self.each(|places, at| *places |= 1 << at);
        }
    }
}

#[inline]
fn is_short(text: &str) -> bool {
    text.len() <= LONGEST && text.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_last_text_is_left() {
        let mut places = LetterPlaces::new();
        let long = "x".repeat(LONGEST + 1);
        for text in ["anna", "otto", "", long.as_str(), "m\u{fc}ller", "nan"] {
            places.prepare(text);
        }
        let set: Vec<(char, u64)> = (0..128_u8)
            .map(|letter| (char::from(letter), places.of(letter)))
            .filter(|(_, at)| *at != 0)
            .collect();
        assert_eq!(set, [('a', 0b010), ('n', 0b101)]);
        assert!(places.serve("anna") && !places.serve("m\u{fc}ller") && !places.serve(&long));
        places.prepare(&long);
        assert!(!places.serve("anna"));
    }
}
