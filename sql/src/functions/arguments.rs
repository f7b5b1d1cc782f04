//! How columns reach the functions: the one place that knows Arrow's three string layouts.
//!
//! - [`text_signature`]: what a function over text accepts (`Utf8`, `LargeUtf8`, `Utf8View`, NULL).
//! - [`evaluate`]: hands a function one [`TextReader`] per argument and turns a result of constants back into a constant.
//! - [`texts`], [`booleans`]: the two usual shapes of a result column.
//!
//! A constant argument is read as a column of one value that repeats, so no function needs a case of its own for it.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, LargeStringArray, StringArray, StringViewArray,
    StringViewBuilder,
};
use arrow::datatypes::{DataType, Date32Type};
use datafusion_common::types::logical_string;
use datafusion_common::utils::take_function_args;
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{
    Coercion, ColumnarValue, ScalarFunctionArgs, Signature, TypeSignatureClass, Volatility,
};

/// Blocks of a text result start large enough for a usual batch, so that a batch costs few allocations.
const RESULT_BLOCK: u32 = 64 * 1024;

/// A function over `count` texts that always gives the same answer for the same arguments.
pub(super) fn text_signature(count: usize) -> Signature {
    let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
    Signature::coercible(vec![text; count], Volatility::Immutable)
}

/// The values of one text argument, whatever their layout.
pub(super) struct TextReader<'a> {
    layout: Layout<'a>,
    constant: bool,
}

enum Layout<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Null,
}

impl<'a> TextReader<'a> {
    pub(super) fn try_new(array: &'a ArrayRef, constant: bool) -> Result<Self> {
        let layout = match array.data_type() {
            DataType::Utf8 => Layout::Utf8(array.as_string()),
            DataType::LargeUtf8 => Layout::LargeUtf8(array.as_string()),
            DataType::Utf8View => Layout::Utf8View(array.as_string_view()),
            DataType::Null => Layout::Null,
            other => return exec_err!("expected text, got {other}"),
        };
        Ok(Self { layout, constant })
    }

    /// The reader of a whole column.
    pub(super) fn column(array: &'a ArrayRef) -> Result<Self> {
        Self::try_new(array, false)
    }

    /// The values of an argument that is a column or a constant.
    pub(super) fn of(argument: &'a (ArrayRef, bool)) -> Result<Self> {
        Self::try_new(&argument.0, argument.1)
    }

    /// The text of a row; `None` is NULL.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<&'a str> {
        let row = if self.constant { 0 } else { row };
        match self.layout {
            Layout::Utf8(array) => array.is_valid(row).then(|| array.value(row)),
            Layout::LargeUtf8(array) => array.is_valid(row).then(|| array.value(row)),
            Layout::Utf8View(array) => array.is_valid(row).then(|| array.value(row)),
            Layout::Null => None,
        }
    }
}

/// Runs `body` over the rows of `N` text arguments.
///
/// `body` gets the readers and the number of rows, and returns a column of exactly that many values.
/// When every argument is a constant there is one row, and the answer is a constant.
pub(super) fn evaluate<const N: usize>(
    name: &str,
    args: &ScalarFunctionArgs,
    body: impl FnOnce([TextReader<'_>; N], usize) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let values: [&ColumnarValue; N] = take_function_args(name, &args.args)?;
    let mut arrays = Vec::with_capacity(N);
    for value in values {
        arrays.push(match value {
            ColumnarValue::Array(array) => (Arc::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array_of_size(1)?, true),
        });
    }
    let all_constant = arrays.iter().all(|(_, constant)| *constant);
    let rows = if all_constant { 1 } else { args.number_rows };

    let readers = arrays
        .iter()
        .map(|(array, constant)| TextReader::try_new(array, *constant))
        .collect::<Result<Vec<_>>>()?;
    let Ok(readers) = <[TextReader<'_>; N]>::try_from(readers) else {
        return exec_err!("{name} takes {N} arguments");
    };
    finish(body(readers, rows)?, all_constant)
}

/// A column of days. Dates of either type are such: one counts days, the other one milliseconds.
pub(super) fn days(column: &ArrayRef) -> Result<Date32Array> {
    Ok(arrow::compute::cast(column, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
}

/// Gives a column back as a constant when it was computed from constants only.
pub(super) fn finish(array: ArrayRef, constant: bool) -> Result<ColumnarValue> {
    if constant {
        Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?))
    } else {
        Ok(ColumnarValue::Array(array))
    }
}

/// A text-to-text function: returns part of its input, or what it wrote to the buffer, or `None` for NULL.
///
/// The buffer arrives with the text of an earlier row in it; a function that uses it clears it first.
pub(super) type TextToText = for<'a> fn(&'a str, &'a mut String) -> Option<&'a str>;

/// Runs a [`TextToText`] function over its only argument.
pub(super) fn evaluate_text(
    name: &str,
    args: &ScalarFunctionArgs,
    function: TextToText,
) -> Result<ColumnarValue> {
    evaluate(name, args, |[text], rows| {
        let mut builder = text_builder(rows);
        let mut buffer = String::new();
        for row in 0..rows {
            match text.get(row).and_then(|text| function(text, &mut buffer)) {
                Some(text) => builder.append_value(text),
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    })
}

/// Runs a function from text to yes or no over its only argument.
pub(super) fn evaluate_boolean(
    name: &str,
    args: &ScalarFunctionArgs,
    function: fn(&str) -> Option<bool>,
) -> Result<ColumnarValue> {
    evaluate(name, args, |[text], rows| Ok(booleans(rows, |row| text.get(row).and_then(function))))
}

/// A text column, row by row: `write` leaves the text of a row in the buffer, or says `false` for NULL.
pub(super) fn texts(rows: usize, mut write: impl FnMut(usize, &mut String) -> bool) -> ArrayRef {
    let mut builder = text_builder(rows);
    let mut buffer = String::new();
    for row in 0..rows {
        if write(row, &mut buffer) {
            builder.append_value(&buffer);
        } else {
            builder.append_null();
        }
    }
    Arc::new(builder.finish())
}

fn text_builder(rows: usize) -> StringViewBuilder {
    StringViewBuilder::with_capacity(rows).with_fixed_block_size(RESULT_BLOCK)
}

/// A boolean column, row by row.
pub(super) fn booleans(rows: usize, value: impl FnMut(usize) -> Option<bool>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<BooleanArray>())
}
