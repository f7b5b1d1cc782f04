//! Typed reading of a YAML tree: keys are asked for one by one, what nobody asked for is refused.

use std::cell::RefCell;

use super::diagnostics::{ProjectError, SourceFile, Span, suggestion};
use super::yaml::{Key, Node, Value};

/// Reads one map. Every getter reports what is wrong and gives `None`, so that reading goes on and finds the rest.
pub(super) struct Reader<'a> {
    file: &'a SourceFile,
    /// What the map is, for errors: "a source", "a field".
    what: &'static str,
    span: Span,
    entries: &'a [(Key, Node)],
    asked: RefCell<Vec<&'static str>>,
    errors: &'a RefCell<Vec<ProjectError>>,
}

impl<'a> Reader<'a> {
    /// Opens a map; an empty document counts as an empty map.
    pub(super) fn open(
        file: &'a SourceFile,
        node: &'a Node,
        what: &'static str,
        errors: &'a RefCell<Vec<ProjectError>>,
    ) -> Option<Self> {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            Value::Scalar(_) | Value::List(_) => {
                errors.borrow_mut().push(
                    ProjectError::at(
                        file,
                        node.span,
                        "PRJ0004",
                        format!("{what} is a map, this is {}", node.kind()),
                    )
                    .help("write `key: value` lines"),
                );
                return None;
            }
        };
        Some(Self { file, what, span: node.span, entries, asked: RefCell::default(), errors })
    }

    pub(super) fn report(&self, error: ProjectError) {
        self.errors.borrow_mut().push(error);
    }

    /// An error at a place of this file, for checks of meaning.
    pub(super) fn error(&self, span: Span, code: &'static str, message: impl Into<String>) -> ProjectError {
        ProjectError::at(self.file, span, code, message)
    }

    pub(super) fn file(&self) -> &'a SourceFile {
        self.file
    }

    pub(super) fn errors(&self) -> &'a RefCell<Vec<ProjectError>> {
        self.errors
    }

    /// Place of a key's value, or of the whole map when the key is not there.
    pub(super) fn span_of(&self, key: &str) -> Span {
        self.entries.iter().find(|(k, _)| k.name == key).map_or(self.place(), |(_, node)| node.span)
    }

    /// Place of the first key: a map as a whole would underline everything.
    fn place(&self) -> Span {
        self.entries.first().map_or(self.span, |(key, _)| key.span)
    }

    /// The node under a key; absent and empty are the same.
    pub(super) fn node(&self, key: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().push(key);
        self.entries
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, node)| node)
            .filter(|node| node.value != Value::Null)
    }

    /// Whether a key is there and says nothing: `key:` or `key: null`.
    pub(super) fn is_empty(&self, key: &'static str) -> bool {
        self.asked.borrow_mut().push(key);
        self.entries.iter().any(|(k, node)| k.name == key && node.value == Value::Null)
    }

    /// All entries, for maps whose keys are names.
    pub(super) fn entries(&self) -> &'a [(Key, Node)] {
        self.entries
    }

    fn wrong_kind(&self, node: &Node, wanted: &str, help: &str) {
        self.report(
            self.error(node.span, "PRJ0004", format!("this must be {wanted}, it is {}", node.kind()))
                .help(help.to_owned()),
        );
    }

    /// A text.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.spanned_text(key).map(|(text, _)| text)
    }

    /// A text with its place.
    pub(super) fn spanned_text(&self, key: &'static str) -> Option<(String, Span)> {
        let node = self.node(key)?;
        match &node.value {
            Value::Scalar(text) => Some((text.trim_end().to_owned(), node.span)),
            _ => {
                self.wrong_kind(node, "a text", &format!("write `{key}: some text`"));
                None
            }
        }
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, key: &'static str) -> Option<String> {
        let absent = self.node(key).is_none();
        if absent {
            self.missing(key);
        }
        self.text(key)
    }

    /// Reports that a key is missing.
    pub(super) fn missing(&self, key: &str) {
        self.report(
            self.error(self.place(), "PRJ0003", format!("{} needs `{key}`", self.what))
                .help(format!("add a line `{key}: …`")),
        );
    }

    /// yes or no.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let (text, span) = self.spanned_text(key)?;
        match text.as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => {
                self.report(
                    self.error(span, "PRJ0004", format!("`{key}` is true or false, not `{text}`"))
                        .help(format!("write `{key}: true` or `{key}: false`")),
                );
                None
            }
        }
    }

    /// A whole number of at least `least`.
    pub(super) fn whole(&self, key: &'static str, least: u64) -> Option<u64> {
        let (text, span) = self.spanned_text(key)?;
        match text.replace('_', "").parse::<u64>() {
            Ok(number) if number >= least => Some(number),
            _ => {
                self.report(
                    self.error(
                        span,
                        "PRJ0004",
                        format!("`{key}` is a whole number of at least {least}, not `{text}`"),
                    )
                    .help(format!("write for example `{key}: {}`", least.max(1000))),
                );
                None
            }
        }
    }

    /// A part of the whole: `20%` or `0.20`.
    pub(super) fn share(&self, key: &'static str) -> Option<f64> {
        let (text, span) = self.spanned_text(key)?;
        let parsed = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|n| n / 100.0),
            None => text.parse::<f64>(),
        };
        match parsed {
            Ok(share) if (0.0..=1.0).contains(&share) => Some(share),
            _ => {
                self.report(
                    self.error(span, "PRJ0004", format!("`{key}` is a part between 0 and 1, not `{text}`"))
                        .help(format!("write `{key}: 20%` or `{key}: 0.20`")),
                );
                None
            }
        }
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let (text, span) = self.spanned_text(key)?;
        self.choose(key, &text, span, choices)
    }

    /// One of several words, already read.
    pub(super) fn choose<T: Copy>(
        &self,
        key: &str,
        text: &str,
        span: Span,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.report(
                self.error(span, "PRJ0005", format!("`{text}` is not a choice for `{key}`"))
                    .label("unknown word")
                    .help(suggestion(text, &words)),
            );
        }
        found
    }

    /// A list of texts with their places; a single text counts as a list of one.
    pub(super) fn texts(&self, key: &'static str) -> Vec<(String, Span)> {
        self.node(key).map(|node| self.items(key, node)).unwrap_or_default()
    }

    /// [`Self::texts`] of a node whose key is a name.
    pub(super) fn items(&self, key: &str, node: &Node) -> Vec<(String, Span)> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Scalar(text) => return vec![(text.clone(), node.span)],
            Value::Null => return Vec::new(),
            Value::Map(_) => {
                self.wrong_kind(node, "a list", &format!("write `{key}: [one, two]`"));
                return Vec::new();
            }
        };
        items
            .iter()
            .filter_map(|item| match &item.value {
                Value::Scalar(text) => Some((text.clone(), item.span)),
                _ => {
                    self.wrong_kind(item, "a text", &format!("write `{key}: [one, two]`"));
                    None
                }
            })
            .collect()
    }

    /// The nodes of a list.
    pub(super) fn list(&self, key: &'static str) -> &'a [Node] {
        match self.node(key) {
            None => &[],
            Some(Node { value: Value::List(items), .. }) => items,
            Some(node) => {
                self.wrong_kind(
                    node,
                    "a list",
                    &format!("write `{key}:` and below it lines that begin with `- `"),
                );
                &[]
            }
        }
    }

    /// A map inside this map.
    pub(super) fn map(&self, key: &'static str, what: &'static str) -> Option<Reader<'a>> {
        let node = self.node(key)?;
        Reader::open(self.file, node, what, self.errors)
    }

    /// Pairs of name and text of a map whose keys are names.
    pub(super) fn pairs(&self, key: &'static str) -> Vec<((String, Span), (String, Span))> {
        let Some(map) = self.map(key, "this") else { return Vec::new() };
        map.entries
            .iter()
            .filter_map(|(name, node)| match &node.value {
                Value::Scalar(text) => Some(((name.name.clone(), name.span), (text.clone(), node.span))),
                _ => {
                    map.wrong_kind(node, "a text", "write `name: text`");
                    None
                }
            })
            .collect()
    }

    /// Refuses keys that no getter has asked for.
    pub(super) fn finish(self) {
        let mut known: Vec<&str> = self.asked.borrow().clone();
        known.sort_unstable();
        known.dedup();
        for (key, _) in self.entries.iter().filter(|(key, _)| !known.contains(&key.name.as_str())) {
            self.report(
                self.error(key.span, "PRJ0002", format!("{} has no key `{}`", self.what, key.name))
                    .label("unknown key")
                    .help(suggestion(&key.name, &known)),
            );
        }
    }
}
