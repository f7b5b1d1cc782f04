//! The flags of `run`, and how a file is read, which `preview` and `explain` take too.

use importer_engine::request::{Input, RunRequest};
use importer_plans::project::{After, DateOrder, DuplicatePolicy, ImportMode, NumberFormat};

use crate::failure::Failure;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 done, 1 failed, 2 wrong usage or project, 3 done with --strict and rows left out, 130 interrupted.

Examples:
  importer run --file people.csv
  importer run --set export/                     (volunteers.csv, events.csv, signups.csv, in the right order)
  importer run --source crm                      (a source that is no file: a table of a database)
  importer run --file a.csv b.csv.gz --external-system crm --default-region DE
  zcat export.csv.gz | importer run --file - --dry-run --summary-json")]
pub struct Args {
    /// Files to import, in this order; a folder or a pattern such as "inbox/*.csv" stands for its files, - is standard input;
    /// left out where the source names a table or a query of a database
    #[arg(long, short, value_name = "FILE", num_args = 1..)]
    pub file: Vec<String>,
    /// A folder of lists that belong together, such as volunteers.csv, events.csv and signups.csv: each goes to the source or
    /// entity that its name begins with, and what rows refer to is imported before them
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["file", "source", "entity", "map", "since"])]
    pub set: Option<std::path::PathBuf>,
    /// Source in the project [default: the project's]
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Entity that the rows are [default: the source's]
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
    /// Everything but the load; core stays as it is
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON document on stdout and nothing else there
    #[arg(long, visible_alias = "json")]
    pub summary_json: bool,
    /// Exit code 3 when rows were rejected or quarantined
    #[arg(long)]
    pub strict: bool,
    /// Load everything in one transaction
    #[arg(long)]
    pub atomic: bool,
    /// What happens to a row whose record exists [default: the source's]
    #[arg(long, value_name = "POLICY", value_parser = ["upsert", "skip", "update"])]
    pub policy: Option<String>,
    /// Whether good rows are loaded when others are bad [default: the source's]
    #[arg(long, value_name = "MODE", value_parser = ["valid_only", "all_or_nothing"])]
    pub mode: Option<String>,
    /// Load the good rows however many are bad
    #[arg(long)]
    pub accept_bad: bool,
    /// Share of bad rows above which nothing is loaded: 0.2 or 20%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub max_bad: Option<f64>,
    /// System that the ids in the file come from, for rows that do not name one
    #[arg(long, value_name = "NAME")]
    pub external_system: Option<String>,
    /// Also import what was loaded before: files of a folder or pattern; of a source with a cursor all rows
    #[arg(long)]
    pub again: bool,
    /// Of a source with a cursor, rows from this value on, whatever was read before: 2025-01-01
    #[arg(long, value_name = "VALUE", conflicts_with = "again")]
    pub since: Option<String>,
    /// What happens to the files once they are loaded [default: the source's]
    #[arg(long, value_name = "WHAT", value_parser = ["none", "mark", "move"])]
    pub after: Option<String>,
    #[command(flatten)]
    pub headers: Headers,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub dialect: Dialect,
    /// Accepted for scripts that have it: a run is always synchronous
    #[arg(long, hide_short_help = true)]
    pub inline: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Headers {
    /// Read a field from this column: "Mobil Nr.=phone"; split at the last =; #3 is the third column; may be repeated
    #[arg(long = "map", value_name = "HEADER=FIELD", value_parser = mapping)]
    pub map: Vec<(String, String)>,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Reading {
    /// Country of phone numbers without country code, in rows without country: DE
    #[arg(long, value_name = "CODE")]
    pub default_region: Option<String>,
    /// Order of dates such as 03/04/2025; auto never guesses
    #[arg(long, value_name = "ORDER", value_parser = ["auto", "dmy", "mdy", "ymd"])]
    pub date_order: Option<String>,
    /// What stands before the decimals of numbers such as 1.234; auto never guesses
    #[arg(long, value_name = "FORMAT", value_parser = ["auto", "point", "comma"])]
    pub number_format: Option<String>,
    /// Zone of times without offset: Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Take on the country, the order of dates and the format of numbers that the data speaks for, as preview and a failed run show them
    #[arg(long)]
    pub suggested: bool,
}

/// How the source is read. Everything left out is detected.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "How the file is written (detected when left out)")]
pub struct Dialect {
    /// Between cells: comma, semicolon, tab, pipe, or the character itself; also twice (`||`) or with a blank (`, `)
    #[arg(long, value_name = "CHAR", allow_hyphen_values = true)]
    pub delimiter: Option<String>,
    /// Around cells: double, single, none, or the character itself
    #[arg(long, value_name = "CHAR", allow_hyphen_values = true)]
    pub quote: Option<String>,
    /// How a quote is written inside a cell: doubled or backslash
    #[arg(long, value_name = "HOW")]
    pub escape: Option<String>,
    /// utf-8, utf-16le, windows-1252, iso-8859-1, macintosh, windows-1250, gb18030, shift_jis, euc-kr …
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// lf, crlf, cr or mixed
    #[arg(long, value_name = "HOW")]
    pub line_ending: Option<String>,
    /// The file has no header line; columns are column_1, column_2 …
    #[arg(long)]
    pub no_header: bool,
    /// The first line is the header, whatever it looks like
    #[arg(long, conflicts_with = "no_header")]
    pub header: bool,
    /// Lines before the header
    #[arg(long, value_name = "N")]
    pub skip_lines: Option<usize>,
    /// Records that are too short: reject or pad
    #[arg(long, value_name = "HOW")]
    pub ragged: Option<String>,
    /// none, gz or zst
    #[arg(long, value_name = "HOW")]
    pub compression: Option<String>,
    /// What reads the file, whatever its content looks like
    #[arg(long, value_name = "NAME", value_parser = connectors())]
    pub connector: Option<String>,
    /// Any option of the connector, as in a source file: sheet=2; may be repeated
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = option)]
    pub options: Vec<(String, String)>,
}

