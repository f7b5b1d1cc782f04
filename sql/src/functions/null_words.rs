//! Words for nothing: what stands in a cell that should be empty, by the kind of value that the cell is to hold.
//!
//! The words are data (`sql/data/null_words.csv`), each with the kind of its use:
//! - `sign`: nothing wherever it stands; no name is written so.
//! - `word`: nothing in every cell but a name: the family names Null and None stay.
//! - `exact`: as `word`, and only as it is spelt there: `nan` is nothing, Nan is a town.
//! - `na`: as `exact`, and not in a country, where NA is Namibia.
//! - `contact`, `date`: nothing where an e-mail address, a telephone number or a date should be.
//!
//! All but `exact` and `na` are compared without case. Ordinary cells are told by their length and first byte alone.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::spreadsheet_unguard::spreadsheet_unguard_str;

/// The kind of value that a cell is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellKind {
    Name,
    Text,
    Email,
    Phone,
    Date,
    Timestamp,
    Country,
    Integer,
    Boolean,
    /// A number with decimals.
    Decimal,
    /// What machines write or choose from: no letters that an export would damage.
    Coded,
}

impl CellKind {
    /// Reads the name of a kind as it is given in SQL.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "text" => Self::Text,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "country" => Self::Country,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "decimal" => Self::Decimal,
            "coded" => Self::Coded,
            _ => return None,
        })
    }

    /// Whether a day stands in the cell.
    pub(super) fn is_dated(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }

    /// Whether people write the cell in letters of their own, which an export can damage.
    pub(super) fn is_written(self) -> bool {
        !matches!(self, Self::Integer | Self::Boolean | Self::Timestamp | Self::Decimal | Self::Coded)
    }

    fn uses(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["sign"],
            Self::Country => &["sign", "word", "exact"],
            Self::Text | Self::Integer | Self::Boolean | Self::Decimal | Self::Coded => {
                &["sign", "word", "exact", "na"]
            }
            Self::Email | Self::Phone => &["sign", "word", "exact", "na", "contact"],
            Self::Date | Self::Timestamp => &["sign", "word", "exact", "na", "date"],
        }
    }
}

/// The words of one kind of cell.
pub(super) struct NullWords {
    exact: HashSet<String>,
    folded: HashSet<String>,
    /// For each first byte the lengths of the words that begin with it, one bit each.
    lengths: [u64; 256],
}

/// Longer cells are no words for nothing.
const LONGEST: usize = 63;

static SHIPPED: &str = include_str!("../../data/null_words.csv");

static BY_KIND: LazyLock<[NullWords; 5]> = LazyLock::new(|| {
    [CellKind::Name, CellKind::Country, CellKind::Text, CellKind::Email, CellKind::Date]
        .map(|kind| NullWords::new(kind, ""))
});

impl NullWords {
    /// The shipped words of a kind of cell.
    pub(super) fn shipped(kind: CellKind) -> &'static Self {
        let [names, countries, texts, contacts, dates] = &*BY_KIND;
        match kind {
            CellKind::Name => names,
            CellKind::Country => countries,
            CellKind::Text | CellKind::Integer | CellKind::Boolean | CellKind::Decimal | CellKind::Coded => {
                texts
            }
            CellKind::Email | CellKind::Phone => contacts,
            CellKind::Date | CellKind::Timestamp => dates,
        }
    }

    /// The shipped words of a kind of cell and further ones, separated by `|`.
    pub(super) fn new(kind: CellKind, further: &str) -> Self {
        let mut words = Self { exact: HashSet::new(), folded: HashSet::new(), lengths: [0; 256] };
        for line in SHIPPED.lines().skip(1) {
            let Some((of, word)) = line.split_once(',') else { continue };
            if kind.uses().contains(&of) {
                words.add(word, matches!(of, "exact" | "na"));
            }
        }
        for word in further.split('|').map(str::trim).filter(|word| !word.is_empty()) {
            words.add(word, false);
        }
        words
    }

    fn add(&mut self, word: &str, exact: bool) {
        for spelling in [word.to_owned(), word.to_lowercase(), word.to_uppercase()] {
            if let Some(first) = spelling.bytes().next()
                && spelling.len() <= LONGEST
            {
                self.lengths[usize::from(first)] |= 1 << spelling.len();
            }
        }
        if exact {
            self.exact.insert(word.to_owned());
        } else {
            self.folded.insert(word.to_lowercase());
        }
    }

    /// The word that a cell holds instead of a value, in small letters; `None` for a value.
    pub(super) fn find(&self, cell: &str) -> Option<Cow<'_, str>> {
        let word = trimmed(cell);
        if is_quotes(word) {
            return Some(Cow::Owned(word.to_owned()));
        }
        if let Some(bare) = unguarded(word) {
            return self.find(&bare);
        }
        if is_error(word) {
            return Some(Cow::Owned(word.to_lowercase()));
        }
        let first = word.bytes().next()?;
        if word.len() > LONGEST || self.lengths[usize::from(first)] & (1 << word.len()) == 0 {
            return None;
        }
        if let Some(found) = self.exact.get(word) {
            return Some(Cow::Borrowed(found));
        }
        self.folded.get(&word.to_lowercase()).map(|found| Cow::Borrowed(found.as_str()))
    }
}

