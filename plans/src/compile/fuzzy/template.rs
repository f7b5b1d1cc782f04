//! Templates of SQL, and numbers in them.

use crate::compile::query::{Keep, Query};

pub(super) fn step(name: impl Into<String>, keep: Keep, sql: &str) -> Query {
    Query::new(name, keep, sql.trim_end())
}

/// A template with its parts filled in, each `{name}` by its text. Parts are not looked into: SQL may hold braces.
pub(super) fn filled(template: &str, parts: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template.trim_end();
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let part = behind.split_once('}').and_then(|(name, after)| {
            parts.iter().find(|(known, _)| *known == name).map(|(_, part)| (*part, after))
        });
        match part {
            Some((part, after)) => {
                text.push_str(part);
                rest = after;
            }
            None => {
                text.push('{');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    text
}

/// Bits that are more than any sum of weights.
const BEYOND: f64 = 1000.0;

/// A number as SQL: with all of its digits, and never infinite.
pub(super) fn number(value: f64) -> String {
    let value = if value.is_nan() { 0.0 } else { value.clamp(-BEYOND, BEYOND) };
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn what_is_filled_in_is_not_looked_into() {
        let parts = [("a", "{b} {a}"), ("b", "x")];
        assert_eq!(filled("{a}, {b}, {c}, {", &parts), "{b} {a}, x, {c}, {");
    }
}
