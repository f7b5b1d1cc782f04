//! What a column shows where each of its values can be meant in one of two ways, or in either: dates and numbers alike.

use importer_sql::functions::Seen;

/// Values that can only be meant in the first way; only in the second; in either; and those of which it makes no difference.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sides {
    pub(super) first: Seen,
    pub(super) second: Seen,
    pub(super) either: Seen,
    pub(super) plain: u64,
}

/// The way in which a column is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Second,
    /// Some values can only be meant in the one way, some only in the other.
    Mixed,
}

/// How values and their two ways are called.
pub(super) struct Words {
    /// `dates`.
    pub(super) values: &'static str,
    /// `be`: what a value can do with its ways.
    pub(super) can: &'static str,
    pub(super) first: &'static str,
    pub(super) second: &'static str,
    /// `orders`.
    pub(super) ways: &'static str,
    /// How those are read that could be either; `{this}` is the way of the others.
    pub(super) read: &'static str,
    /// What to do where they are mixed.
    pub(super) advice: &'static str,
}

impl Sides {
    /// All values.
    fn all(&self) -> u64 {
        self.first.count + self.second.count + self.either.count + self.plain
    }

    /// One value in ten that shows a way is few: of real dates six in ten do, of amounts nine. Below that it is a slip rather
    /// than a sign.
    fn is_enough(&self, shown: Seen) -> bool {
        !self.either.is_none() && shown.count.saturating_mul(10) >= self.either.count
    }

    /// The way that the values show, where they show one and others could be meant in either.
    pub(super) fn side(&self) -> Option<Side> {
        match (self.first.is_none(), self.second.is_none()) {
            (true, true) => None,
            (false, true) => self.is_enough(self.first).then_some(Side::First),
            (true, false) => self.is_enough(self.second).then_some(Side::Second),
            (false, false) => Some(Side::Mixed),
        }
    }

    /// What was decided, in a sentence.
    pub(super) fn told(&self, place: &str, side: Side, words: &Words) -> String {
        let Words { values, can, first, second, ways, read, advice } = words;
        let (all, either) = (self.all(), self.either.count);
        let read_as = |shown: Seen, this: &str, other: &str| {
            let read = read.replace("{this}", this);
            let Seen { count, line } = shown;
            format!(
                "{place}: {count} of {all} {values} can only {can} {this} (first in line {line}) and none {other}, so the {either} that could {can} either are read {read}"
            )
        };
        match side {
            Side::First => read_as(self.first, first, second),
            Side::Second => read_as(self.second, second, first),
            Side::Mixed => format!(
                "{place} mixes {ways}: {} of {all} {values} can only {can} {first} (first in line {}), {} only {second} (first in line {}); what could {can} either is not read. {advice}, and mend the others",
                self.first.count, self.first.line, self.second.count, self.second.line
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_one_way_both_or_none() {
        let seen = |count| Seen { count, line: 2 };
        let side = |first, second, either| {
            Sides { first: seen(first), second: seen(second), either: seen(either), plain: 1 }.side()
        };
        assert_eq!(side(3, 0, 4), Some(Side::First));
        assert_eq!(side(0, 1, 10), Some(Side::Second));
        assert_eq!(side(0, 1, 11), None);
        assert_eq!(side(5, 0, 0), None);
        assert_eq!(side(0, 0, 9), None);
        assert_eq!(side(5, 1, 0), Some(Side::Mixed));
    }
}
