//! The list of connectors, and which of them reads an input.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | [`Connector`], [`open`]: detection by content, the list |
//! | `input` | the bytes: [`Input`] |
//! | `words` | options as words: [`Words`] |
//! | `packing` | gz and zst files |
//! | `own` | sources that are no file: [`OwnInput`] |
//! | `names` | names of columns that the caller knows: [`KnownNames`] |

mod input;
mod names;
mod own;
mod packing;
mod words;

pub use input::{Input, too_large};
pub use names::KnownNames;
pub use own::OwnInput;
pub use words::{OptionWord, Words, wrong_value};

use crate::source::{Confidence, Evidence, Source, SourceError};

/// What a connector is asked for beside the bytes.
#[derive(Debug, Clone)]
pub struct Request {
    /// Options by their words; what is left open is detected.
    pub words: Words,
    /// Records per batch at most.
    pub batch_rows: usize,
    /// Names of columns that are known, so that a header is told from what stands around it.
    pub names: Option<KnownNames>,
    /// How far the same partition was read before: the watermark of its [`Checkpoint`](crate::source::Checkpoint).
    pub after: Option<String>,
}

impl Default for Request {
    fn default() -> Self {
        Self { words: Words::default(), batch_rows: 8192, names: None, after: None }
    }
}

/// One kind of source.
///
/// A connector keeps nothing between two calls, and may be called by several threads at once.
pub trait Connector: Sync {
    /// In source files, messages and codes; lower case.
    fn name(&self) -> &'static str;

    /// The options it takes.
    fn words(&self) -> &'static [OptionWord];

    /// Whether the options can be, before there is an input; those of other connectors are passed over. Where a connector
    /// does not look before, [`open`](Self::open) does.
    ///
    /// # Errors
    /// The value of an option is none of its own.
    fn check(&self, _words: &Words) -> Result<(), SourceError> {
        Ok(())
    }

    /// Whether its options name what it reads, a table of a database, and it takes no file.
    fn is_own(&self) -> bool {
        false
    }

    /// What its options name. Nothing is opened yet. A connector of files says none.
    ///
    /// # Errors
    /// An option is missing or cannot be.
    fn own_input(&self, _words: &Words) -> Result<Option<OwnInput>, SourceError> {
        Ok(None)
    }

    /// Whether an input that begins so is one of its own, and why. `head`: the first bytes, at most 64 KiB, unpacked where the
    /// input is compressed as a whole.
    fn recognise(&self, head: &[u8]) -> Option<Evidence>;

    /// Whether it takes compressed bytes (gz, zst) as they are; for all others they are unpacked before.
    fn unpacks(&self) -> bool {
        false
    }

    /// The tables in the input, opened, in their order: one, or several sheets or members.
    ///
    /// # Errors
    /// The input is damaged or no such source, an option cannot be, or there is nothing in it.
    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError>;
}

/// The connectors that there are; what is recognised by few bytes stands before what anything could be.
pub const CONNECTORS: &[&dyn Connector] = &[
    &crate::parquet::Parquet,
    &crate::ipc::Arrow,
    &crate::avro::Avro,
    &crate::xlsx::Xlsx,
    &crate::archive::Archive,
    &crate::vcard::VCard,
    &crate::json::Json,
    &crate::fixed_width::FixedWidth,
    &crate::csv::Csv,
    &crate::database::Database::Postgres,
    &crate::database::Database::Sqlite,
];

/// The word that leaves the choice of a connector to the content.
pub const ANY: &str = "file";

/// The connector of this name.
#[must_use]
pub fn connector(name: &str) -> Option<&'static dyn Connector> {
    CONNECTORS.iter().copied().find(|c| c.name() == name)
}

/// Every option of the connectors that `name` may choose, each once.
#[must_use]
pub fn words_of(name: &str) -> Vec<OptionWord> {
    // The members of an archive are read by any of them that reads files.
    let any = name == ANY || name == crate::archive::NAME;
    each_once(CONNECTORS.iter().filter(|c| (any && !c.is_own()) || c.name() == name))
}

/// Every option that there is, each once.
#[must_use]
pub fn all_words() -> Vec<OptionWord> {
    each_once(CONNECTORS.iter())
}

fn each_once<'a>(chosen: impl Iterator<Item = &'a &'static dyn Connector>) -> Vec<OptionWord> {
    let mut words: Vec<OptionWord> = Vec::new();
    for word in chosen.flat_map(|c| c.words()) {
        if !words.iter().any(|w| w.name == word.name) {
            words.push(*word);
        }
    }
    words
}

