//! The words of levels, each compiled to one condition over the aliases `a` and `b`.
//!
//! | word | condition |
//! | --- | --- |
//! | `is: equal` | both have the same value |
//! | `is: nickname`, `initial`, `beginning`, `slip` | what `given_evidence` says |
//! | `is: spelling`, `part` | what `family_evidence` says |
//! | `jaro_winkler: x` | `jaro_winkler_similarity` of at least x |
//! | `edits: n` | `damerau_levenshtein` of at most n; with `any: true` between any two values of both lists |
//! | `sounds: true` | some code of `phonetic_codes` in common |
//! | `overlap: n`, `overlap: name` | n values of the list in common; one of the list `name` |
//! | `date: [word, …]` | what `date_evidence` says |
//! | `days: n` | dates at most n days apart |
//! | `within: x`, `within_share: x` | `numeric_distance`, `relative_distance` of at most x |
//! | `sql: …` | itself |

use super::Prepared;
use super::compare::check_value;
use super::expression::{column_of, equal_values, is_costly, parse, rename};
use super::level::{About, LevelKind, When};
use super::numbers::number;
use crate::compile::{ident, literal};
use crate::project::decode::Reader;
use crate::project::diagnostics::{Span, suggestion};

/// A level's condition, and what its text says about it.
pub(super) struct Compiled {
    pub(super) when: When,
    pub(super) kind: LevelKind,
    /// Values of `compare` that both records have where it holds.
    pub(super) equal: Vec<String>,
    pub(super) is_costly: bool,
    pub(super) span: Span,
}

/// The words that make a level; each has exactly one.
const WORDS: [&str; 12] = [
    "is",
    "jaro_winkler",
    "edits",
    "sounds",
    "overlap",
    "date",
    "days",
    "within",
    "within_share",
    "sql",
    "missing",
    "else",
];

/// What `is` may say.
const IS: &[(&str, LevelKind)] = &[
    ("equal", LevelKind::Equal),
    ("nickname", LevelKind::Nickname),
    ("initial", LevelKind::Initial),
    ("beginning", LevelKind::Beginning),
    ("slip", LevelKind::Slip),
    ("spelling", LevelKind::Spelling),
    ("part", LevelKind::Part),
];

/// What `date` may say.
const DATES: &[(&str, &str)] =
    &[("equal", "equal"), ("swapped", "swapped"), ("digit", "digit"), ("digits_swapped", "digits_swapped")];

/// From here on Jaro-Winkler means a slip.
const CLOSE: f64 = 0.9;

/// Where nothing of a comparison can be compared.
pub(super) fn missing(from: &[String]) -> String {
    let unknown = |value: &String| {
        let value = ident(value);
        format!("(a.{value} IS NULL OR b.{value} IS NULL)")
    };
    match from {
        [] => "(a.\"id_system\" IS NULL OR b.\"id_system\" IS NULL)".to_owned(),
        several => several.iter().map(unknown).collect::<Vec<_>>().join(" AND "),
    }
}

/// The condition of one level.
pub(super) fn compile(entry: &Reader<'_>, about: &About<'_>) -> Option<Compiled> {
    let given: Vec<&'static str> = WORDS.into_iter().filter(|word| entry.node(word).is_some()).collect();
    // Asked for whatever the word is, so that `finish` knows them.
    let (of, any) = (entry.spanned_text("of"), entry.flag("any").unwrap_or(false));
    let word = match given.as_slice() {
        [word] => *word,
        [] => {
            let error = entry.error(
                entry.span_of("label"),
                "PRJ0003",
                "a level needs a word that says when it holds",
            );
            entry.report(error.help(format!("add one of `{}`", WORDS.join("`, `"))));
            return None;
        }
        [first, second, ..] => {
            let error = entry.error(
                entry.span_of(second),
                "PRJ0013",
                format!("`{first}` and `{second}` are two levels"),
            );
            entry.report(error.help("write a level of its own for each, or one `sql` with AND"));
            return None;
        }
    };
    let place = entry.span_of(word);
    let about = Words { entry, about, word, place, of: column(entry, about, of, word)? };
    if any && word != "edits" {
        let error =
            entry.error(entry.span_of("any"), "PRJ0013", format!("`any` says nothing beside `{word}`"));
        entry.report(error.help("take it out: it belongs to `edits` between lists"));
    }
    about.compiled(any)
}

