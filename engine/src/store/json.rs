//! JSON in columns of our own, and JSON that a database takes.

use super::{Result, Row, StoreError};

/// JSON as text that jsonb takes: without NUL characters.
pub(super) fn json_text(value: &serde_json::Value) -> String {
    let text = value.to_string();
    without_json_nul(&text).unwrap_or(text)
}

/// JSON of our own columns, which only we write.
pub(super) fn json(row: &Row, index: usize) -> Result<Option<serde_json::Value>> {
    row.opt_text(index)?
        .map(|text| {
            serde_json::from_str(text).map_err(|_| StoreError::value(format!("column {index} is not JSON")))
        })
        .transpose()
}

/// JSON text without `\u0000`, which jsonb refuses; `None` when there was none.
pub(super) fn without_json_nul(text: &str) -> Option<String> {
    if !text.contains("\\u0000") {
        return None;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        let escape = &rest[at..];
        let length = if escape.starts_with("\\u0000") {
            6
        } else {
            // Backslash and what it escapes, whole characters only.
            let next = escape[1..].chars().next().map_or(0, char::len_utf8);
            clean.push_str(&escape[..1 + next]);
            1 + next
        };
        rest = &escape[length..];
    }
    clean.push_str(rest);
    Some(clean)
}

#[cfg(test)]
mod tests {
    use super::without_json_nul;

    #[test]
    fn only_real_nul_escapes_go() {
        assert_eq!(without_json_nul(r#"{"a":"x"}"#), None);
        assert_eq!(without_json_nul(r#"{"a":"x\u0000y"}"#).as_deref(), Some(r#"{"a":"xy"}"#));
        assert_eq!(without_json_nul(r#"{"a":"\\u0000"}"#).as_deref(), Some(r#"{"a":"\\u0000"}"#));
        assert_eq!(without_json_nul(r#"["\\\u0000é"]"#).as_deref(), Some(r#"["\\é"]"#));
    }
}
