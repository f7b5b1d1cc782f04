//! What land gives, as it stands in its manifest.

use importer_connectors::csv::Dialect;
use importer_connectors::report::ReportFormat;
use importer_connectors::source::{Checkpoint, Counts, Description, Note};
use importer_plans::compile::texts::FileTexts;
use serde::{Deserialize, Serialize};

use crate::context::Reading;
use crate::lake::DataSet;

/// What land knows of one file afterwards; part of the manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LandedFile {
    pub name: String,
    pub number: i32,
    /// The headers as they stand in the file.
    pub headers: Vec<String>,
    /// The columns in `landed`, made unique.
    pub columns: Vec<String>,
    /// Contract field and the columns that feed it, first one first.
    pub assignments: Vec<(String, Vec<String>)>,
    pub unmapped: Vec<String>,
    /// Columns among them whose header means a field and whose values cannot be its, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubted: Vec<(String, String)>,
    /// Columns that are no text in their source, and keep its types in `landed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typed: Vec<String>,
    /// The file is an error report of ours: its cells carry a leading apostrophe where a spreadsheet needs it.
    pub is_error_report: bool,
    /// What the places of records count: lines, rows or records.
    #[serde(default = "line")]
    pub unit: String,
    /// What the source was taken for, and why, one item per line.
    pub dialect: String,
    /// How the file is written, for the report that is written alike.
    #[serde(default)]
    pub style: FileStyle,
    /// How its texts are read where that is not as the run reads its own: rows of another run keep its reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    pub counts: FileCounts,
    /// What there is to say about the file as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<FileNote>,
    /// How its cells are read, decided from its columns as a whole.
    #[serde(default, skip_serializing_if = "nothing_decided")]
    pub texts: FileTexts,
    /// How far a source was read that the next run reads on from; its watermark counts once this run has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    pub data_set: DataSet,
}

/// How far a source was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which source: its connector's name for it, and one for people.
    pub partition_key: String,
    pub partition_name: String,
    pub watermark: String,
    /// The run from whose watermark it read on; nothing where it began anew.
    pub after_run_id: Option<i64>,
}

impl Progress {
    pub(super) fn of(checkpoint: &Checkpoint, after: Option<i64>) -> Option<Self> {
        Some(Self {
            partition_key: checkpoint.partition.key.clone(),
            partition_name: checkpoint.partition.name.clone(),
            watermark: checkpoint.watermark.clone()?,
            after_run_id: after,
        })
    }
}

fn nothing_decided(texts: &FileTexts) -> bool {
    *texts == FileTexts::default()
}

fn line() -> String {
    importer_connectors::source::Unit::Line.as_str().to_owned()
}

/// Something worth knowing about a file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    pub code: String,
    /// The line where it was met first.
    pub line: i64,
    /// What was seen and done, in one sentence with its line.
    pub text: String,
    pub hint: String,
}

impl FileNote {
    pub(super) fn of(note: &Note) -> Self {
        Self {
            code: note.code.as_str().to_owned(),
            line: note.line_number,
            text: note.to_string(),
            hint: note.code.hint().to_owned(),
        }
    }
}

/// Where the lines of a file went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FileCounts {
    pub records: u64,
    pub rejected: u64,
    pub blank: u64,
    pub repaired: u64,
    /// Lines that are no records: the header again, comments.
    #[serde(default)]
    pub passed: u64,
    pub bytes: u64,
}

impl FileCounts {
    pub(super) fn of(counts: &Counts) -> Self {
        Self {
            records: counts.records,
            rejected: counts.rejected,
            blank: counts.blank,
            repaired: counts.repaired,
            passed: counts.passed,
            bytes: counts.bytes_in,
        }
    }
}

/// What land gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Landed {
    pub files: Vec<LandedFile>,
    pub rejects: DataSet,
    pub findings: DataSet,
    /// Where rows were first landed, for rows that another run held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origins: Option<DataSet>,
}

/// How a file is written: the sheet of a workbook, or text in the words of the CSV options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStyle {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub escape: String,
    pub encoding: String,
    pub bom: bool,
    pub line_ending: String,
    /// The name of the sheet, where the file is a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

impl Default for FileStyle {
    /// What a new file is written in.
    fn default() -> Self {
        Self::of(&Dialect::default())
    }
}

impl FileStyle {
    pub(super) fn of(dialect: &Dialect) -> Self {
        // A list of one column has no delimiter; a report of it needs one that people can read.
        let printable = dialect.columns != 1 || matches!(dialect.delimiter, b'\t' | b' '..=b'~');
        Self {
            delimiter: if printable { dialect.delimiter } else { Dialect::default().delimiter },
            quote: dialect.quote,
            escape: dialect.escape.to_string(),
            encoding: dialect.encoding.to_string(),
            bom: dialect.bom,
            line_ending: dialect.line_ending.to_string(),
            sheet: None,
        }
    }

    /// That of a source; what is neither text nor a workbook is written as a new file.
    pub(super) fn of_source(description: &Description) -> Self {
        match ReportFormat::of(description) {
            ReportFormat::Text(dialect) => Self::of(&dialect),
            ReportFormat::Workbook { sheet } => Self { sheet: Some(sheet), ..Self::default() },
        }
    }

    /// In what a report is written.
    pub fn report_format(&self) -> ReportFormat {
        match &self.sheet {
            Some(sheet) => ReportFormat::Workbook { sheet: sheet.clone() },
            None => ReportFormat::Text(self.dialect()),
        }
    }

    /// The dialect that a writer takes; what it does not know any more is written as usual.
    pub fn dialect(&self) -> Dialect {
        let usual = Dialect::default();
        Dialect {
            delimiter: self.delimiter,
            quote: self.quote,
            escape: self.escape.parse().unwrap_or(usual.escape),
            encoding: self.encoding.parse().unwrap_or(usual.encoding),
            bom: self.bom,
            line_ending: self.line_ending.parse().unwrap_or(usual.line_ending),
            ..usual
        }
    }
}

impl Landed {
    /// The landed files of all inputs.
    pub fn data_set(&self) -> DataSet {
        let mut all = DataSet::default();
        for file in &self.files {
            all.extend(file.data_set.clone());
        }
        all
    }

    /// Records over all files.
    pub fn records(&self) -> u64 {
        self.files.iter().map(|f| f.counts.records).sum()
    }

    /// Rejects over all files.
    pub fn rejected(&self) -> u64 {
        self.files.iter().map(|f| f.counts.rejected).sum()
    }

    /// Blank lines over all files.
    pub fn blank(&self) -> u64 {
        self.files.iter().map(|f| f.counts.blank).sum()
    }
}
