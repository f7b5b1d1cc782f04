//! What was decided about a source, item by item: how sure that is, and why.

use std::fmt;
use std::ops::Deref;

/// How sure a detected item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Nothing in the sample speaks for or against it.
    Assumed,
    Low,
    Medium,
    High,
    /// The caller said so.
    Given,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assumed => "assumed",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Given => "given",
        })
    }
}

/// One detected item with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What was decided: `format`, `encoding`, `delimiter`, `sheet`, `header`, `columns`, …
    pub item: &'static str,
    pub value: String,
    pub confidence: Confidence,
    pub why: String,
}

impl Evidence {
    /// An item, what it is taken to be, how sure that is, and why.
    pub fn new(
        item: &'static str,
        value: impl Into<String>,
        confidence: Confidence,
        why: impl Into<String>,
    ) -> Self {
        Self { item, value: value.into(), confidence, why: why.into() }
    }
}

/// What was decided about a source, in the order in which it is told. It reads as a slice of its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceList(Vec<Evidence>);

impl EvidenceList {
    /// The evidence of one item.
    #[must_use]
    pub fn why(&self, item: &str) -> Option<&Evidence> {
        self.iter().find(|e| e.item == item)
    }

    /// The item that is least sure: worth a look before a large import.
    #[must_use]
    pub fn weakest(&self) -> Option<&Evidence> {
        self.iter().filter(|e| e.confidence > Confidence::Assumed).min_by_key(|e| e.confidence)
    }

    /// Tells one more item.
    pub fn push(&mut self, evidence: Evidence) {
        self.0.push(evidence);
    }

    /// What was decided anew takes the place of what was told of its item; an item that was not told stays so.
    pub(crate) fn revise(&mut self, evidence: Evidence) {
        if let Some(old) = self.0.iter_mut().find(|e| e.item == evidence.item) {
            *old = evidence;
        }
    }
}

impl Deref for EvidenceList {
    type Target = [Evidence];

    fn deref(&self) -> &[Evidence] {
        &self.0
    }
}

impl From<Vec<Evidence>> for EvidenceList {
    fn from(all: Vec<Evidence>) -> Self {
        Self(all)
    }
}

impl FromIterator<Evidence> for EvidenceList {
    fn from_iter<I: IntoIterator<Item = Evidence>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl fmt::Display for EvidenceList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, e) in self.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{:<12} {:<14} {:<8} {}", e.item, e.value, e.confidence, e.why)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Confidence, Evidence, EvidenceList};

    fn list() -> EvidenceList {
        EvidenceList::from(vec![
            Evidence::new("format", "CSV", Confidence::High, "it is delimited text"),
            Evidence::new("encoding", "UTF-8", Confidence::Assumed, "all bytes are ASCII"),
            Evidence::new("header", "true", Confidence::Low, "nothing speaks against it"),
        ])
    }

    #[test]
    fn an_item_is_found_and_the_one_that_is_least_sure() {
        let list = list();
        assert_eq!(list.why("header").map(|e| e.value.as_str()), Some("true"));
        assert_eq!(list.why("sheet"), None);
        assert_eq!(list.weakest().map(|e| e.item), Some("header"), "what is assumed is no guess");
        assert_eq!(
            list.to_string().lines().nth(1),
            Some("encoding     UTF-8          assumed all bytes are ASCII")
        );
    }

    #[test]
    fn what_is_decided_anew_takes_its_old_place() {
        let mut all = list();
        all.revise(Evidence::new("encoding", "windows-1252", Confidence::Medium, "its letters"));
        all.revise(Evidence::new("sheet", "1", Confidence::High, "the only one"));
        assert_eq!(all.iter().map(|e| e.item).collect::<Vec<_>>(), ["format", "encoding", "header"]);
        assert_eq!(all.why("encoding").map(|e| e.value.as_str()), Some("windows-1252"));
    }
}
