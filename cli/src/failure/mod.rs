//! How a command ends badly: what went wrong, what to do, and the exit code. On stderr it has one shape,
//! `error[CODE]: sentence` and a help line; when JSON was asked for, stdout gets one document with the same.
//!
//! - here: [`Failure`], its exit code and its document
//! - `snippet`: a place in a text, and how it is drawn

mod snippet;

use std::fmt::Write as _;

use importer_connectors::source::SourceError;
use importer_engine::catalogue::QueryError;
use importer_engine::store::{StoreError, StoreErrorKind};
use importer_engine::{DAMAGED, Error, ErrorKind, OpenError, STORE_DAMAGED};
use importer_plans::project::ProjectErrors;
use serde_json::json;

use crate::screen;

pub use snippet::{Snippet, drawn};

/// Wrong usage, or a wrong project.
pub const WRONG: u8 = 2;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The engine says so.
    Engine(Error),
    /// Files of the project are wrong.
    Project(ProjectErrors),
    /// Something is wrong at a place of a text.
    Snippet(Box<Snippet>),
    /// The command line says so.
    Plain { code: &'static str, message: String, help: Option<String>, exit: u8 },
    /// Rows stand on stdout already, and no document can follow them.
    Begun(Box<Failure>),
    /// Nobody reads stdout any more; that is no failure.
    Closed,
}

impl Failure {
    /// A request that cannot be followed; nothing was done.
    pub fn wrong(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { code: "USAGE", message: message.into(), help: Some(help.into()), exit: WRONG }
    }

    /// Something that did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Plain { code: "FAILED", message: message.into(), help: None, exit: 1 }
    }

    /// A query that cannot be answered.
    pub fn query(error: QueryError, name: &str, text: &str) -> Self {
        Self::Snippet(Box::new(Snippet::query(error, name, text)))
    }

    /// Names the file of an embedded store that is damaged, or cannot be written; a server knows its own.
    #[must_use]
    pub fn in_store(self, store: &str) -> Self {
        match self {
            Self::Engine(error)
                if matches!(store_kind(&error), Some(StoreErrorKind::Damaged | StoreErrorKind::Storage))
                    && store.starts_with("sqlite:") =>
            {
                Self::Engine(error.context(store))
            }
            Self::Begun(failure) => Self::Begun(Box::new(failure.in_store(store))),
            other => other,
        }
    }

    /// Says it and gives the exit code.
    pub fn report(self, json: bool) -> u8 {
        if let Self::Begun(failure) = self {
            return failure.report(false);
        }
        if matches!(self, Self::Closed) {
            return 0;
        }
        screen::say(&self.text());
        if json {
            let _ = screen::put(&format!("{:#}\n", self.document()));
        }
        self.exit_code()
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Engine(error) => match store_kind(error) {
                Some(StoreErrorKind::NotFound | StoreErrorKind::Address) => WRONG,
                _ => error.kind().exit_code(),
            },
            // The query may be right: what it reads is damaged.
            Self::Snippet(snippet) if [DAMAGED, STORE_DAMAGED].contains(&snippet.code) => 1,
            Self::Project(_) | Self::Snippet(_) => WRONG,
            Self::Plain { exit, .. } => *exit,
            Self::Begun(failure) => failure.exit_code(),
            Self::Closed => 0,
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Engine(error) => plain(code_of(error), &error.to_string(), error.help()),
            Self::Project(errors) => {
                let mut text: String = errors.iter().map(|error| drawn(error)).collect();
                let _ = write!(text, "error[PROJECT]: {errors}");
                text
            }
            Self::Snippet(snippet) => drawn(snippet.as_ref()).trim_end().to_owned(),
            Self::Plain { code, message, help, .. } => plain(code, message, help.as_deref()),
            Self::Begun(failure) => failure.text(),
            Self::Closed => String::new(),
        }
    }

    fn document(&self) -> serde_json::Value {
        match self {
            Self::Engine(error) => document(code_of(error), &error.to_string(), error.help()),
            Self::Project(errors) => {
                let mut whole = document("PROJECT", &errors.to_string(), None);
                whole["error"]["errors"] = errors
                    .iter()
                    .map(|e| json!({"code": e.error_code(), "message": e.message(), "place": e.place(), "help": e.advice()}))
                    .collect();
                whole
            }
            Self::Snippet(snippet) => {
                let mut whole = document(snippet.code, &snippet.message, snippet.help.as_deref());
                whole["error"]["place"] = json!(snippet.place());
                whole
            }
            Self::Plain { code, message, help, .. } => document(code, message, help.as_deref()),
            Self::Begun(failure) => failure.document(),
            Self::Closed => json!({}),
        }
    }
}

/// `error[CODE]: sentence`, with the help under it.
pub fn plain(code: &str, message: &str, help: Option<&str>) -> String {
    let mut text = format!("error[{code}]: {message}");
    for (n, line) in help.iter().flat_map(|h| h.lines()).enumerate() {
        let _ = write!(text, "\n  {} {line}", if n == 0 { "= help:" } else { "       " });
    }
    text
}

fn document(code: &str, message: &str, help: Option<&str>) -> serde_json::Value {
    json!({ "error": { "code": code, "message": message, "help": help } })
}

