//! resolve: what a run does to each core row, field by field, with the winner and the reason.
//!
//! Three kinds of target, because most rows are simple:
//! - `changes_created`: a row that is the only one of a new person. Its values are the core row; nothing to decide.
//! - `changes_merged`: a core row or new person with values to choose from. Every field is decided by its group's
//!   preferences (`resolve.yml`): the smallest of the incoming rows and the core row in that order, per field.
//! - `changes_unchanged`: links that were only seen again.
//!
//! Only merged changes have all columns of the data set `changes`. New people lack those that tell of a core row as it was
//! and of values that were chosen from; links that were only seen again lack the values, too. Whoever reads all three takes
//! what is missing for NULL.
//!
//! The core rows come from the store as `core_rows`: every core field `f` with `f_at`, `f_source` and `f_manual`.
//! A target is a core id, or the negated cluster id of a new person.

use super::ident::{f, ident, literal};
use super::kinds::FieldKind;
use super::kinds::SetKind;
use super::matching::strength;
use super::query::{Keep, Query};
use super::shape::{FieldShape, SetShape, Shape};
pub use super::survivorship::Weighing;
use super::survivorship::{NO_TIME, follows, lost_by_tie, needs_equal_time, winner, winners, won};
use super::typed::{null_item, null_link, null_struct};
use crate::project::ResolveSpec;

/// Rows whose target has to be looked at, before the store is asked for the core rows.
pub fn touched() -> Vec<Query> {
    vec![
        Query::new("touched", Keep::Memory, include_str!("../../../sql/steps/resolve/touched.sql")),
        Query::new("again", Keep::Memory, include_str!("../../../sql/steps/resolve/again.sql")),
    ]
}

/// Counts the rows that come late.
pub const COUNT_LATE: &str = "SELECT count(*) AS n FROM link_hits WHERE late";
/// Counts the rows that say again what was loaded last.
pub const COUNT_AGAIN: &str = "SELECT count(*) AS n FROM again";

/// The queries where there is something to decide, in order, behind [`lead_query`]. Together they give the three
/// `changes_*`, which make up the data set `changes`.
pub fn resolve_queries(shape: &Shape, spec: &ResolveSpec, weighing: &Weighing) -> Vec<Query> {
    let mut queries = vec![
        Query::new("candidates", Keep::View, candidates(shape, weighing)),
        Query::new("winners", Keep::Scratch, winners(shape, spec, weighing)),
        Query::new("won", Keep::View, won(shape, spec)),
        Query::new("tied", Keep::DataSet, tied(shape, spec)),
        Query::new("target_links", Keep::Scratch, with_roles(shape, TARGET_LINKS)),
    ];
    for set in &shape.sets {
        queries.push(Query::new(format!("set_{}", set.name), Keep::Scratch, set_union(shape, spec, set)));
    }
    queries.push(Query::new("decided", Keep::View, decided(shape, spec)));
    queries.push(Query::new("changes_merged", Keep::DataSet, merged(shape, spec)));
    queries
}

/// The strongest row of each target.
pub fn lead_query(shape: &Shape) -> Query {
    Query::new("leads", Keep::Scratch, with_roles(shape, LEADS))
}

/// The queries that read nothing of core and that no other query reads, in order: new people of one row each, links that
/// were only seen again. They can run while the store is asked.
pub fn apart_queries(shape: &Shape, only_retry: bool, edits: bool) -> Vec<Query> {
    let not_simple = include_str!("../../../sql/steps/resolve/not_simple.sql");
    let seen_lately = include_str!("../../../sql/steps/resolve/seen_lately.sql");
    vec![
        Query::new("not_simple", Keep::Memory, not_simple),
        Query::new("changes_created", Keep::DataSet, created(shape, only_retry, edits)),
        Query::new("seen_lately", Keep::View, seen_lately),
        Query::new("changes_unchanged", Keep::DataSet, unchanged(shape)),
    ]
}

