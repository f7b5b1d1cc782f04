//! resolve: the change that the record belongs to, field by field, with the values that were offered.

use std::collections::BTreeMap;

use importer_plans::compile::literal;
use importer_plans::compile::why::{candidates_sql, change_fields_sql, change_sql, origins_sql};
use serde_json::Value;

use super::ask::{Asked, Asker, Row, flag, int, text};
use super::pinned::Pinned;
use super::story::{FieldChange, Match, Resolve};
use super::survivorship::{Offer, judged};
use crate::error::Result;

/// The change of a row's core row, or of the new person that the row is part of.
pub async fn of_row(asker: &Asker, pinned: &Pinned, matched: &Match, row: i64) -> Result<Option<Resolve>> {
    let Some(which) = which(pinned, matched, row) else { return Ok(None) };
    let keeps = asker.has_column(&pinned.place.table("changes"), "before_provenance").await?;
    let change = asker.ask("change", change_sql(pinned.place, &which, keeps)).await?;
    let Some(head) = change.rows.first().cloned() else { return Ok(None) };
    let fields =
        asker.ask("change, field by field", change_fields_sql(&pinned.shape, pinned.place, &which)).await?;
    let lead = int(&head, "lead_sequence_number");
    let mut rows: Vec<i64> = matched.members.iter().copied().chain([row]).chain(lead).collect();
    rows.extend(fields.rows.iter().filter_map(|f| row_of(&text(f, "winner")?)));
    rows.sort_unstable();
    rows.dedup();
    let offered = asker.ask("values offered", candidates_sql(&pinned.shape, pinned.place, &rows)).await?;
    let mended = match pinned.landed.origins {
        Some(_) => Some(asker.ask("fields set by hand", origins_sql(pinned.place, &rows)).await?),
        None => None,
    };
    let deciding =
        Deciding { pinned, head: &head, fields: &fields, offered: &offered, mended: mended.as_ref(), lead };
    let told = fields.rows.iter().map(|field| deciding.field(field)).collect();
    Ok(Some(Resolve {
        action: text(&head, "action").unwrap_or_default(),
        core_id: int(&head, "core_id"),
        lead_row: lead,
        incoming_rows: int(&head, "incoming_rows"),
        differs: flag(&head, "differs"),
        fields: told,
        asked: [change, fields, offered].into_iter().chain(mended).collect(),
    }))
}

/// Which change it is, as a condition over `changes`. A row without a core row and without a person to become has none.
fn which(pinned: &Pinned, matched: &Match, row: i64) -> Option<String> {
    let round = format!("round = {}", matched.round);
    match (matched.outcome.as_str(), matched.core_id, matched.cluster_id) {
        ("linked" | "matched" | "deleted" | "unchanged", Some(core), _) => {
            Some(format!("{round} AND core_id = {core}"))
        }
        ("new", _, Some(_)) if matched.member_count <= 1 => {
            Some(format!("{round} AND lead_sequence_number = {row}"))
        }
        ("new", _, Some(cluster)) => Some(format!(
            "{round} AND action = {created} AND lead_sequence_number IN (SELECT sequence_number FROM {links} WHERE run_id = {run} AND {round} AND cluster_id = {cluster})",
            created = literal("created"),
            links = pinned.place.table("links"),
            run = pinned.run.id,
        )),
        _ => None,
    }
}

/// `row:5` names a row; other winners are core's.
fn row_of(winner: &str) -> Option<i64> {
    winner.strip_prefix("row:")?.parse().ok()
}

/// Everything that one field's decision is read from.
struct Deciding<'a> {
    pinned: &'a Pinned,
    head: &'a Row,
    fields: &'a Asked,
    offered: &'a Asked,
    mended: Option<&'a Asked>,
    lead: Option<i64>,
}

