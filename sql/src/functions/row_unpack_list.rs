//! `row_unpack_list`: the structs of a list that were packed, in order.

use std::sync::Arc;

use arrow::array::{Array, AsArray, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::row_format::{RowFormat, unpacked_type};

#[user_doc(
    doc_section(label = "Other Functions"),
    description = r#"The structs from which `row_pack` made the bytes in a list, sorted as the structs do, so that equal sets give equal lists. NULL for NULL and for an empty list; an error where the bytes come from a struct of other types."#,
    syntax_example = "row_unpack_list(list, like)",
    sql_example = r#"```sql
> SELECT row_unpack_list(array_agg(row_pack(named_struct('age', a))), named_struct('age', CAST(NULL AS BIGINT))) FROM (VALUES (7), (3)) AS t(a);
[{age: 3}, {age: 7}]
```"#,
    argument(name = "list", description = "A list of bytes made by `row_pack`."),
    argument(
        name = "like",
        description = "A struct with the names and types of the fields; its values do not matter."
    ),
    related_udf(name = "row_pack")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RowUnpackList {
    signature: Signature,
}

impl RowUnpackList {
    pub(super) fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RowUnpackList {
    fn name(&self) -> &str {
        "row_unpack_list"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(unpacked_type(self.name(), &arg_types[1])?, true))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let item = unpacked_type(self.name(), &args.args[1].data_type())?;
        let format = RowFormat::of(self.name(), &item)?;
        let lists =
            cast(&args.args[0].to_array(args.number_rows)?, &DataType::new_list(DataType::Binary, true))?;
        let lists = lists.as_list::<i32>();
        let packed = lists.values().as_binary::<i32>();
        let mut rows: Vec<&[u8]> = Vec::with_capacity(packed.len());
        let mut lengths = Vec::with_capacity(lists.len());
        let mut valid = Vec::with_capacity(lists.len());
        for list in 0..lists.len() {
            let start = rows.len();
            if lists.is_valid(list) {
                let offsets = lists.value_offsets();
                let (from, to) = (offsets[list] as usize, offsets[list + 1] as usize);
                rows.extend((from..to).filter(|&row| packed.is_valid(row)).map(|row| packed.value(row)));
                rows[start..].sort_unstable();
            }
            lengths.push(rows.len() - start);
            valid.push(rows.len() > start);
        }
        let items = format.unpack(rows.into_iter().map(Some))?;
        let field = Arc::new(Field::new_list_field(item, true));
        let nulls = Some(NullBuffer::from(valid)).filter(|n| n.null_count() > 0);
        let lists = ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), Arc::new(items), nulls)?;
        Ok(ColumnarValue::Array(Arc::new(lists)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
