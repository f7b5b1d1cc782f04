//! What a run is taken up with again: everything of its request that its steps depend on. It is stored with the run's
//! row, so that neither the command line nor the current project has a say in a run that was begun.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use importer_plans::project::{DuplicatePolicy, ImportMode};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::Settings;
use super::inputs::content_hash;
use super::start::KeptRows;
use super::suggested::Suggested;
use crate::error::{Error, ErrorKind, Result};
use crate::request::Input;
use crate::store::Run;

/// The parameters of a run as `import_runs.ingest_params_json` keeps them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunParams {
    /// The first input, `-` for standard input; nothing for a run that reads no file.
    pub file_path: Option<String>,
    /// All inputs, absolute.
    pub file_paths: Vec<String>,
    pub source_system: String,
    pub dry_run: bool,
    pub keep_file: bool,
    pub landed_at: i64,
    /// What the inputs were when the run began.
    pub inputs: Vec<InputFile>,
    /// Headers mapped by hand: header, contract field.
    pub headers: Vec<(String, String)>,
    /// Options of the connector laid over those of the source file.
    #[serde(alias = "csv")]
    pub options: Vec<(String, String)>,
    /// Nobody named the namespace of the external ids.
    pub default_namespace: bool,
    pub settings: Settings,
    /// The rows that the run begins with, where it reads no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<KeptRows>,
    /// What the data of the files speaks for.
    #[serde(default)]
    pub suggestions: Vec<Suggested>,
    /// Names the request: two runs of one signature would do the same. None where input cannot be read again.
    pub signature: Option<String>,
}

/// Before the name of what the options of the source name.
const TABLE: &str = "table:";
/// Before the name of what came in memory.
const MEMORY: &str = "memory:";

/// An input as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The absolute path, `-` for standard input, and a name behind `memory:` for records that came in memory or behind
    /// `table:` for what the options name.
    pub path: String,
    pub bytes: Option<u64>,
    /// Microseconds since 1970 UTC.
    pub modified_at: Option<i64>,
    /// What it holds, as 32 hexadecimal digits of its XXH3-128.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
}

impl InputFile {
    /// Looks at an input.
    pub fn of(input: &Input) -> Self {
        match input {
            Input::Stdin => Self::once("-".to_owned()),
            Input::Table(name) => Self::once(format!("{TABLE}{name}")),
            Input::Batches { name, .. } => Self::once(format!("{MEMORY}{name}")),
            Input::File(path) => Self::found(&std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        }
    }

    fn once(path: String) -> Self {
        Self { path, bytes: None, modified_at: None, content_hash: None }
    }

    /// It cannot be read a second time.
    fn is_once(&self) -> bool {
        self.path == "-" || self.path.starts_with(MEMORY)
    }

    fn found(path: &Path) -> Self {
        let facts = std::fs::metadata(path).ok();
        let modified = facts.as_ref().and_then(|f| f.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        Self {
            path: path.display().to_string(),
            bytes: facts.as_ref().map(std::fs::Metadata::len),
            modified_at: modified.and_then(|t| i64::try_from(t.as_micros()).ok()),
            content_hash: facts.filter(std::fs::Metadata::is_file).and_then(|_| content_hash(path).ok()),
        }
    }

    /// It holds what the other held. Files that were hashed are told by their content, whenever they were written.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.content_hash, &other.content_hash) {
            (Some(now), Some(then)) => now == then,
            _ => (self.bytes, self.modified_at) == (other.bytes, other.modified_at),
        }
    }

    /// The input, to be read again.
    pub fn input(&self) -> Input {
        match self.path.strip_prefix(TABLE) {
            Some(name) => Input::Table(name.to_owned()),
            None => Input::parse(&self.path),
        }
    }

