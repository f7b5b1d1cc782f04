//! The story of two records: whether a run held them to be one person, by how much, and what was decided.

use std::str::FromStr;

use importer_plans::compile::why::{Fixed, Place, fixed_sql};
use importer_plans::compile::{Bound, ident};
use serde::Serialize;
use serde_json::Value;

use super::ask::{Asked, Asker, Row, int, text};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};

/// Which two records.
#[derive(Debug, Clone)]
pub struct PairQuestion {
    /// Where not given: the only entity whose records are compared by likeness.
    pub entity: Option<String>,
    pub one: PairEnd,
    pub other: PairEnd,
}

/// One of the two, as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairEnd {
    /// A row of core.
    Core(i64),
    /// A row of a run.
    Row { run: i64, row: i64 },
    /// An external id.
    Link { system: String, id: String },
}

impl FromStr for PairEnd {
    type Err = String;

    /// `42` is a core row, `7:123` a row of a run, `crm:C-1` an external id.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(core) = text.parse() {
            return Ok(Self::Core(core));
        }
        match text.split_once(':') {
            Some((system, id)) if !system.is_empty() && !id.is_empty() => {
                match (system.parse(), id.parse()) {
                    (Ok(run), Ok(row)) => Ok(Self::Row { run, row }),
                    _ => Ok(Self::Link { system: system.to_owned(), id: id.to_owned() }),
                }
            }
            _ => Err("write a core id (42), a row of a run (7:123) or an external id (crm:C-1)".to_owned()),
        }
    }
}

/// What is known of two records.
#[derive(Debug, Clone, Serialize)]
pub struct PairStory {
    pub entity: String,
    /// The core rows that they belong to now.
    pub one: i64,
    pub other: i64,
    /// One sentence.
    pub summary: String,
    /// What runs have suggested about them, the last word first.
    pub suggestions: Vec<Row>,
    /// What people have decided about them.
    pub decisions: Vec<Row>,
    pub asked: Vec<Asked>,
}

/// Tells it.
pub async fn tell(engine: &Engine, question: &PairQuestion) -> Result<PairStory> {
    let entity = entity(engine, question)?;
    let asker = Asker::open(engine).await?;
    let mut asked = Vec::new();
    let one = core_of(engine, &asker, &entity, &question.one, &mut asked).await?;
    let other = core_of(engine, &asker, &entity, &question.other, &mut asked).await?;
    let values =
        [Bound::text("entity", Some(&entity)), Bound::number("one", one), Bound::number("other", other)];
    let place = Place { run_id: 0, dry: false };
    let mut rows = Vec::new();
    for (name, fixed) in [("suggestions", Fixed::PairSuggestions), ("decisions", Fixed::PairDecisions)] {
        let answer = asker.ask(name, fixed_sql(fixed, place, &values)).await?;
        rows.push(answer.rows.clone());
        asked.push(answer);
    }
    let decisions = rows.pop().unwrap_or_default();
    let mut suggestions = rows.pop().unwrap_or_default();
    suggestions.iter_mut().for_each(as_document);
    let summary = summary(one, other, &suggestions, &decisions);
    Ok(PairStory { entity, one, other, summary, suggestions, decisions, asked })
}

/// Features are a document, whichever way the database gives them.
fn as_document(suggestion: &mut Row) {
    if let Some(Value::String(text)) = suggestion.get("features_json")
        && let Ok(document) = serde_json::from_str(text)
    {
        suggestion.insert("features_json".to_owned(), document);
    }
}

fn entity(engine: &Engine, question: &PairQuestion) -> Result<String> {
    let entities = &engine.project.entities;
    let wrong = |message: String, help: String| Err(Error::new(ErrorKind::Usage, message).with_help(help));
    if let Some(name) = &question.entity {
        return match entities.contains_key(name) {
            true => Ok(name.clone()),
            false => wrong(
                format!("the project has no entity {name}"),
                format!("it has {}", entities.keys().cloned().collect::<Vec<_>>().join(", ")),
            ),
        };
    }
    let compared = entities.iter().filter(|(_, entity)| entity.matching.fuzzy.is_some());
    let names: Vec<&String> = compared.map(|(name, _)| name).collect();
    match names.as_slice() {
        [only] => Ok((*only).clone()),
        _ => wrong("records of which entity?".to_owned(), "name it: --entity volunteers".to_owned()),
    }
}

