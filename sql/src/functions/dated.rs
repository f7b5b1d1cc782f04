//! Arguments of functions that read dates: texts, and perhaps the day behind which no date lies.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Date32Array};
use chrono::NaiveDate;
use datafusion_common::types::{logical_date, logical_string};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    Coercion, ColumnarValue, ScalarFunctionArgs, Signature, TypeSignature, TypeSignatureClass, Volatility,
};

use super::arguments::days;

/// So many texts, and the same with a day behind them.
pub(super) fn dated_signature(texts: usize) -> Signature {
    let text = vec![Coercion::new_exact(TypeSignatureClass::Native(logical_string())); texts];
    let mut with_day = text.clone();
    with_day.push(Coercion::new_exact(TypeSignatureClass::Native(logical_date())));
    let shapes = vec![TypeSignature::Coercible(text), TypeSignature::Coercible(with_day)];
    Signature::one_of(shapes, Volatility::Immutable)
}

/// A column, or a constant as a column of one value.
pub(super) type Argument = (ArrayRef, bool);

/// The days of the last argument; without one there is none in any row.
pub(super) struct Latest(Option<(Date32Array, bool)>);

impl Latest {
    /// The day of a row.
    pub(super) fn day(&self, row: usize) -> Option<NaiveDate> {
        let (days, constant) = self.0.as_ref()?;
        let row = if *constant { 0 } else { row };
        let days = days.is_valid(row).then(|| days.value(row))?;
        NaiveDate::default().checked_add_signed(chrono::Duration::days(days.into()))
    }
}

/// A text, the name of an order, and the day where there is one.
pub(super) fn dated_arguments(name: &str, args: &ScalarFunctionArgs) -> Result<(Argument, Argument, Latest)> {
    let argument = |value: &ColumnarValue| -> Result<Argument> {
        Ok(match value {
            ColumnarValue::Array(array) => (Arc::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array_of_size(1)?, true),
        })
    };
    let (text, order, latest) = match args.args.as_slice() {
        [text, order] => (text, order, None),
        [text, order, latest] => (text, order, Some(latest)),
        _ => return exec_err!("{name} takes a text, an order and perhaps a day"),
    };
    let latest = match latest {
        None => None,
        Some(latest) => {
            let (column, constant) = argument(latest)?;
            Some((days(&column)?, constant))
        }
    };
    Ok((argument(text)?, argument(order)?, Latest(latest)))
}
