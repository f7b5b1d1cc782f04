//! `importer why`: the life of one record, of a run or of core.
//!
//! - here: the verb; `row`: the story of a row in words; `since`: what came after; `core`: that of a core row; `pair`: that of two records; `page`: headings, lines, SQL

mod core;
mod page;
mod pair;
mod row;
mod since;

use importer_engine::why::{CoreQuestion, FileName, PairEnd, PairQuestion, RowQuestion, Which};

use crate::failure::Failure;
use crate::screen;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Everything that is told comes from what the run left; --sql shows the statement behind each answer, which gives the
same in `importer sql`. --json has all of it.

Examples:
  importer why 3 17                                row 17 of run 3
  importer why 3 --line 18 --file people.csv       the record at a line of a file
  importer why core volunteers 42                  a row of core
  importer why core volunteers 42 --field email    one field of it
  importer why pair 42 77                          two rows of core that may be one person
  importer why pair 42 crm:C-1                     the same, one of them by its external id"
)]
pub struct Args {
    #[command(subcommand)]
    pub of: Option<Of>,
    /// Number of the run
    #[arg(required = true)]
    pub run: Option<i64>,
    /// Number of the row in the run (its sequence_number)
    #[arg(required_unless_present = "line", conflicts_with = "line")]
    pub row: Option<i64>,
    /// The record that begins at this line of its file
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub line: Option<i64>,
    /// File of the run that --line is about, by name or number [default: the only one]
    #[arg(long, short, value_name = "FILE", requires = "line")]
    pub file: Option<String>,
    /// Show the SQL behind every answer
    #[arg(long)]
    pub sql: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Subcommand)]
pub enum Of {
    /// A row of core: who made it, who wrote each field, its external ids
    Core(CoreArgs),
    /// Two records: whether they are held to be one person, by how much, and what was decided
    Pair(PairArgs),
}

#[derive(Debug, clap::Args)]
pub struct PairArgs {
    /// Core id (42), row of a run (7:123) or external id (crm:C-1)
    pub one: PairEnd,
    /// The other one, written in any of these ways
    pub other: PairEnd,
    /// Entity [default: the only one that compares by likeness]
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,
    /// Show the SQL behind every answer
    #[arg(long)]
    pub sql: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct CoreArgs {
    /// Entity, such as volunteers
    pub entity: String,
    /// Core id
    pub id: i64,
    /// Only this field, with its history
    #[arg(long, value_name = "FIELD")]
    pub field: Option<String>,
    /// Show the SQL behind every answer
    #[arg(long)]
    pub sql: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        match &self.of {
            Some(Of::Core(core)) => core.json,
            Some(Of::Pair(pair)) => pair.json,
            None => self.json,
        }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    if let Some(Of::Pair(pair)) = args.of {
        let question = PairQuestion { entity: pair.entity, one: pair.one, other: pair.other };
        let story = engine.why_pair(&question).await?;
        if pair.json {
            screen::print_json(&story)?;
        } else {
            screen::print(&pair::words(&story, pair.sql))?;
        }
        return Ok(0);
    }
    if let Some(Of::Core(core)) = args.of {
        let question = CoreQuestion { entity: core.entity, id: core.id, field: core.field };
        let story = engine.why_core(&question).await?;
        if core.json {
            screen::print_json(&story)?;
        } else {
            screen::print(&core::words(settings, &story, core.sql))?;
        }
        return Ok(0);
    }
    let run = args.run.ok_or_else(|| Failure::wrong("which run?", "write for example: importer why 3 17"))?;
    let which = match (args.row, args.line) {
        (Some(row), _) => Which::Row(row),
        (None, Some(line)) => Which::Line { line, file: args.file.map(FileName) },
        (None, None) => {
            return Err(Failure::wrong("which row?", "write its number, or --line N with --file FILE"));
        }
    };
    let story = engine.why_row(&RowQuestion { run, which }).await?;
    if args.json {
        screen::print_json(&story)?;
    } else {
        screen::print(&row::words(settings, &story, args.sql))?;
    }
    Ok(0)
}
