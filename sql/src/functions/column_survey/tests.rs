//! What columns show.

use super::how::ListCells;
use super::*;
use crate::functions::null_words::CellKind;
use crate::functions::parse_timestamp::Zone;
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
    assert_eq!(found.dates.day_first, Seen { count: 2, line: 2 });
    assert_eq!(found.dates.month_first, Seen { count: 1, line: 3 });
    assert_eq!(found.dates.either, Seen { count: 1, line: 4 });
    assert_eq!(found.dates.plain, 1);
    assert_eq!(found.dates.serials, Seen { count: 1, line: 8 });
    assert_eq!(found.null_words.keys().collect::<Vec<_>>(), ["-", "0000-00-00"]);

    // What does not exist is no date.
    let dates = ["1980-02-30", "1980-W19-2", "1980-127", "1980-02-29", "1980-02-29T10:00Z", "1980-2-9"];
    assert_eq!(survey(CellKind::Date, &dates).dates.plain, 3);

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
    assert_eq!(counts.map(|seen| (seen.count, seen.line)), [(1, 2), (1, 3), (1, 4), (2, 4), (1, 6), (1, 8)]);
    assert_eq!(found.lost, Seen { count: 1, line: 2 });
    assert_eq!(survey(CellKind::Email, &["M¸ller"]).strange, Seen::default());
}

#[test]
fn numbers_show_their_format() {
    let found = survey(CellKind::Decimal, &["1.234", "12,50", "1.234,5", "7", "n/a", "9.99", "x"]);
    assert_eq!(found.numbers.commas, Seen { count: 2, line: 3 });
    assert_eq!(found.numbers.points, Seen { count: 1, line: 7 });
    assert_eq!(found.numbers.either, Seen { count: 1, line: 2 });
    assert_eq!((found.numbers.plain, found.null_words.len()), (1, 1));
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
    assert_eq!(found.numbers.either, Seen { count: 2, line: 2 });
    assert_eq!(found.numbers.commas, Seen { count: 1, line: 2 });
    assert_eq!(found.numbers.points, Seen { count: 1, line: 5 });
    assert_eq!((found.numbers.plain, found.null_words.len(), found.cells), (1, 1, 4));
    let found = of(CellKind::Date, &["13/02/1990; 03/04/1990", "1990-01-01", "32874;0/0/00"]);
    assert_eq!(found.dates.day_first, Seen { count: 1, line: 2 });
    assert_eq!(found.dates.either, Seen { count: 1, line: 2 });
    assert_eq!((found.dates.plain, found.dates.serials.count, found.null_words.len()), (1, 0, 0));
    // One number per cell is what it was: a separator alone makes no list.
    assert_eq!(survey(CellKind::Text, &["1.234;12,50"]).numbers.commas, Seen::default());
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
    assert_eq!(found.dates.midnights, Seen { count: 4, line: 2 });
    assert_eq!(found.dates.other_days, Seen { count: 4, line: 2 });
    assert_eq!(found.dates.times["22:00"], Seen { count: 4, line: 2 });
    assert_eq!((found.dates.times["23:00"].line, found.dates.times.len()), (3, 2));
    assert_eq!(survey(CellKind::Timestamp, &cells).dates.times.len(), 0);
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