    /// The same input as it is now; standard input is gone.
    pub fn now(&self) -> Result<Self> {
        let path = PathBuf::from(&self.path);
        // A table is what it is now, whenever it is read.
        if self.path.starts_with(TABLE) {
            return Ok(self.clone());
        }
        if self.is_once() {
            let what = if self.path == "-" { "standard input" } else { "what came in memory" };
            return Err(Error::new(ErrorKind::Input, format!("{what} cannot be read a second time"))
                .with_help("run it again; rows that are loaded already count as unchanged")
                .with_code("INPUT_GONE"));
        }
        if !path.exists() {
            return Err(Error::new(
                ErrorKind::Input,
                format!("{}: the file is not there any more", self.path),
            )
            .with_help("put it back under this path, or run the file from where it is now")
            .with_code("INPUT_GONE"));
        }
        Ok(Self::found(&path))
    }
}

impl RunParams {
    /// The parameters of a run of these inputs.
    pub fn new(settings: Settings, inputs: &[Input]) -> Self {
        let inputs: Vec<InputFile> = inputs.iter().map(InputFile::of).collect();
        let file_paths: Vec<String> = inputs.iter().map(|i| i.path.clone()).collect();
        Self {
            file_path: file_paths.first().cloned(),
            file_paths,
            source_system: settings.external_system.clone(),
            dry_run: settings.dry_run,
            keep_file: false,
            landed_at: settings.landed_at,
            inputs,
            headers: Vec::new(),
            options: Vec::new(),
            default_namespace: false,
            settings,
            rows: None,
            suggestions: Vec::new(),
            signature: None,
        }
    }

    /// Names the request, so that the same one finds its interrupted run.
    pub fn sign(&mut self, source: &str, entity: &str, project_hash: &str) -> Result<()> {
        if self.inputs.is_empty() || self.inputs.iter().any(InputFile::is_once) {
            return Ok(());
        }
        // When, in how many pieces and on how many threads changes nothing of what comes out.
        let settings = Settings {
            landed_at: 0,
            loaded_at: None,
            chunk_rows: 0,
            chunks_in_pairs: false,
            partitions: 0,
            ..self.settings.clone()
        };
        let request = serde_json::json!([
            source,
            entity,
            project_hash,
            self.inputs,
            self.headers,
            self.options,
            self.default_namespace,
            settings
        ]);
        self.signature = Some(format!("{:032x}", xxh3_128(request.to_string().as_bytes())));
        Ok(())
    }

    /// The stored parameters of a run.
    pub fn of(run: &Run) -> Result<Self> {
        serde_json::from_value(run.ingest_params_json.clone()).map_err(|e| {
            Error::new(
                ErrorKind::Usage,
                format!("run {} was begun by another version of Importer: {e}", run.id),
            )
            .with_help("run its file again; rows that are loaded already count as unchanged")
            .with_code("RUN_PARAMS")
        })
    }

    /// As the store keeps them.
    pub fn document(&self) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    /// Fails unless every input is what it was when the run began.
    pub fn require_same_inputs(&self) -> Result<()> {
        for input in &self.inputs {
            if !input.now()?.is_same(input) {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("{}: the file has changed since the run began", input.path),
                )
                .with_help("put the old file back and resume, or read the new one with `importer retry`")
                .with_code("INPUT_CHANGED"));
            }
        }
        Ok(())
    }
}

/// A word of a project file as text.
macro_rules! as_word {
    ($module:ident, $word:ty) => {
        pub(super) mod $module {
            use serde::{Deserialize, Deserializer, Serializer, de::Error};

            pub fn serialize<S: Serializer>(value: &$word, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(value.as_str())
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$word, D::Error> {
                let text = String::deserialize(from)?;
                let found = <$word>::WORDS.iter().find(|(word, _)| *word == text);
                found
                    .map(|(_, value)| *value)
                    .ok_or_else(|| D::Error::custom(format!("{text:?} is no known word")))
            }
        }
    };
}

as_word!(policy_word, super::DuplicatePolicy);
as_word!(mode_word, super::ImportMode);
