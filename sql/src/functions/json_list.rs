//! `json_list`: a list as a database keeps it, in the type of its values.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
};
use datafusion_macros::user_doc;

use super::arguments::{finish, text_signature};
use super::list_cells::lists_of_json;

#[user_doc(
    doc_section(label = "Array Functions"),
    description = r#"The items of a JSON list as a list of values of an Arrow type. An error where the text is no list of such values."#,
    syntax_example = "json_list(text, type)",
    sql_example = r#"```sql
> SELECT json_list('[1, 2]', 'Int64');
[1, 2]
```"#,
    argument(name = "text", description = "A JSON list, such as a list has in a table of the store."),
    argument(name = "type", description = "The Arrow name of the type of its items; a constant."),
    related_udf(name = "list_of")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonList {
    signature: Signature,
}

impl JsonList {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for JsonList {
    fn name(&self) -> &str {
        "json_list"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        exec_err!("the type of json_list depends on its constants")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let name = args.scalar_arguments.get(1).copied().flatten().and_then(|n| n.try_as_str().flatten());
        let Some(Ok(item)) = name.map(str::parse::<DataType>) else {
            return exec_err!("json_list knows no type {name:?}");
        };
        Ok(Arc::new(Field::new(self.name(), DataType::new_list(item, true), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let DataType::List(item) = args.return_type() else {
            return exec_err!("json_list gives a list");
        };
        let constant = matches!(args.args.first(), Some(ColumnarValue::Scalar(_)));
        let Some(cells) = args.args.first() else { return exec_err!("a text is missing") };
        let texts = cast(&cells.to_array(if constant { 1 } else { args.number_rows })?, &DataType::Utf8)?;
        finish(Arc::new(lists_of_json(texts.as_string::<i32>(), item)?), constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
