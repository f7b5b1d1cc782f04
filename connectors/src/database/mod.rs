//! Tables and queries of databases: Postgres and SQLite, read in one transaction that cannot write.
//!
//! With a cursor only rows are read that came since the last run: those whose cursor is at or above the watermark, and those
//! without a value. The watermark's own rows come again, so that one that shares its value and was committed later is not
//! lost; what was loaded before is unchanged. The caller keeps the watermark ([`Checkpoint`]) once what was read is loaded.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connectors: [`Database`] |
//! | `options` | the words, read and checked |
//! | `address` | where a database is; its URL is a secret |
//! | `select` | names and queries as SQL text |
//! | `cursor` | values of a cursor: order, form, lookback |
//! | `seen` | the highest value that was met, and what is told of others |
//! | `postgres`, `sqlite` | the two databases: types, rows |
//! | `wire` | values as Postgres sends them |
//! | `build` | cells into batches |
//! | `worker` | a thread of its own for each reading |
//! | `table` | the rows as a source |
//! | `error` | what a database says, in words |
//!
//! [`Checkpoint`]: crate::source::Checkpoint

mod address;
mod build;
mod cursor;
mod error;
mod options;
mod postgres;
mod seen;
mod select;
mod sqlite;
mod table;
mod wire;
mod worker;

pub use options::START;
pub use select::ident;

use address::Address;
use cursor::{Kind, Mark};
use options::{Beginning, CURSOR, LOOKBACK, Options};
use select::not_there;
use table::Table;
use worker::Reading;

use crate::connector::{Connector, Input, OptionWord, OwnInput, Request, Words, wrong_value};
use crate::source::{Confidence, Evidence, Partition, Source, SourceError};

/// Tables and queries of a database.
pub enum Database {
    /// PostgreSQL.
    Postgres,
    /// A SQLite file.
    Sqlite,
}

/// Everything that a reading needs.
struct Task {
    options: Options,
    address: Address,
    beginning: Beginning,
    partition: Option<Partition>,
    batch_rows: usize,
}

/// Where a reading begins.
#[derive(Debug, Default)]
struct Begin {
    /// Rows from here on; all where there is nothing.
    from: Option<Mark>,
    /// What was read before, and stays where nothing higher comes.
    watermark: Option<Mark>,
    /// It begins above what was read before.
    leaves_gap: bool,
}

impl Task {
    fn new(
        options: Options,
        address: Address,
        connector: &str,
        request: &Request,
    ) -> Result<Self, SourceError> {
        let beginning = options.beginning(request)?;
        let partition = options.own_input(connector, &address).partition;
        Ok(Self { options, address, beginning, partition, batch_rows: request.batch_rows })
    }

    /// The table and the database, in messages.
    fn place(&self) -> String {
        format!("{} of {}", self.options.from.name(), self.address.shown)
    }

    /// Where the cursor stands among the columns.
    fn cursor_among(&self, names: &[String]) -> Result<Option<usize>, SourceError> {
        let Some(cursor) = &self.options.cursor else { return Ok(None) };
        match names.iter().position(|name| name == cursor) {
            Some(place) => Ok(Some(place)),
            None => Err(not_there("DATABASE_CURSOR", "column", cursor, &self.place(), names)),
        }
    }

    /// Where reading begins, by a cursor of this kind.
    fn begin(&self, kind: Kind) -> Result<Begin, SourceError> {
        match &self.beginning {
            Beginning::Start => Ok(Begin::default()),
            Beginning::Value(text, left) => match Mark::parse(kind, text) {
                Some(mark) => {
                    let leaves_gap = left.as_ref().is_some_and(|left| mark.is_after(left));
                    Ok(Begin { from: Some(mark), watermark: None, leaves_gap })
                }
                None => {
                    let why = format!("the cursor is {}", kind.is_called());
                    Err(wrong_value("since", text, &why))
                }
            },
            Beginning::Watermark(mark) if mark.kind() == kind => {
                let from = Some(self.lower_bound(mark)?);
                Ok(Begin { from, watermark: Some(mark.clone()), leaves_gap: false })
            }
            Beginning::Watermark(mark) => Err(SourceError::new(
                "DATABASE_WATERMARK",
                format!(
                    "the cursor {} of {} is {} now, and was {} when the watermark was written",
                    self.options.cursor.as_deref().unwrap_or_default(),
                    self.place(),
                    kind.is_called(),
                    mark.kind().is_called()
                ),
                "read everything again: --again",
            )),
        }
    }

