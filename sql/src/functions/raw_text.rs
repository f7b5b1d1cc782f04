//! `raw_text`: bytes of a file as text, for people to look at.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::texts;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Bytes read as UTF-8, with U+FFFD for what is none. NUL bytes are left out."#,
    syntax_example = "raw_text(bytes)",
    sql_example = r#"```sql
> SELECT raw_text(X'416e6e61');
Anna
```"#,
    argument(name = "bytes", description = "Raw bytes, such as `raw` of the data set `rejects`.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RawText {
    signature: Signature,
}

impl RawText {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RawText {
    fn name(&self) -> &str {
        "raw_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value] = args.args.as_slice() else {
            return exec_err!("raw_text takes one argument");
        };
        let array = cast(&value.to_array(args.number_rows)?, &DataType::Binary)?;
        let bytes = array.as_binary::<i32>();
        Ok(ColumnarValue::Array(texts(args.number_rows, |row, out| {
            out.clear();
            if bytes.is_null(row) {
                return false;
            }
            out.extend(String::from_utf8_lossy(bytes.value(row)).chars().filter(|c| *c != '\0'));
            true
        })))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
