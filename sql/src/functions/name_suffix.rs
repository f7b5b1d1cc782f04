//! `name_suffix`: what stands behind a name and is not part of it.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::{FullName, clean_name, join};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The suffixes in a family or full name, as they are written: `Jr.`, `III`, `PhD`. NULL when there is none."#,
    syntax_example = "name_suffix(text)",
    sql_example = r#"```sql
> SELECT name_suffix('John Smith Jr.');
Jr.
```"#,
    argument(name = "text", description = "A family name or a full name."),
    related_udf(name = "name_title"),
    related_udf(name = "name_without_title")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameSuffix;

scalar_function!(NameSuffix, "name_suffix", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, name_suffix)
});

/// The suffixes of a name.
fn name_suffix<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut scratch = String::new();
    let name = FullName::split(clean_name(text, &mut scratch)?);
    join(&name.suffixes, buffer)
}

#[cfg(test)]
mod tests {
    fn suffix(text: &str) -> Option<String> {
        super::name_suffix(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn gives_suffixes_as_written() {
        for (given, wanted) in [
            ("Smith Jr.", Some("Jr.")),
            ("Smith, Jr.", Some("Jr.")),
            ("John Smith III", Some("III")),
            ("John Smith PhD MD", Some("PhD MD")),
            ("Akira Ii", None),
            ("Sr.", None),
            ("Smith", None),
            ("", None),
        ] {
            assert_eq!(suffix(given).as_deref(), wanted, "{given:?}");
        }
    }
}
