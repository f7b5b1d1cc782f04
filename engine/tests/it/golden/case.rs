//! A case: `case.toml`, as described in `testdata/golden/README.md`. Golden cases and cases from the field are alike.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub title: String,
    #[expect(dead_code, reason = "read by people")]
    pub why: Option<String>,
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub name: Option<String>,
    #[serde(default)]
    pub fresh: bool,
    #[serde(default)]
    pub run: Vec<String>,
    #[serde(default)]
    pub args: Vec<String>,
    pub sql: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub expect: Expect,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub exit: Option<u8>,
    pub exit_any: Option<Vec<u8>>,
    pub status: Option<String>,
    pub staging: Option<BTreeMap<String, u64>>,
    pub dq: Option<BTreeMap<String, u64>>,
    pub core: Option<BTreeMap<String, u64>>,
    pub core_would_be: Option<BTreeMap<String, u64>>,
    pub rejects: Option<BTreeMap<String, u64>>,
    pub violations: Option<BTreeMap<String, u64>>,
    pub findings: Option<BTreeMap<String, u64>>,
    pub suggestions: Option<Vec<Suggestion>>,
    pub change_log: Option<Vec<Change>>,
    pub people: Option<String>,
    /// Each must stand in one of the run's warnings.
    pub warns: Option<Vec<String>>,
    /// Each must stand in the error and its help, of a run that failed or of a command that was refused.
    pub says: Option<Vec<String>>,
    /// Each must stand in the message of a finding or of a reject.
    pub finds: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    pub match_type: Option<String>,
    pub decision: Option<String>,
    pub reason: Option<String>,
    pub count: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub field: Option<String>,
    pub count: u64,
}

/// The folder of all golden data.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/golden")
}

/// The folder of situations from the field.
pub fn field() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/field")
}

impl Case {
    pub fn load(folder: &Path) -> Self {
        let folder = folder.to_owned();
        let text = std::fs::read_to_string(folder.join("case.toml")).expect("the case is there");
        let mut case: Self =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}/case.toml: {e}", folder.display()));
        case.folder = folder;
        case
    }
}
