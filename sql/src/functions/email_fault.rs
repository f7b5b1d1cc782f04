//! `email_fault`: what is wrong with a text that is no e-mail address.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::email_cell::fault;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What is wrong with a text that is no e-mail address, in a word: `no at`, `two at`, `half` (nothing before or behind the @), `several`, `masked` (`*` or `XXX` for letters), `blank`, `comma`, `dots` (at an edge, or two in a row), `domain` (no full domain name), `character`. NULL for an address."#,
    syntax_example = "email_fault(text)",
    sql_example = r#"```sql
> SELECT email_fault('lea lux@example.org'), email_fault('ole@example..org');
blank  dots
```"#,
    argument(name = "text", description = "An e-mail address as `email_clean` gives it."),
    related_udf(name = "is_email")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailFault;

scalar_function!(EmailFault, "email_fault", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, |text, _| fault(text))
});
