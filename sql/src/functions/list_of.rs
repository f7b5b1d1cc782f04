//! `list_of`: several values of one type in one cell.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::finish;
use super::list_cells::{Split, item_type};

#[user_doc(
    doc_section(label = "Array Functions"),
    description = r#"Splits a cell at any of the separators and reads each value by a function: `clean_text`, `name_clean`, `country_code`, `enum_value`, `parse_boolean`, `parse_date`, `parse_decimal`, `parse_duration`, `parse_integer`, `parse_time`, `parse_timestamp`, `url_clean`, `uuid_clean`. A value in double quotes may hold separators; a JSON list is taken by its items. NULL when there is no value, and when one of them cannot be read: half a list would be taken for a whole one."#,
    syntax_example = "list_of(text, separators, function[, argument, ...])",
    sql_example = r#"```sql
> SELECT list_of('1; 2', ';', 'parse_integer'), list_of('1; two', ';', 'parse_integer');
[1, 2]  NULL
```"#,
    argument(name = "text", description = "The cell."),
    argument(name = "separators", description = "Characters, each of which separates; a constant."),
    argument(name = "function", description = "The function that reads one value; a constant."),
    argument(name = "argument", description = "Its arguments behind the text, as constants."),
    related_udf(name = "list_of_unparsed"),
    related_udf(name = "parse_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ListOf {
    signature: Signature,
}

impl ListOf {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ListOf {
    fn name(&self) -> &str {
        "list_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        exec_err!("the type of list_of depends on its constants")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let item = item_type(self.name(), &args)?;
        Ok(Arc::new(Field::new(self.name(), DataType::new_list(item, true), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (split, constant) = Split::of(self.name(), &args)?;
        finish(split.lists()?, constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
