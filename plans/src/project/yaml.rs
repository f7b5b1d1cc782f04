//! YAML as a tree whose values know where they stand.
//!
//! serde stops at the first error of a document. Reading into this tree first and decoding it by hand (`decode`) gives
//! all of them, with the place of the key or value, and keeps plain scalars as they were written (`007` stays `007`).

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::diagnostics::{ProjectError, SourceFile, Span};

/// A value and its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub value: Value,
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    /// A scalar as written, without quotes.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a map and its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub name: String,
    pub span: Span,
}

impl Node {
    /// What kind of value this is, in words for an error.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar(_) => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Reads one YAML document that begins at byte `start` of the file and ends at `end`.
pub(super) fn parse(file: &SourceFile, start: usize, end: usize) -> Result<Node, ProjectError> {
    let text = file.text.get(start..end).unwrap_or_default();
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Node { value: Value::Null, span: Span { offset: start, len: 0 } });
    }
    let mut options = serde_saphyr::Options::default();
    options.with_snippet = false;
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Ok(raw_node(raw, text, start)),
        Err(error) => Err(syntax_error(file, start, text, &error)),
    }
}

fn syntax_error(file: &SourceFile, start: usize, text: &str, error: &serde_saphyr::Error) -> ProjectError {
    let span =
        error.location().map_or(Span { offset: start, len: 0 }, |place| error_place(&place, text, start));
    let message = error.to_string();
    // The text ends with a position relative to the fragment: ours is drawn beside the line.
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or(&message);
    let message =
        message.split(" at line ").next().unwrap_or(message).trim_end_matches([':', ',']).to_owned();
    let help = if message.contains("duplicate") {
        "keep one of the two"
    } else if text.contains('\t') {
        "indent with blanks, YAML does not allow tabs"
    } else {
        "check the indentation, and put quotes around values that contain `: `, ` #` or begin with a sign such as `%`, `@`, `*`, `{`"
    };
    ProjectError::at(file, span, "PRJ0001", format!("the YAML cannot be read: {message}"))
        .label("here")
        .help(help)
}

/// Errors of the scanner carry line and column only.
fn error_place(place: &serde_saphyr::Location, text: &str, start: usize) -> Span {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    match place.span().byte_offset() {
        Some(_) => place_of(place, start),
        None => match super::sql_text::offset_of(text, number(place.line()), number(place.column())) {
            Some(span) => Span { offset: start + span.offset, len: span.len },
            None => Span { offset: start + text.trim_end().len(), len: 0 },
        },
    }
}

fn place_of(place: &serde_saphyr::Location, start: usize) -> Span {
    let span = place.span();
    let offset = span.byte_offset().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let len = span.byte_len().and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
    Span { offset: start + offset, len }
}

/// The tree as serde gives it: every child wrapped with its location.
enum Raw {
    Null,
    Scalar(String),
    /// A number or truth value, whose text as written is in the file.
    Typed(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn raw_node(raw: Spanned<Raw>, text: &str, start: usize) -> Node {
    let span = place_of(&raw.referenced, start);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Scalar(text) => Value::Scalar(text),
        Raw::Typed(parsed) => Value::Scalar(as_written(&raw.referenced, text).unwrap_or(parsed)),
        Raw::List(items) => Value::List(items.into_iter().map(|item| raw_node(item, text, start)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let span = place_of(&key.referenced, start);
                    (Key { name: key.value, span }, raw_node(value, text, start))
                })
                .collect(),
        ),
    };
    Node { value, span }
}

/// A plain scalar exactly as it stands in the file; behind an alias the parser's reading has to do.
fn as_written(place: &serde_saphyr::Location, text: &str) -> Option<String> {
    let span = place_of(place, 0);
    let written = text.get(span.offset..span.offset.checked_add(span.len)?)?.trim();
    (!written.is_empty() && !written.starts_with(['*', '&', '!'])).then(|| written.to_owned())
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;

        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_none<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
                Ok(Raw::Typed(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
                Ok(Raw::Typed(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
                Ok(Raw::Typed(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
                Ok(Raw::Typed(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
                Ok(Raw::Scalar(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Raw::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Raw::Map(entries))
            }
        }

        deserializer.deserialize_any(RawVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn scalars(text: &str) -> Vec<Option<String>> {
        let file = SourceFile { path: "a.yml".to_owned(), text: Arc::new(text.to_owned()) };
        match parse(&file, 0, text.len()).map(|node| node.value) {
            Ok(Value::Map(entries)) => entries
                .into_iter()
                .map(|(_, node)| match node.value {
                    Value::Scalar(text) => Some(text),
                    _ => None,
                })
                .collect(),
            other => panic!("not a map: {other:?}"),
        }
    }

    #[test]
    fn scalars_stay_as_written() {
        let text = "é: 007   # seven\nb: 1_000\nc: 1.50\nd: yes\ne: 2025-03-31\nf: null\ng:\nh: \"a: \\\"b\\\"\"\ni: 'it''s'\n";
        let found = scalars(text);
        let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
        let expected = [
            Some("007"),
            Some("1_000"),
            Some("1.50"),
            Some("yes"),
            Some("2025-03-31"),
            None,
            None,
            Some("a: \"b\""),
            Some("it's"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn blocks_and_anchors_are_read_by_the_parser() {
        let found = scalars("a: >\n  one\n  two\nb: |\n  one\nc: &x plain\nd: *x\ne: first\n  second\n");
        let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
        assert_eq!(
            found,
            [Some("one two\n"), Some("one\n"), Some("plain"), Some("plain"), Some("first second")]
        );
    }
}
