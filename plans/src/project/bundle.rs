//! Pinning a project to a run: all its files as one document, named by its content.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::diagnostics::{ProjectError, ProjectErrors};
use super::files::FileSet;
use super::loader::Project;
use super::place::Place;

/// A project as one JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// 32 hexadecimal digits that name the content.
    pub hash: String,
    pub json: String,
}

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    files: BTreeMap<String, String>,
}

/// The files in which two bundles differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleDifferences {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<String>,
}

const FORMAT: u32 = 1;

impl Project {
    /// Everything that shapes a run: all files but tests and connections (which hold references to secrets).
    pub fn bundle(&self) -> Bundle {
        let files = self
            .files
            .iter()
            .filter(|(path, _)| shapes_a_run(path))
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect();
        // Strings under string keys always serialise.
        let json = serde_json::to_string(&Document { format: FORMAT, files }).unwrap_or_default();
        Bundle { hash: Bundle::hash_of(&json), json }
    }

    /// Reads a bundle back.
    pub fn from_bundle(json: &str) -> Result<Self, ProjectErrors> {
        let unreadable = |message: String| {
            let error = ProjectError::about("bundle", "PRJ0001", message)
                .help("the file is damaged or was written by a newer version; run again without it");
            ProjectErrors::new(vec![error])
        };
        let document: Document = serde_json::from_str(json)
            .map_err(|error| unreadable(format!("the project bundle cannot be read: {error}")))?;
        if document.format != FORMAT {
            return Err(unreadable(format!(
                "the project bundle has format {}, this version reads {FORMAT}",
                document.format
            )));
        }
        Self::load_pinned(&FileSet::from(document.files))
    }
}

impl Bundle {
    /// The name of a content; compare it with the file's name before trusting the file.
    pub fn hash_of(json: &str) -> String {
        format!("{:032x}", xxhash_rust::xxh3::xxh3_128(json.as_bytes()))
    }

    /// Which files differ between two bundles. One that cannot be read counts as empty.
    pub fn differences(before: &str, after: &str) -> BundleDifferences {
        let files = |json: &str| serde_json::from_str::<Document>(json).map(|d| d.files).unwrap_or_default();
        let (before, after) = (files(before), files(after));
        let only_in = |these: &BTreeMap<String, String>, those: &BTreeMap<String, String>| {
            these.keys().filter(|path| !those.contains_key(*path)).cloned().collect()
        };
        BundleDifferences {
            added: only_in(&after, &before),
            removed: only_in(&before, &after),
            changed: before
                .iter()
                .filter(|(path, text)| after.get(*path).is_some_and(|new| new != *text))
                .map(|(path, _)| path.clone())
                .collect(),
        }
    }
}

fn shapes_a_run(path: &str) -> bool {
    (path.ends_with(".yml")
        || path.ends_with(".sql")
        || matches!(Place::of(path), Place::List(_) | Place::Model(..)))
        && !path.contains("/tests/")
        && path != "connections.yml"
}