/// What stands inside a guard of a spreadsheet, where there is one: `'-`, `="n/a"`.
fn unguarded(word: &str) -> Option<Cow<'_, str>> {
    match word.as_bytes().first() {
        Some(b'\'') => word.get(1..).map(Cow::Borrowed),
        Some(b'=') => Some(spreadsheet_unguard_str(word)).filter(|bare| bare.len() < word.len()),
        _ => None,
    }
}

/// An empty text as programs write it, or as it was written twice: `''`, `""`.
fn is_quotes(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| matches!(byte, b'\'' | b'"'))
}

/// An error of a spreadsheet in any language: `#WERT!`, `#¿NOMBRE?`, `#N/D`, `#DIV/0!`.
fn is_error(word: &str) -> bool {
    const LONGEST: usize = 20;

    let Some(rest) = word.strip_prefix('#').filter(|_| word.len() <= LONGEST) else { return false };
    let missing = rest.strip_prefix("N/").is_some_and(|letter| letter.chars().count() == 1);
    let capitals = |c: char| c.is_uppercase() || matches!(c, '\u{a1}' | '\u{bf}' | '/' | '0' | '_');
    missing && rest.chars().all(|c| c == '/' || c.is_uppercase())
        || rest
            .strip_suffix(['!', '?'])
            .is_some_and(|name| name.chars().count() > 1 && name.chars().all(capitals))
}

/// Without blanks at the ends; most cells have none.
fn trimmed(cell: &str) -> &str {
    let plain = |byte: Option<u8>| byte.is_some_and(|byte| byte > b' ' && byte < 0x80);
    if plain(cell.bytes().next()) && plain(cell.bytes().next_back()) { cell } else { cell.trim() }
}

