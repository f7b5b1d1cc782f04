//! `name_title`: what stands before a name and is not part of it.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::{FullName, clean_name, join};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The titles and forms of address in a given or full name, as they are written: `Dr.`, `Prof. Dr.`, `Mrs`, `Herr`. NULL when there is none."#,
    syntax_example = "name_title(text)",
    sql_example = r#"```sql
> SELECT name_title('Prof. Dr. Anna Klein');
Prof. Dr.
```"#,
    argument(name = "text", description = "A given name or a full name."),
    related_udf(name = "name_suffix"),
    related_udf(name = "name_without_title")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameTitle;

scalar_function!(NameTitle, "name_title", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, name_title)
});

/// The titles of a name.
fn name_title<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut scratch = String::new();
    let name = FullName::split(clean_name(text, &mut scratch)?);
    join(&name.titles, buffer)
}

#[cfg(test)]
mod tests {
    fn title(text: &str) -> Option<String> {
        super::name_title(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn gives_titles_as_written() {
        for (given, wanted) in [
            ("Dr. Anna", Some("Dr.")),
            ("Prof. Dr. Anna Klein", Some("Prof. Dr.")),
            ("Klein, Dr. Anna", Some("Dr.")),
            ("MRS ANNA KLEIN", Some("MRS")),
            ("Anna", None),
            ("Maj Klein", None),
            ("Maj. Klein", Some("Maj.")),
            ("", None),
        ] {
            assert_eq!(title(given).as_deref(), wanted, "{given:?}");
        }
    }
}
