//! `row_unpack`: the struct that was packed.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::row_format::{RowFormat, unpacked_type};

#[user_doc(
    doc_section(label = "Other Functions"),
    description = r#"The struct from which `row_pack` made these bytes. NULL for NULL; an error where the bytes come from a struct of other types."#,
    syntax_example = "row_unpack(bytes, like)",
    sql_example = r#"```sql
> SELECT row_unpack(row_pack(named_struct('age', 7)), named_struct('age', CAST(NULL AS BIGINT)));
{age: 7}
```"#,
    argument(name = "bytes", description = "Bytes made by `row_pack`."),
    argument(
        name = "like",
        description = "A struct with the names and types of the fields; its values do not matter."
    ),
    related_udf(name = "row_pack")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RowUnpack {
    signature: Signature,
}

impl RowUnpack {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RowUnpack {
    fn name(&self) -> &str {
        "row_unpack"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        unpacked_type(self.name(), &arg_types[1])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let format = RowFormat::of(self.name(), &args.args[1].data_type())?;
        let packed = cast(&args.args[0].to_array(args.number_rows)?, &DataType::Binary)?;
        Ok(ColumnarValue::Array(Arc::new(format.unpack(packed.as_binary::<i32>().iter())?)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
