//! JSON as a value of which nothing is lost: numbers keep all their digits, members their order and their names.
//!
//! serde_json makes floats of long numbers and keeps one of two members of a name; here both count. Shared by
//! `json_canonical` and by lists that are kept as JSON.

/// A value, with numbers as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Deeper values are no data.
const DEEPEST: usize = 64;

impl Json {
    /// Reads one value to the end of the text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        (reader.at == text.len()).then_some(value)
    }

    /// Writes the value in its one spelling: no blanks, members by name, numbers without what adds nothing. `None` where it
    /// has none: two members of one name, a number beyond all measure, a character that databases cannot hold.
    pub(super) fn write(&self, out: &mut String) -> Option<()> {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&plain_number(number)?),
            Self::Text(text) => write_text(text, out)?,
            Self::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.write(out)?;
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut sorted: Vec<&(String, Self)> = members.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                if sorted.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                    return None;
                }
                out.push('{');
                for (n, (name, value)) in sorted.into_iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write_text(name, out)?;
                    out.push(':');
                    value.write(out)?;
                }
                out.push('}');
            }
        }
        Some(())
    }
}

fn write_text(text: &str, out: &mut String) -> Option<()> {
    if text.contains('\0') {
        return None;
    }
    out.push_str(&serde_json::to_string(text).ok()?);
    Some(())
}

/// Most places that a number is moved by its exponent.
const FARTHEST: i32 = 400;

/// A number without exponent and without zeros that add nothing: `1.50e1` is `15`.
fn plain_number(number: &str) -> Option<String> {
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|e: &i32| e.abs() <= FARTHEST)?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let (whole, part) = match usize::try_from(point) {
        Err(_) | Ok(0) => (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs() as usize))),
        Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
        Ok(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
    };
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let sign = if negative && !(whole.is_empty() && part.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes a mark, with blanks in front of it.
    fn take(&mut self, mark: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        self.blanks();
        match self.rest().bytes().next()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Json::Text),
            b'-' | b'0'..=b'9' => self.number(),
            _ => {
                let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
                words.into_iter().find(|(word, _)| self.take(word)).map(|(_, value)| value)
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.at += 1;
        let mut members = Vec::new();
        if self.take("}") {
            return Some(Json::Object(members));
        }
        loop {
            self.blanks();
            let name = self.string()?;
            if !self.take(":") {
                return None;
            }
            members.push((name, self.value(depth + 1)?));
            if self.take("}") {
                return Some(Json::Object(members));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take("]") {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take("]") {
                return Some(Json::List(items));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    /// A text in quotes; what it escapes is serde_json's business.
    fn string(&mut self) -> Option<String> {
        let inner = self.rest().strip_prefix('"')?;
        let mut escaped = false;
        let end = inner.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let written = &self.rest()[..end + 2];
        self.at += written.len();
        serde_json::from_str(written).ok()
    }

    fn number(&mut self) -> Option<Json> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')))
            .unwrap_or(rest.len());
        let number = &rest[..end];
        self.at += end;
        is_number(number).then(|| Json::Number(number.to_owned()))
    }
}

/// The grammar of JSON's numbers.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && digits(part)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> Option<String> {
        let mut out = String::new();
        Json::parse(text)?.write(&mut out)?;
        Some(out)
    }

    #[test]
    fn there_is_one_spelling() {
        for (text, wanted) in [
            (r#" { "b" : [1, 2.50] , "a" : null } "#, r#"{"a":null,"b":[1,2.5]}"#),
            ("[]", "[]"),
            ("{}", "{}"),
            ("true", "true"),
            (r#""\u00e4\/\n""#, r#""ä/\n""#),
            ("1e3", "1000"),
            ("1.0", "1"),
            ("-0.0", "0"),
            ("-1.50E1", "-15"),
            ("12e-3", "0.012"),
            ("0.000", "0"),
            ("123456789012345678901234567890.12345678901", "123456789012345678901234567890.12345678901"),
            (r#"{"ab":1,"b":2,"a":3}"#, r#"{"a":3,"ab":1,"b":2}"#),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn near_misses_have_none() {
        for text in [
            "",
            "nul",
            "{",
            "[1,]",
            "{\"a\":}",
            "{'a':1}",
            "{\"a\":1,}",
            "{\"a\":1,\"a\":2}",
            "{a:1}",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "--1",
            "NaN",
            "[1] [2]",
            "\"open",
            "\"\\x\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "1e999999999",
            "\"a\nb\"",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
        assert_eq!(canonical(&"[".repeat(100)), None);
        assert_eq!(canonical(&format!("{}{}", "[".repeat(100), "]".repeat(100))), None);
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            "[^\\x00]{0,6}".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::btree_map("[a-c\"\\\\ä]{0,3}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_one_spelling_is_the_same_value(value in values()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let once = canonical(&text).expect("it is JSON");
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&once).unwrap(), value.clone());
                prop_assert_eq!(canonical(&once), Some(once.clone()));
            }
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "[\\[{\"ae0-9.,:+\\\\}\\] -]{0,20}") {
            for text in [text, close] {
                // Of numbers beyond its floats serde_json knows nothing.
                if canonical(&text).is_some() && !text.contains('e') {
                    prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{:?}", text);
                }
            }
        }
    }
}
