//! `number_problem`: why is this no decimal?

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{TextReader, finish, texts};
use super::number_text::{Misfit, NumberFormat, NumberShown, number_in, shown_format};
use super::parse_decimal::{HowNumbers, number_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Says in one word why `parse_decimal(text, precision, scale, format)` gives no number: `ambiguous` (a mark in it may stand before decimals or between thousands), `format` (it is a number in another format than `format`), `scale` (it has more decimals), `size` (it has more digits). NULL for a number, and for what is none in any way."#,
    syntax_example = "number_problem(text, precision, scale, format)",
    sql_example = r#"```sql
> SELECT number_problem('1.234', 9, 2, 'auto'), number_problem('1.234,5', 9, 2, 'point'), number_problem('1.005', 9, 2, 'point');
ambiguous  format  scale
```"#,
    argument(name = "text", description = "The text."),
    argument(name = "precision", description = "Digits in all."),
    argument(name = "scale", description = "Digits behind the point."),
    argument(name = "format", description = "'auto', 'point' or 'comma'."),
    related_udf(name = "parse_decimal")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NumberProblem;

scalar_function!(
    NumberProblem,
    "number_problem",
    number_signature(),
    DataType::Utf8View,
    lenient,
    |name, args| {
        let how = HowNumbers::of(name, &args)?;
        let (cells, rows, constant) = how.cells(&args)?;
        let reader = TextReader::try_new(&cells, constant)?;
        let words = texts(rows, |row, out| {
            let found = reader.get(row).and_then(|text| problem(text, &how));
            out.clear();
            out.push_str(found.unwrap_or_default());
            found.is_some()
        });
        finish(words, constant)
    }
);

fn problem(text: &str, how: &HowNumbers) -> Option<&'static str> {
    let shown = shown_format(text)?;
    match number_in(text, how.format) {
        Some(number) => match number.unscaled(how.precision, how.scale) {
            Ok(_) => None,
            Err(Misfit::Scale) => Some("scale"),
            Err(Misfit::Size) => Some("size"),
        },
        None if how.format == NumberFormat::Auto && shown == NumberShown::Either => Some("ambiguous"),
        None => Some("format"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_reason() {
        use NumberFormat::{Auto, Comma, Point};
        for (text, format, wanted) in [
            ("12.50", Auto, None),
            ("1.234", Auto, Some("ambiguous")),
            ("1.234", Comma, None),
            ("1.234", Point, Some("scale")),
            ("1.234,5", Point, Some("format")),
            ("1,234.5", Comma, Some("format")),
            ("12.345678", Auto, Some("scale")),
            ("12345678.5", Auto, Some("size")),
            ("twelve", Auto, None),
            ("", Auto, None),
        ] {
            let how = HowNumbers { precision: 9, scale: 2, format };
            assert_eq!(problem(text, &how), wanted, "{text:?} {format:?}");
        }
    }
}
