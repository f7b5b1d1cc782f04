//! Texts and bytes as text.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringArray, StringBuilder};
use arrow::buffer::OffsetBuffer;
use arrow::error::ArrowError;

/// How bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Bytes {
    /// Bytes that are text; other values are NULL, which is told.
    #[default]
    Text,
    /// Hexadecimal digits.
    Hex,
}

/// An array in a plain type.
pub(super) struct Converted {
    pub array: ArrayRef,
    /// Where bytes were no text, ascending: NULL in the array.
    pub unread: Vec<usize>,
}

impl From<ArrayRef> for Converted {
    fn from(array: ArrayRef) -> Self {
        Self { array, unread: Vec::new() }
    }
}

/// A text without letters says nothing.
pub(super) fn empty_as_null(array: ArrayRef) -> ArrayRef {
    let text = array.as_string::<i32>();
    let has_empty = text.offsets().windows(2).enumerate().any(|(i, w)| {
        let [from, to] = w else { return false };
        from == to && text.is_valid(i)
    });
    if !has_empty {
        return array;
    }
    Arc::new(text.iter().map(|t| t.filter(|t| !t.is_empty())).collect::<StringArray>())
}

/// Bytes that are text. Where the column is not said to be text, bytes with a NUL are none.
pub(super) fn text(array: &ArrayRef, cell: bool, text_field: bool) -> Converted {
    let values = array.as_binary::<i32>();
    if text_field && let Ok(text) = as_text(values) {
        let text: ArrayRef = Arc::new(text);
        return if cell { empty_as_null(text) } else { text }.into();
    }
    let mut out = StringBuilder::with_capacity(values.len(), values.values().len());
    let mut unread = Vec::new();
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|v| !(cell && v.is_empty())) else {
            out.append_null();
            continue;
        };
        match std::str::from_utf8(value) {
            Ok(text) if text_field || !text.contains('\0') => out.append_value(text),
            _ => {
                unread.push(i);
                out.append_null();
            }
        }
    }
    Converted { array: Arc::new(out.finish()), unread }
}

/// All of the values as text, without a copy of them; an error where one is none.
fn as_text(values: &BinaryArray) -> Result<StringArray, ArrowError> {
    let offsets = values.offsets();
    let first = offsets.first().copied().unwrap_or(0);
    let last = offsets.last().copied().unwrap_or(first);
    // The bytes of these values only: the array may be a slice of a large one.
    let at = |offset: i32| usize::try_from(offset).unwrap_or(0);
    let bytes = values.values().slice_with_length(at(first), at(last).saturating_sub(at(first)));
    let offsets = OffsetBuffer::new(offsets.iter().map(|o| o.saturating_sub(first)).collect());
    StringArray::try_new(offsets, bytes, values.nulls().cloned())
}

pub(super) fn hex(array: &ArrayRef) -> Result<Converted, ArrowError> {
    let values = array.as_binary::<i32>();
    let room = values.values().len().checked_mul(2).filter(|n| i32::try_from(*n).is_ok());
    let room = room.ok_or_else(|| ArrowError::ComputeError("too many bytes for one batch".to_owned()))?;
    let mut out = StringBuilder::with_capacity(values.len(), room);
    for value in values {
        let Some(value) = value else {
            out.append_null();
            continue;
        };
        for byte in value {
            // Writing to a builder never fails.
            let _ = write!(out, "{byte:02x}");
        }
        out.append_value("");
    }
    Ok(Arc::new(out.finish()).into_converted())
}

/// `00112233-4455-6677-8899-aabbccddeeff`
pub(super) fn uuids(array: &ArrayRef) -> Converted {
    let values = array.as_fixed_size_binary();
    let mut out = StringBuilder::with_capacity(values.len(), values.len().saturating_mul(36));
    for value in values {
        let Some(value) = value else {
            out.append_null();
            continue;
        };
        for (i, byte) in value.iter().enumerate() {
            let dash = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
            let _ = write!(out, "{dash}{byte:02x}");
        }
        out.append_value("");
    }
    Arc::new(out.finish()).into_converted()
}

/// A new array where nothing was left unread.
pub(super) trait IntoConverted {
    fn into_converted(self) -> Converted;
}

impl<A: Array + 'static> IntoConverted for Arc<A> {
    fn into_converted(self) -> Converted {
        Converted::from(self as ArrayRef)
    }
}
