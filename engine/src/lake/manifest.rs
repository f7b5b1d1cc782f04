//! What a step left behind: its files with their sizes and checksums, and its facts.
//!
//! A manifest is written once, by conditional create, after all its files are durable. It is the only thing that
//! makes a file part of a run; the store alone decides the run's status. A process that lost the run to another one may wake
//! and write one all the same: never in the place of the other's, and it gives way to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dataset::DataSet;
use super::objects::Lake;
use super::paths::RunPaths;
use crate::error::{Error, Result};

/// The manifest of one step of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The step, by its name.
    pub step: String,
    /// The attempt that wrote it.
    pub attempt: i32,
    /// The lease epoch it was written under.
    pub epoch: i64,
    /// The data sets, by name.
    pub data_sets: BTreeMap<String, DataSet>,
    /// What the next steps need to know beside the files: `facts` of the step, the `queries` that were run, and what
    /// was told about it (`report`, `warnings`, `anomalies`).
    pub facts: serde_json::Value,
}

/// The name of the manifest of a step. Later rounds of match, resolve and load have one of their own.
pub fn manifest_name(step: &str, round: u32) -> String {
    match round {
        0 => step.to_owned(),
        n => format!("{step}-{n}"),
    }
}

impl Manifest {
    /// Writes the manifest, unless the step has one; says whether it was written.
    pub async fn create(&self, lake: &Lake, paths: &RunPaths) -> Result<bool> {
        lake.create(&paths.manifest(&self.step), serde_json::to_vec_pretty(self)?.into()).await
    }

    /// Writes the manifest in the place of one that a former owner of the run has left there. Whoever does has the run, and
    /// keeps it meanwhile.
    pub async fn supersede(&self, lake: &Lake, paths: &RunPaths) -> Result<()> {
        match Self::read(lake, paths, &self.step).await? {
            Some(there) if there.epoch >= self.epoch => Err(self.is_there()),
            _ => lake.replace(&paths.manifest(&self.step), serde_json::to_vec_pretty(self)?.into()).await,
        }
    }

    fn is_there(&self) -> Error {
        Error::new(
            crate::error::ErrorKind::Lease,
            format!("step {} of this run was already finished by another process", self.step),
        )
        .with_help("look at the run with `importer show`; the other process continues it")
    }

    /// Reads the manifest of a step, if the step was finished.
    pub async fn read(lake: &Lake, paths: &RunPaths, step: &str) -> Result<Option<Self>> {
        match lake.read_if_exists(&paths.manifest(step)).await? {
            Some(bytes) => lake.parsed(&paths.manifest(step), &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// The step's own facts.
    pub fn read_facts<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        let facts = self.facts.get("facts").cloned().unwrap_or_default();
        serde_json::from_value(facts).map_err(|e| {
            Error::new(
                crate::error::ErrorKind::Lake,
                format!("the manifest of step {} cannot be read: {e}", self.step),
            )
            .with_help("it was written by another version of Importer; run the file again")
            .with_source(e)
        })
    }

    /// One data set of the step; asking for one that the step does not give is a defect.
    pub fn data_set(&self, name: &str) -> Result<&DataSet> {
        self.data_sets
            .get(name)
            .ok_or_else(|| Error::internal(format!("step {} gave no data set {name}", self.step)))
    }
}
