//! What a column shows, cell by cell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dates::DateCounts;
use super::how::How;
use super::numbers::NumberCounts;
use super::seen::{Seen, is_zero};
use crate::functions::list_cells::list_values;
use crate::functions::null_words::{CellKind, NullWords};
use crate::functions::text_damage::{Strength, may_be_damaged, signs};

/// What a column shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnSurvey {
    /// Cells that are not empty.
    #[serde(skip_serializing_if = "is_zero")]
    pub cells: u64,
    /// Words for nothing, by word.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub null_words: BTreeMap<String, Seen>,
    /// Texts with HTML entities.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub entities: Seen,
    /// Texts in which UTF-8 was read as something else, for sure and perhaps.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub utf8: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub utf8_perhaps: Seen,
    /// Texts in which Mac Roman was read as Windows-1252, for sure and perhaps.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub mac: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub mac_perhaps: Seen,
    /// Texts with small accented letters where they belong.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub accents: Seen,
    /// Texts with letters of languages that have š and ž.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub carons: Seen,
    /// Texts with letters that are lost.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub lost: Seen,
    /// Those that are lost unless all of the file is Mac Roman.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub lost_but_mac: Seen,
    /// Texts with signs in place of letters, as of another code page than Mac Roman.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub strange: Seen,
    /// Texts with capitals inside words, as a wrong code page gives them; those that a program leaves which makes only A to
    /// Z small; others with letters beyond A to Z.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub capitals: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub small_az: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub letters: Seen,
    #[serde(flatten)]
    pub dates: DateCounts,
    #[serde(flatten)]
    pub numbers: NumberCounts,
    /// The source has types, and this column is no text there: what it shows is how it was written out.
    #[serde(skip)]
    pub typed: bool,
}

impl ColumnSurvey {
    /// Reads what `column_survey` gives.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn see(&mut self, line: i64, cell: &str, how: &How, words: &NullWords) {
        let kind = how.kind;
        self.cells += 1;
        if let Some(word) = words.find(cell) {
            match self.null_words.get_mut(word.as_ref()) {
                Some(seen) => seen.see(line),
                None => self.null_words.entry(word.into_owned()).or_default().see(line),
            }
            return;
        }
        if kind.is_dated()
            && let Some(zero) = self.dates.see(line, cell)
        {
            self.null_words.entry(zero.to_owned()).or_default().see(line);
        }
        if kind == CellKind::Date {
            self.dates.see_time(line, cell, how.zone);
        }
        if kind == CellKind::Decimal {
            self.numbers.see(line, cell);
        }
        if let Some(list) = &how.list {
            list_values(cell, &list.separators, |value| self.see_value(line, value, list.kind));
        }
        if kind.is_written() && may_be_damaged(cell) {
            self.see_damage(line, cell, kind);
        }
    }

    /// One value of a list: how its numbers and dates are written. Words for nothing are those of whole cells.
    fn see_value(&mut self, line: i64, value: &str, kind: CellKind) {
        if kind.is_dated() {
            self.dates.see_order(line, value);
        }
        if kind == CellKind::Decimal {
            self.numbers.see(line, value);
        }
    }

    fn see_damage(&mut self, line: i64, cell: &str, kind: CellKind) {
        let signs = signs(cell);
        if signs.entities {
            self.entities.see(line);
        }
        match signs.utf8 {
            Strength::Never => {}
            Strength::Strong => self.utf8.see(line),
            Strength::Weak => self.utf8_perhaps.see(line),
        }
        match signs.mac {
            Strength::Never => {}
            Strength::Strong => self.mac.see(line),
            Strength::Weak => self.mac_perhaps.see(line),
        }
        if signs.accents {
            self.accents.see(line);
        }
        if signs.carons {
            self.carons.see(line);
        }
        let lost = match kind {
            CellKind::Name => signs.lost || signs.lost_end,
            CellKind::Text => signs.lost,
            _ => false,
        };
        if lost {
            self.lost.see(line);
        }
        if matches!(kind, CellKind::Name | CellKind::Text) {
            for (seen, shown) in [
                (&mut self.lost_but_mac, signs.lost_but_mac),
                (&mut self.strange, signs.strange),
                (&mut self.capitals, signs.capitals),
                (&mut self.small_az, signs.small_az),
                (&mut self.letters, signs.letters),
            ] {
                if shown {
                    seen.see(line);
                }
            }
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.cells += other.cells;
        self.dates.add(&other.dates);
        self.numbers.add(&other.numbers);
        for (word, seen) in other.null_words {
            self.null_words.entry(word).or_default().add(seen);
        }
        for (mine, theirs) in [
            (&mut self.entities, other.entities),
            (&mut self.utf8, other.utf8),
            (&mut self.utf8_perhaps, other.utf8_perhaps),
            (&mut self.mac, other.mac),
            (&mut self.mac_perhaps, other.mac_perhaps),
            (&mut self.accents, other.accents),
            (&mut self.carons, other.carons),
            (&mut self.lost, other.lost),
            (&mut self.lost_but_mac, other.lost_but_mac),
            (&mut self.strange, other.strange),
            (&mut self.capitals, other.capitals),
            (&mut self.small_az, other.small_az),
            (&mut self.letters, other.letters),
        ] {
            mine.add(theirs);
        }
    }
}
