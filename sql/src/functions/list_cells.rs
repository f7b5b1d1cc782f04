//! Cells with several values of one scalar type: split, each value handed to the function that reads the type, put together
//! again. Shared by `list_of`, `list_of_unparsed`, `list_of_problem` and `json_list`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, StringArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, filter};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};

use super::arguments::TextReader;
use super::json_text::Json;
use super::{
    clean_text, country_code, enum_value, name_clean, number_problem, parse_boolean, parse_date,
    parse_decimal, parse_duration, parse_integer, parse_time, parse_timestamp, url_clean, uuid_clean,
};

/// The function that reads one value, by its name.
fn reader_of(name: &str) -> Option<ScalarUDF> {
    Some(match name {
        "clean_text" => ScalarUDF::from(clean_text::CleanText::new()),
        "name_clean" => ScalarUDF::from(name_clean::NameClean::new()),
        "country_code" => ScalarUDF::from(country_code::CountryCode::new()),
        "enum_value" => ScalarUDF::from(enum_value::EnumValue::new()),
        "parse_boolean" => ScalarUDF::from(parse_boolean::ParseBoolean::new()),
        "parse_date" => ScalarUDF::from(parse_date::ParseDate::new()),
        "parse_decimal" => ScalarUDF::from(parse_decimal::ParseDecimal::new()),
        "parse_duration" => ScalarUDF::from(parse_duration::ParseDuration::new()),
        "parse_integer" => ScalarUDF::from(parse_integer::ParseInteger::new()),
        "parse_time" => ScalarUDF::from(parse_time::ParseTime::new()),
        "parse_timestamp" => ScalarUDF::from(parse_timestamp::ParseTimestamp::new()),
        "url_clean" => ScalarUDF::from(url_clean::UrlClean::new()),
        "uuid_clean" => ScalarUDF::from(uuid_clean::UuidClean::new()),
        _ => return None,
    })
}

/// The function that says in a word why another gives nothing, with the same arguments.
fn problem_of(name: &str) -> Option<ScalarUDF> {
    (name == "parse_decimal").then(|| ScalarUDF::from(number_problem::NumberProblem::new()))
}

/// Arguments in front of those of the function that reads one value: the text, the separators, the function's name.
const OWN: usize = 3;

fn reader_named(function: &str, name: Option<&str>) -> Result<ScalarUDF> {
    match name.and_then(reader_of) {
        Some(reader) => Ok(reader),
        None => exec_err!("{function} knows no function {name:?} that reads one value"),
    }
}

/// The type of one value, from the constants of a call.
pub(super) fn item_type(function: &str, args: &ReturnFieldArgs<'_>) -> Result<DataType> {
    let name = args.scalar_arguments.get(2).copied().flatten().and_then(|name| name.try_as_str().flatten());
    let reader = reader_named(function, name)?;
    let text: FieldRef = Arc::new(Field::new("text", DataType::Utf8, true));
    let fields: Vec<FieldRef> =
        std::iter::once(text).chain(args.arg_fields.iter().skip(OWN).cloned()).collect();
    let constants: Vec<_> =
        std::iter::once(None).chain(args.scalar_arguments.iter().skip(OWN).copied()).collect();
    let inner = ReturnFieldArgs { arg_fields: &fields, scalar_arguments: &constants };
    Ok(plain(reader.return_field_from_args(inner)?.data_type()))
}

/// Texts of one layout.
fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        other => other.clone(),
    }
}

/// Cells that were split: the values of all of them, one behind the other, and how many belong to each.
pub(super) struct Split {
    texts: StringArray,
    counts: Vec<usize>,
    /// What became of each value; NULL where it cannot be read.
    values: ArrayRef,
}

