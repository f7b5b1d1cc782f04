//! What a stretch of an array takes once it is unfolded.
//!
//! Views, dictionaries, runs and overlapping lists keep one value for many records: a small file may unfold to any size. So
//! the weight is taken before anything is unfolded.

use arrow::array::{Array, AsArray, BinaryViewArray, OffsetSizeTrait, StringViewArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Int16Type, Int32Type, Int64Type};

/// Bytes of `len` values from `start` on in plain types, about.
pub(super) fn weigh(array: &dyn Array, start: usize, len: usize) -> u64 {
    let n = len as u64;
    match array.data_type() {
        DataType::Null => n.saturating_mul(4),
        DataType::Boolean => n / 8 + 1,
        DataType::Utf8 => texts(array.as_string::<i32>().offsets(), start, len),
        DataType::LargeUtf8 => texts(array.as_string::<i64>().offsets(), start, len),
        DataType::Binary => texts(array.as_binary::<i32>().offsets(), start, len).saturating_mul(2),
        DataType::LargeBinary => texts(array.as_binary::<i64>().offsets(), start, len).saturating_mul(2),
        DataType::Utf8View => {
            views(array.as_any().downcast_ref::<StringViewArray>().map(|a| a.views()), start, len)
        }
        DataType::BinaryView => {
            views(array.as_any().downcast_ref::<BinaryViewArray>().map(|a| a.views()), start, len)
                .saturating_mul(2)
        }
        DataType::FixedSizeBinary(size) => n.saturating_mul(2 * u64::from(size.unsigned_abs()) + 4),
        DataType::Struct(_) => {
            let columns = array.as_struct().columns();
            columns.iter().map(|c| weigh(c, start, len)).fold(n / 8 + 1, u64::saturating_add)
        }
        DataType::List(_) => {
            lists(array.as_list::<i32>().offsets(), array.as_list::<i32>().values(), start, len)
        }
        DataType::LargeList(_) => {
            lists(array.as_list::<i64>().offsets(), array.as_list::<i64>().values(), start, len)
        }
        DataType::Map(_, _) => lists(array.as_map().offsets(), array.as_map().entries(), start, len),
        DataType::FixedSizeList(_, size) => {
            let size = size.unsigned_abs() as usize;
            let values = array.as_fixed_size_list().values();
            weigh(values, start.saturating_mul(size), len.saturating_mul(size)).saturating_add(4 * n)
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            list_views(list.offsets(), list.sizes(), list.values(), start, len)
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            list_views(list.offsets(), list.sizes(), list.values(), start, len)
        }
        DataType::Dictionary(_, _) => dictionary(array, start, len),
        DataType::RunEndEncoded(_, _) => runs(array, start, len),
        DataType::Union(_, _) => union(array, start, len),
        fixed => n.saturating_mul(fixed.primitive_width().unwrap_or(16).max(8) as u64),
    }
}

fn between<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, start: usize, len: usize) -> (usize, usize) {
    let at = |i: usize| offsets.get(i).map_or(0, |o| o.as_usize());
    let (from, to) = (at(start), at(start.saturating_add(len)));
    (from, to.saturating_sub(from))
}

fn texts<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, start: usize, len: usize) -> u64 {
    (between(offsets, start, len).1 as u64).saturating_add(4 * len as u64)
}

/// The lowest four bytes of a view are the length of its value.
fn views(views: Option<&ScalarBuffer<u128>>, start: usize, len: usize) -> u64 {
    let stretch = views.and_then(|v| v.get(start..start.saturating_add(len))).unwrap_or_default();
    stretch.iter().map(|view| (*view & u128::from(u32::MAX)) as u64 + 4).sum()
}

fn lists<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, values: &dyn Array, start: usize, len: usize) -> u64 {
    let (from, items) = between(offsets, start, len);
    weigh(values, from, items).saturating_add(4 * len as u64)
}

fn list_views<O: OffsetSizeTrait>(
    offsets: &ScalarBuffer<O>,
    sizes: &ScalarBuffer<O>,
    values: &dyn Array,
    start: usize,
    len: usize,
) -> u64 {
    let stretch = offsets.iter().zip(sizes.iter()).skip(start).take(len);
    stretch.map(|(o, s)| weigh(values, o.as_usize(), s.as_usize()) + 4).fold(0, u64::saturating_add)
}

fn dictionary(array: &dyn Array, start: usize, len: usize) -> u64 {
    let dictionary = array.as_any_dictionary();
    let values = dictionary.values();
    if let Some(width) = values.data_type().primitive_width() {
        return (len as u64).saturating_mul(width.max(8) as u64);
    }
    if values.is_empty() {
        return 4 * len as u64;
    }
    let keys = dictionary.keys().slice(start, len);
    let Ok(keys) = arrow::compute::cast(&keys, &DataType::Int64) else { return u64::MAX };
    let keys = keys.as_primitive::<Int64Type>();
    let key = |k: Option<i64>| k.and_then(|k| usize::try_from(k).ok()).filter(|k| *k < values.len());
    keys.iter().map(|k| key(k).map_or(4, |k| weigh(values, k, 1))).fold(0, u64::saturating_add)
}

/// Runs are weighed as if every value were as heavy as the heaviest.
fn runs(array: &dyn Array, _start: usize, len: usize) -> u64 {
    let any = array.as_any();
    let values = if let Some(runs) = any.downcast_ref::<arrow::array::RunArray<Int16Type>>() {
        runs.values()
    } else if let Some(runs) = any.downcast_ref::<arrow::array::RunArray<Int32Type>>() {
        runs.values()
    } else if let Some(runs) = any.downcast_ref::<arrow::array::RunArray<Int64Type>>() {
        runs.values()
    } else {
        return u64::MAX;
    };
    let heaviest = (0..values.len()).map(|i| weigh(values, i, 1)).max().unwrap_or(0);
    heaviest.saturating_mul(len as u64)
}

/// The text of a value is longer than the value.
fn union(array: &dyn Array, start: usize, len: usize) -> u64 {
    let union = array.as_union();
    let end = start.saturating_add(len).min(union.len());
    (start.min(end)..end)
        .map(|i| {
            weigh(union.child(union.type_id(i)), union.value_offset(i), 1).saturating_mul(4).saturating_add(8)
        })
        .fold(0, u64::saturating_add)
}