const LEADS: &str = include_str!("../../../sql/steps/resolve/leads.sql");
const TARGET_LINKS: &str = include_str!("../../../sql/steps/resolve/target_links.sql");

/// The role fields of an entity under the names that the shipped SQL uses; an entity without a role has NULL there.
fn with_roles(shape: &Shape, sql: &str) -> String {
    let role = |field: &Option<String>, null: &str| {
        field.as_ref().map_or(null.to_owned(), |x| format!("s.{}", ident(x)))
    };
    sql.replace("{ingest_version}", &role(&shape.roles.ingest_version, "CAST(NULL AS BIGINT)"))
        .replace("{deleted_at}", &role(&shape.roles.deleted_at, NO_TIME))
        .replace("{deleted_reason}", &role(&shape.roles.deleted_reason, "CAST(NULL AS VARCHAR)"))
        .replace("{no_time}", NO_TIME)
}

/// The time of the run. A parameter has no type of its own where two queries are united, so it is given one.
const NOW: &str = "arrow_cast($loaded_at, 'Timestamp(Microsecond, Some(\"UTC\"))')";

/// Who gave a value that a person has set.
const BY_HAND: &str = "'manual'";

/// What people have set in a row.
const ORIGINS: &str = "\nLEFT JOIN origins e ON e.sequence_number = s.sequence_number";

/// Whether the entry `e` in `origins` says that a person gave this field of the row `s` a value.
fn filled_by_hand(field: &FieldShape) -> String {
    let name = literal(&format!("|{}|", field.name));
    format!("coalesce(strpos(e.manual, {name}) > 0, false) AND s.{} IS NOT NULL", ident(&field.name))
}

/// Whether a person has set this field of the row `s`, so that it holds from now on. A field that was emptied says nothing
/// about the person, and neither does what stands in for a value: no later address would replace it. `is_new` says whether
/// the row is the first of its person, who may be called Null.
fn set_by_hand(shape: &Shape, field: &FieldShape, is_new: &str) -> String {
    let filled = filled_by_hand(field);
    match says_something(shape, field, &format!("s.{}", ident(&field.name))) {
        None => format!("({filled})"),
        Some(says) if field.kind == FieldKind::Name => format!("({filled} AND ({is_new} OR {says}))"),
        Some(says) => format!("({filled} AND {says})"),
    }
}

/// Whether a value says something about somebody who is known; every value does where this gives nothing. A person may be
/// called Null; whoever is known by another name is not. Nor does a placeholder (`none@…`) take the place of an address.
pub(super) fn says_something(shape: &Shape, field: &FieldShape, value: &str) -> Option<String> {
    if field.kind == FieldKind::Name {
        return Some(format!("null_if_word({value}, 'text') IS NOT NULL"));
    }
    let set = placed_by(shape, field)?;
    let key = match set.kind {
        SetKind::Email => format!("email_key({value})"),
        SetKind::Phone => value.to_owned(),
    };
    Some(format!("coalesce({}, '') <> 'none'", strength(set, &key)))
}

/// The fields that people have set, in rows of core rows that are known, to what says nothing: one row each, with how many
/// rows there are. Nothing where no field can be so.
pub fn nothing_by_hand(shape: &Shape) -> Option<String> {
    let counts: Vec<String> = shape
        .core_fields()
        .filter_map(|field| {
            let says = says_something(shape, field, &format!("s.{}", ident(&field.name)))?;
            Some(format!(
                "SELECT {} AS field, count(*) AS n\nFROM touched t\nJOIN staged s ON s.sequence_number = t.seq{ORIGINS}\nWHERE t.core_id IS NOT NULL AND t.outcome <> 'deleted' AND {} AND NOT ({says})",
                literal(&field.name),
                filled_by_hand(field)
            ))
        })
        .collect();
    (!counts.is_empty()).then(|| {
        format!("SELECT field, n\nFROM (\n{}\n)\nWHERE n > 0\nORDER BY field", counts.join("\nUNION ALL\n"))
    })
}

