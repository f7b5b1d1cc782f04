//! `parse_date`: a date in whatever form it comes.

use arrow::array::{ArrayRef, Date32Builder};
use std::sync::Arc;

use arrow::datatypes::DataType;
use chrono::NaiveDate;
use datafusion_common::Result;
use datafusion_common::exec_err;
use datafusion_expr::ColumnarValue;
use datafusion_macros::user_doc;

use super::arguments::{TextReader, finish};
use super::calendar::{DateOrder, parse_moment_until};
use super::dated::{dated_arguments, dated_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"Reads a date: ISO 8601, three numbers with full stops, slashes, hyphens or blanks, or a month by name in English, German, French or Spanish; a time of day behind it is ignored. `order` says what `01/02/2024` means: 'dmy', 'mdy', 'ymd', or 'auto' (also NULL), with which a date that can be read in two ways is NULL; see `date_ambiguous`. A year of four digits in front is always ISO. Years of two digits are 1969 to 2068. With `latest` no date lies behind that day: years of two digits are the last ones that do not (`01/02/27` is 1927), and what lies behind it all the same is NULL. Ten digits are seconds and thirteen milliseconds since 1970; other plain numbers, spreadsheet day counts among them, are NULL, and so is a date that does not exist."#,
    syntax_example = "parse_date(text, order[, latest])",
    sql_example = r#"```sql
> SELECT parse_date('31.12.2024', 'auto'), parse_date('01/02/2024', 'mdy'), parse_date('01/02/2024', 'auto');
2024-12-31  2024-01-02  NULL
```"#,
    argument(name = "text", description = "A date."),
    argument(name = "order", description = "'dmy', 'mdy', 'ymd' or 'auto'."),
    argument(name = "latest", description = "The day behind which no date lies."),
    related_udf(name = "parse_timestamp"),
    related_udf(name = "date_ambiguous")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseDate;

scalar_function!(ParseDate, "parse_date", dated_signature(2), DataType::Date32, lenient, |name, args| {
    let (text, order, latest) = dated_arguments(name, &args)?;
    let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
    let rows = if constant { 1 } else { args.number_rows };
    let (text, order) = (TextReader::of(&text)?, TextReader::of(&order)?);
    let mut dates = Date32Builder::with_capacity(rows);
    for row in 0..rows {
        let order = order_of(&order, row)?;
        let latest = latest.day(row);
        dates.append_option(text.get(row).and_then(|text| parse_date(text, order, latest)));
    }
    finish(Arc::new(dates.finish()) as ArrayRef, constant)
});

/// The order that a row asks for. An unknown one is a mistake in the query, not in the data.
pub(super) fn order_of(order: &TextReader<'_>, row: usize) -> Result<DateOrder> {
    let Some(name) = order.get(row) else {
        return Ok(DateOrder::Auto);
    };
    match DateOrder::from_name(name) {
        Some(order) => Ok(order),
        None => exec_err!("the order of a date is 'dmy', 'mdy', 'ymd' or 'auto', not '{name}'"),
    }
}

/// Days since 1970.
fn parse_date(text: &str, order: DateOrder, latest: Option<NaiveDate>) -> Option<i32> {
    let date = parse_moment_until(text, order, latest)?.date;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str, order: &str) -> Option<String> {
        until(text, order, None)
    }

    fn until(text: &str, order: &str, latest: Option<&str>) -> Option<String> {
        let latest = latest.map(|day| day.parse().unwrap());
        let days = parse_date(text, DateOrder::from_name(order).unwrap(), latest)?;
        let date = NaiveDate::default() + chrono::Duration::days(days.into());
        Some(date.to_string())
    }

    #[test]
    fn reads_the_usual_forms() {
        for text in [
            "2024-12-31",
            "2024/12/31",
            "2024.12.31",
            "20241231",
            "2024-12-31T14:30:00Z",
            "2024-12-31 14:30",
            "31.12.2024",
            "31. 12. 2024",
            "31/12/2024",
            "12/31/2024",
            "31-12-2024",
            "31 12 2024",
            "31.12.24",
            "31-Dec-2024",
            "31-DEC-24",
            "31 Dec 2024",
            "Dec 31, 2024",
            "Dec. 31 2024",
            "December 31st, 2024",
            "31st of December 2024",
            "the 31st of December, 2024",
            "31 d\u{e9}cembre 2024",
            "31 d\u{e9}c. 2024",
            "31. Dezember 2024",
            "31 de diciembre de 2024",
            "2024-Dec-31",
            "2024 December 31",
            "Tue, 31 Dec 2024",
            "Dienstag, 31.12.2024",
            "mar. 31 d\u{e9}c. 2024",
            "Di., 31.12.2024",
            " 2024-12-31 ",
            "1735603200",
            "1735603200000",
            "31 de diciembre del 2024",
            "Dec-31-2024",
            "Tuesday, December 31, 2024",
            "\u{662}\u{660}\u{662}\u{664}-\u{661}\u{662}-\u{663}\u{661}",
            "\u{ff12}\u{ff10}\u{ff12}\u{ff14}/\u{ff11}\u{ff12}/\u{ff13}\u{ff11}",
        ] {
            assert_eq!(date(text, "auto").as_deref(), Some("2024-12-31"), "{text:?}");
        }
        assert_eq!(date("1er janvier 2024", "auto").as_deref(), Some("2024-01-01"));
        assert_eq!(date("1\u{ba} de enero de 2024", "auto").as_deref(), Some("2024-01-01"));
        assert_eq!(date("Mar 3, 2024", "auto").as_deref(), Some("2024-03-03"));
    }

    #[test]
    fn the_order_decides_and_iso_wins() {
        for (text, order, wanted) in [
            ("01/02/2024", "dmy", Some("2024-02-01")),
            ("01/02/2024", "mdy", Some("2024-01-02")),
            ("01/02/2024", "auto", None),
            ("01/01/2024", "auto", Some("2024-01-01")),
            ("24-12-31", "ymd", Some("2024-12-31")),
            ("24-12-31", "auto", None),
            ("12/31/2024", "dmy", None),
            ("31/12/2024", "mdy", None),
            ("2024-02-01", "dmy", Some("2024-02-01")),
            ("2024-02-01", "mdy", Some("2024-02-01")),
            ("31/12/68", "dmy", Some("2068-12-31")),
            ("31/12/69", "dmy", Some("1969-12-31")),
            ("24-Dec-31", "ymd", Some("2024-12-31")),
            ("24-Dec-31", "auto", Some("2031-12-24")),
            ("01/02/2024", "ymd", None),
        ] {
            assert_eq!(date(text, order).as_deref(), wanted, "{text:?} {order}");
        }
    }

    #[test]
    fn nothing_lies_behind_the_latest_day() {
        for (text, order, wanted) in [
            ("01/02/27", "dmy", Some("1927-02-01")),
            ("01/02/26", "dmy", Some("2026-02-01")),
            ("31.12.68", "auto", Some("1968-12-31")),
            ("31.12.69", "auto", Some("1969-12-31")),
            ("31-Dec-45", "auto", Some("1945-12-31")),
            ("Dec 31, 45", "auto", Some("1945-12-31")),
            ("Dec 31, 2045", "auto", None),
            ("2030-01-01", "auto", None),
            ("31.12.2030", "dmy", None),
            ("2026-11-29", "auto", Some("2026-11-29")),
            ("29.02.28", "dmy", Some("1928-02-29")),
        ] {
            assert_eq!(until(text, order, Some("2026-11-29")).as_deref(), wanted, "{text:?} {order}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            " ",
            "31.02.2024",
            "2023-02-29",
            "00.00.0000",
            "0000-01-01",
            "45657",
            "12",
            "2024",
            "2024-13-01",
            "20241301",
            "31.12",
            "Dec 2024",
            "31.12.2024 garbage",
            "31.12.202",
            "1.2.3.4",
            "31/12-2024",
            "hello",
            "2024-12-31T25:00",
            "2024-12-31 14",
            "123456789",
            "12345678901",
            "31 Foo 2024",
            "31.12.2024x",
            "2024--12-31",
            "\u{661}/\u{662}/2024",
            // Years of another calendar, or perhaps of one.
            "\u{663}\u{661}/\u{661}\u{662}/\u{664}\u{666}",
            "\u{6f1}\u{6f4}\u{6f0}\u{6f3}/\u{6f0}\u{6f5}/\u{6f1}\u{6f2}",
            "\u{e52}\u{e55}\u{e56}\u{e57}-\u{e50}\u{e51}-\u{e53}\u{e51}",
        ] {
            assert_eq!(date(text, "auto"), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), close in "[0-9 :./TZ+a-zé-]{0,30}") {
            for order in ["dmy", "mdy", "ymd", "auto"] {
                date(&text, order);
                date(&close, order);
            }
        }

        #[test]
        fn short_years_never_lie_ahead(day in 1_u8..=28, month in 1_u8..=12, year in 0_u8..=99, latest in 0_i32..40_000) {
            let latest = NaiveDate::default() + chrono::Duration::days(latest.into());
            let found = parse_date(&format!("{day:02}.{month:02}.{year:02}"), DateOrder::DayMonthYear, Some(latest));
            let found = NaiveDate::default() + chrono::Duration::days(found.unwrap().into());
            prop_assert!(found <= latest);
            prop_assert_eq!(chrono::Datelike::year(&found).rem_euclid(100), i32::from(year));
        }

        #[test]
        fn every_date_comes_back(days in -700_000..2_900_000_i32) {
            let day = NaiveDate::default() + chrono::Duration::days(days.into());
            for format in ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d %B %Y", "%b %d, %Y"] {
                prop_assert_eq!(parse_date(&day.format(format).to_string(), DateOrder::DayMonthYear, None), Some(days));
            }
        }
    }
}
