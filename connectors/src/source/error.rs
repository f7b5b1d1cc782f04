//! What stops a whole source.

use std::error::Error;
use std::fmt;

/// The code of options that cannot be.
pub(crate) const OPTIONS: &str = "SOURCE_OPTIONS";

/// A source that cannot be read, or not to its end. What is wrong with one record is a [`Reject`](super::Reject).
#[derive(Debug)]
pub struct SourceError {
    code: &'static str,
    message: String,
    help: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl SourceError {
    /// `code` is stable, for logs and tests; `message` names the source and what is wrong with it, `help` what to do.
    pub fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: help.into(), cause: None }
    }

    /// The error behind it.
    #[must_use]
    pub fn with_cause(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// The same with another help.
    #[must_use]
    pub(crate) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// A file or stream that cannot be read.
    pub fn unreadable(name: &str, error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::IsADirectory {
            let message = format!("{name} is a folder, not a file");
            return Self::new("FILE_DIRECTORY", message, "Name the files in it instead.").with_cause(error);
        }
        let help = "Check that the file still exists and may be read.";
        Self::new("FILE_UNREADABLE", format!("{name} cannot be read: {error}"), help).with_cause(error)
    }

    /// A stable code, for logs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What was asked for cannot be, whatever the source holds: an unknown option, or a value that an option cannot have.
    #[must_use]
    pub fn is_about_options(&self) -> bool {
        self.code == OPTIONS
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