/// Incoming rows and core rows under the same columns. What a person has set holds from now on and outranks every
/// source. A row that comes late is weighed behind what its source said since, and rows that say again what was loaded last
/// make what core has from them as new as they are.
fn candidates(shape: &Shape, weighing: &Weighing) -> String {
    let (mut incoming, mut core, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for field in shape.core_fields() {
        let (name, at, source, manual) =
            (ident(&field.name), f(&field.name, "_at"), f(&field.name, "_source"), f(&field.name, "_manual"));
        let own_at = incoming_at(field, weighing);
        let (own_at, own_source, own_manual) = if weighing.edits {
            let set = set_by_hand(shape, field, "t.core_id IS NULL");
            (
                format!("CASE WHEN {set} THEN {NOW} ELSE {own_at} END"),
                format!("CASE WHEN {set} THEN {BY_HAND} ELSE s.link_system END"),
                set,
            )
        } else {
            (own_at, "s.link_system".to_owned(), "false".to_owned())
        };
        let value = match says_something(shape, field, &format!("s.{name}")) {
            Some(says) => format!("CASE WHEN t.core_id IS NULL OR {says} THEN s.{name} END AS {name}"),
            None => format!("s.{name}"),
        };
        incoming
            .push(format!("{value}, {own_at} AS {at}, {own_source} AS {source}, {own_manual} AS {manual}"));
        core.push(format!("c.{name}, c.{at}, c.{source}, c.{manual}"));
        again.push(format!(
            "CASE WHEN s.{name} IS NOT DISTINCT FROM c.{name} THEN s.{name} END AS {name}, s.effective_at AS {at}, s.link_system AS {source}, false AS {manual}"
        ));
        if weighing.incoming_wins_ties {
            let first = f(&field.name, "_first");
            incoming.push(format!(
                "coalesce(c.{source} = s.link_system AND c.{at} = h.link_at AND n.links = 1, false) AS {first}"
            ));
            core.push(format!("false AS {first}"));
            again.push(format!("false AS {first}"));
        }
    }
    for set in &shape.sets {
        let name = ident(&set.name);
        incoming.push(format!("s.{name}"));
        core.push(format!("c.{name}"));
        again.push(format!("CASE WHEN false THEN s.{name} END AS {name}"));
    }
    let mut joins = String::new();
    if weighing.edits {
        joins.push_str(ORIGINS);
    }
    if weighing.late || weighing.incoming_wins_ties {
        joins.push_str(
            "\nLEFT JOIN link_hits h ON h.seq = t.seq\nLEFT JOIN core_rows c ON c.core_id = t.core_id",
        );
    }
    if weighing.incoming_wins_ties {
        joins.push_str("\nLEFT JOIN (SELECT core_id, external_system, count(*) AS links FROM core_links GROUP BY core_id, external_system) n ON n.core_id = t.core_id AND n.external_system = s.link_system");
    }
    let mut sql = format!(
        "SELECT t.target, s.sequence_number AS seq, 1 AS is_incoming, s.effective_at,\n       {}\nFROM touched t\nJOIN staged s ON s.sequence_number = t.seq{joins}\nWHERE t.outcome <> 'deleted'\nUNION ALL\nSELECT c.core_id, CAST(NULL AS BIGINT), 0, c.effective_at,\n       {}\nFROM core_rows c",
        incoming.join(",\n       "),
        core.join(",\n       ")
    );
    if weighing.again {
        sql.push_str(&format!(
            "\nUNION ALL\nSELECT a.core_id, CAST(NULL AS BIGINT), 1, s.effective_at,\n       {}\nFROM again a\nJOIN staged s ON s.sequence_number = a.seq\nJOIN core_rows c ON c.core_id = a.core_id",
            again.join(",\n       ")
        ));
    }
    sql
}

/// The set whose main value a field is.
fn placed_by<'a>(shape: &'a Shape, field: &FieldShape) -> Option<&'a SetShape> {
    let set = field.set.as_ref().filter(|_| field.primary)?;
    shape.sets.iter().find(|s| s.name == *set)
}

