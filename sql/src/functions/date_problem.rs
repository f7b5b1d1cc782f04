//! `date_problem`: why is this no date?

use arrow::datatypes::DataType;
use chrono::NaiveDate;
use datafusion_common::Result;
use datafusion_expr::ColumnarValue;
use datafusion_macros::user_doc;

use super::arguments::{TextReader, finish, texts};
use super::calendar::{DateOrder, is_ambiguous, parse_moment, parse_moment_until, serial};
use super::dated::{dated_arguments, dated_signature};
use super::parse_date::order_of;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"Says in one word why `parse_date(text, order, latest)` gives no date: `ambiguous` (it can be read in two ways), `order` (it is a date in another order than `order`), `future` (it lies behind `latest`), `serial` (it is the count of days by which a spreadsheet keeps a date). NULL for a date, and for what is none in any way."#,
    syntax_example = "date_problem(text, order[, latest])",
    sql_example = r#"```sql
> SELECT date_problem('01/02/2024', 'auto'), date_problem('02/13/1990', 'dmy'), date_problem('32874', 'auto');
ambiguous  order  serial
```"#,
    argument(name = "text", description = "A text."),
    argument(name = "order", description = "'dmy', 'mdy', 'ymd' or 'auto'."),
    argument(name = "latest", description = "The day behind which no date lies."),
    related_udf(name = "parse_date"),
    related_udf(name = "date_ambiguous"),
    related_udf(name = "date_of_serial")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateProblem;

scalar_function!(
    DateProblem,
    "date_problem",
    dated_signature(2),
    DataType::Utf8View,
    lenient,
    |name, args| {
        let (text, order, latest) = dated_arguments(name, &args)?;
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let (text, order) = (TextReader::of(&text)?, TextReader::of(&order)?);
        let orders = (0..rows).map(|row| order_of(&order, row)).collect::<Result<Vec<_>>>()?;
        let words = texts(rows, |row, out| {
            let order = orders.get(row).copied().unwrap_or(DateOrder::Auto);
            let found = text.get(row).and_then(|text| date_problem(text, order, latest.day(row)));
            out.clear();
            out.push_str(found.unwrap_or_default());
            found.is_some()
        });
        finish(words, constant)
    }
);

fn date_problem(text: &str, order: DateOrder, latest: Option<NaiveDate>) -> Option<&'static str> {
    if parse_moment_until(text, order, latest).is_some() {
        return None;
    }
    if serial(text).is_some() {
        return Some("serial");
    }
    let orders = [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay];
    let mut readings = orders.iter().filter(|other| parse_moment(text, **other).is_some()).peekable();
    readings.peek()?;
    let past = |order: DateOrder| parse_moment_until(text, order, latest).is_some();
    if parse_moment(text, order).is_some() || !readings.any(|other| past(*other)) {
        Some("future")
    } else if is_ambiguous(text) {
        Some("ambiguous")
    } else {
        Some("order")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_the_reason() {
        let latest = NaiveDate::from_ymd_opt(2026, 11, 29);
        for (text, order, wanted) in [
            ("01/02/2024", "auto", Some("ambiguous")),
            ("01/02/2024", "dmy", None),
            ("02/13/1990", "dmy", Some("order")),
            ("13/02/1990", "mdy", Some("order")),
            ("2031-01-01", "auto", Some("future")),
            ("31.12.2031", "dmy", Some("future")),
            ("01/02/2031", "auto", Some("future")),
            ("02/13/2031", "dmy", Some("future")),
            ("1735603200", "auto", None),
            ("32874", "auto", Some("serial")),
            ("32874.0", "dmy", Some("serial")),
            ("32874,5", "dmy", Some("serial")),
            ("53111", "dmy", Some("serial")),
            ("02138", "dmy", None),
            ("1985", "dmy", None),
            ("March 1985", "auto", None),
            ("30.02.1990", "dmy", None),
            ("15/15/1990", "auto", None),
            ("", "auto", None),
        ] {
            assert_eq!(
                date_problem(text, DateOrder::from_name(order).unwrap(), latest),
                wanted,
                "{text:?} {order}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), close in "[0-9 :./TZ+a-z-]{0,24}") {
            for text in [text, close] {
                date_problem(&text, DateOrder::Auto, NaiveDate::from_ymd_opt(2000, 1, 1));
            }
        }
    }
}