/// Whether the connector `name` reads what its options name, and no file.
#[must_use]
pub fn is_own(name: &str) -> bool {
    connector(name).is_some_and(Connector::is_own)
}

/// What the connector `name` reads without a file.
///
/// # Errors
/// What [`Connector::own_input`] says, and an option that the connector does not have.
pub fn own_input(name: &str, words: &Words) -> Result<Option<OwnInput>, SourceError> {
    match connector(name).filter(|connector| connector.is_own()) {
        None => Ok(None),
        Some(connector) => {
            words.only(connector.words())?;
            connector.own_input(words)
        }
    }
}

/// Whether options can be, before there is an input.
///
/// # Errors
/// There is no such option, or its value cannot be.
pub fn check(name: &str, words: &Words) -> Result<(), SourceError> {
    words.only(&words_of(name))?;
    let mut chosen = CONNECTORS.iter().filter(|c| (name == ANY && !c.is_own()) || c.name() == name);
    chosen.try_for_each(|c| c.check(words))
}

/// Opens the tables of an input with the connector `name`, or with the one that its content asks for.
///
/// # Errors
/// There is no such connector, or what [`Connector::open`] says.
pub fn open(name: &str, mut input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
    if name != ANY {
        let connector = connector(name).ok_or_else(|| unknown(name))?;
        request.words.only(&words_of(name))?;
        return open_as(connector, input, request);
    }
    request.words.only(&words_of(name))?;
    let (mut connector, _) = recognise(&mut input)?;
    // Several tables under the name of one: whoever sent that has mixed something up, and is told.
    if connector.name() == crate::archive::NAME && is_text_by_name(input.name()) {
        connector = &crate::csv::Csv;
    }
    open_with(connector, input, request)
}

fn unknown(name: &str) -> SourceError {
    let names: Vec<&str> = CONNECTORS.iter().map(|c| c.name()).collect();
    SourceError::new(
        "SOURCE_CONNECTOR",
        format!("there is no connector {name}"),
        format!("write {ANY}, or one of {}", names.join(", ")),
    )
}

/// Opens an input with the connector that was named. Where that fails, and the content asks for another one, this is said.
fn open_as(
    connector: &dyn Connector,
    mut input: Input,
    request: &Request,
) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let (other, evidence) = recognise(&mut input)?;
    if other.name() == connector.name() || input.head()?.is_empty() {
        return open_with(connector, input, request);
    }
    let Evidence { value, confidence, why, .. } = evidence;
    let seen = match confidence {
        Confidence::Assumed => "Nothing in it speaks for a format; it may be delimited text".to_owned(),
        _ => format!("It looks like {value}: {why}"),
    };
    let seen = format!("{seen} (connector `{}`).", other.name());
    // Delimited text could be anything: JSON and vCards would become a table of one column.
    if connector.name() == crate::csv::NAME && confidence == Confidence::High && is_text(other) {
        let message = format!("{} is {value}, not delimited text", input.name());
        return Err(SourceError::new("CSV_FILE_OTHER_FORMAT", message, seen));
    }
    open_with(connector, input, request).map_err(|error| {
        let said = error.is_about_options();
        let help = format!("{} {seen}", error.help());
        if said { error } else { error.with_help(help) }
    })
}

/// The format is text with marks of its own.
fn is_text(connector: &dyn Connector) -> bool {
    [crate::json::NAME, crate::vcard::NAME].contains(&connector.name())
}

/// The name says that it is delimited text, compressed or not.
fn is_text_by_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let plain = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".csv", ".tsv", ".txt"].iter().any(|end| plain.ends_with(end))
}

/// Opens an input that may be compressed as a whole.
pub(crate) fn open_with(
    connector: &dyn Connector,
    input: Input,
    request: &Request,
) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let input = if connector.unpacks() { input } else { input.unpacked()? };
    connector.open(input, request)
}

/// Which connector reads an input, and why.
///
/// # Errors
/// The input cannot be read.
pub fn recognise(input: &mut Input) -> Result<(&'static dyn Connector, Evidence), SourceError> {
    let head = unpacked(input.head()?);
    for connector in CONNECTORS {
        if let Some(evidence) = connector.recognise(&head) {
            return Ok((*connector, evidence));
        }
    }
    let why = "nothing speaks for another format";
    Ok((&crate::csv::Csv, Evidence::new("format", "csv", Confidence::Assumed, why)))
}

/// The beginning of what is inside a gz or zst file; anything else as it is.
fn unpacked(head: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let inside = crate::csv::inflated(head, 64 << 10);
    if inside.is_empty() { head.into() } else { inside.into() }
}
