//! Avro object container files: blocks of records, described by a schema at the beginning.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Avro`] |
//! | `container` | the header and the blocks, unpacked with limits |
//! | `schema` | the schema that the library is given |
//! | `rows` | raw batches from blocks, also those in front of a damaged record |

mod container;
mod rows;
mod schema;

use std::io::BufReader;

use crate::columnar::{self, Columns, Format, Table};
use crate::connector::{Connector, Input, OptionWord, Request};
use crate::source::{Code, Confidence, Evidence, Source, SourceError, Unit};

use container::{Container, Stop};
use rows::BlockRows;

/// Avro object container files.
pub struct Avro;

static FORMAT: Format = Format {
    name: "avro",
    unit: Unit::Record,
    damaged: "AVRO_DAMAGED",
    unsupported: "AVRO_UNSUPPORTED",
    no_columns: "AVRO_NO_COLUMNS",
    binary: Code::new("AVRO_BINARY", columnar::BINARY_HINT),
    large: Code::new("AVRO_RECORD_TOO_LARGE", columnar::LARGE_HINT),
};

const WORDS: [OptionWord; 2] = [columnar::COLUMNS, columnar::BINARY];

/// The first bytes.
const MAGIC: &[u8; 4] = b"Obj\x01";

impl Connector for Avro {
    fn name(&self) -> &'static str {
        FORMAT.name
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        head.starts_with(MAGIC).then(format)
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
        let mut evidence = vec![format()];
        let codec = container.codec.name();
        evidence.push(Evidence::new("compression", codec, Confidence::High, "the header says so"));
        let rows = BlockRows::new(&name, container, evidence)?;
        let table = Table::new(rows.schema().fields(), &request.words, &name, &FORMAT)?;
        Ok(vec![Box::new(Columns::new(&name, rows, table, request.batch_rows))])
    }
}

fn format() -> Evidence {
    Evidence::new("format", "Avro", Confidence::High, "it begins with the mark of an object container file")
}

/// Why a file cannot be read behind so many records.
fn error(name: &str, records: u64, stop: Stop) -> SourceError {
    let record = records.saturating_add(1);
    match stop {
        Stop::Io(error) => SourceError::unreadable(name, error),
        Stop::CutOff => SourceError::new(
            "AVRO_CUT_OFF",
            format!("{name} is cut off: it cannot be read from record {record} on"),
            "Fetch or write it anew. What comes before that place was read.",
        ),
        Stop::Damaged(why) => columnar::damaged(&FORMAT, name, record, &why),
        Stop::TooLarge => SourceError::new(
            "AVRO_TOO_LARGE",
            format!("{name} has a block of more than 256 MiB: it cannot be read from record {record} on"),
            "Write it with smaller blocks.",
        ),
        Stop::Codec(codec) => SourceError::new(
            FORMAT.unsupported,
            format!("{name} is compressed with {codec}, which cannot be read"),
            "Write it with the codec null, deflate, snappy or zstandard.",
        ),
    }
}
