//! `importer preview`: how a file is read, before anything is loaded. Needs neither store nor lake and makes neither.
//!
//! - here: the verb, and what it knows of the file
//! - `words`: for people, as tables; `document`: as JSON; `clean`: the rows as a clean CSV

mod clean;
mod document;
mod words;

use std::collections::VecDeque;

use importer_connectors::connector::ANY;
use importer_connectors::csv::CsvEncoding;
use importer_connectors::source::{Batch, Counts, Reject, Source as Records, SourceError};
use importer_engine::How;
use importer_engine::request::Input;
use importer_plans::header::{HeaderChoices, HeaderMatch, Samples, match_columns};
use importer_plans::project::{DateOrder, Entity, Project, Source};
use importer_plans::suggest::{Habits, Looked as File, Suggestion, suggest};
use importer_sql::functions::text_columns;

use crate::failure::Failure;
use crate::run::Dialect;
use crate::screen;
use crate::settings::Settings;

/// Rows shown without `--all`.
const ROWS: u64 = 20;
/// Rejects shown without `--all`.
const REJECTS: usize = 20;
/// Records read without `--all`, to count and to find rejects.
const READ: u64 = 200_000;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Shows the file's own values: it is your file on your terminal.

Examples:
  importer preview people.csv
  importer preview people.csv --delimiter semicolon --skip-lines 3
  importer preview --source crm
  importer preview people.csv --all --format csv > clean.csv")]
pub struct Args {
    /// File to look at; - is standard input; left out where the source names a table or a query of a database
    pub file: Option<String>,
    /// table, or csv: the rows as clean, comma-separated UTF-8 on stdout, everything else on stderr
    #[arg(long, default_value = "table", value_parser = ["table", "csv"])]
    pub format: String,
    /// Every row and every reject, not the first 20
    #[arg(long)]
    pub all: bool,
    /// Every column, not the first 20
    #[arg(long)]
    pub all_columns: bool,
    /// One JSON document on stdout
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Source whose options and headers hold [default: the project's]
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Entity to match the header with [default: the source's]
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
    /// Take on the country, the order of dates and the format of numbers that the data speaks for, in the command below
    #[arg(long)]
    pub suggested: bool,
    #[command(flatten)]
    pub headers: crate::run::Headers,
    #[command(flatten)]
    pub dialect: Dialect,
}

/// A file that was opened, and what its header means.
pub struct Looked {
    pub name: String,
    pub reader: Box<dyn Records>,
    /// What was read to know the values below the header.
    ahead: Ahead,
    pub matched: Option<Matched>,
}

/// A header line against a contract.
pub struct Matched {
    pub entity: String,
    pub headers: HeaderMatch,
    /// How the file seems to be meant.
    pub suggestions: Vec<Suggestion>,
}

/// What reading brought beside the rows.
#[derive(Default)]
pub struct Read {
    pub counts: Counts,
    /// Read to the end.
    pub complete: bool,
    /// The first rejects.
    pub rejects: Vec<Reject>,
    pub shown: u64,
}

/// Runs the verb.
pub fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    for (n, looked) in open(settings, &args)?.into_iter().enumerate() {
        if args.json {
            document::show(looked, &args)?;
        } else if args.format == "csv" {
            clean::show(looked, &args)?;
        } else {
            if n > 0 {
                screen::print("\n")?;
            }
            words::show(looked, &args, settings)?;
        }
    }
    Ok(0)
}

/// The tables of the file, one after the other.
fn open(settings: &Settings, args: &Args) -> Result<Vec<Looked>, Failure> {
    let asked = args.source.is_some() || args.entity.is_some();
    let project = match settings.project() {
        Ok(project) => Some(project),
        Err(failure) if asked => return Err(failure),
        Err(failure) => {
            // A broken project does not hide the file.
            failure.report(false);
            screen::say("warning: the file is shown without the project\n");
            None
        }
    };
    let chosen = project.as_ref().map(|project| choose(project, args)).transpose()?.flatten();
    let words = args.dialect.words();
    let mut how = match chosen {
        Some((source, _)) => importer_engine::how_to_read(source, &words),
        None => How::new(ANY, words),
    };
    let choices = |source: &Source| HeaderChoices {
        command_line: args.headers.map.iter().cloned().collect(),
        source_file: source.headers.clone(),
    };
    how.request.names =
        chosen.map(|(source, entity)| importer_engine::known_names(&entity.contract, &choices(source)));
    let sources = importer_engine::open_sources(&input(args, &how)?, &how)?;
    let looked = sources.into_iter().map(|mut reader| {
        let (ahead, samples) = look_ahead(reader.as_mut())?;
        let matched = chosen.map(|(source, entity)| {
            matched(args, &choices(source), source, entity, reader.as_ref(), &samples)
        });
        Ok(Looked { name: reader.name().to_owned(), reader, ahead, matched })
    });
    looked.collect()
}

/// The file, or what the source names in place of one.
fn input(args: &Args, how: &How) -> Result<Input, Failure> {
    let given: Vec<Input> = args.file.iter().map(|file| Input::parse(file)).collect();
    let named = importer_engine::own_inputs(how, &given)?;
    named.unwrap_or(given).into_iter().next().ok_or_else(no_file)
}

/// The source reads files, and none was named.
fn no_file() -> Failure {
    Failure::wrong("no file was given", "name it, or a --source that reads a table of a database")
}

/// Batches that were read, or why reading stopped.
type Ahead = VecDeque<Result<Batch, SourceError>>;

/// Reads enough to know the values below the header.
fn look_ahead(reader: &mut dyn Records) -> Result<(Ahead, Samples), Failure> {
    let (mut ahead, mut samples) = (Ahead::new(), Samples::default());
    while !samples.is_full()
        && let Some(batch) = reader.next_batch().transpose()
    {
        // What stops reading is told where the rows end, below what could be seen.
        let stops = batch.is_err();
        if let Ok(batch) = &batch {
            importer_engine::add_to(&mut samples, batch)?;
        }
        ahead.push_back(batch);
        if stops {
            break;
        }
    }
    Ok((ahead, samples))
}

fn matched(
    args: &Args,
    choices: &HeaderChoices,
    source: &Source,
    entity: &Entity,
    reader: &dyn Records,
    samples: &Samples,
) -> Matched {
    let (headers, contract) = (reader.headers().original.as_slice(), &entity.contract);
    let as_read = |order: DateOrder| match_columns(headers, samples, contract, choices, order);
    let mut found = as_read(source.date_order);
    let file = File { headers, matched: &found, samples };
    let so_far = Habits {
        region: source.default_region.as_deref(),
        date_order: source.date_order,
        number_format: source.number_format,
    };
    let suggestions = suggest(&[file], contract, so_far);
    let order = suggestions.iter().find(|s| s.setting == "date_order" && args.suggested && !s.doubtful);
    if let Some(order) = order {
        found = as_read(DateOrder::of(&order.value));
    }
    Matched { entity: entity.name.clone(), headers: found, suggestions }
}

fn choose<'a>(project: &'a Project, args: &Args) -> Result<Option<(&'a Source, &'a Entity)>, Failure> {
    let wanted = args.source.as_deref().or(project.settings.source.as_deref()).unwrap_or("csv");
    let Some((source, entity)) = project.source(wanted) else {
        if args.source.is_none() && args.entity.is_none() {
            return Ok(None);
        }
        let near = project.nearest_source(wanted).map(|near| format!("did you mean --source {near}?"));
        let help = near.unwrap_or_else(|| "the sources stand in sources/*.yml of the project".to_owned());
        return Err(Failure::wrong(format!("there is no source {wanted}"), help));
    };
    match args.entity.as_deref() {
        None => Ok(Some((source, entity))),
        Some(name) => match project.entities.get(name) {
            Some(entity) => Ok(Some((source, entity))),
            None => {
                let known: Vec<&str> = project.entities.keys().map(String::as_str).collect();
                let help = format!("the project has: {}", known.join(", "));
                Err(Failure::wrong(format!("there is no entity {name}"), help))
            }
        },
    }
}

