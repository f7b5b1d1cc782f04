//! What a caller asks of a run, before anything was read.

use std::path::PathBuf;

use importer_connectors::csv::CsvOptions;
use importer_plans::project::{DateOrder, DuplicatePolicy, ImportMode};

/// One input of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
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
        }
    }
}

/// A run to be made. Everything left open comes from the source file and the project.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The source; the project's default when not given.
    pub source: Option<String>,
    /// The entity; the source's when not given.
    pub entity: Option<String>,
    pub inputs: Vec<Input>,
    /// Everything but the load.
    pub dry_run: bool,
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
    pub time_zone: Option<String>,
    /// Take on what the data speaks for, where the request says nothing.
    pub suggested: bool,
    /// How to read CSV where detection shall not decide; laid over the source file's options.
    pub csv: Vec<(String, String)>,
    /// Who asked.
    pub triggered_by: Option<String>,
}

impl RunRequest {
    /// A run of files with everything else left to the project.
    pub fn files(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self {
            source: None,
            entity: None,
            inputs: paths.into_iter().map(|p| Input::File(p.into())).collect(),
            dry_run: false,
            atomic: false,
            policy: None,
            mode: None,
            accept_bad: false,
            max_bad: None,
            external_system: None,
            headers: Vec::new(),
            default_region: None,
            date_order: None,
            time_zone: None,
            suggested: false,
            csv: Vec::new(),
            triggered_by: None,
        }
    }
}

/// CSV options from words, as they stand in a source file or on the command line.
pub fn csv_options<'a>(words: impl IntoIterator<Item = (&'a str, &'a str)>) -> crate::Result<CsvOptions> {
    let mut options = CsvOptions::default();
    for (key, value) in words {
        set_csv_option(&mut options, key, value).map_err(|why| {
            crate::Error::new(
                crate::ErrorKind::Usage,
                format!("the CSV option {key} cannot be {value:?}: {why}"),
            )
            .with_help("see `importer run --help` for the words each option takes")
        })?;
    }
    Ok(options)
}

fn set_csv_option(options: &mut CsvOptions, key: &str, value: &str) -> Result<(), String> {
    fn parsed<T: std::str::FromStr>(value: &str) -> Result<T, String>
    where
        T::Err: std::fmt::Display,
    {
        value.parse().map_err(|e: T::Err| e.to_string())
    }
    match key {
        "delimiter" => options.delimiter = Some(parsed(value)?),
        "quote" => options.quote = Some(parsed(value)?),
        "escape" => options.escape = Some(parsed(value)?),
        "encoding" => options.encoding = Some(parsed(value)?),
        "line_ending" => options.line_ending = Some(parsed(value)?),
        "compression" => options.compression = Some(parsed(value)?),
        "header" => options.header = Some(parsed(value)?),
        "skip_lines" => options.skip_lines = Some(parsed(value)?),
        "ragged" => options.ragged = Some(parsed(value)?),
        "max_cell_bytes" => options.limits.field_bytes = parsed(value)?,
        "max_cell_lines" => options.limits.field_lines = parsed(value)?,
        "max_record_bytes" => options.limits.line_bytes = parsed(value)?,
        _ => return Err("there is no such option".to_owned()),
    }
    Ok(())
}
