//! `name_without_title`: the name between its titles and its suffixes.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::{FullName, clean_name, join};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"A given, family or full name without titles and suffixes, cleaned as by `name_clean`; the order of its words stays. NULL when nothing else is there."#,
    syntax_example = "name_without_title(text)",
    sql_example = r#"```sql
> SELECT name_without_title('Dr. Anna'), name_without_title('Smith Jr.');
Anna  Smith
```"#,
    argument(name = "text", description = "A given name, a family name or a full name."),
    related_udf(name = "name_title"),
    related_udf(name = "name_suffix")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameWithoutTitle;

scalar_function!(
    NameWithoutTitle,
    "name_without_title",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, name_without_title)
);

/// The name between titles and suffixes.
fn name_without_title<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut scratch = String::new();
    let cleaned = clean_name(text, &mut scratch)?;
    let name = FullName::split(cleaned);
    if !name.inverted {
        return join(&[name.given, name.family], buffer);
    }
    join(&[name.family, name.given], buffer)?;
    if !name.family.is_empty() && !name.given.is_empty() {
        buffer.insert(name.family.len(), ',');
    }
    Some(buffer)
}

#[cfg(test)]
mod tests {
    fn without(text: &str) -> Option<String> {
        super::name_without_title(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn keeps_only_the_name() {
        for (given, wanted) in [
            ("Anna", Some("Anna")),
            ("Dr. Anna Maria", Some("Anna Maria")),
            ("Smith Jr.", Some("Smith")),
            ("Smith, Jr.", Some("Smith")),
            ("de la Cruz", Some("de la Cruz")),
            ("Smith Jr., Dr. John", Some("Smith, John")),
            ("Dr.", None),
            ("", None),
        ] {
            assert_eq!(without(given).as_deref(), wanted, "{given:?}");
        }
    }
}