impl Split {
    /// Splits the cells of a call and reads their values.
    pub(super) fn of(function: &str, args: &ScalarFunctionArgs) -> Result<(Self, bool)> {
        let [cells, separators, name, further @ ..] = args.args.as_slice() else {
            return exec_err!("{function} takes a text, separators and the name of a function");
        };
        let Some(separators) = word(separators).filter(|separators| !separators.is_empty()) else {
            return exec_err!("{function} takes its separators as a constant");
        };
        let reader = reader_named(function, word(name))?;
        let constant = matches!(cells, ColumnarValue::Scalar(_));
        let rows = if constant { 1 } else { args.number_rows };
        let cells = cells.to_array(rows)?;
        let (texts, counts) = split(&TextReader::try_new(&cells, false)?, rows, separators);
        let values = read(&reader, &texts, further, args)?;
        Ok((Self { texts, counts, values }, constant))
    }

    /// A list per cell; NULL where nothing stands in it, or something that cannot be read.
    pub(super) fn lists(&self) -> Result<ArrayRef> {
        let mut valid = Vec::with_capacity(self.counts.len());
        let mut from = 0;
        for count in &self.counts {
            valid.push(*count > 0 && self.values.slice(from, *count).null_count() == 0);
            from += count;
        }
        // Values of lists that are none are left out: a NULL list is empty.
        let kept = valid
            .iter()
            .zip(&self.counts)
            .flat_map(|(valid, count)| std::iter::repeat_n(Some(*valid), *count));
        let values = filter(&self.values, &kept.collect())?;
        let lengths = valid.iter().zip(&self.counts).map(|(valid, count)| if *valid { *count } else { 0 });
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths(lengths);
        Ok(Arc::new(ListArray::try_new(item, offsets, values, Some(NullBuffer::from(valid)))?))
    }

    /// Per cell the values that cannot be read, NULL where there are none.
    pub(super) fn unread(&self) -> ArrayRef {
        let mut texts = StringBuilder::new();
        let mut from = 0;
        for count in &self.counts {
            let unread: Vec<&str> = (from..from + count)
                .filter(|value| self.values.is_null(*value))
                .map(|value| self.texts.value(value))
                .collect();
            texts.append_option((!unread.is_empty()).then(|| unread.join("; ")));
            from += count;
        }
        Arc::new(texts.finish())
    }

    /// Per cell the word in which the reasons of its unread values agree.
    pub(super) fn problems(&self, args: &ScalarFunctionArgs) -> Result<ArrayRef> {
        let problem = args.args.get(OWN - 1).and_then(word).and_then(problem_of);
        let Some(problem) = problem.filter(|_| self.values.null_count() > 0) else {
            return Ok(Arc::new(StringArray::new_null(self.counts.len())));
        };
        let words = read(&problem, &self.texts, args.args.get(OWN..).unwrap_or_default(), args)?;
        let words = TextReader::try_new(&words, false)?;
        let mut agreed = StringBuilder::new();
        let mut from = 0;
        for count in &self.counts {
            let mut reasons = (from..from + count)
                .filter(|value| self.values.is_null(*value))
                .map(|value| words.get(value));
            let first = reasons.next().flatten();
            agreed.append_option(first.filter(|first| reasons.all(|reason| reason == Some(*first))));
            from += count;
        }
        Ok(Arc::new(agreed.finish()))
    }
}

/// A constant text.
fn word(value: &ColumnarValue) -> Option<&str> {
    match value {
        ColumnarValue::Scalar(scalar) => scalar.try_as_str().flatten(),
        ColumnarValue::Array(_) => None,
    }
}

