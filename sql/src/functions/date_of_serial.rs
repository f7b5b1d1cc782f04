//! `date_of_serial`: the day counts of a spreadsheet as dates.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::calendar::serial;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"A count of days, as spreadsheets keep dates (`32874`, `32874.0`; five digits, counted from the last days of 1899), as YYYY-MM-DD; every other text as it is. For columns that are known to hold such counts: a house number looks the same. Workbooks that count from 1904 come out four years early."#,
    syntax_example = "date_of_serial(text)",
    sql_example = r#"```sql
> SELECT date_of_serial('32874'), date_of_serial('1990-01-01');
1990-01-01  1990-01-01
```"#,
    argument(name = "text", description = "A count of days, or a date."),
    related_udf(name = "parse_date"),
    related_udf(name = "date_problem")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateOfSerial;

scalar_function!(
    DateOfSerial,
    "date_of_serial",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, date_of_serial)
);

fn date_of_serial<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let Some(day) = serial(text) else { return Some(text) };
    buffer.clear();
    buffer.push_str(&day.to_string());
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        super::date_of_serial(text, &mut "left over".to_owned()).unwrap_or_default().to_owned()
    }

    #[test]
    fn counts_as_spreadsheets_do() {
        for (text, wanted) in [
            ("32874", "1990-01-01"),
            ("32874.0", "1990-01-01"),
            (" 45657.75 ", "2024-12-31"),
            ("10000", "1927-05-18"),
            ("02138", "02138"),
            ("1985", "1985"),
            ("123456", "123456"),
            ("32874.", "1990-01-01"),
            ("3287a", "3287a"),
            ("-32874", "-32874"),
            ("1990-01-01", "1990-01-01"),
        ] {
            assert_eq!(read(text), wanted, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn days_are_counted_one_by_one(day in 10_000_u32..99_999) {
            let date = |n: u32| read(&n.to_string()).parse::<chrono::NaiveDate>().unwrap();
            prop_assert_eq!(date(day) + chrono::Duration::days(1), date(day + 1));
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "[0-9.,]{0,16}") {
            read(&text);
            read(&close);
        }
    }
}
