//! What can be asked of an engine about rows that are one, or two.

use importer_plans::compile::Shape;

use super::admit::{MergeRequest, UnmergeRequest, entity_of};
use super::log::PartedField;
use super::masking::{masked, sensitive};
use super::merging::{MergeReport, merge};
use super::parting::{UnmergeReport, unmerge};
use super::split::{SplitReport, SplitRequest, split};
use crate::engine::Engine;
use crate::error::Result;
use crate::store::{MergeFilter, MergeRow};

impl Engine {
    /// Makes two rows of core one, or says what that would do.
    pub async fn merge(&self, request: &MergeRequest) -> Result<MergeReport> {
        let mut report = Box::pin(merge(self, request)).await?;
        if !request.show {
            let hidden = sensitive(&Shape::of(entity_of(self, &report.entity)?));
            for field in report.fields.iter_mut().filter(|field| hidden.contains(&field.field)) {
                [&mut field.winner, &mut field.loser, &mut field.merged].into_iter().for_each(masked);
            }
        }
        Ok(report)
    }

    /// Takes a merge back, or says what that would do.
    pub async fn unmerge(&self, request: &UnmergeRequest) -> Result<UnmergeReport> {
        let mut report = Box::pin(unmerge(self, request)).await?;
        if !request.show {
            mask(self, &report.entity, &mut report.fields)?;
        }
        Ok(report)
    }

    /// Gives records of a row a row of their own, or says what that would do.
    pub async fn split(&self, request: &SplitRequest) -> Result<SplitReport> {
        let mut report = Box::pin(split(self, request)).await?;
        if !request.show {
            mask(self, &report.entity, &mut report.fields)?;
        }
        Ok(report)
    }

    /// The merges that a row of core won or lost.
    pub async fn merges_of(&self, entity: &str, core_id: i64) -> Result<Vec<MergeRow>> {
        let entity = entity_of(self, entity)?;
        let table = entity.core_load().map(|load| load.own_table().to_owned());
        let filter = MergeFilter { core_table: table, core_id: Some(core_id), run: None };
        Ok(self.store.merges(&self.tenant, &filter).await?)
    }
}

fn mask(engine: &Engine, entity: &str, fields: &mut [PartedField]) -> Result<()> {
    let hidden = sensitive(&Shape::of(entity_of(engine, entity)?));
    for field in fields.iter_mut().filter(|field| hidden.contains(&field.field)) {
        [&mut field.winner, &mut field.loser, &mut field.merged].into_iter().for_each(masked);
    }
    Ok(())
}