fn connectors() -> Vec<&'static str> {
    use importer_connectors::connector::{ANY, CONNECTORS};
    std::iter::once(ANY).chain(CONNECTORS.iter().map(|c| c.name())).collect()
}

fn option(text: &str) -> Result<(String, String), String> {
    use importer_connectors::connector::all_words;
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as sheet=2")?;
    let name = name.trim().replace('-', "_");
    let known: Vec<&str> = all_words().iter().map(|word| word.name).collect();
    if known.contains(&name.as_str()) {
        return Ok((name, value.to_owned()));
    }
    Err(format!("there is no option {name}; there are {}", known.join(", ")))
}

impl Dialect {
    /// The options as the engine takes them.
    pub fn words(&self) -> Vec<(String, String)> {
        let texts = [
            ("delimiter", &self.delimiter),
            ("quote", &self.quote),
            ("escape", &self.escape),
            ("encoding", &self.encoding),
            ("line_ending", &self.line_ending),
            ("ragged", &self.ragged),
            ("compression", &self.compression),
            ("connector", &self.connector),
        ];
        let mut words: Vec<(String, String)> =
            texts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect();
        if self.no_header {
            words.push(("header".to_owned(), "false".to_owned()));
        }
        if self.header {
            words.push(("header".to_owned(), "true".to_owned()));
        }
        if let Some(lines) = self.skip_lines {
            words.push(("skip_lines".to_owned(), lines.to_string()));
        }
        words.extend(self.options.iter().cloned());
        words
    }
}

impl Args {
    /// Without a file the source must name what it reads; an embedded store is not made for less.
    pub fn require_input(&self, settings: &crate::settings::Settings) -> Result<(), Failure> {
        if !self.file.is_empty() {
            return Ok(());
        }
        let project = settings.project()?;
        let wanted = self.source.as_deref().or(project.settings.source.as_deref()).unwrap_or("csv");
        let how = match project.source(wanted) {
            Some((source, _)) => importer_engine::how_to_read(source, &self.dialect.words()),
            // The engine says which sources there are.
            None => return Ok(()),
        };
        match importer_engine::own_inputs(&how, &[])? {
            Some(_) => Ok(()),
            None => Err(Failure::wrong(
                "no file was given",
                "name one with --file, or - for standard input; a --source that reads a table of a database needs none",
            )),
        }
    }