/// The time of a row's value. Where core has from the row's own link what was loaded last, and the source has said that
/// again since, the row is older than that: as old as core's value at the time of the last repetition, else older.
fn incoming_at(field: &FieldShape, weighing: &Weighing) -> String {
    if !weighing.late {
        return "s.effective_at".to_owned();
    }
    let (at, source) = (f(&field.name, "_at"), f(&field.name, "_source"));
    let equal = if weighing.incoming_wins_ties { "s.effective_at" } else { "h.link_at" };
    format!(
        "CASE WHEN coalesce(h.late AND c.{source} = s.link_system AND c.{at} = h.link_at, false) THEN CASE WHEN h.late_tie THEN {equal} ELSE h.link_at - INTERVAL '1 microsecond' END ELSE s.effective_at END"
    )
}

/// Rows that lost a field to a value that is as strong as theirs, with those fields, and whether they gave the core row
/// anything else. Only what is equally new can be equally strong, unless a group does not ask how new a value is. A row that
/// brings a record back and is as new as its delete lost all of them, and names none.
fn tied(shape: &Shape, spec: &ResolveSpec) -> String {
    format!("{}\nUNION ALL\n{TIED_WITH_DELETE}", tied_fields(shape, spec))
}

const TIED_WITH_DELETE: &str = "SELECT sequence_number, CAST(NULL AS VARCHAR) AS fields, false AS gave\nFROM links\nWHERE outcome = 'unchanged' AND reason = 'as_new_as_delete'";

fn tied_fields(shape: &Shape, spec: &ResolveSpec) -> String {
    let fields: Vec<&FieldShape> =
        shape.core_fields().filter(|field| follows(spec, &field.name).is_none()).collect();
    if fields.is_empty() {
        return "SELECT seq AS sequence_number, CAST(NULL AS VARCHAR) AS fields, false AS gave\nFROM touched\nWHERE false".to_owned();
    }
    let same_time: Vec<String> = fields
        .iter()
        .map(|field| {
            let at = f(&field.name, "_at");
            format!("r.{at} = c.{at}")
        })
        .collect();
    let near = match fields.iter().all(|field| needs_equal_time(spec, &field.name)) {
        true => format!(" AND (k.target IS NOT NULL OR {})", same_time.join(" OR ")),
        false => String::new(),
    };
    let unpacked: String = fields
        .iter()
        .map(|field| {
            format!(
                ",\n         {} AS {}, c.{} AS {}",
                winner(spec, field),
                f(&field.name, "_won"),
                ident(&field.name),
                f(&field.name, "_core")
            )
        })
        .collect();
    let sets: String = shape
        .sets
        .iter()
        .map(|set| format!(", c.{} AS {}", ident(&set.name), f(&set.name, "_core")))
        .collect();
    let mut gave = vec!["x.core_id IS NULL".to_owned()];
    gave.extend(fields.iter().map(|field| {
        let won = f(&field.name, "_won");
        format!(
            "coalesce(x.{won}['seq'] = x.seq, false) AND (x.{won}['value'] IS DISTINCT FROM x.{})",
            f(&field.name, "_core")
        )
    }));
    gave.extend(shape.sets.iter().map(|set| {
        let (name, core) = (ident(&set.name), f(&set.name, "_core"));
        format!(
            "coalesce(cardinality(set_keys(x.{name})) > 0, false) AND NOT coalesce(array_has_all(set_keys(x.{core}), set_keys(x.{name})), false)"
        )
    }));
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("CASE WHEN {} THEN {} END", lost_by_tie(spec, field), literal(&field.name)))
        .collect();
    format!(
        "SELECT sequence_number, fields, gave\nFROM (\n  SELECT x.seq AS sequence_number, array_to_string(make_array({}), ', ') AS fields,\n         ({}) AS gave\n  FROM (\n  SELECT r.*, c.core_id{sets}{unpacked}\n  FROM candidates r\n  JOIN winners w ON w.target = r.target\n  LEFT JOIN core_rows c ON c.core_id = r.target\n  LEFT JOIN (\n    SELECT target FROM leads WHERE incoming_rows > 1 UNION SELECT core_id FROM again\n  ) k ON k.target = r.target\n  WHERE r.seq IS NOT NULL{near}\n  ) x\n)\nWHERE fields <> ''",
        names.join(", "),
        gave.join("\n          OR "),
    )
}