fn read(
    reader: &ScalarUDF,
    texts: &StringArray,
    further: &[ColumnarValue],
    args: &ScalarFunctionArgs,
) -> Result<ArrayRef> {
    let rows = texts.len();
    let cells = ColumnarValue::Array(Arc::new(texts.clone()));
    let all: Vec<ColumnarValue> = std::iter::once(cells).chain(further.iter().cloned()).collect();
    let text: FieldRef = Arc::new(Field::new("text", DataType::Utf8, true));
    let fields: Vec<FieldRef> =
        std::iter::once(text).chain(args.arg_fields.iter().skip(OWN).cloned()).collect();
    let constants: Vec<_> = all
        .iter()
        .map(|value| match value {
            ColumnarValue::Scalar(scalar) => Some(scalar),
            ColumnarValue::Array(_) => None,
        })
        .collect();
    let inner = ReturnFieldArgs { arg_fields: &fields, scalar_arguments: &constants };
    let return_field = reader.return_field_from_args(inner)?;
    let answer = reader.invoke_with_args(ScalarFunctionArgs {
        args: all,
        arg_fields: fields,
        number_rows: rows,
        return_field,
        config_options: Arc::clone(&args.config_options),
    })?;
    let values = answer.to_array(rows)?;
    let wanted = plain(values.data_type());
    Ok(cast(&values, &wanted)?)
}

fn split(cells: &TextReader<'_>, rows: usize, separators: &str) -> (StringArray, Vec<usize>) {
    let (mut texts, mut counts) = (StringBuilder::new(), Vec::with_capacity(rows));
    for row in 0..rows {
        let mut count = 0;
        if let Some(cell) = cells.get(row) {
            list_values(cell, separators, |value| {
                texts.append_value(value);
                count += 1;
            });
        }
        counts.push(count);
    }
    (texts.finish(), counts)
}

/// Calls `found` with each value of a cell: the items of a JSON list, else what stands between the separators. A value in
/// double quotes may hold separators.
pub fn list_values(cell: &str, separators: &str, mut found: impl FnMut(&str)) {
    let cell = cell.trim();
    if cell.starts_with('[')
        && let Some(items) = json_items(cell)
    {
        items.iter().flatten().filter(|item| !item.trim().is_empty()).for_each(|item| found(item.trim()));
        return;
    }
    let separates = |character: char| separators.contains(character);
    let mut rest = cell;
    while !rest.is_empty() {
        let start = rest.trim_start();
        if let Some((value, behind)) = quoted(start, separates) {
            let value = value.replace("\"\"", "\"");
            if !value.trim().is_empty() {
                found(value.trim());
            }
            rest = behind;
            continue;
        }
        let (value, behind) = match rest.find(separates) {
            Some(at) => (&rest[..at], after_first(&rest[at..])),
            None => (rest, ""),
        };
        if !value.trim().is_empty() {
            found(value.trim());
        }
        rest = behind;
    }
}

fn after_first(text: &str) -> &str {
    let mut rest = text.chars();
    rest.next();
    rest.as_str()
}

/// A value in quotes and what is behind its separator; `None` when the quotes do not enclose a whole value.
fn quoted(text: &str, separates: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let quote = from + inner[from..].find('"')?;
        let behind = &inner[quote + 1..];
        if behind.starts_with('"') {
            from = quote + 2;
            continue;
        }
        let ended = behind.trim_start();
        return match (ended.chars().next(), behind.chars().next()) {
            (None, _) => Some((&inner[..quote], "")),
            (Some(next), _) if separates(next) => Some((&inner[..quote], after_first(ended))),
            (_, Some(next)) if separates(next) => Some((&inner[..quote], after_first(behind))),
            _ => None,
        };
    }
}

/// The items of a JSON list as texts, `None` for an item that is null; nothing where it is no list of plain values.
pub(super) fn json_items(text: &str) -> Option<Vec<Option<String>>> {
    let items = match Json::parse(text)? {
        Json::List(items) => items,
        // A list that was kept as text in a column of JSON.
        Json::Text(inner) if inner.starts_with('[') => return json_items(&inner),
        _ => return None,
    };
    let plain = items.into_iter().map(|item| {
        Some(match item {
            Json::Null => None,
            Json::Bool(value) => Some(value.to_string()),
            Json::Number(text) | Json::Text(text) => Some(text),
            Json::List(_) | Json::Object(_) => return None,
        })
    });
    plain.collect()
}

