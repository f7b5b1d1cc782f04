//! match, resolve and load, again and again for the rows whose ground moved between resolve and load.

use futures::FutureExt;
use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, tell_findings};
use super::executor::{Figures, Task, Told};
use super::warnings;
use super::words::{describe, note};
use crate::context::RunContext;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, Manifest};
use crate::progress::{Step, StepProgress};
use crate::steps::check::Checked;
use crate::steps::land::Landed;
use crate::steps::load::{Loaded, OwnIds, load, register_created, stands};
use crate::steps::matching::{Matched, matching, register_matched};
use crate::steps::refused::{find_refused, hold_refused};
use crate::steps::resolve::{Resolved, keep_round, register_resolved, register_retry, resolve};

/// How often rows that moved are resolved again before a person has to look.
const ROUNDS: u32 = 3;

impl Attempt<'_> {
    /// Rows whose ground moved between resolve and load are resolved again against what core holds by then. Gives the
    /// number of the last round.
    pub(super) async fn rounds(&mut self, landed: &Landed) -> Result<u32> {
        let cx = self.cx;
        let mut round = 0;
        let mut own = OwnIds::default();
        loop {
            let validated = self.parts.checked.as_ref().map_or(0, Checked::validated);
            let matching = self.executor.run(Match { validated, round });
            let matched = if round == 0 {
                // Nobody waits for the findings; whatever becomes of match, they are told.
                let (matched, told) = futures::join!(matching, tell_findings(cx));
                let matched = matched?;
                told?;
                matched.output
            } else {
                matching.await?.output
            };
            let resolved = self.executor.run(Resolve { landed, matched: &matched, round }).await?.output;
            self.resolved(round, &resolved)?;
            if cx.settings.dry_run {
                return Ok(round);
            }
            self.loaded = true;
            let load = Load { landed, resolved: &resolved, round, own: &mut own };
            let ran = self.executor.run(load).await?;
            let LoadedRound { loaded, refused } = ran.output;
            if ran.restored {
                own.ids.extend(&loaded.ids);
            }
            if let Some(refused) = refused {
                self.hold(landed, &loaded, &refused, !ran.restored).await?;
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

    /// The first round's counts are the run's, until all rounds are over.
    fn resolved(&mut self, round: u32, resolved: &Resolved) -> Result<()> {
        self.resolved.push(resolved.clone());
        if round > 0 {
            return Ok(());
        }
        self.parts.core = Some(resolved.counts.clone());
        self.all_or_nothing(resolved.counts.rows_review)
    }

    /// Rows that the target tables did not take are held, and told like all findings.
    async fn hold(&mut self, landed: &Landed, loaded: &Loaded, found: &DataSet, is_new: bool) -> Result<()> {
        // What is told to the store is listed in the lake.
        self.executor.persisted().await?;
        if let Some(checked) = &mut self.parts.checked {
            hold_refused(self.cx, landed, checked, found).await?;
        }
        tell_findings(self.cx).await?;
        if is_new && let Some(first) = loaded.held.first() {
            self.warn(format!(
                "{} changes are refused by the target tables and held; {}",
                loaded.held.len(),
                first.message
            ));
        }
        Ok(())
    }
}

/// Validated rows are linked with core rows and with each other.
struct Match {
    validated: u64,
    round: u32,
}

impl Task for Match {
    type Output = Matched;
    const STEP: Step = Step::Match;

    fn round(&self) -> u32 {
        self.round
    }

    fn expected(&self) -> Option<u64> {
        Some(self.validated)
    }

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        told: &mut Told,
    ) -> Result<(Matched, Figures)> {
        let matched = matching(cx, self.round, progress).boxed().await?;
        if self.round == 0 {
            warnings::of_similar_ids(cx, told).await?;
        }
        let links = matched.links.rows();
        let note = note([(matched.pairs.rows(), "pairs to know of")]);
        Ok((matched, Figures { rows_in: links, rows_out: links, note }))
    }

    async fn restore(&mut self, cx: &RunContext, matched: &Matched, _: &mut Told) -> Result<bool> {
        register_matched(cx, matched, self.round, &cx.quiet(Step::Match)).await?;
        Ok(true)
    }

    fn data_sets(matched: &Matched) -> Vec<(&'static str, DataSet)> {
        let sets = [
            ("links", matched.links.clone()),
            ("dedupe_pairs", matched.pairs.clone()),
            ("hits", matched.hits.clone()),
            ("found_links", matched.found_links.clone().unwrap_or_default()),
        ];
        let scores = matched.scores.clone().map(|scores| ("dedupe_scores", scores));
        sets.into_iter().chain(scores).collect()
    }
}

/// Links become changes, field by field.
struct Resolve<'r> {
    landed: &'r Landed,
    matched: &'r Matched,
    round: u32,
}

