//! Survivorship: which candidate gives each field of a core row.
//!
//! Candidates are incoming rows and the core row. The order is that of the field's group in `resolve.yml`: what ranks
//! stands first in a struct, the struct is packed into bytes that sort as it does, and the smallest bytes win
//! (ADR 0018). [`winners`] packs and picks, [`won`] unpacks.

use super::ident::{f, ident};
use super::shape::{FieldShape, Shape};
use super::typed::{TIME, null_struct};
use crate::project::{Preference, ResolveSpec};

/// What has to be weighed beside the values themselves. Most runs have none of it, and nothing is asked for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weighing {
    /// People have set fields of rows: the table `origins` says which.
    pub edits: bool,
    /// Rows are older than what their source has been saying since (`link_hits`).
    pub late: bool,
    /// Rows that say again what was loaded last (`again`) about core rows that others touch.
    pub again: bool,
    /// Where both are equally new, what comes in wins over what core has from the same external id.
    pub incoming_wins_ties: bool,
}

/// One winner per target and field, packed: the smallest of the candidates in the order of the group's preferences.
/// Ties keep core; between incoming rows they go by value, never by position.
pub(super) fn winners(shape: &Shape, spec: &ResolveSpec, weighing: &Weighing) -> String {
    let mut columns = vec!["target".to_owned()];
    for field in shape.core_fields().filter(|field| follows(spec, &field.name).is_none()) {
        let (name, at, source, manual) =
            (ident(&field.name), f(&field.name, "_at"), f(&field.name, "_source"), f(&field.name, "_manual"));
        let verified = spec.group_of(&field.name).and_then(|g| g.verified_by.get(&field.name));
        let mut candidate: Vec<String> = ranks(spec, &field.name)
            .iter()
            .enumerate()
            .map(|(n, rank)| format!("'r{n}', {}", rank.of(&field.name, "")))
            .collect();
        let followed = verified.map_or(NO_TIME.to_owned(), |v| ident(v));
        let in_a_tie = match weighing.incoming_wins_ties {
            true => format!("CASE WHEN {} THEN -1 ELSE is_incoming END", f(&field.name, "_first")),
            false => "is_incoming".to_owned(),
        };
        candidate.push(format!(
            "'is_incoming', CAST({in_a_tie} AS BIGINT), 'value', {name}, 'source', {source}, 'seq', seq, 'at', {at}, 'manual', {manual}, 'verified_at', {followed}"
        ));
        columns.push(format!(
            "min(row_pack(named_struct({})))\n         FILTER (WHERE {name} IS NOT NULL OR {manual}) AS {}",
            candidate.join(", "),
            f(&field.name, "_packed")
        ));
    }
    format!("SELECT {}\nFROM candidates\nGROUP BY target", columns.join(",\n       "))
}

/// NULL of the type of times.
pub(super) const NO_TIME: &str = "arrow_cast(NULL, 'Timestamp(Microsecond, Some(\"UTC\"))')";

/// What decides between two candidates, before their values do.
enum Rank<'a> {
    /// Core first.
    Locked,
    Manual,
    /// By the time in this column.
    Verified(&'a str),
    Freshest,
}

impl Rank<'_> {
    /// What a candidate of the table with this alias has for it; the smallest wins.
    fn of(&self, field: &str, alias: &str) -> String {
        let column = |name: String| match alias {
            "" => name,
            alias => format!("{alias}.{name}"),
        };
        let rank = match self {
            Self::Locked => column("is_incoming".to_owned()),
            Self::Manual => format!("CASE WHEN {} THEN 0 ELSE 1 END", column(f(field, "_manual"))),
            Self::Verified(verified) => format!("-arrow_cast({}, 'Int64')", column(ident(verified))),
            Self::Freshest => {
                format!("coalesce(-arrow_cast({}, 'Int64'), -9223372036854775807)", column(f(field, "_at")))
            }
        };
        format!("CAST({rank} AS BIGINT)")
    }
}

