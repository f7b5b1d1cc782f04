//! The values that a field may get: those of incoming rows and of core rows, under the same columns.

use super::super::ident::{f, ident};
use super::super::shape::{FieldShape, Shape};
use super::super::survivorship::Weighing;
use super::by_hand::{BY_HAND, NOW, ORIGINS, set_by_hand};
use super::says::says_something;

/// Incoming rows and core rows under the same columns. What a person has set holds from now on and outranks every
/// source. A row that comes late is weighed behind what its source said since, and rows that say again what was loaded last
/// make what core has from them as new as they are.
pub(super) fn candidates(shape: &Shape, weighing: &Weighing) -> String {
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