impl Task for Resolve<'_> {
    type Output = Resolved;
    const STEP: Step = Step::Resolve;

    fn round(&self) -> u32 {
        self.round
    }

    fn expected(&self) -> Option<u64> {
        Some(self.matched.links.rows())
    }

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        told: &mut Told,
    ) -> Result<(Resolved, Figures)> {
        let resolved = resolve(cx, self.round, progress).boxed().await?;
        if self.round == 0 {
            warnings::of_values_by_hand(cx, told, &resolved).await?;
            warnings::of_nothing_by_hand(cx, told).await?;
            warnings::of_ties(cx, told, &resolved, self.landed).await?;
        }
        let figures = Figures {
            rows_in: self.matched.links.rows(),
            rows_out: resolved.changes().rows(),
            note: describe(&resolved.counts),
        };
        Ok((resolved, figures))
    }

    async fn restore(&mut self, cx: &RunContext, resolved: &Resolved, _: &mut Told) -> Result<bool> {
        register_resolved(cx, resolved).await?;
        Ok(true)
    }

    fn data_sets(resolved: &Resolved) -> Vec<(&'static str, DataSet)> {
        vec![
            ("changes_merged", resolved.merged.clone()),
            ("changes_created", resolved.created.clone()),
            ("changes_unchanged", resolved.unchanged.clone()),
            ("manual_kept", resolved.manual_kept.clone()),
            ("tied", resolved.tied.clone()),
        ]
    }
}

/// Changes go into core.
struct Load<'r> {
    landed: &'r Landed,
    resolved: &'r Resolved,
    round: u32,
    own: &'r mut OwnIds,
}

/// What a load did, and the findings of the rows that the target tables did not take: a data set of its manifest.
#[derive(Serialize, Deserialize)]
struct LoadedRound {
    #[serde(flatten)]
    loaded: Loaded,
    #[serde(skip)]
    refused: Option<DataSet>,
}

impl Task for Load<'_> {
    type Output = LoadedRound;
    const STEP: Step = Step::Load;
    const WRITES_CORE: bool = true;

    fn round(&self) -> u32 {
        self.round
    }

    fn expected(&self) -> Option<u64> {
        Some(self.resolved.changes().rows())
    }

    async fn perform(
        self,
        cx: &RunContext,
        progress: &StepProgress,
        _: &mut Told,
    ) -> Result<(LoadedRound, Figures)> {
        let loaded = load(cx, self.resolved, self.round, self.own, progress).await?;
        if cx.plan_run_id.is_some() && !loaded.moved.is_empty() {
            return Err(crate::plan::tell_moved(cx, &loaded.moved).await?);
        }
        let refused = if loaded.held.is_empty() {
            None
        } else {
            let found = find_refused(cx, self.landed, &loaded.held, self.round).await?;
            fail::fail_point!("run::refused_found", |_| Err(Error::internal("failpoint run::refused_found")));
            Some(found)
        };
        let held = loaded.held.len() as u64;
        let figures = Figures {
            rows_in: self.resolved.changes().rows(),
            rows_out: loaded.applied,
            note: note([(loaded.refused, "moved"), (held, "refused by the target")]),
        };
        Ok((LoadedRound { loaded, refused }, figures))
    }

    async fn restore(&mut self, cx: &RunContext, round: &LoadedRound, _: &mut Told) -> Result<bool> {
        if !stands(cx, &round.loaded, self.round).await? {
            return Ok(false);
        }
        register_created(cx, &round.loaded, self.round).await?;
        Ok(true)
    }

    fn data_sets(round: &LoadedRound) -> Vec<(&'static str, DataSet)> {
        let refused = round.refused.clone().map(|refused| ("refused", refused));
        [("created_ids", round.loaded.created.clone())].into_iter().chain(refused).collect()
    }

    fn of_manifest(manifest: &Manifest) -> Result<LoadedRound> {
        let refused = manifest.data_sets.get("refused").cloned();
        Ok(LoadedRound { loaded: manifest.read_facts()?, refused })
    }
}
