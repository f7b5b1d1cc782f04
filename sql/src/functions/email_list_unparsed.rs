//! `email_list_unparsed`: the parts of a cell with several e-mail addresses that are no addresses, with commas between.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::email_clean::email_clean;
use super::is_email::is_address;
use super::parse_list::{parse_list, push_item};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The parts of a cell with several e-mail addresses that are no addresses, with commas between. NULL when all are."#,
    syntax_example = "email_list_unparsed(text)",
    sql_example = r#"```sql
> SELECT email_list_unparsed('a@x.de; nobody');
nobody
```"#,
    argument(
        name = "text",
        description = "Addresses with commas, semicolons, bars or line breaks between them."
    ),
    related_udf(name = "email_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailListUnparsed {
    signature: Signature,
}

impl EmailListUnparsed {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for EmailListUnparsed {
    fn name(&self) -> &str {
        "email_list_unparsed"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[text], rows| {
            let mut cleaned = String::new();
            Ok(texts(rows, |row, out| {
                out.clear();
                parse_list(text.get(row).unwrap_or_default(), |value| {
                    if !email_clean(value, &mut cleaned).is_some_and(is_address) {
                        push_item(out, value);
                    }
                });
                !out.is_empty()
            }))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
