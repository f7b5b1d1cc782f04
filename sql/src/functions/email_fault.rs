//! `email_fault`: what is wrong with a text that is no e-mail address.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::email_cell::fault;

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
pub(super) struct EmailFault {
    signature: Signature,
}

impl EmailFault {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for EmailFault {
    fn name(&self) -> &str {
        "email_fault"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_text(self.name(), &args, |text, _| fault(text))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
