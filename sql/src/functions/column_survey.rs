//! `column_survey`: what a column of a file shows as a whole, counted in one pass before its cells are read.
//!
//! An aggregate over the landed text. Each cell costs a look at its length and bytes; only what is out of the ordinary is
//! looked at closely. The counts do not depend on the order of rows or on how they are spread.

use std::collections::BTreeMap;
use std::mem::size_of_val;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use chrono::{NaiveDate, Timelike};
use datafusion_common::types::{logical_int64, logical_string};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion_expr::function::AccumulatorArgs;
use datafusion_expr::{
    Accumulator, AggregateUDFImpl, Coercion, Documentation, Signature, TypeSignature, TypeSignatureClass,
    Volatility,
};
use datafusion_macros::user_doc;
use serde::{Deserialize, Serialize};

use super::arguments::TextReader;
use super::calendar::{Shown, serial, shown_order};
use super::date_in_zone::{midnight, moment_of};
use super::list_cells::list_values;
use super::null_words::{CellKind, NullWords, zero_date};
use super::number_text::{NumberShown, shown_format};
use super::parse_timestamp::Zone;
use super::text_damage::{Strength, may_be_damaged, signs};

/// Something that was seen in a column: how often, and in which line first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub count: u64,
    pub line: i64,
}

impl Seen {
    fn see(&mut self, line: i64) {
        self.add(Self { count: 1, line });
    }

    /// Takes in what was seen elsewhere.
    pub fn add(&mut self, other: Self) {
        if other.count > 0 {
            self.line = if self.count == 0 { other.line } else { self.line.min(other.line) };
            self.count = self.count.saturating_add(other.count);
        }
    }

    /// Never seen.
    pub fn is_none(&self) -> bool {
        self.count == 0
    }
}

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
    /// Dates that can only be day, month, year; only month, day, year; either.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub day_first: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub month_first: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub either: Seen,
    /// Dates of which the order makes no difference.
    #[serde(skip_serializing_if = "is_zero")]
    pub plain_dates: u64,
    /// Day counts of a spreadsheet that lie before the latest day.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub serials: Seen,
    /// Days with a time of UTC by it, by that time: those of full quarters of an hour.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub times: BTreeMap<String, Seen>,
    /// Days that are written as midnights of the zone, in UTC, and those of them of which UTC shows another day.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub midnights: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub other_days: Seen,
    /// Numbers that can only have a point before their decimals; only a comma; either.
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub points: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub commas: Seen,
    #[serde(skip_serializing_if = "Seen::is_none")]
    pub either_mark: Seen,
    /// Numbers of which the format makes no difference.
    #[serde(skip_serializing_if = "is_zero")]
    pub plain_numbers: u64,
    /// The source has types, and this column is no text there: what it shows is how it was written out.
    #[serde(skip)]
    pub typed: bool,
}

