//! `date_ambiguous`: could this date be meant otherwise?

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_boolean, text_signature};
use super::calendar::is_ambiguous;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Time and Date Functions"),
    description = r#"True when a date can be read in more than one order with different results, as `01/02/2024`; such a date is NULL for `parse_date` with 'auto'. False for dates that can be read in one way only, and for what is no date."#,
    syntax_example = "date_ambiguous(text)",
    sql_example = r#"```sql
> SELECT date_ambiguous('01/02/2024'), date_ambiguous('31/12/2024');
true  false
```"#,
    argument(name = "text", description = "A date, with or without a time."),
    related_udf(name = "parse_date"),
    related_udf(name = "parse_timestamp")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateAmbiguous;

scalar_function!(
    DateAmbiguous,
    "date_ambiguous",
    text_signature(1),
    DataType::Boolean,
    strict,
    |name, args| evaluate_boolean(name, &args, date_ambiguous)
);

/// Whether the order of day and month decides.
fn date_ambiguous(text: &str) -> Option<bool> {
    Some(is_ambiguous(text))
}

#[cfg(test)]
mod tests {
    use super::date_ambiguous;
    use proptest::prelude::*;

    #[test]
    fn sees_what_can_be_read_twice() {
        for text in ["01/02/2024", "1.2.2024", "01-02-24", "24-12-31", "03/04/2024 14:30"] {
            assert_eq!(date_ambiguous(text), Some(true), "{text:?}");
        }
        for text in
            ["31/12/2024", "12/31/2024", "01/01/2024", "2024-01-02", "1 Feb 2024", "", "hello", "99/99/2024"]
        {
            assert_eq!(date_ambiguous(text), Some(false), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            date_ambiguous(&text);
        }
    }
}
