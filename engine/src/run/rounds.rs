//! match, resolve and load, again and again for the rows whose ground moved between resolve and load.

use super::road::{Left, Road, tell_findings};
use super::words::{describe, note};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::DataSet;
use crate::progress::Step;
use crate::steps::check::Checked;
use crate::steps::load::{Loaded, OwnIds, load, register_created, stands};
use crate::steps::matching::{Matched, matching, register_matched};
use crate::steps::refused::{find_refused, hold_refused};
use crate::steps::resolve::{Resolved, keep_round, register_resolved, register_retry, resolve};
use futures::FutureExt;

/// How often rows that moved are resolved again before a person has to look.
const ROUNDS: u32 = 3;

impl Road<'_> {
    /// Rows whose ground moved between resolve and load are resolved again against what core holds by then. Gives the
    /// number of the last round.
    pub(super) async fn rounds(&mut self) -> Result<u32> {
        let cx = self.cx;
        let mut round = 0;
        let mut own = OwnIds::default();
        loop {
            let links = if round == 0 {
                // Nobody waits for the findings; whatever becomes of match, they are told.
                let (links, told) = futures::join!(self.matching(round), tell_findings(cx));
                let links = links?;
                told?;
                links
            } else {
                self.matching(round).await?
            };
            let resolved = self.resolve(round, links).await?;
            if cx.settings.dry_run {
                return Ok(round);
            }
            let loaded = self.load(round, &resolved, &mut own).await?;
            if cx.plan_run_id.is_some() && !loaded.moved.is_empty() {
                return Err(crate::plan::tell_moved(cx, &loaded.moved).await?);
            }
            keep_round(cx, round).await?;
            if loaded.moved.is_empty() {
                return Ok(round);
            }
            register_retry(cx, &loaded.moved, loaded.undone).await?;
            round += 1;
            if round >= ROUNDS {
                if loaded.undone {
                    return Err(Error::new(
                        ErrorKind::Refused,
                        "core was changed by others during every attempt to load all at once",
                    )
                    .with_help("run again when less is written to core, or without --atomic"));
                }
                self.parts.refused = loaded.refused;
                return Ok(round - 1);
            }
        }
    }

    async fn matching(&mut self, round: u32) -> Result<u64> {
        let cx = self.cx;
        if let Some(manifest) = self.left(Step::Match, round).await? {
            let matched: Matched = manifest.read_facts()?;
            register_matched(cx, &matched, round, &cx.quiet(Step::Match)).await?;
            self.again(Step::Match, &manifest).await?;
            return Ok(matched.links.rows());
        }
        let validated = self.parts.checked.as_ref().map_or(0, Checked::validated);
        let progress = cx.progress(Step::Match, Some(validated));
        let matched = cx.unless_stopped(matching(cx, round, &progress).boxed()).await?;
        let links = matched.links.rows();
        let report = progress.finish(links, links, note([(matched.pairs.rows(), "pairs to know of")]));
        let facts = serde_json::to_value(&matched)?;
        self.warn_of_similar_ids(round).await?;
        let sets = [
            ("links", matched.links),
            ("dedupe_pairs", matched.pairs),
            ("hits", matched.hits),
            ("found_links", matched.found_links.unwrap_or_default()),
        ];
        self.keep(Step::Match, round, Left { sets, facts, report }).await?;
        Ok(links)
    }

    async fn resolve(&mut self, round: u32, links: u64) -> Result<Resolved> {
        let cx = self.cx;
        if let Some(manifest) = self.left(Step::Resolve, round).await? {
            let resolved: Resolved = manifest.read_facts()?;
            register_resolved(cx, &resolved).await?;
            self.again(Step::Resolve, &manifest).await?;
            self.resolved(round, &resolved)?;
            return Ok(resolved);
        }
        let progress = cx.progress(Step::Resolve, Some(links));
        let resolved = cx.unless_stopped(resolve(cx, round, &progress).boxed()).await?;
        let report = progress.finish(links, resolved.changes().rows(), describe(&resolved.counts));
        let facts = serde_json::to_value(&resolved)?;
        let sets = [
            ("changes_merged", resolved.merged.clone()),
            ("changes_created", resolved.created.clone()),
            ("changes_unchanged", resolved.unchanged.clone()),
            ("manual_kept", resolved.manual_kept.clone()),
            ("tied", resolved.tied.clone()),
        ];
        self.warn_of_values_by_hand(round, &resolved).await?;
        self.warn_of_nothing_by_hand(round).await?;
        self.warn_of_ties(round, &resolved).await?;
        self.keep(Step::Resolve, round, Left { sets, facts, report }).await?;
        self.resolved(round, &resolved)?;
        Ok(resolved)
    }

    /// The first round's counts are the run's, until all rounds are over.
    fn resolved(&mut self, round: u32, resolved: &Resolved) -> Result<()> {
        self.resolved.push(resolved.clone());
        if round > 0 {
            return Ok(());
        }
        self.parts.core = Some(resolved.counts.clone());
        self.all_or_nothing(resolved.counts.rows_review)
    }

    async fn load(&mut self, round: u32, resolved: &Resolved, own: &mut OwnIds) -> Result<Loaded> {
        let cx = self.cx;
        if let Some(manifest) = self.left(Step::Load, round).await? {
            let loaded: Loaded = manifest.read_facts()?;
            if stands(cx, &loaded, round).await? {
                self.loaded = true;
                own.ids.extend(&loaded.ids);
                register_created(cx, &loaded, round).await?;
                self.again(Step::Load, &manifest).await?;
                if let Some(found) = manifest.data_sets.get("refused") {
                    self.hold(&loaded, found, false).await?;
                }
                return Ok(loaded);
            }
            self.forget(Step::Load, round).await?;
        }
        // What is loaded from can be found again.
        self.settled().await?;
        let changes = resolved.changes().rows();
        let progress = cx.progress(Step::Load, Some(changes));
        self.loaded = true;
        let loaded = load(cx, resolved, round, own, &progress).await?;
        if cx.plan_run_id.is_some() && !loaded.moved.is_empty() {
            return Ok(loaded);
        }
        let held = loaded.held.len() as u64;
        let said = note([(loaded.refused, "moved"), (held, "refused by the target")]);
        let report = progress.finish(changes, loaded.applied, said);
        let facts = serde_json::to_value(&loaded)?;
        let created = ("created_ids", loaded.created.clone());
        if loaded.held.is_empty() {
            self.keep(Step::Load, round, Left { sets: [created], facts, report }).await?;
            return Ok(loaded);
        }
        let landed = self.landed()?;
        let found = find_refused(cx, &landed, &loaded.held, round).await?;
        fail::fail_point!("run::refused_found", |_| Err(Error::internal("failpoint run::refused_found")));
        let sets = [created, ("refused", found.clone())];
        self.keep(Step::Load, round, Left { sets, facts, report }).await?;
        // What is told to the store is listed in the lake.
        self.settled().await?;
        self.hold(&loaded, &found, true).await?;
        Ok(loaded)
    }

    /// Rows that the target tables did not take are held, and told like all findings.
    async fn hold(&mut self, loaded: &Loaded, found: &DataSet, news: bool) -> Result<()> {
        let cx = self.cx;
        let landed = self.landed()?;
        if let Some(checked) = &mut self.parts.checked {
            hold_refused(cx, &landed, checked, found).await?;
        }
        tell_findings(cx).await?;
        if news && let Some(first) = loaded.held.first() {
            self.warn(format!(
                "{} changes are refused by the target tables and held; {}",
                loaded.held.len(),
                first.message
            ));
        }
        Ok(())
    }
}
