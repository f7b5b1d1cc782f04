//! `won_by`: who gave the value that a field gets.

use std::fmt::Write;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::texts;
use super::winner::{Winners, flag, number, require_winner};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Who gave the value that a field gets: `row:7` for an incoming row, `manual` for what a person has set, `core` for the value that stays. NULL where nothing won."#,
    syntax_example = "won_by(winner)",
    sql_example = r#"```sql
> SELECT won_by(named_struct('seq', 7, 'manual', false)), won_by(named_struct('seq', NULL, 'manual', true));
row:7  manual
```"#,
    argument(
        name = "winner",
        description = "A struct with the members `seq` (sequence number of an incoming row) and `manual`."
    ),
    related_udf(name = "provenance_fields")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct WonBy {
    signature: Signature,
}

impl WonBy {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

const NAME: &str = "won_by";

impl ScalarUDFImpl for WonBy {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        require_winner(NAME, &arg_types[0])?;
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = args.args[0].to_array(args.number_rows)?;
        let winners = Winners::of(NAME, &column)?;
        let (seq, manual) =
            (winners.member("seq", &DataType::Int64)?, winners.member("manual", &DataType::Boolean)?);
        let (seq, manual) = (seq.as_primitive::<Int64Type>(), manual.as_boolean());
        Ok(ColumnarValue::Array(texts(args.number_rows, |row, out| {
            out.clear();
            if winners.is_null(row) {
                return false;
            }
            match number(seq, row) {
                Some(seq) => write!(out, "row:{seq}").is_ok(),
                None if flag(manual, row) => write!(out, "manual").is_ok(),
                None => write!(out, "core").is_ok(),
            }
        })))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
