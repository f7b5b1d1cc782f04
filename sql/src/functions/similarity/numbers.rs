//! Arguments that are numbers, and the functions over two of them.

use std::sync::Arc;

use arrow::array::{AsArray, Float64Array};
use arrow::datatypes::Float64Type;
use datafusion_common::types::{NativeType, logical_float64};
use datafusion_common::utils::take_function_args;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    Coercion, ColumnarValue, ScalarFunctionArgs, Signature, TypeSignatureClass, Volatility,
};

use crate::functions::arguments::finish;

/// Two numbers of any type.
pub(super) fn numbers_signature() -> Signature {
    let number = Coercion::new_implicit(
        TypeSignatureClass::Native(logical_float64()),
        vec![TypeSignatureClass::Numeric],
        NativeType::Float64,
    );
    Signature::coercible(vec![number; 2], Volatility::Immutable)
}

/// A function of two numbers, NULL where one of them is.
pub(super) fn of_two_numbers(
    name: &str,
    args: &ScalarFunctionArgs,
    function: fn(f64, f64) -> f64,
) -> Result<ColumnarValue> {
    let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    let columns: [_; 2] = take_function_args(name, ColumnarValue::values_to_arrays(&args.args)?)?;
    let [Some(a), Some(b)] = columns.each_ref().map(|column| column.as_primitive_opt::<Float64Type>()) else {
        return exec_err!("{name} takes numbers");
    };
    let both = a.iter().zip(b);
    let values: Float64Array = both.map(|(a, b)| Some(function(a?, b?))).collect();
    finish(Arc::new(values), constant)
}