/// Sets only grow: what core has and what came, once per key.
fn set_union(shape: &Shape, spec: &ResolveSpec, set: &SetShape) -> String {
    let name = ident(&set.name);
    let primary = shape.primary_of(&set.name).map_or("CAST(NULL AS VARCHAR)".to_owned(), |p| {
        let won = format!("{}['value']", winner(spec, p));
        match set.kind {
            SetKind::Email => format!("email_key({won})"),
            SetKind::Phone => won,
        }
    });
    let (item, first) =
        (null_item(), null_struct(&[("is_incoming", "Int64"), ("newest", "Int64"), ("value", "Utf8")]));
    format!(
        "WITH items AS (\n  SELECT target, is_incoming, effective_at, item['key'] AS key, item['value'] AS value\n  FROM (SELECT target, is_incoming, effective_at, unnest({name}) AS item FROM candidates)\n), kept AS (\n  SELECT target, key,\n         min(row_pack(named_struct('is_incoming', is_incoming, 'newest', -arrow_cast(effective_at, 'Int64'), 'value', value))) AS first,\n         min(is_incoming) AS is_new\n  FROM items\n  GROUP BY target, key\n)\nSELECT k.target,\n       row_unpack_list(array_agg(row_pack(named_struct('key', k.key, 'value', row_unpack(k.first, {first})['value'], 'is_primary', coalesce(k.key = {primary}, false)))), {item}) AS items,\n       sum(k.is_new) AS new_items\nFROM kept k\nJOIN winners w ON w.target = k.target\nGROUP BY k.target"
    )
}

/// The value that a core field gets.
fn after_value(spec: &ResolveSpec, field: &str) -> String {
    match follows(spec, field) {
        Some(value) => format!("w.{}['verified_at']", f(value, "_won")),
        None => format!("w.{}['value']", f(field, "_won")),
    }
}

/// What a core row had besides fields and sets: its state, and who wrote it last.
const WRITTEN: &str = "c.state_deactivated_at, c.state_deleted_reason, c.has_state, c.written_fingerprint, c.written_source, c.written_at, c.written_run_id, c.written_row, c.written_action, c.written_fields_json";

