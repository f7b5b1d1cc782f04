//! Changes without anything to decide: new people of one row each, links that were only seen again.

use super::super::ident::{ident, literal};
use super::super::shape::Shape;
use super::super::survivorship::NO_TIME;
use super::super::typed::null_link;
use super::by_hand::{ORIGINS, fields_by_hand};

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
pub(super) fn created(shape: &Shape, only_retry: bool, edits: bool) -> String {
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

/// Links that were seen again, with core rows that nothing else of this run touches.
pub(super) fn unchanged(shape: &Shape) -> String {
    format!(
        "SELECT 'unchanged' AS action, l.core_id, CAST(1 AS BIGINT) AS incoming_rows,\n       s.sequence_number AS lead_sequence_number, false AS differs,\n       {} AS links, s.link_system AS source, s.effective_at, {} AS ingest_version\nFROM links l\nJOIN staged s ON s.sequence_number = l.sequence_number\nLEFT ANTI JOIN touched t ON t.target = l.core_id\nLEFT ANTI JOIN seen_lately r ON r.seq = l.sequence_number\nWHERE l.outcome = 'unchanged' AND l.core_id IS NOT NULL",
        single_link(shape, true),
        ingest_version(shape),
    )
}
