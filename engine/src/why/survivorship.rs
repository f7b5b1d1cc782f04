//! Why a value won: the preferences of the field's group, read from the outcome. What decides between two values is the
//! first preference that tells them apart; where the run did not keep how fresh core's value was, the outcome tells it.

use chrono::{DateTime, Utc};
use importer_plans::project::{Preference, ResolveSpec};

use super::story::Candidate;

/// A value that was offered, with what the preferences compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub from: &'static str,
    pub row: Option<i64>,
    pub value: Option<String>,
    pub source: Option<String>,
    pub at: Option<String>,
    pub verified_at: Option<String>,
    /// A person has set it: in core, or in a row that they mended.
    pub manual: bool,
    /// It stands in for a value (`none@…`), and says nothing about somebody who is known.
    pub says_nothing: bool,
}

/// The winner with its reason, and the others with why they lost against it.
pub fn judged(
    spec: &ResolveSpec,
    field: &str,
    winner: Option<Offer>,
    others: Vec<Offer>,
) -> (Option<Candidate>, Vec<Candidate>) {
    let Some(winner) = winner else {
        let lost = |offer: Offer| {
            let why = no_value(&offer).unwrap_or("missing");
            candidate(offer, why)
        };
        return (None, others.into_iter().map(lost).collect());
    };
    let losers: Vec<Candidate> = others
        .into_iter()
        .map(|loser| {
            let why = decisive(spec, field, &winner, &loser);
            candidate(loser, why)
        })
        .collect();
    // The strongest reason of all comparisons: that against the one that came nearest.
    let rivals = losers.iter().filter(|l| !matches!(l.reason, "missing" | "says_nothing"));
    let reason = match rivals.clone().find(|l| l.reason != "same_value").or_else(|| rivals.clone().next()) {
        Some(nearest) => nearest.reason,
        None => "only_value",
    };
    (Some(candidate(winner, reason)), losers)
}

fn candidate(offer: Offer, reason: &'static str) -> Candidate {
    Candidate {
        from: offer.from,
        row: offer.row,
        value: offer.value,
        source: offer.source,
        at: offer.at,
        reason,
    }
}

/// Why an offer is none.
fn no_value(offer: &Offer) -> Option<&'static str> {
    match offer {
        Offer { value: None, .. } => Some("missing"),
        Offer { says_nothing: true, .. } => Some("says_nothing"),
        _ => None,
    }
}

/// What told two values apart.
fn decisive(spec: &ResolveSpec, field: &str, winner: &Offer, loser: &Offer) -> &'static str {
    if loser.value.is_some() && loser.value == winner.value {
        return "same_value";
    }
    if let Some(why) = no_value(loser) {
        return why;
    }
    let of_core = |offer: &Offer| offer.from != "row";
    if spec.locks.iter().any(|lock| lock == field) && of_core(winner) != of_core(loser) {
        return "locked";
    }
    let preferences = spec
        .group_of(field)
        .map_or(&[Preference::Manual, Preference::Freshest][..], |group| group.prefer.as_slice());
    for preference in preferences {
        match preference {
            Preference::Manual if winner.manual && !loser.manual => return "manual",
            Preference::Verified if instant(&winner.verified_at) != instant(&loser.verified_at) => {
                return "verified";
            }
            Preference::Freshest => match (instant(&winner.at), instant(&loser.at)) {
                // An older value that stays was said again, later, by the source of the row.
                (Some(a), Some(b)) if a < b && of_core(winner) => return "said_again",
                (Some(a), Some(b)) if a != b => return "freshest",
                (Some(_), Some(_)) => {}
                // Core's time is not known. It keeps a tie, so a row that won is newer.
                _ if of_core(loser) => return "freshest",
                _ if of_core(winner) => return "as_fresh_or_fresher",
                _ => {}
            },
            _ => {}
        }
    }
    match (of_core(winner), of_core(loser)) {
        (true, _) => "tie_keeps_core",
        (false, true) => "tie_takes_row",
        (false, false) => "tie_by_value",
    }
}

fn instant(text: &Option<String>) -> Option<DateTime<Utc>> {
    let text = text.as_deref()?;
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}

/// A reason as words that follow the value.
pub fn words(reason: &str) -> &'static str {
    match reason {
        "only_value" => "the only value",
        "missing" => "no value",
        "says_nothing" => "stands in for a value, and what is known stays",
        "same_value" => "the same value",
        "locked" => "the field is locked",
        "manual" => "edited by a person",
        "verified" => "verified later",
        "freshest" => "newer",
        "as_fresh_or_fresher" => "as new, or newer",
        "said_again" => "said again later by the source of the row",
        "tie_keeps_core" => "equally new, and core keeps a tie",
        "tie_takes_row" => "equally new, and this source wins ties (ties: incoming)",
        "tie_by_value" => "equally new, decided by value",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use importer_plans::project::{FileSet, Project};

    fn spec() -> ResolveSpec {
        let project = Project::load(&FileSet::new(importer_sql::project::files())).unwrap();
        project.entities["volunteers"].resolve.clone()
    }

    fn offer(from: &'static str, value: Option<&str>, at: Option<&str>, verified: Option<&str>) -> Offer {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Offer {
            from,
            row: None,
            value: own(value),
            source: None,
            at: own(at),
            verified_at: own(verified),
            manual: from == "manual",
            says_nothing: false,
        }
    }

    fn reason(field: &str, winner: Offer, loser: Offer) -> &'static str {
        judged(&spec(), field, Some(winner), vec![loser]).0.unwrap().reason
    }

    const OLD: Option<&str> = Some("2026-01-01T00:00:00Z");
    const NEW: Option<&str> = Some("2026-01-01T00:00:00.5Z");

    #[test]
    fn the_first_preference_that_tells_apart_is_the_reason() {
        let row = |value, at| offer("row", Some(value), at, None);
        assert_eq!(reason("city", row("Bonn", NEW), row("Köln", OLD)), "freshest");
        assert_eq!(reason("city", row("Bonn", OLD), row("Köln", OLD)), "tie_by_value");
        assert_eq!(reason("city", row("Bonn", OLD), row("Bonn", NEW)), "same_value");
        assert_eq!(reason("city", offer("manual", Some("Bonn"), OLD, None), row("Köln", NEW)), "manual");
        assert_eq!(reason("city", row("Bonn", OLD), offer("core", None, NEW, None)), "only_value");
        let mended = Offer { manual: true, ..row("Bonn", OLD) };
        assert_eq!(reason("city", mended, offer("core", Some("Köln"), NEW, None)), "manual");
        let nothing = Offer { says_nothing: true, ..offer("row", Some("none@x.org"), NEW, None) };
        let core = offer("core", Some("a@x.org"), OLD, None);
        let (winner, losers) = judged(&spec(), "email", Some(core), vec![nothing]);
        assert_eq!((winner.unwrap().reason, losers[0].reason), ("only_value", "says_nothing"));
        let verified = offer("core", Some("a@x.org"), OLD, OLD);
        assert_eq!(reason("email", verified, offer("row", Some("b@x.org"), NEW, None)), "verified");
    }

    #[test]
    fn what_the_run_did_not_keep_is_read_from_the_outcome() {
        let core = offer("core", Some("Bonn"), None, None);
        let row = offer("row", Some("Köln"), NEW, None);
        assert_eq!(reason("city", row.clone(), core.clone()), "freshest");
        assert_eq!(reason("city", core, row), "as_fresh_or_fresher");
        let known = offer("core", Some("Bonn"), NEW, None);
        assert_eq!(reason("city", known, offer("row", Some("Köln"), NEW, None)), "tie_keeps_core");
    }
}
