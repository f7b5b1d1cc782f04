//! `provenance_fields`: the provenance document of a core row: the fields whose values did not come as the others did.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion_common::{Result, ScalarValue, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::texts;
use super::provenance_json::Entry;
use super::winner::{Winners, flag, number, require_winner};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The provenance document of a core row: a JSON object with one member (as by `provenance_entry`) for each field that something else than the leading row won, or that a person has set; with `all`, for each field that anything won."#,
    syntax_example = "provenance_fields(lead, all, field, winner, …)",
    sql_example = r#"```sql
> SELECT provenance_fields(7, false, 'email', w, 'phone', v)
  FROM (SELECT named_struct('seq', 7, 'source', 'crm', 'at', NULL, 'manual', false, 'verified_at', NULL) AS w,
               named_struct('seq', 8, 'source', 'crm', 'at', NULL, 'manual', false, 'verified_at', NULL) AS v);
{"phone":{"source":"crm","row":8}}
```"#,
    argument(name = "lead", description = "The sequence number of the leading row."),
    argument(name = "all", description = "Whether the values of the leading row are told, too."),
    argument(name = "field", description = "A field, as a literal; each with its winner behind it."),
    argument(
        name = "winner",
        description = "A struct with the members `seq`, `source`, `at`, `manual`, `verified_at`; NULL where nothing won."
    ),
    related_udf(name = "provenance_entry"),
    related_udf(name = "won_by")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ProvenanceFields {
    signature: Signature,
}

impl ProvenanceFields {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

const NAME: &str = "provenance_fields";

impl ScalarUDFImpl for ProvenanceFields {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let fields = arg_types.get(2..).unwrap_or_default();
        if fields.is_empty() || !fields.len().is_multiple_of(2) {
            return plan_err!("{NAME} takes the leading row, a flag, and fields with their winners");
        }
        for pair in fields.chunks(2) {
            require_winner(NAME, &pair[1])?;
        }
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let column = |at: usize, wanted: &DataType| -> Result<ArrayRef> {
            Ok(cast(&args.args[at].to_array(rows)?, wanted)?)
        };
        let (lead, all) = (column(0, &DataType::Int64)?, column(1, &DataType::Boolean)?);
        let (lead, all) = (lead.as_primitive::<Int64Type>(), all.as_boolean());
        let fields = args.args[2..]
            .chunks(2)
            .map(|pair| Field::of(&pair[0], &pair[1].to_array(rows)?))
            .collect::<Result<Vec<_>>>()?;
        Ok(ColumnarValue::Array(texts(rows, |row, out| {
            out.clear();
            out.push('{');
            for field in &fields {
                field.write(row, number(lead, row), flag(all, row), out);
            }
            out.push('}');
            true
        })))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// A field with the members of its winners.
struct Field {
    name: String,
    /// Whether anything won.
    won: BooleanArray,
    seq: Int64Array,
    source: StringArray,
    at: TimestampMicrosecondArray,
    manual: BooleanArray,
    verified_at: TimestampMicrosecondArray,
}

impl Field {
    fn of(name: &ColumnarValue, column: &ArrayRef) -> Result<Self> {
        let ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(name))
            | ScalarValue::LargeUtf8(Some(name))
            | ScalarValue::Utf8View(Some(name)),
        ) = name
        else {
            return exec_err!("{NAME} takes the name of a field as a literal");
        };
        let winners = Winners::of(NAME, column)?;
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        Ok(Self {
            name: name.clone(),
            won: (0..column.len()).map(|row| Some(!winners.is_null(row))).collect(),
            seq: winners.member("seq", &DataType::Int64)?.as_primitive::<Int64Type>().clone(),
            source: winners.member("source", &DataType::Utf8)?.as_string::<i32>().clone(),
            at: winners.member("at", &time)?.as_primitive::<TimestampMicrosecondType>().clone(),
            manual: winners.member("manual", &DataType::Boolean)?.as_boolean().clone(),
            verified_at: winners
                .member("verified_at", &time)?
                .as_primitive::<TimestampMicrosecondType>()
                .clone(),
        })
    }

    /// Adds the member of this field, if there is anything to tell.
    fn write(&self, row: usize, lead: Option<i64>, all: bool, out: &mut String) {
        let (seq, manual) = (number(&self.seq, row), flag(&self.manual, row));
        if !self.won.value(row) || !(seq != lead || manual || all) {
            return;
        }
        if out.len() > 1 {
            out.push(',');
        }
        let entry = Entry {
            source: self.source.is_valid(row).then(|| self.source.value(row)),
            at: self.at.is_valid(row).then(|| self.at.value(row)),
            manual,
            verified_at: self.verified_at.is_valid(row).then(|| self.verified_at.value(row)),
            row: seq,
        };
        entry.write(&self.name, out);
    }
}
