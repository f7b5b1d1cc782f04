//! Levels as they stand in `match.yml`.

use super::SqlPlace;
use super::compare::check_value;
use super::condition::{Compiled, compile, missing};
use super::level::{About, Level, LevelKind, When};
use super::numbers::{number, part};
use crate::project::decode::Reader;
use crate::project::diagnostics::Span;
use crate::project::yaml::Node;

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
            when: When::Missing(missing(from)),
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
