//! What a run is taken up with again: everything of its request that its steps depend on. It is stored with the run's
//! row, so that neither the command line nor the current project has a say in a run that was begun.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::context::{InputFile, Settings, Suggested};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::DataSet;
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
    /// Dry runs before this one in its set, whose records count as there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<i64>,
    /// What the data of the files speaks for.
    #[serde(default)]
    pub suggestions: Vec<Suggested>,
    /// Names the request: two runs of one signature would do the same. None where input cannot be read again.
    pub signature: Option<String>,
}

/// Rows that a run begins with instead of files. They lie in the lake before the run exists, so that an attempt that
/// dies before it has landed them loses nothing of what a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRows {
    /// The folder of the request.
    pub folder: String,
    /// Which rows.
    pub held: DataSet,
    /// Their edits.
    pub edits: DataSet,
    /// The runs that first landed them.
    pub origins: Vec<i64>,
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
            plans: Vec::new(),
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
        let mut request = vec![serde_json::json!([
            source,
            entity,
            project_hash,
            self.inputs,
            self.headers,
            self.options,
            self.default_namespace,
            settings
        ])];
        if !self.plans.is_empty() {
            request.push(serde_json::json!(self.plans));
        }
        let request: String = request.iter().map(ToString::to_string).collect();
        self.signature = Some(format!("{:032x}", xxh3_128(request.as_bytes())));
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