    /// The value from which on rows are read: a lookback before the watermark.
    fn lower_bound(&self, watermark: &Mark) -> Result<Mark, SourceError> {
        let Some(lookback) = self.options.lookback else { return Ok(watermark.clone()) };
        watermark.back(lookback).ok_or_else(|| {
            let why = format!(
                "the cursor is {}; a time goes with times, a number with numbers",
                watermark.kind().is_called()
            );
            wrong_value(LOOKBACK.name, &lookback.to_string(), &why)
        })
    }

    /// What the source is, for people.
    fn evidence(&self, format: &str, columns: usize, from: Option<&Mark>) -> Vec<Evidence> {
        let given = |item, value: String, why: &str| Evidence::new(item, value, Confidence::Given, why);
        let mut all = vec![
            given("format", format.to_owned(), "the source says so"),
            given("database", self.address.shown.clone(), "the option `url` leads to it"),
            given("table", self.options.from.name(), "the options say so"),
        ];
        if let Some(cursor) = &self.options.cursor {
            let why = match (self.options.lookback, &self.beginning) {
                (Some(_), _) => {
                    "the option `cursor` says so; rows that were committed late are met by the lookback"
                }
                (None, _) => {
                    "the option `cursor` says so; without a lookback, rows that are committed later with a lower value are not met"
                }
            };
            all.push(given(CURSOR.name, cursor.clone(), why));
            let (value, why) = match (from, &self.beginning) {
                (None, _) => ("the start".to_owned(), "nothing was read before"),
                (Some(mark), Beginning::Watermark(_)) => {
                    (mark.to_string(), "up to there the last run has read, less the lookback")
                }
                (Some(mark), _) => (mark.to_string(), "it was asked for"),
            };
            all.push(Evidence::new("from", value, Confidence::High, why));
        }
        all.push(Evidence::new("columns", columns.to_string(), Confidence::High, "the database says so"));
        all
    }
}

impl Connector for Database {
    fn name(&self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    fn words(&self) -> &'static [OptionWord] {
        &options::WORDS
    }

    fn check(&self, words: &Words) -> Result<(), SourceError> {
        Options::read(words, self.name()).map(|_| ())
    }

    fn is_own(&self) -> bool {
        true
    }

    fn own_input(&self, words: &Words) -> Result<Option<OwnInput>, SourceError> {
        let options = Options::read(words, self.name())?;
        let url = options.named.resolve()?;
        let address = match self {
            Self::Postgres => Address::postgres(url)?,
            Self::Sqlite => Address::sqlite(&url)?.0,
        };
        Ok(Some(options.own_input(self.name(), &address)))
    }

    fn recognise(&self, _head: &[u8]) -> Option<Evidence> {
        None
    }

    fn open(&self, _input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        let options = Options::read(&request.words, self.name())?;
        let (name, url) = (options.from.name(), options.named.resolve()?);
        let reading = match self {
            Self::Postgres => {
                let task = Task::new(options, Address::postgres(url)?, self.name(), request)?;
                Reading::start(move |out| postgres::read(task, out))
            }
            Self::Sqlite => {
                let (address, path) = Address::sqlite(&url)?;
                let task = Task::new(options, address, self.name(), request)?;
                Reading::start(move |out| sqlite::read(task, path, out))
            }
        }?;
        Ok(vec![Box::new(Table::open(name, self.name(), reading)?)])
    }
}
