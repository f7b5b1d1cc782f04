//! How many items the lists of `range` and `generate_series` have.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalMonthDayNanoType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;

use super::amount::Numbers;

/// A number, or a point in time.
const ITEM: u64 = 8;
const DAY: u64 = 24 * 3600 * 1_000_000_000;

/// As many bytes as the lists have, all rows together.
pub fn bytes(values: &[ColumnarValue], rows: usize) -> u64 {
    let per_unit = values.iter().take(2).map(nanoseconds).max().flatten();
    let (start, stop) = match values {
        [stop] => (Numbers::Same(Some(0)), Numbers::of(Some(stop))),
        _ => (Numbers::of(values.first()), Numbers::of(values.get(1))),
    };
    let step = Numbers::of(values.get(2));
    let items = |row: usize| {
        let Some(to) = stop.at(row) else { return 0 };
        let from = start.at(row).unwrap_or(0);
        let length = to.abs_diff(from);
        let Some(unit) = per_unit else {
            let step = step.at(row).unwrap_or(1);
            let is_away = if step < 0 { to > from } else { to < from };
            return if is_away { 0 } else { length.checked_div(step.unsigned_abs()).unwrap_or(0) };
        };
        let step = interval(values.get(2), row).unwrap_or(DAY);
        length.saturating_mul(unit).checked_div(step).unwrap_or(0)
    };
    (0..rows).map(|row| items(row).saturating_add(1).saturating_mul(ITEM)).fold(0, u64::saturating_add)
}

/// How many nanoseconds one more is, where the values are points in time.
fn nanoseconds(value: &ColumnarValue) -> Option<u64> {
    match value.data_type() {
        DataType::Date32 => Some(DAY),
        DataType::Timestamp(TimeUnit::Second, _) => Some(1_000_000_000),
        DataType::Timestamp(TimeUnit::Millisecond, _) | DataType::Date64 => Some(1_000_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Some(1_000),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Some(1),
        _ => None,
    }
}

/// The step of a row, in nanoseconds and rather too short. One that goes forth and back, such as a month less 31 days, can
/// stay where it is.
fn interval(value: Option<&ColumnarValue>, row: usize) -> Option<u64> {
    let step = match value? {
        ColumnarValue::Scalar(ScalarValue::IntervalMonthDayNano(step)) => (*step)?,
        ColumnarValue::Array(steps) => {
            let steps = steps.as_primitive_opt::<IntervalMonthDayNanoType>()?;
            (row < steps.len() && steps.is_valid(row)).then(|| steps.value(row))?
        }
        ColumnarValue::Scalar(_) => return None,
    };
    let IntervalMonthDayNano { months, days, nanoseconds } = step;
    let parts =
        [i128::from(months) * 28 * i128::from(DAY), i128::from(days) * i128::from(DAY), nanoseconds.into()];
    if parts.iter().any(|part| *part < 0) && parts.iter().any(|part| *part > 0) {
        return Some(1);
    }
    let length: i128 = parts.iter().sum();
    Some(u64::try_from(length.unsigned_abs()).unwrap_or(u64::MAX))
}
