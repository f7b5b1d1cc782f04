//! `row_pack`: a struct as bytes that sort as the struct does.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::row_format::RowFormat;

#[user_doc(
    doc_section(label = "Other Functions"),
    description = r#"The fields of a struct as bytes that sort as the struct does: by its fields in their order, small values first, NULL last. The smallest of many rows is then the smallest of their bytes, whatever the types. NULL for NULL."#,
    syntax_example = "row_pack(struct)",
    sql_example = r#"```sql
> SELECT row_unpack(min(row_pack(named_struct('age', a, 'name', n))), named_struct('age', CAST(NULL AS BIGINT), 'name', CAST(NULL AS VARCHAR))) FROM (VALUES (7, 'Eva'), (7, 'Anna')) AS t(a, n);
{age: 7, name: Anna}
```"#,
    argument(name = "struct", description = "A struct of any types that can be sorted."),
    related_udf(name = "row_unpack"),
    related_udf(name = "row_unpack_list")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RowPack {
    signature: Signature,
}

impl RowPack {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RowPack {
    fn name(&self) -> &str {
        "row_pack"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        RowFormat::of(self.name(), &arg_types[0])?;
        Ok(DataType::Binary)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.args[0].to_array(args.number_rows)?;
        let format = RowFormat::of(self.name(), rows.data_type())?;
        Ok(ColumnarValue::Array(Arc::new(format.pack(rows.as_struct())?)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