impl Deciding<'_> {
    fn field(&self, found: &Row) -> FieldChange {
        let field = text(found, "field").unwrap_or_default();
        let (before, after) = (text(found, "before"), text(found, "after"));
        // Only fields are decided; sets grow, and the state follows the links.
        let decided = self.pinned.shape.core_fields().any(|f| f.name == field) && self.has_images();
        let (winner, losers) = if decided { self.judge(&field, found) } else { (None, Vec::new()) };
        FieldChange { changed: self.has_images() && before != after, field, before, after, winner, losers }
    }

    /// A core row that was only seen again has no images.
    fn has_images(&self) -> bool {
        self.fields.rows.iter().any(|f| text(f, "after").is_some())
    }

    fn judge(&self, field: &str, found: &Row) -> (Option<super::Candidate>, Vec<super::Candidate>) {
        let spec = &self.pinned.entity.resolve;
        let verified = spec.group_of(field).and_then(|g| g.verified_by.get(field)).map(String::as_str);
        let winner = text(found, "winner");
        let mut offers: BTreeMap<Option<i64>, Offer> = BTreeMap::new();
        if int(self.head, "core_id").is_some() {
            offers.insert(None, self.of_core(field, found, verified, winner.as_deref()));
        }
        for row in self.offered.rows.iter().filter(|r| text(r, "field").as_deref() == Some(field)) {
            let number = int(row, "sequence_number");
            // A word for nothing may be the name of somebody new.
            let says_nothing = flag(row, "says_nothing") && int(self.head, "core_id").is_some();
            offers.insert(
                number,
                Offer {
                    from: "row",
                    row: number,
                    value: text(row, "value"),
                    source: text(row, "link_system"),
                    at: text(row, "effective_at"),
                    verified_at: verified.and_then(|v| self.offered_by(number, v)),
                    manual: self.by_hand(number, field) && !says_nothing,
                    says_nothing,
                },
            );
        }
        // A row that is the only one of a new person wins without being named.
        let won = match winner.as_deref() {
            Some(named) => Some(row_of(named)),
            None if int(self.head, "core_id").is_none() => self.lead.map(Some),
            None => None,
        };
        let winner = won.and_then(|key| offers.remove(&key));
        judged(spec, field, winner, offers.into_values().collect())
    }

    /// Whether a person has set the field of a row.
    fn by_hand(&self, row: Option<i64>, field: &str) -> bool {
        let rows = self.mended.map(|asked| asked.rows.as_slice()).unwrap_or_default();
        let named = format!("|{field}|");
        rows.iter()
            .filter(|r| int(r, "sequence_number") == row)
            .any(|r| text(r, "manual").is_some_and(|fields| fields.contains(&named)))
    }

    fn offered_by(&self, row: Option<i64>, field: &str) -> Option<String> {
        let fits = |r: &&Row| int(r, "sequence_number") == row && text(r, "field").as_deref() == Some(field);
        self.offered.rows.iter().find(fits).and_then(|r| text(r, "value"))
    }

    fn of_core(&self, field: &str, found: &Row, verified: Option<&str>, winner: Option<&str>) -> Offer {
        let entry = text(self.head, "before_fields_json")
            .and_then(|json| serde_json::from_str::<Value>(&json).ok())
            .and_then(|json| json.get(field).cloned());
        let own =
            |name: &str| entry.as_ref().and_then(|e| e.get(name)).and_then(Value::as_str).map(str::to_owned);
        let before = |name: &str| {
            let fits = |f: &&Row| text(f, "field").as_deref() == Some(name);
            self.fields.rows.iter().find(fits).and_then(|f| text(f, "before"))
        };
        let source = text(found, "before_source");
        let by_host = source.as_deref() == Some("host");
        Offer {
            from: if winner == Some("manual") || by_host { "manual" } else { "core" },
            row: None,
            value: text(found, "before"),
            // What the host wrote has no time of Importer's.
            at: own("at").or_else(|| text(self.head, "before_effective_at")).filter(|_| !by_host),
            source,
            verified_at: verified.and_then(before),
            manual: winner == Some("manual") || by_host,
            says_nothing: false,
        }
    }
}