/// Whether a cell is a date of zeros, as programs write a date that is not there: `0000-00-00`, `0/0/00`, `00.00.0000`,
/// `1/0/1900`, `1900-01-00`, `0001-01-01`, or only the marks between its parts. In its short form for people, else `None`.
pub(super) fn zero_date(cell: &str) -> Option<&'static str> {
    let cell = trimmed(cell);
    if cell.len() > 32 || !cell.starts_with(['0', '1', '.', '/', '-', '_']) {
        return None;
    }
    let date = cell.split(['T', ' ']).next().unwrap_or_default();
    let zero_time = cell[date.len()..].chars().all(|c| matches!(c, '0' | ':' | '.' | 'T' | 'Z' | ' '));
    if zero_time && matches!(date, "1/0/1900" | "1/0/00" | "0/1/1900" | "00.01.1900" | "1900-01-00") {
        return Some("1900-01-00");
    }
    // The first day that some programs know; behind it stands midnight, in any spelling.
    if matches!(date, "0001-01-01" | "01/01/0001" | "1/1/0001" | "01.01.0001" | "1.1.0001" | "00010101")
        && cell[date.len()..]
            .chars()
            .all(|c| matches!(c, '0' | '1' | '2' | ':' | '.' | 'T' | 'Z' | ' ' | 'A' | 'M' | '+'))
    {
        return Some("0001-01-01");
    }
    let zeros = cell.bytes().filter(|byte| *byte == b'0').count();
    let marks = date.bytes().filter(|byte| matches!(byte, b'.' | b'/' | b'-')).count();
    let only_marks = cell.bytes().all(|byte| matches!(byte, b'.' | b'/' | b'-' | b'_' | b' '));
    if only_marks && ['.', '/'].iter().any(|mark| cell.matches(*mark).count() == 2) {
        return Some("..");
    }
    let zero_date = date.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'/' | b'-'));
    (zero_time && zero_date && zeros >= 3 && (marks == 2 || (marks == 0 && date.len() == 8)))
        .then_some("0000-00-00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nothing(kind: CellKind, cell: &str) -> bool {
        NullWords::shipped(kind).find(cell).is_some()
    }

    #[test]
    fn a_word_is_nothing_where_it_can_be_no_value() {
        use CellKind::*;
        for word in [
            "NULL",
            "\\N",
            "#N/A",
            "n/a",
            "N/A",
            "-",
            "--",
            "none",
            "(null)",
            "#VALUE!",
            " - ",
            "Keine Angabe",
        ] {
            assert!(nothing(Email, word) && nothing(Phone, word) && nothing(Text, word), "{word}");
        }
        for word in ["x", "keine", "nan", "NaN", "hat keine", "0", "no", "Néant"] {
            assert!(nothing(Email, word), "{word}");
        }
        for sign in [
            "\\N",
            "#N/A",
            "n/a",
            "-",
            "(null)",
            "#REF!",
            "–",
            "?",
            "#N/D",
            "#N/B",
            "#WAARDE!",
            "#VALORE!",
            "#¡NUM!",
            "#VERW!",
            "#¿NOMBRE?",
            "n/d",
            "n.v.t.",
            "'-",
            "=\"n/a\"",
            "'#N/A",
        ] {
            assert!(nothing(Name, sign), "{sign}");
        }
        for word in ["''", "\"\"", "TBC", "to be confirmed", "[redacted]", " '' "] {
            assert!(nothing(Text, word) && nothing(Email, word), "{word}");
        }
        for word in ["no email address", "kein Tel.", "000-000-0000", "(000) 000-0000", "Does not have one"] {
            assert!(nothing(Phone, word) && !nothing(Text, word), "{word}");
        }
        for date in ["NaT", "null", "invalid date"] {
            assert!(nothing(Date, date), "{date}");
        }
    }

    #[test]
    fn real_values_stay() {
        use CellKind::*;
        for (kind, value) in [
            (Name, "Null"),
            (Name, "None"),
            (Name, "NULL"),
            (Name, "Na"),
            (Name, "Nan"),
            (Name, "Keine"),
            (Name, "K. A."),
            (Name, "X"),
            (Name, "Unknown"),
            (Text, "#1!"),
            (Text, "#neu!"),
            (Text, "'t Zand"),
            (Text, "=1+2"),
            (Text, "Nan"),
            (Text, "Leer"),
            (Text, "Nil"),
            (Text, "X"),
            (Text, "Nonesuch"),
            (Text, "00000"),
            (Text, "'s"),
            (Text, "\""),
            (Name, "Withheld"),
            (Name, "Tbc"),
            (Phone, "100-000-0000"),
            (Text, "Nullingen"),
            (Country, "NA"),
            (Country, "na"),
            (Country, "NO"),
            (Country, "Niue"),
            (Email, "none@example.org"),
            (Email, "x@example.org"),
            (Phone, "none yet"),
            (Phone, "000"),
            (Boolean, "x"),
            (Boolean, "no"),
            (Boolean, "0"),
            (Integer, "0"),
        ] {
            assert!(!nothing(kind, value), "{kind:?} {value}");
        }
        assert!(nothing(Text, "NA") && !nothing(Text, "Na"));
    }

    #[test]
    fn words_can_be_added() {
        let words = NullWords::new(CellKind::Name, "fehlt| ohne Namen ");
        assert!(
            words.find("Fehlt").is_some()
                && words.find("OHNE NAMEN").is_some()
                && words.find("Anna").is_none()
        );
    }

    #[test]
    fn dates_of_zeros_are_none() {
        for cell in [
            "0/0/00",
            "00.00.0000",
            "0000-00-00",
            "00/00/0000",
            "0000-00-00 00:00:00",
            "0000-00-00T00:00:00Z",
            "00000000",
            "1/0/1900",
            "1900-01-00",
            "1/0/1900 0:00",
            "  .  .    ",
            "__.__.____",
            "--.--.----",
            "../../....",
            "0-0-0",
            "0001-01-01",
            "0001-01-01T00:00:00",
            "0001-01-01 00:00:00+00:00",
            "1/1/0001 12:00:00 AM",
            "01.01.0001",
        ] {
            assert!(zero_date(cell).is_some(), "{cell:?}");
        }
        for cell in [
            "1985-00-00",
            "01.01.2000",
            "1/1/1900",
            "10/10/2010",
            "2000-01-01",
            "00:00",
            "0",
            "00",
            "",
            "000000",
            "1900",
            "0.0",
            "100-000-0000",
            "-",
            "00.00.1985",
            "0001-01-02",
            "1604-03-04",
        ] {
            assert_eq!(zero_date(cell), None, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_test_hides_no_word(place in 0_usize..200, left in "[ \u{a0}]{0,2}", right in " {0,2}") {
            let words: Vec<_> = SHIPPED.lines().skip(1).filter_map(|l| l.split_once(',')).collect();
            let (of, word) = words[place % words.len()];
            let kind = match of { "contact" => CellKind::Email, "date" => CellKind::Date, _ => CellKind::Text };
            let spelt = format!("{left}{word}{right}");
            prop_assert!(nothing(kind, &spelt), "{:?}", spelt);
        }

        #[test]
        fn names_and_dates_are_values(name in "[A-Z][a-z]{2,9}( [A-Z][a-z]{2,9})?", day in 1_u8..29, month in 1_u8..13, year in 1900_u16..2030) {
            prop_assert!(!nothing(CellKind::Name, &name));
            let (iso, german) = (format!("{year}-{month:02}-{day:02}"), format!("{day}.{month}.{year}"));
            prop_assert_eq!((zero_date(&iso), zero_date(&german)), (None, None));
        }

        #[test]
        fn never_panics(cell in any::<String>(), close in "[01./_ T:-]{0,20}") {
            zero_date(&cell);
            zero_date(&close);
            nothing(CellKind::Email, &cell);
        }
    }
}
