//! `name_family`: the family name in a full name.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::personal_name::{FullName, clean_name, join};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The family name, with its particles, of a full name in one column, `First Last` or `Last, First`. NULL when the name is a single word without a title. See `name_split_doubtful`."#,
    syntax_example = "name_family(text)",
    sql_example = r#"```sql
> SELECT name_family('Dr. Anna Maria de la Cruz');
de la Cruz
```"#,
    argument(name = "text", description = "A full name."),
    related_udf(name = "name_given"),
    related_udf(name = "name_split_doubtful")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameFamily;

scalar_function!(NameFamily, "name_family", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, name_family)
});

/// The family name of a full name.
fn name_family<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut scratch = String::new();
    let name = FullName::split(clean_name(text, &mut scratch)?);
    join(&[name.family], buffer)
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_the_family_name_with_its_particles() {
        let family = |text| super::name_family(text, &mut String::new()).map(str::to_owned);
        assert_eq!(family("Anna van der Berg Jr.").as_deref(), Some("van der Berg"));
        assert_eq!(family("de la Cruz, Anna").as_deref(), Some("de la Cruz"));
        assert_eq!(family("Herr Klein").as_deref(), Some("Klein"));
        assert_eq!(family("Cher"), None);
        assert_eq!(family(""), None);
    }
}
