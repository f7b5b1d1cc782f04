//! `name_given`: the given names in a full name.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::{FullName, clean_name, join};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The given names, middle names included, of a full name in one column, `First Last` or `Last, First`. A single word is a given name unless a title precedes it. Words stay as they are written; together with `name_title`, `name_family` and `name_suffix` none is lost. See `name_split_doubtful`."#,
    syntax_example = "name_given(text)",
    sql_example = r#"```sql
> SELECT name_given('Dr. Anna Maria de la Cruz');
Anna Maria
```"#,
    argument(name = "text", description = "A full name."),
    related_udf(name = "name_family"),
    related_udf(name = "name_split_doubtful")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameGiven;

scalar_function!(NameGiven, "name_given", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, name_given)
});

/// The given names of a full name.
fn name_given<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut scratch = String::new();
    let name = FullName::split(clean_name(text, &mut scratch)?);
    join(&[name.given], buffer)
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_all_given_names() {
        let given = |text| super::name_given(text, &mut String::new()).map(str::to_owned);
        assert_eq!(given("Dr. Anna Maria Klein").as_deref(), Some("Anna Maria"));
        assert_eq!(given("Klein, Anna").as_deref(), Some("Anna"));
        assert_eq!(given("Siobha\u{301}n Ward").as_deref(), Some("Siobh\u{e1}n"));
        assert_eq!(given("Cher").as_deref(), Some("Cher"));
        assert_eq!(given("Herr Klein"), None);
        assert_eq!(given(""), None);
    }
}
