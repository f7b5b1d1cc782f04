//! `comparisons`: what of two records is compared, from the best answer to the worst.

use super::compare::check_value;
use super::level::{About, Level, LevelKind, When};
use super::{Prepared, SqlPlace};
use crate::project::decode::Reader;
use crate::project::diagnostics::Span;
use crate::project::words::words;

/// One comparison. Its levels stand in the order in which they are asked; the first that holds is the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub name: String,
    /// The values of `compare` that it is about: it is missing where none of them is known on both sides. Empty for `ids`.
    pub from: Vec<String>,
    /// One of them is [`When::Missing`](super::When::Missing), the last is [`When::Else`](super::When::Else).
    pub levels: Vec<Level>,
    /// The value of `compare` whose frequencies adjust the levels with [`Level::terms`].
    pub terms: Option<String>,
}

impl Comparison {
    /// How many codes it has, that of `missing` included.
    pub fn codes(&self) -> i64 {
        i64::try_from(self.levels.len()).unwrap_or(i64::MAX)
    }

    /// The level with a code.
    pub fn level(&self, code: u8) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }
}

words! {
    /// What two ids of one namespace say.
    TwoIds {
        /// They are one comparison more, `ids`.
        Weigh = "weigh",
        /// The source has everybody once.
        Apart = "apart",
    }
}

/// The built-in comparison of ids.
const IDS: &str = "ids";
/// More levels than anybody can tell apart.
const MOST_LEVELS: usize = 100;

/// Reads the section.
pub(super) fn read(map: &Reader<'_>, values: &[Prepared]) -> Vec<Comparison> {
    let mut comparisons: Vec<Comparison> = Vec::new();
    for node in map.list("comparisons") {
        let Some(entry) = Reader::open(map.file(), node, "a comparison", map.errors()) else { continue };
        // Without a name there is nothing to say of the rest.
        let Some(read) = Comparison::read(&entry, values) else { continue };
        let taken = comparisons.iter().any(|other| other.name == read.name);
        if taken || read.name == IDS {
            let message = match taken {
                true => format!("there are two comparisons `{}`", read.name),
                false => "`ids` is the built-in comparison of ids".to_owned(),
            };
            entry.report(
                entry
                    .error(entry.span_of("compare"), "PRJ0010", message)
                    .help("give it another name, and say in `from` what is compared"),
            );
        }
        entry.finish();
        comparisons.push(read);
    }
    let codes = comparisons.iter().try_fold(1_i64, |all, comparison| all.checked_mul(comparison.codes()));
    // The built-in one has three more.
    if codes.and_then(|codes| codes.checked_mul(3)).is_none() {
        let error =
            map.error(map.span_of("comparisons"), "PRJ0013", "the comparisons have too many levels together");
        map.report(
            error.help("take levels or comparisons out until the product of their counts is below 2^61"),
        );
    }
    comparisons
}

impl Comparison {
    fn read(map: &Reader<'_>, values: &[Prepared]) -> Option<Self> {
        let (name, span) = match map.spanned_text("compare") {
            Some(found) => found,
            None => {
                map.missing("compare");
                return None;
            }
        };
        let from = map.texts("from");
        for (value, span) in &from {
            check_value(map, values, value, *span);
        }
        if from.is_empty() {
            check_value(map, values, &name, span);
        }
        let from: Vec<String> = match from.is_empty() {
            true => vec![name.clone()],
            false => from.into_iter().map(|(value, _)| value).collect(),
        };
        let terms = terms(map, values, &from);
        let nodes = map.list("levels");
        let about = About { values, from: &from, terms: terms.as_deref(), name: &name };
        let read: Vec<Level> = nodes.iter().filter_map(|node| Level::read(map, node, &about)).collect();
        if nodes.len() > MOST_LEVELS {
            let error = map.error(
                map.span_of("levels"),
                "PRJ0013",
                format!("the comparison `{name}` has more than {MOST_LEVELS} levels"),
            );
            map.report(error.help("keep those that people can tell apart"));
        }
        // A level that cannot be read has an error of its own, and says nothing about the others.
        if read.len() == nodes.len() {
            check_levels(map, &name, &read);
            if let Some(value) =
                terms.as_ref().filter(|value| !read.iter().any(|level| level.terms.as_ref() == Some(*value)))
            {
                let message = format!("no level of `{name}` says that both have the same `{value}`");
                let error = map.error(map.span_of("term_frequency"), "PRJ0013", message);
                map.report(
                    error.help("add a level `is: equal` or `overlap: 1`, or take `term_frequency` out"),
                );
            }
        }
        Some(Self { name, levels: coded(read, &from, span), from, terms })
    }

