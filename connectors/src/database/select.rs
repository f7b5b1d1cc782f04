//! The one place where a name or a query becomes SQL text: names are quoted, a query is one SELECT that stays within its
//! parentheses, values are parameters.

use crate::source::SourceError;

/// A quoted identifier: whatever the name holds, it stays one name, in Postgres and in SQLite.
#[must_use]
pub fn ident(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for character in name.chars() {
        if character == '"' {
            quoted.push('"');
        }
        // Neither database can have NUL in a name; without it the text cannot end early.
        if character != '\0' {
            quoted.push(character);
        }
    }
    quoted.push('"');
    quoted
}

/// What a SELECT reads from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A table or a view: its name, with its schema in front where that is given.
    Table(Vec<String>),
    /// One SELECT.
    Query(String),
}

impl Origin {
    /// A table's name: `people`, `public.people`, `"my schema"."People"`. Capitals count.
    pub(super) fn table(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        loop {
            let (part, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted_part(quoted).ok_or("its quote is not closed")?,
                None => {
                    let end = rest.find('.').unwrap_or(rest.len());
                    (rest[..end].trim().to_owned(), &rest[end..])
                }
            };
            if part.is_empty() {
                return Err("a name is empty".to_owned());
            }
            parts.push(part);
            match after.trim_start().strip_prefix('.') {
                Some(more) => rest = more.trim_start(),
                None if after.trim().is_empty() => break,
                None => {
                    return Err("write table or schema.table; names with other characters in double quotes"
                        .to_owned());
                }
            }
        }
        if parts.len() > 2 { Err("write table or schema.table".to_owned()) } else { Ok(Self::Table(parts)) }
    }

    /// A query, looked at so that it stays what it is in parentheses.
    pub(super) fn query(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        let first = is_one_statement(text)?;
        if ["select", "with", "values", "table"].contains(&first.to_lowercase().as_str()) {
            return Ok(Self::Query(text.to_owned()));
        }
        Err(format!("a query is one SELECT; this begins with {first:?}"))
    }

    /// In messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Table(parts) => parts.join("."),
            Self::Query(_) => "query".to_owned(),
        }
    }

    /// The quoted name of a table, for the catalogue.
    pub(super) fn quoted_table(&self) -> Option<String> {
        match self {
            Self::Table(parts) => Some(parts.iter().map(|part| ident(part)).collect::<Vec<_>>().join(".")),
            Self::Query(_) => None,
        }
    }

    fn sql(&self) -> String {
        let what = match self {
            Self::Query(text) => format!("(\n{text}\n)"),
            Self::Table(_) => self.quoted_table().unwrap_or_default(),
        };
        format!("{what} AS \"source\"")
    }

    /// All columns.
    pub(super) fn all(&self) -> String {
        format!("SELECT * FROM {}", self.sql())
    }

    /// Expressions over it, and the condition that rows fit.
    pub(super) fn select(&self, expressions: &[String], condition: Option<&str>) -> String {
        let list = expressions.join(", ");
        match condition {
            None => format!("SELECT {list} FROM {}", self.sql()),
            Some(condition) => format!("SELECT {list} FROM {} WHERE {condition}", self.sql()),
        }
    }
}

/// A name up to its closing quote, and what comes after it.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

/// The first word of a text that is one statement: no `;`, quotes and comments closed, every `)` after its `(`.
fn is_one_statement(text: &str) -> Result<String, String> {
    let (mut rest, mut depth, mut first) = (text, 0_u32, String::new());
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '\'' | '"' | '`' => after_quote(after, character, text.len() - rest.len(), text)?,
            '-' if after.starts_with('-') => after.find('\n').map_or("", |end| &after[end..]),
            '/' if after.starts_with('*') => after_comment(&after[1..])?,
            '$' => after_dollars(rest)?,
            ';' => return Err("a query is one SELECT; this has more than one statement".to_owned()),
            '(' => {
                depth += 1;
                after
            }
            ')' => {
                depth = depth.checked_sub(1).ok_or("a ) has no ( before it")?;
                after
            }
            _ if character.is_alphanumeric() || character == '_' => {
                let end =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                if first.is_empty() {
                    first = rest[..end].to_owned();
                }
                &rest[end..]
            }
            _ => after,
        };
    }
    if depth > 0 { Err("a ( is not closed".to_owned()) } else { Ok(first) }
}

