//! Values as Postgres sends them in its binary format.

use super::build::{Shape, Unread, Value};
use super::cursor::CALENDAR;

/// Microseconds from 1970 to 2000, where Postgres counts from.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// Days from 1970 to 2000.
const EPOCH_DAYS: i32 = 10_957;
const DAY: i64 = 86_400_000_000;

/// A cell of a column of this shape.
pub(super) fn value<'a>(shape: &Shape, bytes: &'a [u8]) -> Result<Value<'a>, Unread> {
    Ok(match shape {
        Shape::Bool => Value::Bool(bytes.first().ok_or(Unread::Type)? != &0),
        Shape::Integer => Value::Integer(integer(bytes).ok_or(Unread::Type)?),
        Shape::Float32 => Value::Float(f32::from_be_bytes(fixed(bytes)?).into()),
        Shape::Float64 => Value::Float(f64::from_be_bytes(fixed(bytes)?)),
        Shape::Decimal(precision, scale) => Value::Decimal(decimal(bytes, *precision, *scale)?),
        Shape::Text => Value::Text(std::str::from_utf8(bytes).map_err(|_| Unread::Bytes)?),
        Shape::Bytes => Value::Bytes(bytes),
        Shape::Date => {
            let days = i32::from_be_bytes(fixed(bytes)?).checked_add(EPOCH_DAYS).ok_or(Unread::Time)?;
            if !CALENDAR.contains(&(i64::from(days).saturating_mul(DAY))) {
                return Err(Unread::Time);
            }
            Value::Date(days)
        }
        Shape::Time => {
            let micros = i64::from_be_bytes(fixed(bytes)?);
            // 24:00 is a time of Postgres alone.
            if !(0..DAY).contains(&micros) {
                return Err(Unread::Time);
            }
            Value::Micros(micros)
        }
        Shape::Local | Shape::Instant => {
            let micros = i64::from_be_bytes(fixed(bytes)?).checked_add(EPOCH_MICROS);
            Value::Micros(micros.filter(|micros| CALENDAR.contains(micros)).ok_or(Unread::Time)?)
        }
        Shape::List(item) => Value::List(list(item, bytes)?),
    })
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Unread> {
    bytes.try_into().map_err(|_| Unread::Type)
}

/// bigint, integer, smallint.
fn integer(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        8 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
        4 => Some(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        2 => Some(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        _ => None,
    }
}

/// Takes a number from the front.
fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Unread> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or(Unread::Type)?;
    *bytes = rest;
    Ok(*head)
}

/// numeric: digits to the base 10,000, the first one of the given weight.
fn decimal(bytes: &[u8], precision: u8, scale: i8) -> Result<i128, Unread> {
    let mut rest = bytes;
    let digits = u16::from_be_bytes(take(&mut rest)?);
    let weight = i32::from(i16::from_be_bytes(take(&mut rest)?));
    let sign = u16::from_be_bytes(take(&mut rest)?);
    let _shown = u16::from_be_bytes(take(&mut rest)?);
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        _ => return Err(Unread::Number),
    };
    let mut sum: i128 = 0;
    for place in 0..i32::from(digits) {
        let digit = i128::from(u16::from_be_bytes(take(&mut rest)?));
        let exponent = 4 * (weight - place) + i32::from(scale);
        let power = 10_i128.checked_pow(exponent.unsigned_abs());
        let part = match (exponent >= 0, power) {
            (true, Some(power)) => digit.checked_mul(power),
            (true, None) => (digit == 0).then_some(0),
            // The column's scale says that there is nothing behind it.
            (false, Some(power)) => (digit % power == 0).then(|| digit / power),
            (false, None) => (digit == 0).then_some(0),
        };
        sum = part.and_then(|part| sum.checked_add(part)).ok_or(Unread::Number)?;
    }
    let most = 10_i128.checked_pow(u32::from(precision)).unwrap_or(i128::MAX);
    if sum >= most {
        return Err(Unread::Number);
    }
    Ok(if negative { -sum } else { sum })
}

/// An array; of one with several dimensions the values one after the other, as they are sent.
fn list<'a>(item: &Shape, bytes: &'a [u8]) -> Result<Vec<Value<'a>>, Unread> {
    let mut rest = bytes;
    let dimensions = i32::from_be_bytes(take(&mut rest)?);
    let _has_nulls = i32::from_be_bytes(take(&mut rest)?);
    let _type = i32::from_be_bytes(take(&mut rest)?);
    for _ in 0..dimensions {
        let _length = i32::from_be_bytes(take(&mut rest)?);
        let _first = i32::from_be_bytes(take(&mut rest)?);
    }
    let mut values = Vec::new();
    while !rest.is_empty() {
        let length = i32::from_be_bytes(take(&mut rest)?);
        let Ok(length) = usize::try_from(length) else {
            values.push(Value::Null);
            continue;
        };
        let (head, after) = rest.split_at_checked(length).ok_or(Unread::Type)?;
        rest = after;
        values.push(value(item, head)?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::{Shape, Unread, Value, decimal, value};

    fn numeric(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let head = [u16::try_from(digits.len()).unwrap(), weight.cast_unsigned(), sign, 2];
        head.iter().chain(digits).flat_map(|n| n.to_be_bytes()).collect()
    }

    #[test]
    fn exact_numbers_keep_every_digit() {
        // 12345.67 is 1, 2345, 6700 from the weight 1 on.
        assert_eq!(decimal(&numeric(1, 0, &[1, 2345, 6700]), 10, 2), Ok(1_234_567));
        assert_eq!(decimal(&numeric(1, 0x4000, &[1, 2345, 6700]), 10, 2), Ok(-1_234_567));
        assert_eq!(decimal(&numeric(0, 0, &[]), 10, 2), Ok(0));
        assert_eq!(decimal(&numeric(-1, 0, &[100]), 10, 4), Ok(100));
        assert_eq!(decimal(&numeric(2, 0, &[1]), 20, 0), Ok(100_000_000));
        assert_eq!(decimal(&numeric(-1, 0, &[1]), 10, 2), Err(Unread::Number));
        assert_eq!(decimal(&numeric(0, 0xC000, &[]), 10, 2), Err(Unread::Number));
        assert_eq!(decimal(&numeric(30, 0, &[1]), 38, 2), Err(Unread::Number));
    }

    #[test]
    fn times_beyond_the_calendar_are_not_read() {
        assert_eq!(value(&Shape::Instant, &0_i64.to_be_bytes()), Ok(Value::Micros(946_684_800_000_000)));
        for infinite in [i64::MAX, i64::MIN] {
            assert_eq!(value(&Shape::Instant, &infinite.to_be_bytes()), Err(Unread::Time));
        }
        assert_eq!(value(&Shape::Date, &i32::MAX.to_be_bytes()), Err(Unread::Time));
        assert_eq!(value(&Shape::Time, &86_400_000_000_i64.to_be_bytes()), Err(Unread::Time));
    }

    #[test]
    fn what_is_cut_off_is_no_value() {
        for shape in [
            Shape::Bool,
            Shape::Integer,
            Shape::Float64,
            Shape::Date,
            Shape::Decimal(5, 2),
            Shape::List(Box::new(Shape::Text)),
        ] {
            assert!(value(&shape, &[]).is_err(), "{shape:?}");
        }
        let list = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, b'a'];
        assert_eq!(value(&Shape::List(Box::new(Shape::Text)), &list), Err(Unread::Type));
    }
}
