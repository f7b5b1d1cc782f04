//! The story of one row of core: which runs and rows made it, who wrote each field when and why, its external ids.

use importer_plans::compile::why::{Fixed, Place, core_fields_sql, core_table_sql, fixed_sql};
use importer_plans::compile::{Bound, Shape, literal};
use serde::Serialize;
use serde_json::Value;

use super::ask::{Asked, Asker, Row, flag, int, text};
use super::question::CoreQuestion;
use super::since::taken_back;
use crate::catalogue::nearest;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{RunStatus, Table};

/// The life of one core row.
#[derive(Debug, Clone, Serialize)]
pub struct CoreStory {
    pub entity: String,
    pub core_id: i64,
    /// Whether it stands in core now.
    pub exists: bool,
    /// One sentence.
    pub summary: String,
    pub made_by: Option<MadeBy>,
    pub fields: Vec<FieldWrite>,
    /// Its external ids.
    pub links: Vec<Row>,
    /// Who wrote it last, as a whole.
    pub provenance: Option<Row>,
    /// Every change of a field since it was made.
    pub changes: Vec<Row>,
    pub suggestions: Vec<Row>,
    /// Merges that it won or lost.
    pub merges: Vec<Row>,
    /// What rollbacks of the run that made it did to it.
    pub taken_back: Vec<Row>,
    /// The rows of its other tables as they stand.
    pub tables: Vec<Asked>,
    pub asked: Vec<Asked>,
}

/// The run that made a core row.
#[derive(Debug, Clone, Serialize)]
pub struct MadeBy {
    pub run_id: i64,
    /// The row that made it, where that is still known.
    pub row: Option<i64>,
    pub triggered_by: Option<String>,
    pub at: Option<String>,
}

/// One field as it stands, and who wrote it.
#[derive(Debug, Clone, Serialize)]
pub struct FieldWrite {
    pub field: String,
    pub value: Option<String>,
    /// The run that wrote the value last; absent where no import wrote it.
    pub run_id: Option<i64>,
    pub row: Option<i64>,
    pub written_at: Option<String>,
    pub triggered_by: Option<String>,
    /// Whose value it counts as when the next one comes, and how fresh.
    pub source: Option<String>,
    pub effective_at: Option<String>,
    /// A person's edit: it wins over imports.
    pub manual: bool,
    /// It is not what Importer wrote last: somebody wrote it since.
    pub edited_since: bool,
    /// Every change of the field.
    pub history: Vec<Row>,
}

/// Tells it.
pub async fn tell(engine: &Engine, question: &CoreQuestion) -> Result<CoreStory> {
    let shape = shape(engine, &question.entity)?;
    if let Some(field) = &question.field {
        check_field(&shape, field)?;
    }
    let asker = Asker::open(engine).await?;
    let mut told = Told { asker: &asker, entity: &question.entity, id: question.id, asked: Vec::new() };
    let now = told.ask_sql("core row now", core_fields_sql(&shape, question.id)).await?;
    let changes = told.ask("change log", Fixed::ChangeLog).await?;
    let links = told.ask("external ids", Fixed::CoreLinks).await?;
    let provenance = told.ask("provenance", Fixed::Provenance).await?.into_iter().next();
    let range = told.ask("run that took the id", Fixed::IdRange).await?;
    let suggestions = told.ask("suggestions", Fixed::CoreSuggestions).await?;
    let merges = told.merges(engine).await?;
    let traces = !(now.is_empty()
        && changes.is_empty()
        && links.is_empty()
        && provenance.is_none()
        && merges.is_empty());
    let taken = range.first().and_then(|r| int(r, "run_id"));
    if !traces && !told.was_loaded(engine, taken).await? {
        return Err(no_core_row(engine, &shape, question, taken).await?);
    }
    let made_by = told.made_by(engine, range.first(), provenance.as_ref(), &links).await?;
    let tables = told.tables(&shape).await?;
    let taken_back = told.taken_back(made_by.as_ref()).await?;
    let mut fields: Vec<FieldWrite> =
        now.iter().map(|row| written(row, &changes, provenance.as_ref(), made_by.as_ref())).collect();
    if let Some(only) = &question.field {
        fields.retain(|f| f.field == *only);
    }
    let exists = !now.is_empty();
    Ok(CoreStory {
        summary: summary(question, exists, (made_by.as_ref(), merges.as_slice()), &changes, links.len()),
        entity: question.entity.clone(),
        core_id: question.id,
        exists,
        made_by,
        fields,
        links,
        provenance,
        changes: match &question.field {
            Some(only) => {
                changes.into_iter().filter(|c| text(c, "field_name").as_ref() == Some(only)).collect()
            }
            None => changes,
        },
        suggestions,
        merges,
        taken_back,
        tables,
        asked: told.asked,
    })
}

