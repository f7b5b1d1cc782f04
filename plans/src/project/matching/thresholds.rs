//! From where on a score means something, and what no score overrules.

use super::condition::condition;
use super::numbers::{number, part};
use super::{Prepared, SqlPlace};
use crate::project::decode::Reader;
use crate::project::diagnostics::Span;
use crate::project::yaml::Value;

/// A condition over `a` and `b` under which two records are never the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Never {
    pub sql: String,
    pub because: String,
    pub place: SqlPlace,
}

/// Probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From here on a pair is suggested.
    pub review: f64,
    /// From here on two records are one cluster.
    pub matched: f64,
}

/// Merging without a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auto {
    /// The probability from which on it happens.
    pub at: f64,
    /// False merges of one run that are to be expected; what is beyond goes to review.
    pub budget: f64,
}

/// What keeps clusters from growing by doubtful links.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// The probability from which on one link alone joins two groups.
    pub bridge: f64,
}

/// Reads `never`.
pub(super) fn never(map: &Reader<'_>, values: &[Prepared]) -> Vec<Never> {
    let read = |node| {
        let entry = Reader::open(map.file(), node, "an entry of `never`", map.errors())?;
        let because = entry.required_text("because").unwrap_or_default();
        let sql = entry.spanned_text("sql");
        if sql.is_none() {
            entry.missing("sql");
        }
        let never = sql.and_then(|(text, span)| {
            let (sql, _, _) = condition(&entry, values, text.trim(), span)?;
            Some(Never { sql, because, place: SqlPlace { span } })
        });
        entry.finish();
        never
    };
    map.list("never").iter().filter_map(read).collect()
}

/// What a source says that has everybody once.
pub(super) fn two_ids_are_two(span: Span) -> Never {
    Never {
        sql: "(a.\"id_system\" = b.\"id_system\" AND a.\"link_id\" <> b.\"link_id\")".to_owned(),
        because: "the source has everybody once, and these are two of its ids".to_owned(),
        place: SqlPlace { span },
    }
}

impl Thresholds {
    pub(super) fn read(map: &Reader<'_>) -> Self {
        let usual = Self { review: 0.5, matched: 0.9 };
        let Some(entry) = map.map("thresholds", "`thresholds`") else { return usual };
        let read = Self {
            review: part(&entry, "review").unwrap_or(usual.review),
            matched: part(&entry, "match").unwrap_or(usual.matched),
        };
        if read.matched < read.review {
            entry.report(
                entry
                    .error(
                        entry.span_of("match"),
                        "PRJ0019",
                        format!(
                            "pairs would be matched from {} on, and suggested only from {}",
                            read.matched, read.review
                        ),
                    )
                    .help(format!("write `match:` with {} or more, or lower `review`", read.review)),
            );
        }
        entry.finish();
        read
    }
}

impl Auto {
    /// `off`, or from where on, and how much may be wrong.
    pub(super) fn read(map: &Reader<'_>, thresholds: Thresholds, cluster: Cluster) -> Option<Self> {
        let node = map.node("auto")?;
        if let Value::Scalar(text) = &node.value {
            if !matches!(text.as_str(), "off" | "false" | "no") {
                map.report(
                    map.error(node.span, "PRJ0005", format!("`{text}` is not a choice for `auto`"))
                        .help("write `auto: off`, or `auto: {at: 0.999, budget: 1.0}`"),
                );
            }
            return None;
        }
        let entry = map.map("auto", "`auto`")?;
        let at = part(&entry, "at");
        if at.is_none() && entry.node("at").is_none() {
            entry.missing("at");
        }
        let budget = number(&entry, "budget", 0.0).unwrap_or(1.0);
        if let Some(at) = at {
            let bound = [("thresholds.match", thresholds.matched), ("cluster.bridge", cluster.bridge)];
            for (name, bound) in bound.into_iter().filter(|(_, bound)| at < *bound) {
                entry.report(
                    entry
                        .error(entry.span_of("at"), "PRJ0019", format!("`auto.at` is {at}, below `{name}`, which is {bound}"))
                        .help(format!("write `at:` with {bound} or more: what merges by itself is surer than what a person is asked about")),
                );
            }
        }
        entry.finish();
        Some(Self { at: at?, budget })
    }
}

impl Cluster {
    pub(super) fn read(map: &Reader<'_>, thresholds: Thresholds) -> Self {
        let usual = Self { bridge: 0.99 };
        let Some(entry) = map.map("cluster", "`cluster`") else {
            return Self { bridge: usual.bridge.max(thresholds.matched) };
        };
        let given = part(&entry, "bridge");
        // Read by `max_cluster`, whose other name it is.
        let _ = entry.node("max_size");
        if let Some(bridge) = given.filter(|bridge| *bridge < thresholds.matched) {
            entry.report(
                entry
                    .error(
                        entry.span_of("bridge"),
                        "PRJ0019",
                        format!(
                            "`bridge` is {bridge}, below `thresholds.match`, which is {}",
                            thresholds.matched
                        ),
                    )
                    .help(format!(
                        "write {} or more: every link of a cluster is at least a match",
                        thresholds.matched
                    )),
            );
        }
        entry.finish();
        Self { bridge: given.unwrap_or_else(|| usual.bridge.max(thresholds.matched)) }
    }
}

/// `cluster.max_size`, and `max_cluster`, its older name.
pub(super) fn max_cluster(map: &Reader<'_>) -> Option<u64> {
    let older = map.whole("max_cluster", 2);
    // Of another kind it is an error that `Cluster::read` tells.
    let is_map = map.node("cluster").is_some_and(|node| matches!(node.value, Value::Map(_)));
    let section = if is_map { map.map("cluster", "`cluster`") } else { None };
    let newer = section.and_then(|entry| Some((entry.whole("max_size", 2)?, entry.span_of("max_size"))));
    if let (Some(_), Some((_, span))) = (older, newer) {
        let error =
            map.error(span, "PRJ0013", "`cluster.max_size` and `max_cluster` are two names of one bound");
        map.report(error.help("keep one of the two; `max_cluster` is the older name"));
    }
    newer.map(|(size, _)| size).or(older)
}
