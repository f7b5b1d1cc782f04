//! `phone_list`: the telephone numbers of a cell that holds several, in E.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::parse_list::parse_list;
use super::phone_e164::{phone_e164, region_of};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The telephone numbers of a cell that holds several, in E.164 form as by `phone_e164`. What is no number is left out; see `phone_list_unparsed`. NULL when there is none."#,
    syntax_example = "phone_list(text, region)",
    sql_example = r#"```sql
> SELECT phone_list('030 12345678; none', 'DE');
[+493012345678]
```"#,
    argument(
        name = "text",
        description = "Numbers with commas, semicolons, bars or line breaks between them."
    ),
    argument(name = "region", description = "The two-letter code of their country; NULL when unknown."),
    related_udf(name = "phone_list_unparsed")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneList {
    signature: Signature,
}

impl PhoneList {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for PhoneList {
    fn name(&self) -> &str {
        "phone_list"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::Utf8, true))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[text, region], rows| {
            let mut lists = ListBuilder::with_capacity(StringBuilder::new(), rows);
            let mut buffer = String::new();
            for row in 0..rows {
                let region = region.get(row).and_then(region_of);
                let mut found = false;
                parse_list(text.get(row).unwrap_or_default(), |value| {
                    if phone_e164(value, region, &mut buffer) {
                        found = true;
                        lists.values().append_value(&buffer);
                    }
                });
                lists.append(found);
            }
            Ok(Arc::new(lists.finish()) as ArrayRef)
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