fn shape(engine: &Engine, name: &str) -> Result<Shape> {
    let entities = &engine.project.entities;
    entities.get(name).map(Shape::of).ok_or_else(|| {
        let known: Vec<&str> = entities.keys().map(String::as_str).collect();
        let near = nearest(name, known.iter().copied());
        let help = near.map_or_else(String::new, |n| format!("did you mean {n}? "));
        Error::new(ErrorKind::Usage, format!("there is no entity {name}"))
            .with_help(format!("{help}The project has: {}", known.join(", ")))
            .with_code("NOT_FOUND")
    })
}

fn check_field(shape: &Shape, field: &str) -> Result<()> {
    let known: Vec<&str> = shape
        .core_fields()
        .map(|f| f.name.as_str())
        .chain(shape.sets.iter().map(|s| s.name.as_str()))
        .collect();
    if known.contains(&field) {
        return Ok(());
    }
    let near = nearest(field, known.iter().copied());
    let help = near.map_or_else(String::new, |n| format!("did you mean {n}? "));
    Err(Error::new(ErrorKind::Usage, format!("core rows of {} have no field {field}", shape.entity))
        .with_help(format!("{help}They have: {}", known.join(", ")))
        .with_code("NOT_FOUND"))
}

/// Says which ids there are.
async fn no_core_row(
    engine: &Engine,
    shape: &Shape,
    question: &CoreQuestion,
    taken: Option<i64>,
) -> Result<Error> {
    let mut session = engine.store.session().await?;
    let tenant = importer_plans::compile::literal(&engine.tenant);
    let core = shape.core.relation(&Table::core(&shape.core_table).sql(session.dialect()), &tenant);
    let sql = format!("SELECT min(c.id), max(c.id) FROM {core} c WHERE c.tenant_id = {tenant}");
    let row = session.fetch_one(&sql, &[]).await?;
    let help = match (row.opt_int(0)?, row.opt_int(1)?) {
        (Some(first), Some(last)) => format!("ids of {} go from {first} to {last}", question.entity),
        _ => format!("{} has no row yet", question.entity),
    };
    let taken =
        taken.map_or(String::new(), |run| format!("; run {run} took the id and loaded nothing under it"));
    Ok(Error::new(
        ErrorKind::Usage,
        format!("there is no {} {}, and there never was one{taken}", question.entity, question.id),
    )
    .with_help(help)
    .with_code("NOT_FOUND"))
}

/// Statements about one core row.
struct Told<'a> {
    asker: &'a Asker,
    entity: &'a str,
    id: i64,
    asked: Vec<Asked>,
}