/// Behind a quoted text or name. `E'…'` knows the backslash.
fn after_quote<'a>(text: &'a str, quote: char, at: usize, whole: &str) -> Result<&'a str, String> {
    let before = whole.get(..at).unwrap_or_default();
    let escapes = quote == '\''
        && before.ends_with(['e', 'E'])
        && !before[..before.len() - 1].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let mut characters = text.char_indices().peekable();
    while let Some((i, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote {
            match characters.peek() {
                Some((_, next)) if *next == quote => {
                    characters.next();
                }
                _ => return Ok(&text[i + 1..]),
            }
        }
    }
    Err(format!("a {quote} is not closed"))
}

/// Behind a comment. One within another ends at different places in the two databases.
fn after_comment(text: &str) -> Result<&str, String> {
    let close = text.find("*/").ok_or("a /* is not closed")?;
    if text[..close].contains("/*") {
        return Err("a comment stands within a comment".to_owned());
    }
    Ok(&text[close + 2..])
}

/// Behind `$tag$ … $tag$`; a `$` alone is a character like others.
fn after_dollars(text: &str) -> Result<&str, String> {
    let tag = text[1..].find('$').map(|end| &text[..end + 2]);
    let is_tag = |tag: &str| {
        let name = &tag[1..tag.len() - 1];
        !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match tag.filter(|tag| is_tag(tag)) {
        None => Ok(&text[1..]),
        Some(tag) => {
            let inner = &text[tag.len()..];
            let end = inner.find(tag).ok_or_else(|| format!("a {tag} is not closed"))?;
            Ok(&inner[end + tag.len()..])
        }
    }
}

/// A column that is asked for and not there, or a table.
pub(super) fn not_there(
    code: &'static str,
    what: &str,
    wanted: &str,
    place: &str,
    there: &[String],
) -> SourceError {
    let distance = |name: &String| {
        rapidfuzz::distance::osa::distance(wanted.to_lowercase().chars(), name.to_lowercase().chars())
    };
    let mut near: Vec<(usize, &String)> = there.iter().map(|name| (distance(name), name)).collect();
    near.sort();
    let names: Vec<&str> = near.iter().take(NAMED).map(|(_, name)| name.as_str()).collect();
    let help = match near.first() {
        None => format!("there is no {what} that may be read"),
        Some((distance, name)) if *distance <= wanted.chars().count() / 3 + 1 => {
            format!("did you mean {name}?")
        }
        Some(_) if near.len() > NAMED => format!("there are {}, …", names.join(", ")),
        Some(_) => format!("there are {}", names.join(", ")),
    };
    SourceError::new(code, format!("{place} has no {what} {wanted}"), help)
}

/// Names listed in a message at most.
const NAMED: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Origin, ident};

    #[test]
    fn a_quote_cannot_end_an_identifier() {
        assert_eq!(ident("plain"), "\"plain\"");
        assert_eq!(ident("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(ident("a\0b"), "\"ab\"");
    }

    #[test]
    fn tables_are_named_with_their_schema() {
        let quoted = |text: &str| Origin::table(text).unwrap().quoted_table().unwrap();
        assert_eq!(quoted("people"), "\"people\"");
        assert_eq!(quoted("public.People"), "\"public\".\"People\"");
        assert_eq!(quoted("\"my.schema\" . \"a\"\"b\""), "\"my.schema\".\"a\"\"b\"");
        for bad in ["", "a.b.c", "a.", "\"a", "\"a\"b"] {
            assert!(Origin::table(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_query_is_one_select() {
        for good in [
            "SELECT 1",
            "select ';' , \")\" from x -- ; )\n",
            "WITH a AS (SELECT 1) SELECT * FROM a;\n",
            "(SELECT 1) UNION (SELECT 2)",
            "SELECT $$ ; ) $$, $a$ ' $a$, E'\\' ; ' /* ( ; */",
            "-- first\nSELECT 1 WHERE a = 'it''s'",
        ] {
            assert!(Origin::query(good).is_ok(), "{good}: {:?}", Origin::query(good));
        }
        for bad in [
            "",
            "DELETE FROM x",
            "SELECT 1; DROP TABLE x",
            "SELECT 1) AS s; --",
            "SELECT (1",
            "SELECT 1) UNION (SELECT 2",
            "SELECT 'a",
            "SELECT 1 /* ",
            "SELECT 1 /* /* */ ; DELETE FROM x /* */ */",
            "UPDATE x SET a = 1",
        ] {
            assert!(Origin::query(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Origin::query("SELECT 1 -- x").unwrap().all(),
            "SELECT * FROM (\nSELECT 1 -- x\n) AS \"source\""
        );
    }
}