/// Everything about a target in one row, before it is shaped into a change.
fn decided(shape: &Shape, spec: &ResolveSpec) -> String {
    let mut columns = vec![
        "l.target, c.core_id, c.is_active AS was_active, l.incoming_rows, l.lead".to_owned(),
        WRITTEN.to_owned(),
        "k.links, coalesce(c.active_links, 0) + k.activated AS active_links_after, coalesce(c.active_links, 0) AS active_links_before".to_owned(),
    ];
    let (mut differs, mut newer) = (Vec::new(), Vec::new());
    for field in shape.core_fields() {
        let name = ident(&field.name);
        columns.push(format!("{} AS {}", after_value(spec, &field.name), f(&field.name, "_after")));
        columns.push(format!("c.{name} AS {}", f(&field.name, "_before")));
        columns.push(format!("c.{} AS {}", f(&field.name, "_source"), f(&field.name, "_source")));
        let won = f(follows(spec, &field.name).unwrap_or(&field.name), "_won");
        columns.push(format!("w.{won} AS {}", f(&field.name, "_won")));
        differs.push(format!("({} IS DISTINCT FROM c.{name})", after_value(spec, &field.name)));
        newer.push(format!("w.{won}['seq'] IS NOT NULL"));
    }
    for set in &shape.sets {
        let name = ident(&set.name);
        columns.push(format!(
            "{0}.items AS {1}",
            ident(&format!("set_{}", set.name)),
            f(&set.name, "_after")
        ));
        columns.push(format!("c.{name} AS {}", f(&set.name, "_before")));
        differs.push(format!("coalesce({}.new_items, 0) > 0", ident(&format!("set_{}", set.name))));
    }
    columns.push(format!("({}) AS differs", differs.join("\n        OR ")));
    // Where nothing differs, a row that won said what core has, later than whoever said it before.
    columns.push(format!("({}) AS newer", newer.join(" OR ")));
    let sets: String = shape
        .sets
        .iter()
        .map(|s| format!("\nLEFT JOIN {0} ON {0}.target = l.target", ident(&format!("set_{}", s.name))))
        .collect();
    format!(
        "SELECT {}\nFROM leads l\nJOIN target_links k ON k.target = l.target\nLEFT JOIN won w ON w.target = l.target\nLEFT JOIN core_rows c ON c.core_id = l.target{sets}",
        columns.join(",\n       ")
    )
}

/// The provenance that a core row had; NULL where Importer had not written it.
const PROVENANCE: &str = "CASE WHEN written_run_id IS NOT NULL THEN named_struct('fingerprint', written_fingerprint, 'source', written_source, 'effective_at', written_at, 'run_id', written_run_id, 'sequence_number', written_row, 'load_action', written_action, 'fields_json', written_fields_json) END";

fn image(shape: &Shape, suffix: &str, extra: &[(&str, String)]) -> String {
    let mut parts: Vec<String> = shape
        .core_fields()
        .map(|field| format!("{}, {}", literal(&field.name), f(&field.name, suffix)))
        .collect();
    parts.extend(shape.sets.iter().map(|s| format!("{}, {}", literal(&s.name), f(&s.name, suffix))));
    parts.extend(extra.iter().map(|(name, value)| format!("{}, {value}", literal(name))));
    format!("named_struct({})", parts.join(", "))
}

fn fingerprint(shape: &Shape, suffix: &str) -> String {
    shape.fingerprint(|name| f(name, suffix))
}

