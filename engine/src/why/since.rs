//! Since the run: what others did to the core row and to the record's link, and how all of it stands now.

use importer_plans::compile::Bound;
use importer_plans::compile::why::{Fixed, Place, core_fields_sql, fixed_sql};

use super::ask::{Asked, Asker, Row, int, text};
use super::pinned::Pinned;
use super::story::Since;
use crate::error::Result;
use crate::store::{RunKind, RunStatus};

/// The link of a record: system and id.
pub type Link = Option<(String, String)>;

/// Asks statement by statement and keeps them all.
pub struct Later<'a> {
    asker: &'a Asker,
    pinned: &'a Pinned,
    asked: Vec<Asked>,
}

impl<'a> Later<'a> {
    pub fn new(asker: &'a Asker, pinned: &'a Pinned) -> Self {
        Self { asker, pinned, asked: Vec::new() }
    }

    async fn ask(&mut self, name: &str, fixed: Fixed, values: &[Bound]) -> Result<Vec<Row>> {
        let asked = self.asker.ask(name, fixed_sql(fixed, self.pinned.place, values)).await?;
        let rows = asked.rows.clone();
        self.asked.push(asked);
        Ok(rows)
    }

    /// The row of the id map that a record's link has now.
    pub async fn link(&mut self, link: &Link) -> Result<Option<Row>> {
        let Some((system, id)) = link else { return Ok(None) };
        let values = self.of_link(system, id);
        Ok(self.ask("link now", Fixed::Link, &values).await?.into_iter().next())
    }

    fn of_link(&self, system: &str, id: &str) -> [Bound; 3] {
        [
            Bound::text("entity", Some(&self.pinned.run.entity)),
            Bound::text("system", Some(system)),
            Bound::text("id", Some(id)),
        ]
    }

    /// Tells everything that happened since.
    pub async fn tell(mut self, link: &Link, link_row: Option<Row>, core_id: Option<i64>) -> Result<Since> {
        let mut since = Since { link: link_row, ..Since::default() };
        let of_run = [Bound::number("run_id", self.pinned.run.id)];
        since.related_runs = self.ask("runs that go back to this one", Fixed::RelatedRuns, &of_run).await?;
        if let Some((system, id)) = link {
            let values = self.of_link(system, id);
            since.suggestions = self.ask("suggestions", Fixed::Suggestions, &values).await?;
            since.findings = self.ask("findings of the record", Fixed::LinkFindings, &values).await?;
        }
        if let Some(core) = core_id {
            self.core(core, &mut since).await?;
        }
        since.asked = self.asked;
        Ok(since)
    }

    async fn core(&mut self, core_id: i64, since: &mut Since) -> Result<()> {
        let values =
            [Bound::text("entity", Some(&self.pinned.run.entity)), Bound::number("core_id", core_id)];
        let own = self.pinned.run.id;
        // The other one of a pair is named by its core row.
        let known: Vec<Option<i64>> = since.suggestions.iter().map(|s| int(s, "id")).collect();
        let about = self.ask("suggestions about the core row", Fixed::CoreSuggestions, &values).await?;
        since.suggestions.extend(about.into_iter().filter(|s| !known.contains(&int(s, "id"))));
        let log = self.ask("change log", Fixed::ChangeLog, &values).await?;
        since.later_changes =
            log.into_iter().filter(|row| int(row, "run_id").is_some_and(|r| r > own)).collect();
        since.provenance = self.ask("provenance", Fixed::Provenance, &values).await?.into_iter().next();
        let undone = taken_back(self.asker, &since.related_runs, core_id).await?;
        since.taken_back = undone.iter().flat_map(|asked| asked.rows.clone()).collect();
        self.asked.extend(undone);
        let core = self.asker.ask("core row now", core_fields_sql(&self.pinned.shape, core_id)).await?;
        since.core_exists = Some(!core.rows.is_empty());
        since.core.clone_from(&core.rows);
        self.asked.push(core);
        Ok(())
    }
}

/// What the rollbacks among some runs did to a core row. One that was itself rolled back does not count any more.
pub async fn taken_back(asker: &Asker, runs: &[Row], core_id: i64) -> Result<Vec<Asked>> {
    let mut all = Vec::new();
    // A rollback that failed took nothing back, and one that was taken back itself does not count.
    let nothing = [RunStatus::RolledBack, RunStatus::Failed, RunStatus::Cancelled, RunStatus::Pending];
    let stands = |r: &&Row| {
        text(r, "kind").as_deref() == Some(RunKind::Rollback.as_str())
            && nothing.iter().all(|status| text(r, "status").as_deref() != Some(status.as_str()))
    };
    for run in runs.iter().filter(stands) {
        let Some(run_id) = int(run, "run_id") else { continue };
        let values = [Bound::number("run_id", run_id), Bound::number("core_id", core_id)];
        let place = Place { run_id, dry: false };
        all.push(asker.ask("taken back", fixed_sql(Fixed::TakenBack, place, &values)).await?);
    }
    Ok(all)
}

/// The link that stage made of a row.
pub fn link_of(keys: &Row) -> Link {
    Some((text(keys, "link_system")?, text(keys, "link_id")?))
}
