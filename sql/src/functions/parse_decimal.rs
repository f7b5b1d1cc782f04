//! `parse_decimal`: numbers with a fixed count of decimals.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Builder};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::types::{logical_int64, logical_string};
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{
    Coercion, ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
    TypeSignatureClass, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::{TextReader, finish};
use super::number_text::{NumberFormat, number_in};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Reads a number into a decimal of `precision` digits, `scale` of them behind the point. Thousands may stand in groups, apart by points, commas, blanks or apostrophes; the sign may stand in front or behind, or be parentheses. `format` says what stands before the decimals: 'point', 'comma', or 'auto' for whichever the number itself shows, and then `1.234`, which may be either, is NULL. Nothing is rounded: a number with more decimals, or more digits, is NULL; zeros at its end do not count."#,
    syntax_example = "parse_decimal(text, precision, scale, format)",
    sql_example = r#"```sql
> SELECT parse_decimal('1.234,5', 9, 2, 'auto'), parse_decimal('1.234', 9, 2, 'auto'), parse_decimal('1.234', 9, 2, 'comma');
1234.50  NULL  1234.00
```"#,
    argument(name = "text", description = "The text."),
    argument(name = "precision", description = "Digits in all, 1 to 38; a constant."),
    argument(name = "scale", description = "Digits behind the point; a constant."),
    argument(name = "format", description = "'auto', 'point' or 'comma'; a constant."),
    related_udf(name = "number_problem")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseDecimal {
    signature: Signature,
}

impl ParseDecimal {
    pub(super) fn new() -> Self {
        Self { signature: number_signature() }
    }
}

/// A text, two whole numbers, a word.
pub(super) fn number_signature() -> Signature {
    let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
    let whole = Coercion::new_exact(TypeSignatureClass::Native(logical_int64()));
    Signature::coercible(vec![text.clone(), whole.clone(), whole, text], Volatility::Immutable)
}

impl ScalarUDFImpl for ParseDecimal {
    fn name(&self) -> &str {
        "parse_decimal"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        exec_err!("the type of parse_decimal depends on its constants")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let digits = |n: usize| args.scalar_arguments.get(n).copied().flatten().and_then(whole_number);
        let (precision, scale) = shape_of(digits(1), digits(2))?;
        let scale = i8::try_from(scale).unwrap_or(i8::MAX);
        Ok(Arc::new(Field::new(self.name(), DataType::Decimal128(precision, scale), true)))
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let how = HowNumbers::of(self.name(), &args)?;
        let (cells, rows, constant) = how.cells(&args)?;
        let reader = TextReader::try_new(&cells, constant)?;
        let scale = i8::try_from(how.scale).unwrap_or(i8::MAX);
        let mut decimals =
            Decimal128Builder::with_capacity(rows).with_precision_and_scale(how.precision, scale)?;
        for row in 0..rows {
            decimals.append_option(
                reader
                    .get(row)
                    .and_then(|text| number_in(text, how.format)?.unscaled(how.precision, how.scale).ok()),
            );
        }
        finish(Arc::new(decimals.finish()) as ArrayRef, constant)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// The constants of `parse_decimal` and `number_problem`.
pub(super) struct HowNumbers {
    pub(super) precision: u8,
    pub(super) scale: u8,
    pub(super) format: NumberFormat,
}

impl HowNumbers {
    pub(super) fn of(function: &str, args: &ScalarFunctionArgs) -> Result<Self> {
        let scalar = |n: usize| match args.args.get(n) {
            Some(ColumnarValue::Scalar(scalar)) => Some(scalar),
            _ => None,
        };
        let (precision, scale) =
            shape_of(scalar(1).and_then(whole_number), scalar(2).and_then(whole_number))?;
        let word = scalar(3).and_then(|scalar| scalar.try_as_str().flatten());
        let Some(format) = word.and_then(NumberFormat::from_name) else {
            return exec_err!("{function} knows the formats 'auto', 'point' and 'comma', not {word:?}");
        };
        Ok(Self { precision, scale, format })
    }

    /// The texts, their number, and whether they are one constant.
    pub(super) fn cells(&self, args: &ScalarFunctionArgs) -> Result<(ArrayRef, usize, bool)> {
        match args.args.first() {
            Some(ColumnarValue::Array(array)) => Ok((Arc::clone(array), args.number_rows, false)),
            Some(ColumnarValue::Scalar(scalar)) => Ok((scalar.to_array_of_size(1)?, 1, true)),
            None => exec_err!("a text is missing"),
        }
    }
}

fn whole_number(scalar: &ScalarValue) -> Option<i64> {
    match scalar {
        ScalarValue::Int64(value) => *value,
        _ => None,
    }
}

/// A precision and a scale that a decimal of 128 bits can have.
fn shape_of(precision: Option<i64>, scale: Option<i64>) -> Result<(u8, u8)> {
    let number = |value: Option<i64>| value.and_then(|value| u8::try_from(value).ok());
    match (number(precision), number(scale)) {
        (Some(precision @ 1..=38), Some(scale)) if scale <= precision => Ok((precision, scale)),
        _ => exec_err!("a decimal has 1 to 38 digits, and no more of them behind the point, as constants"),
    }
}