/// Whether the row `x` of `candidates` lost a field only because of what stands behind the preferences: its value is another
/// one than the winner's (`x.<field>_won`), and as strong.
pub(super) fn lost_by_tie(spec: &ResolveSpec, field: &FieldShape) -> String {
    let (name, won) = (ident(&field.name), f(&field.name, "_won"));
    let mut parts = vec![
        format!("x.{name} IS NOT NULL"),
        format!("x.{won}['value'] IS NOT NULL"),
        format!("(x.{name} IS DISTINCT FROM x.{won}['value'])"),
    ];
    parts.extend(
        ranks(spec, &field.name)
            .iter()
            .enumerate()
            .map(|(n, rank)| format!("({} IS NOT DISTINCT FROM x.{won}['r{n}'])", rank.of(&field.name, "x"))),
    );
    parts.join(" AND ")
}

/// Whether the second of two core rows, `b`, gives a field rather than the first, `a`. Where both are as strong, the first does.
pub(super) fn second_wins(spec: &ResolveSpec, field: &str) -> String {
    let says = |row: &str| format!("({row}.{} IS NOT NULL OR {row}.{})", ident(field), f(field, "_manual"));
    let mut sql = format!("CASE WHEN NOT {} THEN false WHEN NOT {} THEN true", says("b"), says("a"));
    for rank in ranks(spec, field) {
        // Nothing to be ranked by stands behind all.
        let of = |row: &str| format!("coalesce({}, 9223372036854775807)", rank.of(field, row));
        let (a, b) = (of("a"), of("b"));
        sql.push_str(&format!(" WHEN {b} < {a} THEN true WHEN {a} < {b} THEN false"));
    }
    sql + " ELSE false END"
}

/// Whether two values of a field can only be equally strong if they are equally new.
pub(super) fn needs_equal_time(spec: &ResolveSpec, field: &str) -> bool {
    ranks(spec, field).iter().any(|rank| matches!(rank, Rank::Freshest))
}

fn ranks<'a>(spec: &'a ResolveSpec, field: &str) -> Vec<Rank<'a>> {
    let group = spec.group_of(field);
    let verified = group.and_then(|g| g.verified_by.get(field));
    let locked = spec.locks.iter().any(|f| f == field).then_some(Rank::Locked);
    let preferences = group.map_or(&[Preference::Manual, Preference::Freshest][..], |g| &g.prefer);
    let preferred = preferences.iter().filter_map(|preference| match preference {
        Preference::Manual => Some(Rank::Manual),
        Preference::Verified => verified.map(|column| Rank::Verified(column)),
        Preference::Freshest => Some(Rank::Freshest),
    });
    locked.into_iter().chain(preferred).collect()
}

/// The winner of a field as a struct: `value`, `seq`, `at`, `source`, `manual`, `verified_at` and what it was ranked by.
pub(super) fn winner(spec: &ResolveSpec, field: &FieldShape) -> String {
    let ranked: Vec<String> = (0..ranks(spec, &field.name).len()).map(|n| format!("r{n}")).collect();
    let value = field.type_name();
    let mut like: Vec<(&str, &str)> = ranked.iter().map(|rank| (rank.as_str(), "Int64")).collect();
    like.extend([
        ("is_incoming", "Int64"),
        ("value", value.as_str()),
        ("source", "Utf8"),
        ("seq", "Int64"),
        ("at", TIME),
        ("manual", "Boolean"),
        ("verified_at", TIME),
    ]);
    format!("row_unpack(w.{}, {})", f(&field.name, "_packed"), null_struct(&like))
}

/// The winners, unpacked.
pub(super) fn won(shape: &Shape, spec: &ResolveSpec) -> String {
    let fields = shape.core_fields().filter(|field| follows(spec, &field.name).is_none());
    let columns: String =
        fields.map(|x| format!(",\n       {} AS {}", winner(spec, x), f(&x.name, "_won"))).collect();
    format!("SELECT w.target{columns}\nFROM winners w")
}

/// The field whose verification time this field is.
pub(super) fn follows<'a>(spec: &'a ResolveSpec, field: &str) -> Option<&'a str> {
    spec.groups
        .iter()
        .flat_map(|g| &g.verified_by)
        .find(|(_, verified)| verified.as_str() == field)
        .map(|(value, _)| value.as_str())
}