impl Told<'_> {
    async fn ask(&mut self, name: &str, fixed: Fixed) -> Result<Vec<Row>> {
        let values = [Bound::text("entity", Some(self.entity)), Bound::number("core_id", self.id)];
        self.ask_sql(name, fixed_sql(fixed, REAL, &values)).await
    }

    async fn ask_sql(&mut self, name: &str, sql: String) -> Result<Vec<Row>> {
        let asked = self.asker.ask(name, sql).await?;
        let rows = asked.rows.clone();
        self.asked.push(asked);
        Ok(rows)
    }

    async fn merges(&mut self, engine: &Engine) -> Result<Vec<Row>> {
        let entity = engine.project.entities.get(self.entity);
        let table = entity.and_then(|entity| entity.core_load()).map(|load| load.own_table());
        let values = [Bound::text("core_table", table), Bound::number("core_id", self.id)];
        self.ask_sql("merges", fixed_sql(Fixed::CoreMerges, REAL, &values)).await
    }

    /// Whether a run that took the id has loaded a row under it: an id of a run that broke off was never used.
    async fn was_loaded(&mut self, engine: &Engine, run: Option<i64>) -> Result<bool> {
        let Some(run) = run else { return Ok(false) };
        if engine.store.committed_chunks(&engine.tenant, run).await?.is_empty() {
            return Ok(false);
        }
        if engine.get_run(run).await?.status == RunStatus::PartiallyFailed {
            // Which ids its chunks took is written down at the end of the load. What they loaded has left traces.
            return Ok(false);
        }
        let sql = format!(
            "SELECT lead_sequence_number\nFROM {}\nWHERE run_id = {run} AND core_id = {}",
            REAL.table("created_ids"),
            self.id
        );
        Ok(!self.ask_sql("row that was loaded under the id", sql).await?.is_empty())
    }

    /// The id's range names the run. The row is the one that wrote it last, if that was the making; else the row of that
    /// run with the link that the run brought.
    async fn made_by(
        &mut self,
        engine: &Engine,
        range: Option<&Row>,
        provenance: Option<&Row>,
        links: &[Row],
    ) -> Result<Option<MadeBy>> {
        let Some(run_id) = range.and_then(|r| int(r, "run_id")) else { return Ok(None) };
        let run = engine.store.get_run(&engine.tenant, run_id).await?;
        let untouched = provenance.filter(|p| {
            int(p, "run_id") == Some(run_id) && text(p, "load_action").as_deref() == Some("created")
        });
        let row = match untouched.and_then(|p| int(p, "sequence_number")) {
            Some(row) => Some(row),
            None => self.row_of_link(run_id, links).await?,
        };
        Ok(Some(MadeBy {
            run_id,
            row,
            triggered_by: run.triggered_by.clone(),
            at: run.finished_at.or(run.started_at).map(super::pinned::instant),
        }))
    }

    async fn row_of_link(&mut self, run_id: i64, links: &[Row]) -> Result<Option<i64>> {
        let Some(link) = links.iter().find(|l| int(l, "first_run_id") == Some(run_id)) else {
            return Ok(None);
        };
        let (Some(system), Some(id)) = (text(link, "external_system"), text(link, "external_id")) else {
            return Ok(None);
        };
        let sql = format!(
            "SELECT sequence_number\nFROM {}\nWHERE run_id = {run_id} AND link_system = {} AND link_id = {}\nORDER BY sequence_number\nLIMIT 1",
            REAL.table(&format!("staging_{}", self.entity)),
            literal(&system),
            literal(&id)
        );
        let rows = self.ask_sql("row that made it", sql).await?;
        Ok(rows.first().and_then(|r| int(r, "sequence_number")))
    }

    async fn taken_back(&mut self, made_by: Option<&MadeBy>) -> Result<Vec<Row>> {
        let Some(made) = made_by else { return Ok(Vec::new()) };
        let values = [Bound::number("run_id", made.run_id)];
        let related = self
            .ask_sql("runs that go back to its run", fixed_sql(Fixed::RelatedRuns, REAL, &values))
            .await?;
        let undone = taken_back(self.asker, &related, self.id).await?;
        let rows = undone.iter().flat_map(|asked| asked.rows.clone()).collect();
        self.asked.extend(undone);
        Ok(rows)
    }

    async fn tables(&self, shape: &Shape) -> Result<Vec<Asked>> {
        let mut tables = Vec::new();
        if let Some(state) = &shape.state {
            let sql = core_table_sql(&state.table, &state.owner_column, self.id, None);
            tables.push(self.asker.ask(&state.table, sql).await?);
        }
        for set in &shape.sets {
            let sql = core_table_sql(&set.table, &set.owner_column, self.id, Some(&set.key_column));
            tables.push(self.asker.ask(&set.table, sql).await?);
        }
        Ok(tables)
    }
}