/// The stable code of an engine error: its own, that of the file it could not read, or that of its kind.
pub fn code_of(error: &Error) -> &'static str {
    if let Some(code) = error.code() {
        return code;
    }
    let cause = std::error::Error::source(error);
    if let Some(source) = cause.and_then(|c| c.downcast_ref::<SourceError>()) {
        return source.code();
    }
    if store_kind(error) == Some(StoreErrorKind::NotFound) {
        return "NOT_FOUND";
    }
    match error.kind() {
        ErrorKind::Usage => "USAGE",
        ErrorKind::Project => "PROJECT",
        ErrorKind::Input => "INPUT",
        ErrorKind::Refused => "REFUSED",
        ErrorKind::Store => "STORE",
        ErrorKind::Lake => "LAKE",
        ErrorKind::Lease => "LEASE",
        ErrorKind::Interrupted => "INTERRUPTED",
        ErrorKind::Internal => "INTERNAL",
    }
}

/// What the database said, when it was the database.
fn store_kind(error: &Error) -> Option<StoreErrorKind> {
    std::error::Error::source(error)?.downcast_ref::<StoreError>().map(StoreError::kind)
}

/// What clap refused, in its own words; `--help` and `--version` come this way too.
pub fn usage(error: &clap::Error) -> u8 {
    if error.kind() == clap::error::ErrorKind::InvalidUtf8
        && let Some(broken) = not_utf8()
    {
        let help = "rename it; a file can also be handed over as standard input: --file - < FILE";
        return Failure::wrong(format!("{broken} is not UTF-8"), help).report(wants_json());
    }
    let _ = error.print();
    let code = u8::try_from(error.exit_code()).unwrap_or(WRONG);
    if code != 0 && wants_json() {
        let _ = screen::put(&format!("{:#}\n", usage_document(error)));
    }
    code
}

/// The argument, or the variable of ours, that is no text.
fn not_utf8() -> Option<String> {
    let argument = std::env::args_os().find(|argument| argument.to_str().is_none());
    let variable = || {
        let ours =
            |name: &std::ffi::OsString| name.to_str().is_some_and(|name| name.starts_with("IMPORTER_"));
        std::env::vars_os().find(|(name, value)| ours(name) && value.to_str().is_none())
    };
    argument
        .map(|argument| format!("the argument {}", argument.display()))
        .or_else(|| variable().map(|(name, _)| format!("the variable {}", name.display())))
}

/// What clap refused as a document: its sentence with the arguments or values that it lists below, its tip as help, and the
/// arguments that are missing or wrong by name.
fn usage_document(error: &clap::Error) -> serde_json::Value {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim);
    let mut sentence = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    for (n, line) in lines.by_ref().take_while(|line| !line.is_empty()).enumerate() {
        sentence.push_str(if n == 0 { " " } else { ", " });
        sentence.push_str(line);
    }
    let tips: Vec<&str> = lines.filter_map(|line| line.strip_prefix("tip: ")).collect();
    let help = if tips.is_empty() { "see `importer --help`".to_owned() } else { tips.join("; ") };
    let mut document = document("USAGE", &sentence, Some(&help));
    let named = |kind| match error.get(kind) {
        Some(clap::error::ContextValue::String(name)) => vec![name.clone()],
        Some(clap::error::ContextValue::Strings(names)) => names.clone(),
        _ => Vec::new(),
    };
    use clap::error::ContextKind::{InvalidArg, InvalidSubcommand};
    document["error"]["arguments"] = json!([named(InvalidArg), named(InvalidSubcommand)].concat());
    document
}

fn wants_json() -> bool {
    let args: Vec<_> = std::env::args_os().collect();
    args.iter().any(|a| matches!(a.to_str(), Some("--json" | "--summary-json" | "--format=json")))
        || args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Engine(error) => Self::Engine(error),
            OpenError::Project(errors) => Self::Project(errors),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::failed(format!("the output cannot be written: {error}")),
        }
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::failed(format!("a value cannot be shown: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(std::io::ErrorKind::BrokenPipe) => Self::Closed,
            _ => Self::failed(format!("a document cannot be written: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::usage_document;

    #[test]
    fn what_clap_refuses_is_named_in_the_document() {
        let command = || {
            Command::new("importer")
                .arg(Arg::new("file").long("file").required(true).value_name("FILE"))
                .arg(Arg::new("run").long("run").required(true).value_name("N"))
                .arg(Arg::new("status").long("status").value_parser(["open", "fixed"]))
        };
        let told = |args: &[&str]| {
            let error = command().try_get_matches_from([&["importer"], args].concat()).unwrap_err();
            usage_document(&error)["error"].clone()
        };
        let missing = told(&[]);
        assert_eq!(
            missing["message"],
            "the following required arguments were not provided: --file <FILE>, --run <N>"
        );
        assert_eq!(missing["arguments"], serde_json::json!(["--file <FILE>", "--run <N>"]));
        let wrong = told(&["--file", "a", "--run", "1", "--status", "opne"]);
        let message = wrong["message"].as_str().unwrap();
        assert!(
            message.contains("'opne'") && message.contains("[possible values: open, fixed]"),
            "{message}"
        );
        assert_eq!(wrong["arguments"], serde_json::json!(["--status <status>"]));
        assert!(wrong["help"].as_str().unwrap().contains("open"), "{wrong}");
        assert_eq!(told(&["--flie", "a"])["arguments"], serde_json::json!(["--flie"]));
    }
}
