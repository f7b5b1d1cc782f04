//! The list of connectors, and what can be said of them by their names before there is an input.

use crate::archive::{self, Archive};
use crate::database::Database;
use crate::formats;
use crate::request::{Connector, OptionWord, OwnInput, Words};
use crate::source::SourceError;

/// The connectors that there are; what is recognised by few bytes stands before what anything could be.
pub const CONNECTORS: &[&dyn Connector] = {
    let [parquet, arrow, avro, xlsx] = formats::MARKED;
    let [vcard, json, fixed_width, csv] = formats::TEXT;
    &[
        parquet,
        arrow,
        avro,
        xlsx,
        &Archive,
        vcard,
        json,
        fixed_width,
        csv,
        &Database::Postgres,
        &Database::Sqlite,
    ]
};

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
    let any = name == ANY || name == archive::NAME;
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