/// A day of the calendar in front, alone or before a time: `1980-05-06`, `1980-05-06T10:00`.
fn begins_with_iso_day(cell: &str) -> bool {
    let Some((day, rest)) = cell.split_at_checked("1980-05-06".len()) else { return false };
    let digits = |part: Option<&str>| -> Option<u32> {
        part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    let parts = (digits(day.get(..4)), digits(day.get(5..7)), digits(day.get(8..)));
    let (Some(year), Some(month), Some(number)) = parts else { return false };
    year > 0
        && day.as_bytes().get(4) == Some(&b'-')
        && day.as_bytes().get(7) == Some(&b'-')
        && (rest.is_empty() || rest.starts_with(['T', ' ']))
        && i32::try_from(year).is_ok_and(|year| NaiveDate::from_ymd_opt(year, month, number).is_some())
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ColumnSurvey {
    /// Reads what `column_survey` gives.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn see(&mut self, line: i64, cell: &str, how: &How, words: &NullWords) {
        let kind = how.kind;
        self.cells += 1;
        if let Some(word) = words.find(cell) {
            match self.null_words.get_mut(word.as_ref()) {
                Some(seen) => seen.see(line),
                None => self.null_words.entry(word.into_owned()).or_default().see(line),
            }
            return;
        }
        if kind.is_dated() {
            self.see_date(line, cell);
        }
        if kind == CellKind::Date {
            self.see_time(line, cell, how.zone);
        }
        if kind == CellKind::Decimal {
            self.see_number(line, cell);
        }
        if let Some(list) = &how.list {
            list_values(cell, &list.separators, |value| self.see_value(line, value, list.kind));
        }
        if kind.is_written() && may_be_damaged(cell) {
            self.see_damage(line, cell, kind);
        }
    }

    fn see_date(&mut self, line: i64, cell: &str) {
        // ISO 8601, the most frequent form by far.
        if begins_with_iso_day(cell) && !cell.starts_with("000") {
            self.plain_dates += 1;
            return;
        }
        if let Some(zero) = zero_date(cell) {
            self.null_words.entry(zero.to_owned()).or_default().see(line);
            return;
        }
        if !self.see_order(line, cell) && serial(cell).is_some() {
            self.serials.see(line);
        }
    }

    /// What a date shows of its order; false for what is no date.
    fn see_order(&mut self, line: i64, text: &str) -> bool {
        match shown_order(text) {
            Some(Shown::DayFirst) => self.day_first.see(line),
            Some(Shown::MonthFirst) => self.month_first.see(line),
            Some(Shown::Either) => self.either.see(line),
            Some(Shown::Nothing) => self.plain_dates += 1,
            None => return false,
        }
        true
    }

    /// One value of a list: how its numbers and dates are written. Words for nothing are those of whole cells.
    fn see_value(&mut self, line: i64, value: &str, kind: CellKind) {
        if kind.is_dated() {
            self.see_order(line, value);
        }
        if kind == CellKind::Decimal {
            self.see_number(line, value);
        }
    }

    /// Days come with a time of UTC where a program took them for midnights of its own zone.
    fn see_time(&mut self, line: i64, cell: &str, zone: Option<Zone>) {
        const SHORTEST: usize = "1980-05-05".len();

        // Seconds since 1970 are no longer than a day.
        let may_have = cell.len() > SHORTEST || cell.len() == SHORTEST && !cell.contains(['-', '.', '/']);
        let Some(moment) = may_have.then(|| moment_of(cell)).flatten() else { return };
        let (Some(time), Some(0)) = (moment.time, moment.offset) else { return };
        if time.nanosecond() == 0 && time.second() == 0 && time.minute().is_multiple_of(15) {
            self.times.entry(time.format("%H:%M").to_string()).or_default().see(line);
        }
        if let Some(day) = zone.and_then(|zone| midnight(&moment, zone)) {
            self.midnights.see(line);
            if day != moment.date {
                self.other_days.see(line);
            }
        }
    }

    fn see_number(&mut self, line: i64, cell: &str) {
        match shown_format(cell) {
            Some(NumberShown::Point) => self.points.see(line),
            Some(NumberShown::Comma) => self.commas.see(line),
            Some(NumberShown::Either) => self.either_mark.see(line),
            Some(NumberShown::Nothing) => self.plain_numbers += 1,
            None => {}
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

    fn add(&mut self, other: Self) {
        self.cells += other.cells;
        self.plain_dates += other.plain_dates;
        self.plain_numbers += other.plain_numbers;
        for (word, seen) in other.null_words {
            self.null_words.entry(word).or_default().add(seen);
        }
        for (time, seen) in other.times {
            self.times.entry(time).or_default().add(seen);
        }
        for (mine, theirs) in [
            (&mut self.midnights, other.midnights),
            (&mut self.other_days, other.other_days),
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
            (&mut self.day_first, other.day_first),
            (&mut self.month_first, other.month_first),
            (&mut self.either, other.either),
            (&mut self.serials, other.serials),
            (&mut self.points, other.points),
            (&mut self.commas, other.commas),
            (&mut self.either_mark, other.either_mark),
        ] {
            mine.add(theirs);
        }
    }
}

#[user_doc(
    doc_section(label = "Aggregate Functions"),
    description = r#"What a column of a file shows as a whole, as JSON: words for nothing, damaged letters, the order of its dates, day counts of a spreadsheet, the format of its numbers, days written as midnights; each with its count and the first line. `kind` and `further` are those of `null_if_word`; `time_zone` is that of `date_in_zone`. Of a cell with several values each one shows the order of its dates or the format of its numbers. A run asks it of every column that a field takes, before it reads the cells."#,
    syntax_example = "column_survey(line_number, text, kind[, further[, time_zone[, separators, item]]])",
    sql_example = r#"```sql
> SELECT column_survey(line, cell, 'date') FROM (VALUES (2, '13/02/1990'), (3, '03/04/1990')) t(line, cell);
{"cells":2,"day_first":{"count":1,"line":2},"either":{"count":1,"line":3}}
```"#,
    argument(name = "line_number", description = "The line of the cell."),
    argument(name = "text", description = "The cell."),
    argument(name = "kind", description = "What the cell is to hold."),
    argument(name = "further", description = "Further words for nothing, separated by `|`."),
    argument(name = "time_zone", description = "Whose midnights are counted among days; empty for none."),
    argument(
        name = "separators",
        description = "Characters, each of which stands between the values of a cell."
    ),
    argument(name = "item", description = "What each of them is to hold, as a kind.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ColumnSurveyFunction {
    signature: Signature,
}

impl ColumnSurveyFunction {
    pub(super) fn new() -> Self {
        let line = Coercion::new_exact(TypeSignatureClass::Native(logical_int64()));
        let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
        let shapes = [2, 3, 4, 6].map(|texts| {
            TypeSignature::Coercible(std::iter::once(line.clone()).chain(vec![text.clone(); texts]).collect())
        });
        Self { signature: Signature::one_of(shapes.to_vec(), Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for ColumnSurveyFunction {
    fn name(&self) -> &str {
        "column_survey"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Survey::default()))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// A column while it is looked at.
#[derive(Default)]
struct Survey {
    found: ColumnSurvey,
    /// What is looked for, once the first cells have come.
    how: Option<How>,
}

/// What is looked for in a column.
struct How {
    kind: CellKind,
    further: Option<NullWords>,
    zone: Option<Zone>,
    list: Option<ListCells>,
}

/// Cells that hold several values.
struct ListCells {
    separators: String,
    /// What each value is to hold.
    kind: CellKind,
}

impl std::fmt::Debug for Survey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.found.fmt(f)
    }
}

impl Survey {
    fn how(values: &[ArrayRef]) -> Result<How> {
        let word = |n: usize| -> Result<Option<String>> {
            let Some(array) = values.get(n).filter(|array| !array.is_empty()) else { return Ok(None) };
            Ok(TextReader::try_new(array, false)?.get(0).map(str::to_owned))
        };
        let kind_of = |name: Option<String>| match name.as_deref().and_then(CellKind::from_name) {
            Some(kind) => Ok(kind),
            None => exec_err!("column_survey knows no kind of cell {name:?}"),
        };
        let given = |n: usize| -> Result<Option<String>> { Ok(word(n)?.filter(|word| !word.is_empty())) };
        let kind = kind_of(word(2)?)?;
        let further = given(3)?.map(|further| NullWords::new(kind, &further));
        let zone = given(4)?.map(|name| Zone::from_name(&name)).transpose()?;
        let list = match given(5)? {
            Some(separators) => Some(ListCells { separators, kind: kind_of(word(6)?)? }),
            None => None,
        };
        Ok(How { kind, further, zone, list })
    }
}

impl Accumulator for Survey {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [lines, cells, ..] = values else { return exec_err!("column_survey takes a line and a text") };
        if cells.is_empty() || *cells.data_type() == DataType::Null {
            return Ok(());
        }
        if self.how.is_none() {
            self.how = Some(Self::how(values)?);
        }
        let Some(how) = &self.how else { return Ok(()) };
        let words = how.further.as_ref().unwrap_or_else(|| NullWords::shipped(how.kind));
        let lines = lines.as_primitive_opt::<Int64Type>();
        let reader = TextReader::try_new(cells, false)?;
        for row in 0..cells.len() {
            if let Some(cell) = reader.get(row).filter(|cell| !cell.is_empty()) {
                let line = lines.map_or(0, |lines| lines.value(row));
                self.found.see(line, cell, how, words);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let text = serde_json::to_string(&self.found).map_err(|e| exec_datafusion_err!("{e}"))?;
        Ok(ScalarValue::Utf8(Some(text)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + (self.found.null_words.len() + self.found.times.len()) * 64
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        let reader = TextReader::try_new(states, false)?;
        for row in 0..states.len() {
            let Some(text) = reader.get(row) else { continue };
            let Some(other) = ColumnSurvey::from_json(text) else {
                return exec_err!("a survey in pieces cannot be read");
            };
            self.found.add(other);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn how(kind: CellKind) -> How {
        How { kind, further: None, zone: Some(Zone::from_name("Europe/Berlin").unwrap()), list: None }
    }

    fn survey(kind: CellKind, cells: &[&str]) -> ColumnSurvey {
        let mut found = ColumnSurvey::default();
        for (line, cell) in (2..).zip(cells) {
            found.see(line, cell, &how(kind), NullWords::shipped(kind));
        }
        found
    }

    #[test]
    fn counts_what_a_column_shows() {
        let dates = [
            "13/02/1990",
            "02/13/1990",
            "03/04/1990",
            "25/12/1990",
            "1990-02-03",
            "0/0/00",
            "32874",
            "May 1990",
            "-",
        ];
        let found = survey(CellKind::Date, &dates);
        assert_eq!(found.cells, 9);
        assert_eq!(found.day_first, Seen { count: 2, line: 2 });
        assert_eq!(found.month_first, Seen { count: 1, line: 3 });
        assert_eq!(found.either, Seen { count: 1, line: 4 });
        assert_eq!(found.plain_dates, 1);
        assert_eq!(found.serials, Seen { count: 1, line: 8 });
        assert_eq!(found.null_words.keys().collect::<Vec<_>>(), ["-", "0000-00-00"]);

        // What does not exist is no date.
        let dates = ["1980-02-30", "1980-W19-2", "1980-127", "1980-02-29", "1980-02-29T10:00Z", "1980-2-9"];
        assert_eq!(survey(CellKind::Date, &dates).plain_dates, 3);

        let names = ["Jörg", "MÃ¼ller", "Ada", "O&#039;Brien", "Null", "J?rg", "n/a", "MŸller", "Dušan"];
        let found = survey(CellKind::Name, &names);
        assert_eq!((found.accents.count, found.utf8.count, found.entities.line), (1, 1, 5));
        assert_eq!((found.lost.line, found.mac.count, found.mac_perhaps.count), (7, 1, 1));
        assert_eq!(found.null_words["n/a"], Seen { count: 1, line: 8 });

        // A text that ends in a question mark may ask; a name is damaged, and ? alone is nothing.
        let cells = ["Anna", "Zo?", "?", "Anna Wei?"];
        assert_eq!(survey(CellKind::Name, &cells).lost, Seen { count: 2, line: 3 });
        assert_eq!(survey(CellKind::Text, &cells).lost, Seen::default());
        assert_eq!(survey(CellKind::Text, &["Bonn?", "?rhus"]).lost, Seen { count: 1, line: 3 });
    }

    #[test]
    fn signs_of_another_code_page_are_counted() {
        let found = survey(CellKind::Name, &["M¸ller", "HÈlËne", "MuÑoz", "Jörg", "J‰ger", "Anna", "MŸller"]);
        let counts =
            [found.strange, found.capitals, found.small_az, found.letters, found.lost_but_mac, found.mac];
        assert_eq!(
            counts.map(|seen| (seen.count, seen.line)),
            [(1, 2), (1, 3), (1, 4), (2, 4), (1, 6), (1, 8)]
        );
        assert_eq!(found.lost, Seen { count: 1, line: 2 });
        assert_eq!(survey(CellKind::Email, &["M¸ller"]).strange, Seen::default());
    }

    #[test]
    fn numbers_show_their_format() {
        let found = survey(CellKind::Decimal, &["1.234", "12,50", "1.234,5", "7", "n/a", "9.99", "x"]);
        assert_eq!(found.commas, Seen { count: 2, line: 3 });
        assert_eq!(found.points, Seen { count: 1, line: 7 });
        assert_eq!(found.either_mark, Seen { count: 1, line: 2 });
        assert_eq!((found.plain_numbers, found.null_words.len()), (1, 1));
    }

    #[test]
    fn values_of_lists_show_their_format_and_their_order() {
        let of = |item: CellKind, cells: &[&str]| {
            let list = Some(ListCells { separators: ";|".to_owned(), kind: item });
            let how = How { list, ..how(CellKind::Text) };
            let mut found = ColumnSurvey::default();
            for (line, cell) in (2..).zip(cells) {
                found.see(line, cell, &how, NullWords::shipped(CellKind::Text));
            }
            found
        };
        let found = of(CellKind::Decimal, &["1.234; 12,50", "7|x", "n/a", "[\"1.234\", 0.5]"]);
        assert_eq!(found.either_mark, Seen { count: 2, line: 2 });
        assert_eq!(found.commas, Seen { count: 1, line: 2 });
        assert_eq!(found.points, Seen { count: 1, line: 5 });
        assert_eq!((found.plain_numbers, found.null_words.len(), found.cells), (1, 1, 4));
        let found = of(CellKind::Date, &["13/02/1990; 03/04/1990", "1990-01-01", "32874;0/0/00"]);
        assert_eq!(found.day_first, Seen { count: 1, line: 2 });
        assert_eq!(found.either, Seen { count: 1, line: 2 });
        assert_eq!((found.plain_dates, found.serials.count, found.null_words.len()), (1, 0, 0));
        // One number per cell is what it was: a separator alone makes no list.
        assert_eq!(survey(CellKind::Text, &["1.234;12,50"]).commas, Seen::default());
    }

    #[test]
    fn days_show_the_times_by_them() {
        let cells = [
            "1980-05-05T22:00:00.000Z",
            "1980-12-05T23:00:00Z",
            "1980-12-05T22:00:00Z",
            "5 May 1980 22:00 UTC",
            "326412000",
            "0326412000",
            "1980-05-05 22:00",
            "1980-05-05T22:00:07Z",
            "1980-05-05T22:00:00+01:00",
            "1980-05-05",
        ];
        let found = survey(CellKind::Date, &cells);
        assert_eq!(found.midnights, Seen { count: 4, line: 2 });
        assert_eq!(found.other_days, Seen { count: 4, line: 2 });
        assert_eq!(found.times["22:00"], Seen { count: 4, line: 2 });
        assert_eq!((found.times["23:00"].line, found.times.len()), (3, 2));
        assert_eq!(survey(CellKind::Timestamp, &cells).times.len(), 0);
    }

    proptest! {
        #[test]
        fn pieces_give_the_whole(cells in prop::collection::vec("(1980-05-05T22:00Z|Anna|MÃ¼ller|n/a|O&amp;B|13.02.90|1.2.90||-|Jörg|J\\?rg|1,5|1.500)", 0..40), cut in 0_usize..40, kind in prop::sample::select(vec![CellKind::Name, CellKind::Date, CellKind::Email, CellKind::Decimal])) {
            let numbered: Vec<(i64, &str)> = (2_i64..).zip(cells.iter().map(String::as_str)).collect();
            let of = |part: &[(i64, &str)]| {
                let mut found = ColumnSurvey::default();
                part.iter().for_each(|(line, cell)| found.see(*line, cell, &how(kind), NullWords::shipped(kind)));
                found
            };
            let (left, right) = numbered.split_at(cut.min(numbered.len()));
            let mut whole = of(right);
            let read_again = ColumnSurvey::from_json(&serde_json::to_string(&of(left)).unwrap()).unwrap();
            whole.add(read_again);
            prop_assert_eq!(whole, of(&numbered));
        }
    }
}
