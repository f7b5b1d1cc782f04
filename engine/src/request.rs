//! What a caller asks of a run, before anything was read.

use std::path::PathBuf;

use datafusion::arrow::array::RecordBatch;
use importer_plans::project::{After, DateOrder, DuplicatePolicy, ImportMode, NumberFormat};

/// One input of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// What the options of the source name and is no file, such as a table of a database, under its name for messages.
    Table(String),
    /// Records in memory, under a name for messages. All batches have one schema.
    Batches { name: String, batches: Vec<RecordBatch> },
}

impl Input {
    /// `-` is standard input.
    pub fn parse(text: &str) -> Self {
        if text == "-" { Self::Stdin } else { Self::File(PathBuf::from(text)) }
    }

    /// The name in messages and data sets: the file's own, without its folder.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path
                .file_name()
                .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned()),
            Self::Stdin => "standard input".to_owned(),
            Self::Batches { name, .. } | Self::Table(name) => name.clone(),
        }
    }
}

/// A run to be made. Everything left open comes from the source file and the project.
#[derive(Debug, Clone, Default)]
pub struct RunRequest {
    /// The source; the project's default when not given.
    pub source: Option<String>,
    /// The entity; the source's when not given.
    pub entity: Option<String>,
    pub inputs: Vec<Input>,
    /// Everything but the load.
    pub dry_run: bool,
    /// Of a dry run: the dry runs of the lists before it in its set, in their order. What they would create counts as there.
    pub plans: Vec<i64>,
    /// One transaction for the whole load.
    pub atomic: bool,
    pub policy: Option<DuplicatePolicy>,
    pub mode: Option<ImportMode>,
    /// Load the good rows however many are bad.
    pub accept_bad: bool,
    /// Share of bad rows above which the run stops before the load.
    pub max_bad: Option<f64>,
    /// The namespace of the external ids, for rows that do not name one.
    pub external_system: Option<String>,
    /// Headers mapped by hand: header, contract field.
    pub headers: Vec<(String, String)>,
    pub default_region: Option<String>,
    pub date_order: Option<DateOrder>,
    pub number_format: Option<NumberFormat>,
    pub time_zone: Option<String>,
    /// Take on what the data speaks for, where the request says nothing.
    pub suggested: bool,
    /// Options of the connector where detection shall not decide; laid over the source file's.
    pub options: Vec<(String, String)>,
    /// Files that the source has loaded before are passed over, by their content.
    pub only_new: bool,
    /// A source that is read from a watermark on is read from its beginning.
    pub again: bool,
    /// A source that is read from a watermark on is read from this value of its cursor on.
    pub since: Option<String>,
    /// What happens to the files once they are loaded; as the source says when not given.
    pub after: Option<After>,
    /// Whose run it is; the engine's tenant when not given.
    pub tenant: Option<String>,
    /// Who asked.
    pub triggered_by: Option<String>,
}

impl RunRequest {
    /// The same request for some of its inputs.
    pub(crate) fn only(&self, wanted: &[bool]) -> Self {
        let inputs = self.inputs.iter().zip(wanted).filter(|(_, wanted)| **wanted);
        Self { inputs: inputs.map(|(input, _)| input.clone()).collect(), ..self.clone() }
    }

    /// A run of files with everything else left to the project.
    pub fn files(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self { inputs: paths.into_iter().map(|p| Input::File(p.into())).collect(), ..Self::default() }
    }
}
