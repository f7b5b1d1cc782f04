//! How much of a difference is shown.

use std::path::PathBuf;

use importer_engine::plan::Wanted;

/// How much of a difference is shown, and where all of it goes.
#[derive(Debug, Clone, clap::Args)]
pub struct Shown {
    /// Lines of the difference to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: u64,
    /// Write the whole difference: FILE.parquet, or FILE.csv that is safe to open in a spreadsheet
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show values of sensitive fields as they are
    #[arg(long)]
    pub unmasked: bool,
}

impl Shown {
    /// The lines for a screen or a document.
    pub fn sample(&self) -> Wanted {
        Wanted { limit: Some(self.limit), masked: !self.unmasked }
    }
}