/// A value of `compare`, or one place of a list: `phones[1]`.
#[derive(Clone)]
struct Of {
    name: String,
    place: Option<u32>,
}

impl Of {
    fn column(&self, alias: &str) -> String {
        let place = self.place.map(|place| format!("[{place}]")).unwrap_or_default();
        format!("{alias}.{}{place}", ident(&self.name))
    }
}

/// What the word is asked about: `of`, or the first value of the comparison.
fn column(entry: &Reader<'_>, about: &About<'_>, of: Option<(String, Span)>, word: &str) -> Option<Of> {
    let Some((text, span)) = of else {
        return Some(Of { name: about.from.first().cloned().unwrap_or_default(), place: None });
    };
    if matches!(word, "sql" | "missing" | "else") {
        let error = entry.error(span, "PRJ0013", format!("`of` says nothing beside `{word}`"));
        entry.report(error.help("take it out"));
    }
    let (name, place) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, place)) => {
            (name.to_owned(), Some(place.trim().parse::<u32>().ok().filter(|place| *place > 0)))
        }
        None => (text, None),
    };
    if place == Some(None) {
        let error = entry.error(span, "PRJ0004", "the place in a list is a whole number of at least 1");
        entry.report(error.help(format!("write `of: \"{name}[1]\"`")));
        return None;
    }
    check_value(entry, about.values, &name, span).then_some(Of { name, place: place.flatten() })
}

/// One word under translation.
struct Words<'a> {
    entry: &'a Reader<'a>,
    about: &'a About<'a>,
    word: &'static str,
    place: Span,
    of: Of,
}

