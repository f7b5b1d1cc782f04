//! On well-formed tables the reader gives exactly what the `csv` crate wrote.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use importer_connectors::csv::{CsvOptions, Delimiter, Escape, QuoteOption};
use proptest::prelude::*;

use crate::support::{options, read, read_with};

#[derive(Debug, Clone)]
struct Style {
    delimiter: u8,
    quote: u8,
    quoting: QuoteStyle,
    crlf: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (
        prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        prop_oneof![3 => Just(b'"'), 1 => Just(b'\'')],
        prop_oneof![Just(QuoteStyle::Necessary), Just(QuoteStyle::Always), Just(QuoteStyle::NonNumeric)],
        any::<bool>(),
    )
        .prop_map(|(delimiter, quote, quoting, crlf)| Style { delimiter, quote, quoting, crlf })
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-z]{1,10}",
        1 => "[0-9]{1,6}",
        1 => Just(String::new()),
        1 => "[a-z ,;|'\"\t]{0,10}",
        1 => "[a-zé日😀\n\r\"',]{0,10}",
        1 => "[0-9]{1,3},[0-9]{2}",
        1 => "[a-z]{1,40}( [a-z]{1,20}){0,3}",
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1..12_usize)
        .prop_flat_map(|width| proptest::collection::vec(proptest::collection::vec(cell(), width), 0..40))
}

fn write(style: &Style, rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = WriterBuilder::new()
        .delimiter(style.delimiter)
        .quote(style.quote)
        .quote_style(style.quoting)
        .terminator(if style.crlf { Terminator::CRLF } else { Terminator::Any(b'\n') })
        .from_writer(Vec::new());
    let width = rows.first().map_or(1, Vec::len);
    let header: Vec<_> = (1..=width).map(|i| format!("field{i}")).collect();
    out.write_record(&header).expect("memory");
    for row in rows {
        out.write_record(row).expect("memory");
    }
    out.into_inner().expect("memory")
}

/// Rows that are written as nothing but delimiters and blanks count as blank lines.
fn expected(style: &Style, rows: &[Vec<String>]) -> Vec<Vec<Option<String>>> {
    rows.iter()
        .filter(|row| {
            let line = write(style, std::slice::from_ref(row));
            let line = &line[line.iter().position(|b| *b == b'\n').map_or(0, |i| i + 1)..];
            line.iter().any(|b| *b != style.delimiter && !matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        })
        .map(|row| row.iter().map(|c| (!c.is_empty()).then(|| c.clone())).collect())
        .collect()
}

fn given(style: &Style) -> CsvOptions {
    options(|o| {
        o.delimiter = Delimiter::new(style.delimiter).ok();
        o.quote = Some(QuoteOption::Char(style.quote));
        o.escape = Some(Escape::Doubled);
        o.line_ending = Some(importer_connectors::csv::LineEnding::Lf);
        o.skip_lines = Some(0);
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_tables_in_given_dialects(style in style(), rows in table()) {
        let f = read_with(write(&style, &rows), &given(&style));
        prop_assert_eq!(&f.rejects, &vec![]);
        prop_assert_eq!(f.rows, expected(&style, &rows));
    }

    /// With ordinary cells the dialect is found without help.
    #[test]
    fn ordinary_tables_without_help(
        style in style(),
        rows in (2..10_usize).prop_flat_map(|w| proptest::collection::vec(
            proptest::collection::vec(prop_oneof![
                "[A-Z][a-z]{1,10}", "[0-9]{1,6}", "[A-Z][a-z]{1,8} [A-Z]'[A-Z][a-z]{1,8}", "[0-9]{1,3},[0-9]{2}", "[a-z]{1,8}@[a-z]{1,8}\\.org",
            ], w), 3..40)),
    ) {
        prop_assume!(style.quote == b'"' || matches!(style.quoting, QuoteStyle::Always));
        let f = read(write(&style, &rows));
        prop_assert_eq!(f.dialect.delimiter, style.delimiter, "{}", &f.dialect.evidence);
        prop_assert_eq!(f.rows, expected(&style, &rows));
    }
}
