//! `comparisons`: what of two records is compared, from the best answer to the worst.

use super::level::Level;
use crate::project::words::words;

/// One comparison. Its levels stand in the order in which they are asked; the first that holds is the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub name: String,
    /// The values of `compare` that it is about: it is missing where none of them is known on both sides. Empty for `ids`.
    pub from: Vec<String>,
    /// One of them is [`When::Missing`](super::When::Missing), the last is [`When::Else`](super::When::Else).
    pub levels: Vec<Level>,
    /// The value of `compare` whose frequencies adjust the levels with [`Level::terms`].
    pub terms: Option<String>,
}

impl Comparison {
    /// How many codes it has, that of `missing` included.
    pub fn codes(&self) -> i64 {
        i64::try_from(self.levels.len()).unwrap_or(i64::MAX)
    }

    /// The level with a code.
    pub fn level(&self, code: u8) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }
}

words! {
    /// What two ids of one namespace say.
    TwoIds {
        /// They are one comparison more, `ids`.
        Weigh = "weigh",
        /// The source has everybody once.
        Apart = "apart",
    }
}
