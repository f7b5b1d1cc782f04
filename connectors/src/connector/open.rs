//! Which connector reads an input: the one that was named, or the one that its content asks for.

use super::list::{ANY, CONNECTORS, connector, words_of};
use crate::csv::{self, Csv};
use crate::request::{Connector, Input, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};
use crate::{archive, formats, json, vcard};

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
    if connector.name() == archive::NAME && is_text_by_name(input.name()) {
        connector = &Csv;
    }
    formats::open(connector, input, request)
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
        return formats::open(connector, input, request);
    }
    let Evidence { value, confidence, why, .. } = evidence;
    let seen = match confidence {
        Confidence::Assumed => "Nothing in it speaks for a format; it may be delimited text".to_owned(),
        _ => format!("It looks like {value}: {why}"),
    };
    let seen = format!("{seen} (connector `{}`).", other.name());
    // Delimited text could be anything: JSON and vCards would become a table of one column.
    if connector.name() == csv::NAME && confidence != Confidence::Assumed && is_text(other) {
        let message = format!("{} is {value}, not delimited text", input.name());
        return Err(SourceError::new("CSV_FILE_OTHER_FORMAT", message, seen));
    }
    formats::open(connector, input, request).map_err(|error| {
        let said = error.is_about_options();
        let help = format!("{} {seen}", error.help());
        if said { error } else { error.with_help(help) }
    })
}

/// The format is text with marks of its own.
fn is_text(connector: &dyn Connector) -> bool {
    [json::NAME, vcard::NAME].contains(&connector.name())
}

/// The name says that it is delimited text, compressed or not.
fn is_text_by_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let plain = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".csv", ".tsv", ".txt"].iter().any(|end| plain.ends_with(end))
}

/// Which connector reads an input, and why.
///
/// # Errors
/// The input cannot be read.
pub fn recognise(input: &mut Input) -> Result<(&'static dyn Connector, Evidence), SourceError> {
    let told = formats::told_by(CONNECTORS, &formats::beginning(input)?);
    let why = "nothing speaks for another format";
    Ok(told.unwrap_or_else(|| (&Csv, Evidence::new("format", "csv", Confidence::Assumed, why))))
}
