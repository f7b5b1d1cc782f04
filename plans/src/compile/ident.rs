//! The one place where a name becomes SQL text.

/// A quoted identifier: whatever the name holds, it stays one name.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A quoted text literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A column that belongs to a field: its name and what of it.
pub(super) fn f(name: &str, suffix: &str) -> String {
    ident(&format!("{name}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(ident(r#"a"; DROP TABLE x; --"#), r#""a""; DROP TABLE x; --""#);
        assert_eq!(literal("O'Brien"), "'O''Brien'");
    }
}
