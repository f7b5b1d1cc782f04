//! The values of a field of type enum, with their spellings; shared by `enum_value` and `enum_hint`.
//!
//! They come as the JSON object that the contract is compiled to: value to list of spellings, in the contract's order.

use std::collections::HashMap;

use datafusion_common::{Result, exec_err};
use rapidfuzz::distance::damerau_levenshtein;
use serde_json::Value;

/// The values of a field.
pub(super) struct EnumValues {
    names: Vec<String>,
    /// By the key of each spelling.
    places: HashMap<String, usize>,
}

/// What spellings are compared by: case does not matter, nor do blanks, hyphens and underscores, however many.
pub fn enum_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-')).filter(|w| !w.is_empty()) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.extend(word.chars().flat_map(char::to_lowercase));
    }
    key
}

/// Values that a hint lists; the others are counted.
const LISTED: usize = 12;

impl EnumValues {
    pub(super) fn read(function: &str, text: Option<&str>) -> Result<Self> {
        let Some(Ok(Value::Object(values))) = text.map(serde_json::from_str) else {
            return exec_err!("{function} takes its values as a JSON object of lists, as a constant");
        };
        let mut read = Self { names: Vec::new(), places: HashMap::new() };
        for (name, spellings) in values {
            let place = read.names.len();
            // A value's own name is never another one's spelling.
            read.places.insert(enum_key(&name), place);
            for spelling in spellings.as_array().into_iter().flatten().filter_map(Value::as_str) {
                read.places.entry(enum_key(spelling)).or_insert(place);
            }
            read.names.push(name);
        }
        Ok(read)
    }

    /// The value that a spelling means.
    pub(super) fn find(&self, text: &str) -> Option<&str> {
        let place = match self.names.iter().position(|name| name == text) {
            Some(place) => place,
            None => *self.places.get(&enum_key(text))?,
        };
        self.names.get(place).map(String::as_str)
    }

    /// The value that is spelt most like a text, and those that there are.
    pub(super) fn hint(&self, text: &str) -> String {
        let more = self.names.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let names: Vec<&str> = self.names.iter().take(LISTED).map(String::as_str).collect();
        let known = format!("{}{more}", names.join(", "));
        match self.nearest(text) {
            Some(nearest) => format!("did you mean {nearest}? The field knows {known}"),
            None => format!("write one of {known}"),
        }
    }

    /// At most one letter in three is another.
    fn nearest(&self, text: &str) -> Option<&str> {
        let key = enum_key(text);
        let allowed = key.chars().count() / 3;
        let near = self.places.iter().filter_map(|(spelling, place)| {
            let distance = damerau_levenshtein::distance(key.chars(), spelling.chars());
            (distance <= allowed).then_some((distance, *place))
        });
        near.min().and_then(|(_, place)| self.names.get(place)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status() -> EnumValues {
        let values = r#"{"new":["neu","offen"],"in_progress":["in Arbeit"],"won":["gewonnen"],"lost":[]}"#;
        EnumValues::read("enum_value", Some(values)).expect("values")
    }

    #[test]
    fn spellings_mean_their_value() {
        let status = status();
        for (text, wanted) in [
            ("new", Some("new")),
            ("NEU", Some("new")),
            (" Offen ", Some("new")),
            ("In  progress", Some("in_progress")),
            ("in-progress", Some("in_progress")),
            ("In arbeit", Some("in_progress")),
            ("Gewonnen", Some("won")),
            ("LOST", Some("lost")),
            ("loste", None),
            ("ne w", None),
            ("", None),
            ("new, won", None),
        ] {
            assert_eq!(status.find(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn what_is_unknown_is_told_what_is_known() {
        let status = status();
        assert_eq!(status.hint("gewonen"), "did you mean won? The field knows new, in_progress, won, lost");
        assert_eq!(status.hint("maybe later"), "write one of new, in_progress, won, lost");
        assert!(EnumValues::read("enum_value", Some("[]")).is_err());
        assert!(EnumValues::read("enum_value", None).is_err());
    }

    proptest! {
        #[test]
        fn case_and_blanks_never_matter(blanks in "[ _-]{1,3}", up: bool) {
            let text = format!("in{blanks}progress");
            let text = if up { text.to_uppercase() } else { text };
            let status = status();
            prop_assert_eq!(status.find(&text), Some("in_progress"));
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "(new|won|lost|in)[a-z _-]{0,3}") {
            for text in [text, close] {
                status().find(&text);
                status().hint(&text);
            }
        }
    }
}