    /// The request of the engine.
    pub fn request(&self) -> Result<RunRequest, Failure> {
        let inputs = importer_engine::inputs(self.file.iter().map(String::as_str))?;
        if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
            return Err(Failure::wrong("standard input can be read once only", "write one --file -"));
        }
        Ok(RunRequest {
            source: self.source.clone(),
            entity: self.entity.clone(),
            inputs,
            dry_run: self.dry_run,
            plans: Vec::new(),
            atomic: self.atomic,
            policy: self.policy.as_deref().and_then(DuplicatePolicy::of),
            mode: self.mode.as_deref().and_then(ImportMode::of),
            accept_bad: self.accept_bad,
            max_bad: self.max_bad,
            external_system: self.external_system.clone(),
            headers: self.headers.map.clone(),
            default_region: self.reading.default_region.clone(),
            date_order: self.reading.date_order.as_deref().and_then(DateOrder::of),
            number_format: self.reading.number_format.as_deref().and_then(NumberFormat::of),
            time_zone: self.reading.time_zone.clone(),
            suggested: self.reading.suggested,
            options: self.dialect.words(),
            only_new: !self.again && self.file.iter().any(|file| importer_engine::is_open(file)),
            again: self.again,
            since: self.since.clone(),
            after: self.after.as_deref().and_then(After::of),
            tenant: None,
            triggered_by: crate::settings::actor(),
        })
    }

    /// The same command without `--dry-run`, to be proposed.
    pub fn without_dry_run(&self) -> String {
        let quoted = crate::settings::quoted;
        let mut text = String::from("run");
        let mut add = |flag: &str, value: &Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!(" --{flag} {}", quoted(value)));
            }
        };
        add("source", &self.source);
        add("entity", &self.entity);
        add("policy", &self.policy);
        add("mode", &self.mode);
        add("external-system", &self.external_system);
        add("default-region", &self.reading.default_region);
        add("date-order", &self.reading.date_order);
        add("number-format", &self.reading.number_format);
        add("time-zone", &self.reading.time_zone);
        add("after", &self.after);
        add("since", &self.since);
        add("max-bad", &self.max_bad.map(|share| share.to_string()));
        let own = Dialect { options: Vec::new(), ..self.dialect.clone() };
        for (key, value) in own.words().into_iter().filter(|(key, _)| key != "header") {
            add(&key.replace('_', "-"), &Some(value));
        }
        for (key, value) in &self.dialect.options {
            add("option", &Some(format!("{key}={value}")));
        }
        for (header, field) in &self.headers.map {
            add("map", &Some(format!("{header}={field}")));
        }
        let flags = [
            ("again", self.again),
            ("suggested", self.reading.suggested),
            ("no-header", self.dialect.no_header),
            ("atomic", self.atomic),
            ("accept-bad", self.accept_bad),
        ];
        for (flag, _) in flags.into_iter().filter(|(_, set)| *set) {
            text.push_str(&format!(" --{flag}"));
        }
        if !self.file.is_empty() {
            text.push_str(" --file");
        }
        for file in &self.file {
            text.push_str(&format!(" {}", quoted(file)));
        }
        text
    }
}

/// A header may hold `=`, a field cannot.
fn mapping(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((header, field)) if !header.trim().is_empty() => {
            Ok((header.to_owned(), field.trim().to_owned()))
        }
        _ => Err("write HEADER=FIELD, for example \"Mobil Nr.=phone\"".to_owned()),
    }
}

/// A share as a number or in per cent.
pub fn share(text: &str) -> Result<f64, String> {
    let (number, whole) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim(), 100.0),
        None => (text.trim(), 1.0),
    };
    let share: f64 = number.parse().map_err(|_| "write 0.2 or 20%".to_owned())?;
    if (0.0..=whole).contains(&share) {
        Ok(share / whole)
    } else {
        Err("it is a share between 0 and 1: write 0.2 or 20%".to_owned())
    }
}