impl Looked {
    /// In what the raw bytes of rejects stand.
    pub fn encoding(&self) -> CsvEncoding {
        self.reader.description().dialect.map_or(CsvEncoding::Utf8, |dialect| dialect.encoding)
    }

    /// Reads on, and hands out the rows that are to be shown: line number and cells.
    pub fn read(
        &mut self,
        all: bool,
        mut show: impl FnMut(i64, Vec<Option<&str>>) -> Result<(), Failure>,
    ) -> Result<Read, Failure> {
        use arrow::array::{Array, AsArray};
        let mut read = Read::default();
        loop {
            let next = match self.ahead.pop_front() {
                Some(batch) => Some(batch.map_err(unreadable)?),
                None => self.reader.next_batch().map_err(unreadable)?,
            };
            let Some(batch) = next else {
                read.complete = true;
                break;
            };
            let records = text_columns(&batch.records)?;
            let cells = records.columns();
            for row in 0..batch.records.num_rows() {
                if !all && read.shown >= ROWS {
                    break;
                }
                let texts =
                    cells.iter().map(|c| c.as_string::<i32>()).map(|c| c.is_valid(row).then(|| c.value(row)));
                show(batch.line_numbers.value(row), texts.collect())?;
                read.shown += 1;
            }
            let room = if all { usize::MAX } else { REJECTS };
            read.rejects.extend(batch.rejects.into_iter().take(room.saturating_sub(read.rejects.len())));
            if !all && self.ahead.is_empty() && self.reader.counts().records >= READ {
                break;
            }
        }
        read.counts = self.reader.counts();
        Ok(read)
    }
}

/// A file that cannot be read as a table.
pub fn unreadable(error: SourceError) -> Failure {
    let help = error.help().to_owned();
    let exit = if error.is_about_options() { 2 } else { 1 };
    Failure::Plain { code: error.code(), message: error.to_string(), help: Some(help), exit }
}
