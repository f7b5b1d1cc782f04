//! Where the store is: `sqlite://…` or `postgres://…`, checked with words, and shown without its password.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

use super::{Dialect, Result, StoreError, StoreErrorKind};

/// A parsed store URL. `Display` and `Debug` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A Postgres database; the URL as given, secret inside.
    Postgres(Box<Url>),
}

impl StoreUrl {
    /// Which database it names.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether the store works in our own process and is made where it is not there. A server is there, and answers while
    /// other work is done.
    pub fn is_embedded(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(_) => false,
        }
    }

    /// The file of a SQLite store.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

fn wrong(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Address, message)
}

impl FromStr for StoreUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite(rest.strip_prefix("//").unwrap_or(rest));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url =
                Url::parse(text).map_err(|error| wrong(format!("the store URL is not valid: {error}")))?;
            if url.path().trim_matches('/').is_empty() {
                return Err(wrong("the store URL names no database: postgres://user@host/DATABASE".into()));
            }
            return Ok(Self::Postgres(Box::new(url)));
        }
        match text.split_once(':') {
            // The scheme alone: what follows could hold a password.
            Some((scheme, rest)) if rest.starts_with("//") => {
                Err(wrong(format!("a store cannot be at {scheme}://; it is sqlite://FILE or postgres://…")))
            }
            _ => Err(wrong("the store must be a URL: sqlite://FILE or postgres://user@host/database".into())),
        }
    }
}

fn sqlite(path: &str) -> Result<StoreUrl> {
    if path.is_empty() {
        return Err(wrong("sqlite:// needs a file: sqlite://.importer/importer.db".into()));
    }
    if path.contains(":memory:") || path.contains("mode=memory") {
        return Err(wrong("a store in memory would be lost with the process: name a file".into()));
    }
    if path.contains('?') {
        return Err(wrong("sqlite:// takes no options after `?`: name the file only".into()));
    }
    Ok(StoreUrl::Sqlite(PathBuf::from(path)))
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                f.write_str("postgres://")?;
                if !url.username().is_empty() {
                    write!(f, "{}{}@", url.username(), if url.password().is_some() { ":***" } else { "" })?;
                }
                f.write_str(url.host_str().unwrap_or(""))?;
                if let Some(port) = url.port() {
                    write!(f, ":{port}")?;
                }
                // The query may hold `password=…`; it is left out.
                f.write_str(url.path())
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::StoreUrl;

    #[test]
    fn urls_are_understood_and_shown_without_secrets() {
        let parse = |text: &str| text.parse::<StoreUrl>();
        assert_eq!(
            parse("sqlite://.importer/importer.db").unwrap().to_string(),
            "sqlite://.importer/importer.db"
        );
        assert_eq!(parse("sqlite:///abs/x.db").unwrap().file().unwrap().to_str(), Some("/abs/x.db"));
        let url = parse("postgresql://anna:s3cret@db:5433/crm?password=other").unwrap();
        assert_eq!(url.to_string(), "postgres://anna:***@db:5433/crm");
        assert!(!format!("{url:?}").contains("s3cret"));
        for bad in ["importer.db", "mysql://u:s3cret@h/db", "postgres://host", "sqlite://", "sqlite::memory:"]
        {
            let error = parse(bad).unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