/// Changes of targets with something to decide.
fn merged(shape: &Shape, spec: &ResolveSpec) -> String {
    let gone = "CASE WHEN NOT after_active THEN coalesce(lead['deleted_at'], lead['effective_at']) END";
    let reason = "CASE WHEN NOT after_active THEN lead['deleted_reason'] END";
    let before = image(
        shape,
        "_before",
        &[
            ("is_active", "was_active".into()),
            ("deactivated_at", "state_deactivated_at".into()),
            ("deleted_reason", "state_deleted_reason".into()),
            ("has_state", "has_state".into()),
        ],
    );
    let after = image(
        shape,
        "_after",
        &[
            ("is_active", "after_active".into()),
            ("deactivated_at", gone.into()),
            ("deleted_reason", reason.into()),
        ],
    );
    let winners: Vec<String> = shape
        .core_fields()
        .map(|x| format!("{}, won_by({})", literal(&x.name), f(&x.name, "_won")))
        .collect();
    let sources: Vec<String> =
        shape.core_fields().map(|x| format!("{}, {}", literal(&x.name), f(&x.name, "_source"))).collect();
    let fields: Vec<String> = shape
        .core_fields()
        .filter(|x| follows(spec, &x.name).is_none())
        .map(|x| format!("{}, {}", literal(&x.name), f(&x.name, "_won")))
        .collect();
    format!(
        "SELECT CASE WHEN lead['is_delete'] THEN 'soft_deleted'\n            WHEN core_id IS NULL THEN 'created'\n            WHEN NOT was_active AND after_active THEN 'reactivated'\n            WHEN differs THEN 'updated'\n            ELSE 'unchanged' END AS action,\n       core_id, incoming_rows, lead['seq'] AS lead_sequence_number, coalesce(differs OR newer, false) AS differs,\n       {before} AS before,\n       {after} AS after,\n       named_struct({}) AS winners,\n       named_struct({}) AS before_sources,\n       links, lead['source'] AS source, lead['effective_at'] AS effective_at, lead['ingest_version'] AS ingest_version,\n       provenance_fields(lead['seq'], lead['is_delete'], {}) AS fields_json,\n       {} AS fingerprint,\n       {PROVENANCE} AS before_provenance\nFROM (\n  SELECT d.*,\n         CASE WHEN core_id IS NULL THEN true\n              WHEN active_links_after <= 0 AND active_links_before > 0 THEN false\n              WHEN NOT was_active AND active_links_before = 0 AND active_links_after > 0 THEN true\n              ELSE was_active END AS after_active\n  FROM decided d\n)",
        winners.join(", "),
        sources.join(", "),
        fields.join(", "),
        fingerprint(shape, "_after"),
    )
}

fn core_columns(shape: &Shape) -> Vec<(String, String)> {
    let fields = shape.core_fields().map(|x| (x.name.clone(), format!("s.{}", ident(&x.name))));
    let sets = shape.sets.iter().map(|x| (x.name.clone(), format!("s.{}", ident(&x.name))));
    fields.chain(sets).collect()
}

const LINK: &str = "make_array(named_struct('external_system', s.link_system, 'external_id', s.link_id, 'is_synthetic', s.is_synthetic, 'checksum', arrow_cast(s.checksum, 'Binary'), 'effective_at', s.effective_at, 'ingest_version', {version}, 'sequence_number', s.sequence_number, 'is_active', true, 'deleted_reason', CAST(NULL AS VARCHAR), 'seen_only', {seen}, 'was', {was}))";

fn single_link(shape: &Shape, seen_only: bool) -> String {
    LINK.replace("{version}", &ingest_version(shape))
        .replace("{seen}", if seen_only { "true" } else { "false" })
        .replace("{was}", &null_link())
}

fn ingest_version(shape: &Shape) -> String {
    shape
        .roles
        .ingest_version
        .as_ref()
        .map_or("CAST(NULL AS BIGINT)".to_owned(), |v| format!("s.{}", ident(v)))
}

/// New people of one row each.
fn created(shape: &Shape, only_retry: bool, edits: bool) -> String {
    // A later round looks at the rows that moved, and at no others.
    let retry =
        if only_retry { "\nLEFT SEMI JOIN retry r ON r.sequence_number = s.sequence_number" } else { "" };
    let mut after = core_columns(shape);
    after.push(("is_active".into(), "true".into()));
    after.push(("deactivated_at".into(), NO_TIME.into()));
    after.push(("deleted_reason".into(), "CAST(NULL AS VARCHAR)".into()));
    let pairs: Vec<_> = after.iter().map(|(n, v)| format!("{}, {v}", literal(n))).collect();
    format!(
        "SELECT 'created' AS action, CAST(NULL AS BIGINT) AS core_id, CAST(1 AS BIGINT) AS incoming_rows,\n       s.sequence_number AS lead_sequence_number, true AS differs,\n       named_struct({}) AS after,\n       {} AS links, s.link_system AS source, s.effective_at, {} AS ingest_version,\n       {} AS fields_json,\n       {} AS fingerprint\nFROM not_simple n\nRIGHT ANTI JOIN staged s ON s.sequence_number = n.sequence_number{}{retry}",
        pairs.join(", "),
        single_link(shape, false),
        ingest_version(shape),
        if edits { fields_by_hand(shape) } else { "CAST(NULL AS VARCHAR)".to_owned() },
        shape.fingerprint(|name| format!("s.{}", ident(name))),
        if edits { ORIGINS } else { "" },
    )
}