/// The core row that a record belongs to now.
async fn core_of(
    engine: &Engine,
    asker: &Asker,
    entity: &str,
    end: &PairEnd,
    asked: &mut Vec<Asked>,
) -> Result<i64> {
    let (system, id) = match end {
        PairEnd::Core(core) => return Ok(*core),
        PairEnd::Link { system, id } => (system.clone(), id.clone()),
        PairEnd::Row { run, row } => link_of_row(engine, asker, entity, (*run, *row), asked).await?,
    };
    let values = [
        Bound::text("entity", Some(entity)),
        Bound::text("system", Some(&system)),
        Bound::text("id", Some(&id)),
    ];
    let place = Place { run_id: 0, dry: false };
    let answer = asker.ask("owner of the external id", fixed_sql(Fixed::Link, place, &values)).await?;
    let core = answer.rows.first().and_then(|row| int(row, "core_id"));
    asked.push(answer);
    core.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("no core row of {entity} has the external id {system}:{id}"))
            .with_help("its row may wait for a person, or was rolled back: importer why RUN ROW tells of it")
    })
}

async fn link_of_row(
    engine: &Engine,
    asker: &Asker,
    entity: &str,
    (run, row): (i64, i64),
    asked: &mut Vec<Asked>,
) -> Result<(String, String)> {
    let found = engine.get_run(run).await?;
    if found.entity != entity {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("run {run} is of {}, not of {entity}", found.entity),
        )
        .with_help(format!("name its entity: --entity {}", found.entity)));
    }
    let table = ident(&format!("staging_{entity}"));
    let table = if found.dry_run { format!("dry.{table}") } else { table };
    let sql = format!(
        "SELECT link_system, link_id\nFROM {table}\nWHERE run_id = {run} AND sequence_number = {row}"
    );
    let answer = asker.ask("link of the row", sql).await?;
    let link = answer.rows.first().and_then(|found| text(found, "link_system").zip(text(found, "link_id")));
    asked.push(answer);
    link.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("row {row} of run {run} has nothing to be known by"))
            .with_help("name the core row instead, if it has one")
    })
}

fn summary(one: i64, other: i64, suggestions: &[Row], decisions: &[Row]) -> String {
    if one == other {
        return format!("both are core row {one}");
    }
    let both = format!("core rows {one} and {other}");
    let verdict = decisions.iter().find(|decided| text(decided, "revoked_at").is_none());
    if let Some(verdict) = verdict.and_then(|decided| text(decided, "verdict")) {
        let what = if verdict == "same" { "one person" } else { "two people" };
        return format!("{both} are {what}: somebody has decided so");
    }
    let scored =
        suggestions.iter().find(|suggestion| text(suggestion, "match_type").as_deref() == Some("fuzzy"));
    match (scored, suggestions.first()) {
        (Some(scored), _) => {
            let likely = scored.get("score").and_then(Value::as_f64).unwrap_or_default() * 100.0;
            let decision = text(scored, "decision").unwrap_or_default();
            format!("{both} are one person with a probability of {likely:.1} %; {decision}")
        }
        (None, Some(other)) => {
            let reason = text(other, "reason").or_else(|| text(other, "match_type")).unwrap_or_default();
            format!("{both} were suggested for their keys: {reason}")
        }
        (None, None) => format!("no run has suggested that {both} may be one person"),
    }
}

#[cfg(test)]
mod tests {
    use super::PairEnd;

    #[test]
    fn a_record_is_named_in_three_ways() {
        assert_eq!("42".parse::<PairEnd>(), Ok(PairEnd::Core(42)));
        assert_eq!("7:123".parse::<PairEnd>(), Ok(PairEnd::Row { run: 7, row: 123 }));
        let link = PairEnd::Link { system: "crm".to_owned(), id: "C:1".to_owned() };
        assert_eq!("crm:C:1".parse::<PairEnd>(), Ok(link));
        for nothing in ["", "crm", ":1", "crm:"] {
            assert!(nothing.parse::<PairEnd>().is_err(), "{nothing:?}");
        }
    }
}
