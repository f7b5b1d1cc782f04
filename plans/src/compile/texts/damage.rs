//! Damaged letters: what the columns of a file show together, and what follows for each.

use std::collections::BTreeMap;

use importer_sql::functions::{ColumnSurvey, Seen};

/// What the surveys of a file's columns show together.
#[derive(Default)]
pub(super) struct Whole {
    pub(super) utf8: u64,
    pub(super) mac: u64,
    /// Letters that a file has only where it is whole: with accents, or of languages with š and ž.
    whole_letters: u64,
    strange: u64,
    capitals: u64,
    small_az: u64,
    letters: u64,
}

impl Whole {
    pub(super) fn of(surveys: &BTreeMap<String, ColumnSurvey>) -> Self {
        let mut whole = Self::default();
        for survey in surveys.values() {
            whole.utf8 += survey.utf8.count;
            whole.mac += survey.mac.count;
            whole.whole_letters += survey.accents.count + survey.carons.count;
            whole.strange += survey.strange.count;
            whole.capitals += survey.capitals.count;
            whole.small_az += survey.small_az.count;
            whole.letters += survey.letters.count;
        }
        whole
    }

    /// All of the file was read as the wrong thing.
    pub(super) fn is_mac(&self) -> bool {
        self.mac > 0 && self.whole_letters == 0 && !self.is_strange()
    }

    /// The file stands in another code page than Mac Roman, so signs of Mac Roman may be signs of that one. One text in ten
    /// must show it: a stray sign says nothing of a file.
    pub(super) fn is_strange(&self) -> bool {
        self.strange > 0 && self.strange.saturating_mul(10) >= self.mac
    }

    /// Which further letters are in doubt, as a word of `text_damaged`: all of them where a quarter and more of what goes
    /// beyond A to Z is wrong for sure.
    pub(super) fn misread(&self) -> &'static str {
        if self.is_mac() {
            return "";
        }
        let capitals = if self.small_az == 0 { self.capitals } else { 0 };
        let wrong = self.strange + capitals;
        if wrong > 1 && wrong.saturating_mul(3) >= self.letters + self.mac {
            "any"
        } else if capitals > 0 {
            "capitals"
        } else {
            ""
        }
    }
}

/// The texts of a column that are lost for good.
pub(super) fn lost(survey: &ColumnSurvey, whole: &Whole) -> Seen {
    let mut lost = survey.lost;
    if !whole.is_mac() {
        lost.add(survey.lost_but_mac);
    }
    // What would be mended in another file.
    if whole.is_strange() {
        lost.add(survey.mac);
    }
    lost
}

/// The texts of a column that are in doubt because of what its file shows.
pub(super) fn in_doubt(survey: &ColumnSurvey, misread: &str) -> Seen {
    let mut doubt = Seen::default();
    if !misread.is_empty() {
        doubt.add(survey.capitals);
    }
    if misread == "any" {
        doubt.add(survey.letters);
        doubt.add(perhaps_mac(survey));
    }
    doubt
}

/// The texts of a column that may be Mac Roman, without those that are lost if they are not.
pub(super) fn perhaps_mac(survey: &ColumnSurvey) -> Seen {
    let mut perhaps = survey.mac_perhaps;
    perhaps.count = perhaps.count.saturating_sub(survey.lost_but_mac.count);
    if perhaps.count == 0 { Seen::default() } else { perhaps }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(counts: [u64; 6]) -> ColumnSurvey {
        let [mac, accents, strange, capitals, small_az, letters] =
            counts.map(|count| Seen { count, line: if count > 0 { 2 } else { 0 } });
        ColumnSurvey { mac, accents, strange, capitals, small_az, letters, ..ColumnSurvey::default() }
    }

    fn whole(counts: [u64; 6]) -> Whole {
        Whole::of(&BTreeMap::from([("a".to_owned(), column(counts))]))
    }

    #[test]
    fn files_are_mac_roman_where_nothing_speaks_against_it() {
        for (counts, is_mac) in [
            ([5, 0, 0, 0, 0, 0], true),
            ([5, 1, 0, 0, 0, 1], false),
            ([5, 0, 1, 0, 0, 0], false),
            // A stray sign says nothing of a file.
            ([50, 0, 1, 0, 0, 0], true),
            ([0, 0, 0, 0, 0, 0], false),
        ] {
            assert_eq!(whole(counts).is_mac(), is_mac, "{counts:?}");
        }
    }

    #[test]
    fn what_else_is_in_doubt_follows_from_the_share_of_what_is_wrong() {
        for (counts, misread) in [
            ([0, 9, 0, 0, 0, 9], ""),
            ([0, 0, 1, 0, 0, 0], ""),
            ([0, 9, 1, 0, 0, 9], ""),
            ([0, 9, 2, 0, 0, 9], ""),
            ([0, 0, 2, 0, 0, 6], "any"),
            ([0, 0, 1, 1, 0, 6], "any"),
            ([0, 9, 0, 1, 0, 9], "capitals"),
            ([0, 0, 0, 9, 1, 2], ""),
            ([9, 0, 0, 2, 0, 0], ""),
        ] {
            assert_eq!(whole(counts).misread(), misread, "{counts:?}");
        }
    }

    #[test]
    fn what_a_column_has_lost_depends_on_its_file() {
        let mut survey = column([2, 0, 0, 0, 0, 3]);
        survey.lost_but_mac = Seen { count: 1, line: 4 };
        survey.mac_perhaps = Seen { count: 2, line: 4 };
        assert_eq!(lost(&survey, &whole([2, 0, 0, 0, 0, 0])).count, 0);
        assert_eq!(lost(&survey, &whole([2, 1, 0, 0, 0, 0])).count, 1);
        assert_eq!(lost(&survey, &whole([2, 0, 2, 0, 0, 0])).count, 3);
        assert_eq!(in_doubt(&survey, "any").count, 4);
        assert_eq!(in_doubt(&survey, "capitals").count, 0);
    }
}
