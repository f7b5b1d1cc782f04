//! The newest generation of the index. One that cannot be read, or whose files are not there, is as good as none.

use object_store::path::Path;

use super::generation::{Generation, Part};
use crate::error::{DAMAGED, Error, Result};
use crate::lake::objects::Lake;
use crate::lake::paths::{generation_of, match_index_root};

/// The index of one entity of one tenant.
#[derive(Debug, Clone)]
pub struct MatchIndex {
    pub(super) lake: Lake,
    pub(super) root: Path,
    /// The newest generation, where there is one whose files are there.
    pub(super) current: Option<Generation>,
    /// The highest number that any generation has, readable or not.
    pub(super) newest: u64,
}

impl MatchIndex {
    fn at(lake: &Lake, tenant: &str, entity: &str) -> Self {
        Self { lake: lake.clone(), root: match_index_root(tenant, entity), current: None, newest: 0 }
    }

    /// The newest generation, where there is one whose files are there.
    pub fn current(&self) -> Option<&Generation> {
        self.current.as_ref()
    }

    /// The number of the generation that would come next.
    pub fn next(&self) -> u64 {
        self.newest + 1
    }

    /// Looks for the newest generation. Nothing is read but that one document.
    pub async fn open(lake: &Lake, tenant: &str, entity: &str) -> Result<Self> {
        let mut index = Self::at(lake, tenant, entity);
        let named = lake.list(&index.root).await?;
        let generations = named.iter().map(|object| &object.location).filter_map(|path| {
            path.filename()?.ends_with(".json").then_some(())?;
            Some((generation_of(path)?, path))
        });
        let Some((newest, path)) = generations.max_by_key(|(number, _)| *number) else { return Ok(index) };
        index.newest = newest;
        index.current = match read(lake, path).await {
            Ok(found) => found,
            Err(error) => or_none(error)?,
        };
        Ok(index)
    }

    /// The newest generation, if it was made from these queries and all of its files are there.
    pub async fn usable(&self, compiled: &str) -> Result<Option<&Generation>> {
        let Some(current) = self.current.as_ref().filter(|current| current.compiled == compiled) else {
            return Ok(None);
        };
        for part in &current.parts {
            if let Err(error) = part.require(&self.lake).await {
                return or_none(error);
            }
        }
        Ok(Some(current))
    }
}

impl Part {
    async fn require(&self, lake: &Lake) -> Result<()> {
        self.records.require(lake).await?;
        self.blocks.require(lake).await
    }
}

/// A generation; none where somebody has just removed it.
async fn read(lake: &Lake, path: &Path) -> Result<Option<Generation>> {
    match lake.read_if_exists(path).await? {
        Some(bytes) => lake.parsed(path, &bytes).map(Some),
        None => Ok(None),
    }
}

/// What is damaged is made anew, as what is missing is; a lake that does not answer is not.
fn or_none<T>(error: Error) -> Result<Option<T>> {
    if error.code() == Some(DAMAGED) { Ok(None) } else { Err(error) }
}
