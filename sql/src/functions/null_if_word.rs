//! `null_if_word`: a cell that says that there is nothing becomes an empty one.

use arrow::array::BooleanArray;
use arrow::compute::nullif;
use arrow::datatypes::DataType;
use datafusion_common::types::logical_string;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    Coercion, ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature,
    TypeSignatureClass, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::{TextReader, finish};
use super::null_words::{CellKind, NullWords, zero_date};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"NULL for words that stand in a cell because it should be empty (`NULL`, `\N`, `#N/A`, `n/a`, `-`, `none`, `keine`, `#VALUE!` …), else the text as it is. `kind` says what the cell is to hold: name, text, email, phone, date, timestamp, country, integer or boolean. A name keeps what can be one (Null, None), a country keeps NA, only e-mail and phone cells have `x` or `hat keine` for nothing, and only dates have `0000-00-00`. The words are `sql/data/null_words.csv`; `further` adds some, separated by `|`."#,
    syntax_example = "null_if_word(text, kind[, further])",
    sql_example = r#"```sql
> SELECT null_if_word('n/a', 'email'), null_if_word('Null', 'name'), null_if_word('fehlt', 'text', 'fehlt|entfällt');
NULL  Null  NULL
```"#,
    argument(name = "text", description = "A cell."),
    argument(name = "kind", description = "What the cell is to hold."),
    argument(name = "further", description = "Further words, separated by `|`.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NullIfWord {
    signature: Signature,
}

impl NullIfWord {
    pub(super) fn new() -> Self {
        let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
        let shapes = [2, 3].map(|count| TypeSignature::Coercible(vec![text.clone(); count]));
        Self { signature: Signature::one_of(shapes.to_vec(), Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for NullIfWord {
    fn name(&self) -> &str {
        "null_if_word"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok(match arg_types.first() {
            None | Some(DataType::Null) => DataType::Utf8View,
            Some(text) => text.clone(),
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((cells, rest)) = args.args.split_first() else {
            return exec_err!("null_if_word takes a text and a kind");
        };
        let kind = constant(rest.first())?;
        let Some(kind) = kind.as_deref().and_then(CellKind::from_name) else {
            return exec_err!("null_if_word knows no kind of cell {kind:?}");
        };
        let further = constant(rest.get(1))?.unwrap_or_default();
        let own;
        let words = if further.is_empty() {
            NullWords::shipped(kind)
        } else {
            own = NullWords::new(kind, &further);
            &own
        };
        let is_constant = matches!(cells, ColumnarValue::Scalar(_));
        let rows = if is_constant { 1 } else { args.number_rows };
        let array = cells.to_array(rows)?;
        if *array.data_type() == DataType::Null {
            return finish(arrow::compute::cast(&array, &DataType::Utf8View)?, is_constant);
        }
        let reader = TextReader::try_new(&array, false)?;
        let is_nothing =
            |cell: &str| words.find(cell).is_some() || (kind.is_dated() && zero_date(cell).is_some());
        let nothing: BooleanArray =
            (0..rows).map(|row| Some(reader.get(row).is_some_and(is_nothing))).collect();
        // Nearly always: the column as it came.
        if nothing.true_count() == 0 {
            return finish(array, is_constant);
        }
        finish(nullif(&array, &nothing)?, is_constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// The text of a constant argument.
pub(super) fn constant(argument: Option<&ColumnarValue>) -> Result<Option<String>> {
    let Some(argument) = argument else { return Ok(None) };
    let array = argument.to_array(1)?;
    if array.is_empty() {
        return Ok(None);
    }
    Ok(TextReader::try_new(&array, true)?.get(0).map(str::to_owned))
}
