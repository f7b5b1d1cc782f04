//! Avro object container files: blocks of records, described by a schema at the beginning.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Avro`] |
//! | `format` | its name and codes, and what stops it in words |
//! | `container` | the header and the blocks, unpacked with limits |
//! | `schema` | the schema that the library is given |
//! | `rows` | raw batches from blocks, also those in front of a damaged record |

mod container;
mod format;
mod rows;
mod schema;

use std::io::BufReader;

use crate::columnar::{self, Columns, Table};
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};

use container::{Container, MAGIC};
use format::{FORMAT, error};
use rows::BlockRows;

/// Avro object container files.
pub struct Avro;

const WORDS: [OptionWord; 2] = [columnar::COLUMNS, columnar::BINARY];

impl Connector for Avro {
    fn name(&self) -> &'static str {
        FORMAT.name
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        head.starts_with(MAGIC).then(evidence)
    }

    fn open(&self, mut input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        let name = input.name().to_owned();
        let head = input.head()?;
        if head.is_empty() {
            return Err(SourceError::new(
                "AVRO_EMPTY",
                format!("{name} is empty"),
                "Fetch or write it anew: even an Avro file without records has a header.",
            ));
        }
        if !head.starts_with(MAGIC) {
            return Err(SourceError::new(
                "AVRO_OTHER_FORMAT",
                format!("{name} is no Avro object container file"),
                "Leave out `connector`, or set it to the format that the file has.",
            ));
        }
        let container = Container::open(Box::new(BufReader::new(input.into_read())))
            .map_err(|stop| error(&name, 0, stop))?;
        let mut evidence = vec![evidence()];
        let codec = container.codec.name();
        evidence.push(Evidence::new("compression", codec, Confidence::High, "the header says so"));
        let rows = BlockRows::new(&name, container, evidence)?;
        let table = Table::new(rows.schema().fields(), &request.words, &name, &FORMAT)?;
        Ok(vec![Box::new(Columns::new(&name, rows, table, request.batch_rows))])
    }
}

fn evidence() -> Evidence {
    Evidence::new("format", "Avro", Confidence::High, "it begins with the mark of an object container file")
}
