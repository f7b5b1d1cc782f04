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
//! | `task` | everything that a reading needs, and where it begins |
//! | `seen` | the highest value that was met, and what is told of others |
//! | `postgres`, `sqlite` | the two databases: types, conditions, cells |
//! | `rows` | what both do with their rows: into batches, with the cursor looked at, and on to the reader |
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
mod rows;
mod seen;
mod select;
mod sqlite;
mod table;
mod task;
mod wire;
mod worker;

pub use options::START;
pub use select::ident;

use address::Address;
use options::Options;
use table::Table;
use task::Task;
use worker::Reading;

use crate::request::{Connector, Input, OptionWord, OwnInput, Request, Words};
use crate::source::{Evidence, Source, SourceError};

/// Tables and queries of a database.
pub enum Database {
    /// PostgreSQL.
    Postgres,
    /// A SQLite file.
    Sqlite,
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