    /// Two ids of one namespace, as a comparison.
    pub(super) fn of_ids() -> Self {
        let place = SqlPlace::default();
        let missing = Level::missing(&[], Span::default());
        let other = Level {
            when: When::Condition("a.\"id_system\" <> b.\"id_system\"".to_owned()),
            kind: LevelKind::OtherNamespace,
            label: "ids of two sources".to_owned(),
            place,
            ..missing.clone()
        };
        let same = Level {
            when: When::Else,
            kind: LevelKind::SameNamespace,
            label: "two ids of one source".to_owned(),
            ..other.clone()
        };
        Self {
            name: IDS.to_owned(),
            from: Vec::new(),
            levels: coded(vec![missing, other, same], &[], Span::default()),
            terms: None,
        }
    }
}

/// The value whose frequencies adjust the levels of a comparison.
fn terms(map: &Reader<'_>, values: &[Prepared], from: &[String]) -> Option<String> {
    let (text, span) = map.spanned_text("term_frequency")?;
    match text.as_str() {
        "true" | "yes" => from.first().cloned(),
        "false" | "no" => None,
        _ => check_value(map, values, &text, span).then_some(text),
    }
}

/// `else` is there and the last, and nothing is there twice.
fn check_levels(map: &Reader<'_>, name: &str, levels: &[Level]) {
    let is_else = |level: &Level| level.when == When::Else;
    match levels.iter().position(is_else) {
        None => map.report(
            map.error(
                map.span_of("compare"),
                "PRJ0018",
                format!("the comparison `{name}` does not say what it is where no level holds"),
            )
            .help("add `- {else: true, label: …}` as its last level"),
        ),
        Some(at) if at + 1 < levels.len() => map.report(
            map.error(
                levels[at].place.span,
                "PRJ0018",
                format!("behind `else` no level of `{name}` can hold"),
            )
            .help("make `else` the last level"),
        ),
        Some(_) if levels.len() == 1 => map.report(
            map.error(
                levels[0].place.span,
                "PRJ0018",
                format!("the comparison `{name}` has nothing but `else`"),
            )
            .help(
                "write the levels before it, from the best to the worst, such as `- {is: equal, label: …}`",
            ),
        ),
        Some(_) => {}
    }
    for (at, level) in levels.iter().enumerate() {
        if levels[..at].iter().any(|before| before.when == level.when) {
            map.report(
                map.error(
                    level.place.span,
                    "PRJ0018",
                    format!("this level of `{name}` stands there before, and cannot hold again"),
                )
                .help("take one of the two out"),
            );
        }
    }
}

/// The levels with `missing` among them, and their codes.
fn coded(mut levels: Vec<Level>, from: &[String], span: Span) -> Vec<Level> {
    if !levels.iter().any(|level| level.kind == LevelKind::Missing) {
        levels.insert(0, Level::missing(from, span));
    }
    let mut code = u8::try_from(levels.len()).unwrap_or(u8::MAX);
    for level in levels.iter_mut().filter(|level| level.kind != LevelKind::Missing) {
        code = code.saturating_sub(1);
        level.code = code;
    }
    levels
}