impl Words<'_> {
    fn compiled(self, any: bool) -> Option<Compiled> {
        let (a, b) = (self.of.column("a"), self.of.column("b"));
        let entry = self.entry;
        match self.word {
            "is" => {
                let kind = entry.word("is", IS)?;
                let evidence = |function: &str| format!("{function}({a}, {b}) = {}", literal(kind.as_str()));
                let condition = match kind {
                    LevelKind::Equal => format!("{a} = {b}"),
                    LevelKind::Spelling | LevelKind::Part => evidence("family_evidence"),
                    _ => evidence("given_evidence"),
                };
                let same =
                    (kind == LevelKind::Equal && self.of.place.is_none()).then(|| self.of.name.clone());
                Some(self.of_kind(kind, condition, same))
            }
            "jaro_winkler" => {
                let least = entry.share("jaro_winkler")?;
                let kind = if least >= CLOSE { LevelKind::Close } else { LevelKind::Alike };
                Some(self.costly(kind, format!("jaro_winkler_similarity({a}, {b}) >= {least}")))
            }
            "edits" => {
                let most = entry.whole("edits", 1)?;
                let kind = if most == 1 { LevelKind::Edit } else { LevelKind::Edits };
                let function = if any { "array_edits" } else { "damerau_levenshtein" };
                Some(self.costly(kind, format!("{function}({a}, {b}, {most}) <= {most}")))
            }
            "sounds" => {
                self.must_be_true("sounds")?;
                let codes = format!("array_overlap(phonetic_codes({a}), phonetic_codes({b})) >= 1");
                Some(self.of_kind(LevelKind::Sounds, codes, None))
            }
            "overlap" => self.overlap(),
            "date" => {
                let words = entry.texts("date");
                let known = words.iter().map(|(word, span)| entry.choose("date", word, *span, DATES));
                let known: Vec<String> =
                    known.collect::<Option<Vec<_>>>()?.into_iter().map(literal).collect();
                Some(self.of_kind(
                    LevelKind::DateSlip,
                    format!("date_evidence({a}, {b}) IN ({})", known.join(", ")),
                    None,
                ))
            }
            "days" => {
                let days = entry.whole("days", 1)?;
                let apart =
                    format!("{b} BETWEEN {a} - INTERVAL '{days} days' AND {a} + INTERVAL '{days} days'");
                Some(self.of_kind(LevelKind::Days, apart, None))
            }
            "within" => {
                let most = number(entry, "within", 0.0)?;
                Some(self.of_kind(LevelKind::Within, format!("numeric_distance({a}, {b}) <= {most}"), None))
            }
            "within_share" => {
                let most = entry.share("within_share")?;
                Some(self.of_kind(
                    LevelKind::WithinShare,
                    format!("relative_distance({a}, {b}) <= {most}"),
                    None,
                ))
            }
            "sql" => {
                let (text, span) = entry.spanned_text("sql")?;
                let (sql, equal, is_costly) = condition(entry, self.about.values, text.trim(), span)?;
                Some(Compiled { when: When::Condition(sql), kind: LevelKind::Sql, equal, is_costly, span })
            }
            "missing" => {
                self.must_be_true("missing")?;
                let when = When::Missing(missing(self.about.from));
                Some(Compiled { when, ..self.of_kind(LevelKind::Missing, String::new(), None) })
            }
            _ => {
                self.must_be_true("else")?;
                Some(Compiled { when: When::Else, ..self.of_kind(LevelKind::Else, String::new(), None) })
            }
        }
    }

    /// How many values two lists have in common, by a number or by the name of the list.
    fn overlap(self) -> Option<Compiled> {
        let (text, span) = self.entry.spanned_text("overlap")?;
        let (name, least, kind) = match text.parse::<u64>() {
            Ok(least) if least > 0 => (self.of.name.clone(), least, LevelKind::Overlap),
            Ok(_) => {
                let error =
                    self.entry.error(span, "PRJ0004", "lists that have nothing in common say nothing");
                self.entry.report(error.help("write `overlap: 1`, or the name of a list of `compare`"));
                return None;
            }
            Err(_) => {
                check_value(self.entry, self.about.values, &text, span).then_some(())?;
                (text, 1, LevelKind::Sounds)
            }
        };
        let column = ident(&name);
        let condition = format!("array_overlap(a.{column}, b.{column}) >= {least}");
        Some(self.of_kind(kind, condition, Some(name)))
    }

    fn must_be_true(&self, key: &'static str) -> Option<()> {
        if self.entry.flag(key)? {
            return Some(());
        }
        let error = self.entry.error(self.place, "PRJ0004", format!("`{key}: false` is no level"));
        self.entry.report(error.help(format!("write `{key}: true`, or take the level out")));
        None
    }

    fn of_kind(&self, kind: LevelKind, condition: String, same: Option<String>) -> Compiled {
        let when = When::Condition(condition);
        Compiled { when, kind, equal: same.into_iter().collect(), is_costly: false, span: self.place }
    }

    fn costly(&self, kind: LevelKind, condition: String) -> Compiled {
        Compiled { is_costly: true, ..self.of_kind(kind, condition, None) }
    }
}

/// An own condition over both records: its text with quoted names, the values that it wants equal, whether it is costly.
pub(super) fn condition(
    map: &Reader<'_>,
    values: &[Prepared],
    text: &str,
    span: Span,
) -> Option<(String, Vec<String>, bool)> {
    let mut expr = parse(map, text, span)?;
    let known: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
    let report = |message: String, help: String| {
        map.report(map.error(span, "PRJ0016", message).label("unknown name").help(help));
    };
    rename(
        &mut expr,
        |name| {
            let help = format!("write `a.{name}` for the one and `b.{name}` for the other");
            report(format!("`{name}` does not say of which of the two records"), help);
            None
        },
        |alias, name| {
            if !matches!(alias, "a" | "b") {
                report(
                    format!("`{alias}.{name}`: the two records are called `a` and `b`"),
                    format!("write `a.{name}` or `b.{name}`"),
                );
            } else if known.contains(&name) {
                return Some(column_of(alias, name));
            } else {
                report(format!("`compare` has no value `{name}`"), suggestion(name, &known));
            }
            None
        },
    );
    let mut equal = Vec::new();
    equal_values(&expr, &mut equal);
    Some((format!("({expr})"), equal, is_costly(&expr)))
}
