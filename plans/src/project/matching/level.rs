//! One level of a comparison: a condition over two records, compiled to SQL over the aliases `a` and `b` (`condition`).

use super::Prepared;
use super::SqlPlace;
use super::comparison::check_value;
use super::condition::{Compiled, compile};
use super::numbers::{number, part};
use crate::project::decode::Reader;
use crate::project::diagnostics::Span;
use crate::project::words::words;
use crate::project::yaml::Node;

/// When a level holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Nothing can be compared: the condition that says so.
    Missing(String),
    /// An SQL condition over `a` and `b`, in parentheses where it needs them.
    Condition(String),
    /// Nothing before it did.
    Else,
}

/// One answer of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Its number in a pattern: 0 is `missing`, 1 is `else`, the best has the highest.
    pub code: u8,
    pub when: When,
    pub kind: LevelKind,
    /// In words of stewards.
    pub label: String,
    /// Set by hand and never trained: how often matches have it, and strangers.
    pub m: Option<f64>,
    pub u: Option<f64>,
    /// Set by hand instead of both: bits.
    pub weight: Option<f64>,
    /// The frequency of this value of `compare` adjusts it: the level means that both have the same one.
    pub terms: Option<String>,
    /// Its condition measures texts letter by letter: asked after those that only compare.
    pub is_costly: bool,
    pub place: SqlPlace,
}

words! {
    /// Kinds of levels: what is known of their weight before anything was learned (`sql/data/level_weights.csv`).
    LevelKind {
        Missing = "missing",
        Equal = "equal",
        Nickname = "nickname",
        Initial = "initial",
        Beginning = "beginning",
        Slip = "slip",
        Spelling = "spelling",
        Part = "part",
        /// Jaro-Winkler of 0.9 and more.
        Close = "close",
        /// Jaro-Winkler below 0.9.
        Alike = "alike",
        /// One edit.
        Edit = "edit",
        Edits = "edits",
        Overlap = "overlap",
        Sounds = "sounds",
        /// A slip of the pen in a date.
        DateSlip = "date_slip",
        Days = "days",
        Within = "within",
        WithinShare = "within_share",
        Sql = "sql",
        /// Ids of two namespaces.
        OtherNamespace = "other_namespace",
        /// Two ids of one namespace.
        SameNamespace = "same_namespace",
        Else = "else",
    }
}

/// What the levels of one comparison have in common.
pub(super) struct About<'a> {
    pub(super) values: &'a [Prepared],
    /// The values that the comparison is about.
    pub(super) from: &'a [String],
    /// The value whose frequencies adjust levels that mean that both have the same one.
    pub(super) terms: Option<&'a str>,
    /// The comparison's name.
    pub(super) name: &'a str,
}

impl Level {
    /// Reads one level; its code comes when all are read.
    pub(super) fn read(map: &Reader<'_>, node: &Node, about: &About<'_>) -> Option<Self> {
        let entry = Reader::open(map.file(), node, "a level", map.errors())?;
        let compiled = compile(&entry, about);
        let terms = entry.spanned_text("term_frequency");
        let label = entry.text("label");
        let (m, u, weight) = by_hand(&entry);
        let span = compiled.as_ref().map_or(node.span, |compiled| compiled.span);
        if let Some(compiled) = &compiled {
            check_terms(&entry, compiled, about, terms.as_ref());
        }
        entry.finish();
        let Compiled { when, kind, equal, is_costly, .. } = compiled?;
        let own = terms.map(|(text, _)| match text.as_str() {
            "true" => about.from.first().cloned().unwrap_or_default(),
            _ => text,
        });
        let wanted = own.or_else(|| about.terms.map(str::to_owned));
        Some(Self {
            code: 0,
            label: label.unwrap_or_else(|| format!("{}: {}", about.name, kind.as_str().replace('_', " "))),
            when,
            kind,
            m,
            u,
            weight,
            terms: wanted.filter(|value| equal.contains(value)),
            is_costly,
            place: SqlPlace { span },
        })
    }

    /// The level of records of which nothing can be compared.
    pub(super) fn missing(from: &[String], span: Span) -> Self {
        Self {
            code: 0,
            when: When::Missing(super::condition::missing(from)),
            kind: LevelKind::Missing,
            label: "cannot be compared".to_owned(),
            m: None,
            u: None,
            weight: None,
            terms: None,
            is_costly: false,
            place: SqlPlace { span },
        }
    }
}

/// What somebody set by hand.
fn by_hand(entry: &Reader<'_>) -> (Option<f64>, Option<f64>, Option<f64>) {
    let (m, u) = (part(entry, "m"), part(entry, "u"));
    let weight = number(entry, "weight", f64::NEG_INFINITY);
    if weight.is_some() && (m.is_some() || u.is_some()) {
        entry.report(
            entry
                .error(
                    entry.span_of("weight"),
                    "PRJ0013",
                    "a weight is log2(m / u): it and `m` or `u` do not go together",
                )
                .help("keep `weight`, or `m` and `u`"),
        );
    }
    (m, u, weight)
}

/// A level that says which frequencies adjust it must mean that both have the same value.
fn check_terms(entry: &Reader<'_>, compiled: &Compiled, about: &About<'_>, terms: Option<&(String, Span)>) {
    let Some((text, span)) = terms else { return };
    let value = if text == "true" { about.from.first().map_or("", String::as_str) } else { text };
    if text != "true" {
        check_value(entry, about.values, value, *span);
    }
    if !compiled.equal.iter().any(|equal| equal == value) {
        entry.report(
            entry
                .error(*span, "PRJ0013", format!("the level does not say that both have the same `{value}`"))
                .help(format!("its frequency means something where the condition has `a.{value} = b.{value}`; take `term_frequency` out")),
        );
    }
}
