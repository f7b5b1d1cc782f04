//! Where a database is: the word `url`, which names a secret or holds none.

use std::path::PathBuf;

use url::Url;

use crate::request::{OptionWord, wrong_value};
use crate::source::SourceError;

/// The word itself.
pub(super) const URL: OptionWord = OptionWord::new(
    "url",
    "WHERE",
    "Database: env:NAME or file:PATH, where its URL stands; a URL without password may stand here",
);

/// Where the URL of a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// In an environment variable.
    Environment(String),
    /// In a file.
    File(PathBuf),
    /// In the options; without a password.
    Here(String),
}

/// A database that was found. `url` may hold a password: it is neither printed nor kept.
#[derive(Clone)]
pub(super) struct Address {
    pub url: String,
    /// For messages.
    pub shown: String,
    /// Tells one database from another: without user, password and options.
    pub place: String,
}

impl Named {
    /// Reads the word. A literal URL with a password is refused: what stands in a project or a command is kept and shown.
    pub(super) fn read(text: &str) -> Result<Self, SourceError> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix("env:") {
            return Ok(Self::Environment(name.trim().to_owned()));
        }
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::File(PathBuf::from(path.trim())));
        }
        if holds_password(text) {
            return Err(SourceError::new(
                "DATABASE_PASSWORD",
                "the option url holds a password",
                "put the URL into an environment variable and write `url: env:NAME`, or into a file of its own and write `url: file:PATH`",
            ));
        }
        Ok(Self::Here(text.to_owned()))
    }

    /// The URL itself.
    pub(super) fn resolve(&self) -> Result<String, SourceError> {
        let missing = |message: String, help: &str| SourceError::new("DATABASE_URL", message, help);
        let found = match self {
            Self::Here(url) => url.clone(),
            Self::Environment(name) => std::env::var(name).map_err(|_| {
                missing(
                    format!(
                        "the environment variable {name} is not set; it should hold the URL of the database"
                    ),
                    "set it where importer is started, such as postgres://user:password@host/database",
                )
            })?,
            Self::File(path) => std::fs::read_to_string(path).map_err(|e| {
                missing(
                    format!(
                        "the file {} with the URL of the database cannot be read: {}",
                        path.display(),
                        e.kind()
                    ),
                    "check the path and its permissions; it holds one line",
                )
            })?,
        };
        let found = found.trim().to_owned();
        if found.is_empty() {
            return Err(missing(
                "the URL of the database is empty".to_owned(),
                "write it into the place that `url` names",
            ));
        }
        Ok(found)
    }
}

/// A password in the user's part, or anywhere in the query.
fn holds_password(text: &str) -> bool {
    let in_query = text.split_once('?').is_some_and(|(_, query)| query.to_lowercase().contains("password"));
    let before = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    in_query || before.is_some_and(|(who, _)| who.contains(':'))
}

impl Address {
    /// A Postgres database.
    pub(super) fn postgres(url: String) -> Result<Self, SourceError> {
        let wrong = |why: &str| {
            SourceError::new(
                "DATABASE_URL",
                format!("the URL of the database {why}"),
                "it is written postgres://user@host:5432/database",
            )
        };
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(wrong("does not begin with postgres://"));
        }
        // The parser's own words could quote the password.
        let parsed = Url::parse(&url).map_err(|_| wrong("is not valid"))?;
        let database = parsed.path().trim_matches('/').to_owned();
        if database.is_empty() {
            return Err(wrong("names no database"));
        }
        let host = parsed.host_str().unwrap_or_default();
        let port = parsed.port().unwrap_or(5432);
        let place = format!("postgres://{host}:{port}/{database}");
        Ok(Self { url, shown: place.clone(), place })
    }

    /// A SQLite file.
    pub(super) fn sqlite(url: &str) -> Result<(Self, PathBuf), SourceError> {
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        if path.is_empty() || path.contains("://") {
            return Err(wrong_value(
                URL.name,
                "…",
                "it names no SQLite file: write sqlite://path/to/file.db",
            ));
        }
        let path = PathBuf::from(path);
        let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        let place = absolute.canonicalize().unwrap_or(absolute);
        let address = Self {
            url: url.to_owned(),
            shown: path.display().to_string(),
            place: format!("sqlite://{}", place.display()),
        };
        Ok((address, path))
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Named};

    #[test]
    fn passwords_are_not_taken_literally() {
        for bad in [
            "postgres://anna:s3cret@db/crm",
            "postgres://db/crm?password=s3cret",
            "postgres://a:b@c@db/crm?x=1",
        ] {
            let error = Named::read(bad).unwrap_err();
            assert_eq!(error.code(), "DATABASE_PASSWORD");
            assert!(!format!("{error} {}", error.help()).contains("s3cret"));
        }
        assert!(matches!(Named::read("postgres://anna@db:5433/crm"), Ok(Named::Here(_))));
        assert_eq!(Named::read("env:CRM_URL").unwrap(), Named::Environment("CRM_URL".to_owned()));
        assert!(matches!(Named::read("sqlite://old.db"), Ok(Named::Here(_))));
    }

    #[test]
    fn a_place_has_no_secret() {
        let address =
            Address::postgres("postgresql://anna:s3cret@db/crm?sslmode=require".to_owned()).unwrap();
        assert_eq!(
            (address.shown.as_str(), address.place.as_str()),
            ("postgres://db:5432/crm", "postgres://db:5432/crm")
        );
        for bad in ["postgres://anna:s3cret@db", "mysql://a:s3cret@db/x", "postgres://a:s3cret@[/x"] {
            let error = Address::postgres(bad.to_owned()).err().unwrap();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