/// Lists of values of a type, from JSON lists as a database keeps them; NULL where the text is NULL.
///
/// # Errors
/// A text is no list of plain values, or an item cannot be read as the type.
pub fn lists_of_json(texts: &StringArray, item: &FieldRef) -> Result<ListArray> {
    let mut items = StringBuilder::new();
    let (mut lengths, mut valid) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
    for row in 0..texts.len() {
        valid.push(texts.is_valid(row));
        let mut length = 0;
        if texts.is_valid(row) {
            let Some(found) = json_items(texts.value(row)) else {
                return exec_err!("a list that was kept as JSON is none");
            };
            length = found.len();
            found.into_iter().for_each(|item| items.append_option(item));
        }
        lengths.push(length);
    }
    let texts: ArrayRef = Arc::new(items.finish());
    let strict = arrow::compute::CastOptions { safe: false, ..Default::default() };
    let values = arrow::compute::cast_with_options(&texts, item.data_type(), &strict)?;
    Ok(ListArray::try_new(
        Arc::clone(item),
        OffsetBuffer::from_lengths(lengths),
        values,
        Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    use proptest::prelude::*;

    fn values(cell: &str, separators: &str) -> Vec<String> {
        let mut found = Vec::new();
        list_values(cell, separators, |value| found.push(value.to_owned()));
        found
    }

    #[test]
    fn cells_are_split_at_their_separators() {
        for (cell, separators, wanted) in [
            ("a; b ;;c", ";", vec!["a", "b", "c"]),
            ("a, b", ";", vec!["a, b"]),
            ("a, b|c", ",;|\n", vec!["a", "b", "c"]),
            ("\"a; b\"; c", ";", vec!["a; b", "c"]),
            ("\"say \"\"hi\"\"\";x", ";", vec!["say \"hi\"", "x"]),
            ("5\" pipe; c", ";", vec!["5\" pipe", "c"]),
            ("\"open; c", ";", vec!["\"open", "c"]),
            ("a b  c", " ", vec!["a", "b", "c"]),
            ("\"a b\" c", " ", vec!["a b", "c"]),
            ("[\"a\", 2, null, true]", ";", vec!["a", "2", "true"]),
            ("[a]; b", ";", vec!["[a]", "b"]),
            ("a→b", "→", vec!["a", "b"]),
            (" ; ", ";", vec![]),
            ("", ";", vec![]),
        ] {
            assert_eq!(values(cell, separators), wanted, "{cell:?}");
        }
    }

    #[test]
    fn lists_come_back_from_json() {
        let texts = StringArray::from(vec![Some("[1, 2]"), None, Some("[]"), Some("\"[3]\"")]);
        let item: FieldRef = Arc::new(Field::new_list_field(DataType::Int64, true));
        let lists = lists_of_json(&texts, &item).unwrap();
        assert_eq!(lists.value(0).as_primitive::<Int64Type>().values(), &[1, 2]);
        assert!(lists.is_null(1) && lists.value(2).is_empty());
        assert_eq!(lists.value(3).as_primitive::<Int64Type>().values(), &[3]);
        for wrong in ["{}", "[[1]]", "[\"x\"]", "1"] {
            assert!(lists_of_json(&StringArray::from(vec![wrong]), &item).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn values_come_back_from_quotes(wanted in prop::collection::vec("[a-z,;|\" ]{0,6}[a-z]", 0..4)) {
            let cell: Vec<_> = wanted.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            let trimmed: Vec<_> = wanted.iter().map(|value| value.trim().to_owned()).collect();
            prop_assert_eq!(values(&cell.join(";"), ",;|\n"), trimmed);
        }

        #[test]
        fn never_panics(text in any::<String>(), marks in "[\\[\",; a→]{0,12}") {
            values(&text, ";→");
            values(&marks, ", →");
        }
    }
}