/// The provenance of a new core row: nothing but the fields that a person has set.
fn fields_by_hand(shape: &Shape) -> String {
    let entries: Vec<String> = shape
        .core_fields()
        .map(|field| {
            format!(
                "CASE WHEN {} THEN provenance_entry({}, {BY_HAND}, {NOW}, true, CAST(NULL AS TIMESTAMP), s.sequence_number) END",
                set_by_hand(shape, field, "true"),
                literal(&field.name)
            )
        })
        .collect();
    format!("concat('{{', array_to_string(make_array({}), ','), '}}')", entries.join(", "))
}

/// Core rows with a field that a person has set, as a number: for most runs there are none, and nothing else is asked.
pub fn count_by_hand(shape: &Shape) -> String {
    let any: Vec<String> = shape.core_fields().map(|field| f(&field.name, "_manual")).collect();
    format!(
        "SELECT count(*) AS n\nFROM core_rows\nWHERE {}",
        if any.is_empty() { "false".to_owned() } else { any.join(" OR ") }
    )
}

/// Incoming rows that bring another value than one set by hand, which stays: one row each, with those fields.
pub fn manual_kept(shape: &Shape, spec: &ResolveSpec, any: bool) -> Query {
    let kept: Vec<(String, String)> = shape
        .core_fields()
        .filter(|field| follows(spec, &field.name).is_none())
        .map(|field| {
            let (name, won) = (ident(&field.name), f(&field.name, "_won"));
            let condition = format!(
                "(c.{} AND w.{won}['manual'] AND w.{won}['seq'] IS NULL AND s.{name} IS NOT NULL AND (s.{name} IS DISTINCT FROM c.{name}))",
                f(&field.name, "_manual")
            );
            (field.name.clone(), condition)
        })
        .collect();
    if !any || kept.is_empty() {
        let nothing = "SELECT sequence_number, CAST(NULL AS VARCHAR) AS fields\nFROM links\nWHERE false";
        return Query::new("manual_kept", Keep::DataSet, nothing);
    }
    let names: Vec<String> = kept
        .iter()
        .map(|(name, condition)| format!("CASE WHEN {condition} THEN {} END", literal(name)))
        .collect();
    let conditions: Vec<&str> = kept.iter().map(|(_, condition)| condition.as_str()).collect();
    Query::new(
        "manual_kept",
        Keep::DataSet,
        format!(
            "SELECT t.seq AS sequence_number, array_to_string(make_array({}), ', ') AS fields\nFROM core_rows c\nJOIN won w ON w.target = c.core_id\nJOIN touched t ON t.target = c.core_id AND t.outcome <> 'deleted'\nJOIN staged s ON s.sequence_number = t.seq\nWHERE {}",
            names.join(", "),
            conditions.join("\n   OR ")
        ),
    )
}

/// Links that were seen again, with core rows that nothing else of this run touches.
fn unchanged(shape: &Shape) -> String {
    format!(
        "SELECT 'unchanged' AS action, l.core_id, CAST(1 AS BIGINT) AS incoming_rows,\n       s.sequence_number AS lead_sequence_number, false AS differs,\n       {} AS links, s.link_system AS source, s.effective_at, {} AS ingest_version\nFROM links l\nJOIN staged s ON s.sequence_number = l.sequence_number\nLEFT ANTI JOIN touched t ON t.target = l.core_id\nLEFT ANTI JOIN seen_lately r ON r.seq = l.sequence_number\nWHERE l.outcome = 'unchanged' AND l.core_id IS NOT NULL",
        single_link(shape, true),
        ingest_version(shape),
    )
}
