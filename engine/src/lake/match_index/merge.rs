//! Which parts of the index become one, and which files nobody needs any more.

use std::collections::HashSet;

use super::generation::{Generation, Part};
use super::read::MatchIndex;
use crate::error::Result;
use crate::lake::paths::generation_of;

/// Parts from which on some become one: each is asked for the blocks of every run.
const OPEN: usize = 8;

/// The parts whose records the next part takes along, by their places; none while there are few. They are the smallest, and
/// a larger one joins them only where they have come near it: a million records are not written anew for every eighth small
/// run.
pub fn due(parts: &[Part]) -> Vec<usize> {
    if parts.len() + 1 < OPEN {
        return Vec::new();
    }
    let mut smallest: Vec<(u64, usize)> = parts.iter().map(Part::rows).zip(0..).collect();
    smallest.sort_unstable();
    let (mut taken, mut rows) = (Vec::new(), 0_u64);
    for (size, place) in smallest {
        // At least one, so that there are no more of them than before.
        if !taken.is_empty() && size > rows.saturating_mul(2) {
            break;
        }
        rows = rows.saturating_add(size);
        taken.push(place);
    }
    taken.sort_unstable();
    taken
}

impl MatchIndex {
    /// Removes what neither the newest generation nor the one before it names. The one before stays, for a run may have
    /// opened it a moment ago; what is written for a generation to come is not looked at.
    pub async fn sweep(&self) -> Result<()> {
        let Some(current) = &self.current else { return Ok(()) };
        let before = current.number.saturating_sub(1);
        let mut named: HashSet<String> = HashSet::new();
        for object in self.lake.list(&self.root).await? {
            let path = object.location;
            let is_list = path.filename().is_some_and(|name| name.ends_with(".json"));
            if is_list && generation_of(&path).is_some_and(|number| number >= before) {
                named.insert(path.to_string());
                let Some(bytes) = self.lake.read_if_exists(&path).await? else { continue };
                let Ok(generation) = serde_json::from_slice::<Generation>(&bytes) else { continue };
                let sets = generation.parts.iter().flat_map(|part| [&part.records, &part.blocks]);
                named.extend(sets.flat_map(|set| &set.files).map(|file| file.path.clone()));
            }
        }
        for object in self.lake.list(&self.root).await? {
            let path = object.location;
            let old = generation_of(&path).is_some_and(|number| number <= current.number);
            if old && !named.contains(path.as_ref()) {
                self.lake.remove(&path).await?;
            }
        }
        Ok(())
    }
}