const REAL: Place = Place { run_id: 0, dry: false };

/// Who wrote a field: the last change that the log has of it, else the run that made the row.
fn written(now: &Row, changes: &[Row], provenance: Option<&Row>, made_by: Option<&MadeBy>) -> FieldWrite {
    let field = text(now, "field").unwrap_or_default();
    let value = text(now, "value").filter(|v| !v.is_empty());
    let history: Vec<Row> =
        changes.iter().filter(|c| text(c, "field_name").as_ref() == Some(&field)).cloned().collect();
    let last = history.last();
    let entry = provenance
        .and_then(|p| text(p, "fields_json"))
        .and_then(|json| serde_json::from_str::<Value>(&json).ok())
        .and_then(|json| json.get(&field).cloned());
    let own =
        |name: &str| entry.as_ref().and_then(|e| e.get(name)).and_then(Value::as_str).map(str::to_owned);
    let whole = |name: &str| provenance.and_then(|p| text(p, name));
    let made = made_by.filter(|_| value.is_some() && last.is_none());
    // The log names the strongest row; the reason names the row whose value won.
    let row_of = |c: &Row| {
        let named = text(c, "reason").and_then(|r| r.strip_prefix("row:").and_then(|n| n.parse().ok()));
        named.or_else(|| int(c, "sequence_number"))
    };
    FieldWrite {
        run_id: last.and_then(|c| int(c, "run_id")).or(made.map(|m| m.run_id)),
        row: last.and_then(row_of).or(made.and_then(|m| m.row)),
        written_at: last.and_then(|c| text(c, "changed_at")).or_else(|| made.and_then(|m| m.at.clone())),
        triggered_by: last
            .and_then(|c| text(c, "changed_by").or_else(|| text(c, "triggered_by")))
            .or_else(|| made.and_then(|m| m.triggered_by.clone())),
        source: own("source").or_else(|| whole("source")).filter(|_| value.is_some()),
        effective_at: own("at").or_else(|| whole("effective_at")).filter(|_| value.is_some()),
        manual: entry.as_ref().and_then(|e| e.get("manual")).and_then(Value::as_bool).unwrap_or(false),
        edited_since: flag(now, "edited_since"),
        field,
        value,
        history,
    }
}

fn summary(
    question: &CoreQuestion,
    exists: bool,
    (made_by, merges): (Option<&MadeBy>, &[Row]),
    changes: &[Row],
    links: usize,
) -> String {
    let made = match made_by {
        Some(MadeBy { run_id, row: Some(row), .. }) => format!("was made by row {row} of run {run_id}"),
        Some(MadeBy { run_id, .. }) => format!("was made by run {run_id}"),
        None => "was not made by an import".to_owned(),
    };
    let mut runs: Vec<i64> = changes.iter().filter_map(|c| int(c, "run_id")).collect();
    runs.sort_unstable();
    runs.dedup();
    let changed = match runs.as_slice() {
        [] => "no run has changed it since".to_owned(),
        [one] => format!("run {one} has changed it since"),
        several => format!("{} runs have changed it since", several.len()),
    };
    let ids = if links == 1 { "1 external id".to_owned() } else { format!("{links} external ids") };
    let lost = merges.iter().rev().find(|merge| {
        int(merge, "loser_id") == Some(question.id) && text(merge, "status").as_deref() == Some("merged")
    });
    let gone = match lost {
        _ if exists => String::new(),
        Some(merge) => format!(
            "; it went into {} {} by merge {}",
            question.entity,
            int(merge, "winner_id").unwrap_or_default(),
            int(merge, "id").unwrap_or_default()
        ),
        None => "; it is no longer in core".to_owned(),
    };
    format!("{} {} {made}, {changed}; it has {ids}{gone}", question.entity, question.id)
}
