//! Options of connectors as words: the same ones in source files, on the command line and in requests.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::source::{OPTIONS, SourceError};

/// One option that a connector takes.
#[derive(Debug, Clone, Copy)]
pub struct OptionWord {
    /// In source files and requests; on the command line with hyphens.
    pub name: &'static str,
    /// What stands for the value in help texts.
    pub value: &'static str,
    /// What it does, for help texts.
    pub about: &'static str,
}

impl OptionWord {
    /// An option of this name.
    #[must_use]
    pub const fn new(name: &'static str, value: &'static str, about: &'static str) -> Self {
        Self { name, value, about }
    }
}

/// Options that were given: name and value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// The value of an option as it was written.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of an option, read.
    ///
    /// # Errors
    /// The value is none of the option's, with what it should be.
    pub fn get<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, SourceError>
    where
        T::Err: std::fmt::Display,
    {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|why: T::Err| wrong_value(name, text, &why.to_string()))
    }

    /// Refuses options other than these.
    ///
    /// # Errors
    /// Names the first unknown option, and those that there are.
    pub fn only(&self, known: &[OptionWord]) -> Result<(), SourceError> {
        let Some(name) = self.0.keys().find(|name| !known.iter().any(|word| word.name == name.as_str()))
        else {
            return Ok(());
        };
        let names: Vec<&str> = known.iter().map(|word| word.name).collect();
        let help = match names.as_slice() {
            [] => "This connector takes no options.".to_owned(),
            names => format!("There are {}.", names.join(", ")),
        };
        Err(SourceError::new(OPTIONS, format!("there is no option {name}"), help))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Words {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(words: I) -> Self {
        Self(words.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// An option whose value cannot be.
pub fn wrong_value(name: &str, value: &str, why: &str) -> SourceError {
    SourceError::new(
        OPTIONS,
        format!("the option {name} cannot be {value:?}: {why}"),
        "see `importer run --help` for the words each option takes",
    )
}
