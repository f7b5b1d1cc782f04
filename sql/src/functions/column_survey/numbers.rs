//! What the numbers of a column show: what stands before their decimals.

use serde::{Deserialize, Serialize};

use super::seen::{Seen, is_zero};
use crate::functions::number_text::{NumberShown, shown_format};

/// What the numbers of a column show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberCounts {
    /// Numbers that can only have a point before their decimals; only a comma; either.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub points: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub commas: Seen,
    #[serde(rename = "either_mark", skip_serializing_if = "Seen::is_none")]
    pub either: Seen,
    /// Numbers of which the format makes no difference.
    #[serde(rename = "plain_numbers", skip_serializing_if = "is_zero")]
    pub plain: u64,
}

impl NumberCounts {
    /// A cell that is to hold a number: what it shows.
    pub(super) fn see(&mut self, line: i64, cell: &str) {
        match shown_format(cell) {
            Some(NumberShown::Point) => self.points.see(line),
            Some(NumberShown::Comma) => self.commas.see(line),
            Some(NumberShown::Either) => self.either.see(line),
            Some(NumberShown::Nothing) => self.plain += 1,
            None => {}
        }
    }

    /// Takes in what was seen elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.plain += other.plain;
        for (mine, theirs) in [
            (&mut self.points, other.points),
            (&mut self.commas, other.commas),
            (&mut self.either, other.either),
        ] {
            mine.add(theirs);
        }
    }
}
