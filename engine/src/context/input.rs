//! An input as it was found: where it stands and what it held, so that it is known again.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, ErrorKind, Result};
use crate::request::Input;

/// Before the name of what the options of the source name.
const TABLE: &str = "table:";
/// Before the name of what came in memory.
const MEMORY: &str = "memory:";

/// An input as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The absolute path, `-` for standard input, and a name behind `memory:` for records that came in memory or behind
    /// `table:` for what the options name.
    pub path: String,
    pub bytes: Option<u64>,
    /// Microseconds since 1970 UTC.
    pub modified_at: Option<i64>,
    /// What it holds, as 32 hexadecimal digits of its XXH3-128.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
}

impl InputFile {
    /// Looks at an input.
    pub fn of(input: &Input) -> Self {
        match input {
            Input::Stdin => Self::once("-".to_owned()),
            Input::Table(name) => Self::once(format!("{TABLE}{name}")),
            Input::Batches { name, .. } => Self::once(format!("{MEMORY}{name}")),
            Input::File(path) => Self::found(&std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        }
    }

    fn once(path: String) -> Self {
        Self { path, bytes: None, modified_at: None, content_hash: None }
    }

    /// It cannot be read a second time.
    pub fn is_once(&self) -> bool {
        self.path == "-" || self.path.starts_with(MEMORY)
    }

    fn found(path: &Path) -> Self {
        let facts = std::fs::metadata(path).ok();
        let modified = facts.as_ref().and_then(|f| f.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        Self {
            path: path.display().to_string(),
            bytes: facts.as_ref().map(std::fs::Metadata::len),
            modified_at: modified.and_then(|t| i64::try_from(t.as_micros()).ok()),
            content_hash: facts.filter(std::fs::Metadata::is_file).and_then(|_| content_hash(path).ok()),
        }
    }

    /// It holds what the other held. Files that were hashed are told by their content, whenever they were written.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.content_hash, &other.content_hash) {
            (Some(now), Some(then)) => now == then,
            _ => (self.bytes, self.modified_at) == (other.bytes, other.modified_at),
        }
    }

    /// The input, to be read again.
    pub fn input(&self) -> Input {
        match self.path.strip_prefix(TABLE) {
            Some(name) => Input::Table(name.to_owned()),
            None => Input::parse(&self.path),
        }
    }

    /// The same input as it is now; standard input is gone.
    pub fn now(&self) -> Result<Self> {
        let path = PathBuf::from(&self.path);
        // A table is what it is now, whenever it is read.
        if self.path.starts_with(TABLE) {
            return Ok(self.clone());
        }
        if self.is_once() {
            let what = if self.path == "-" { "standard input" } else { "what came in memory" };
            return Err(Error::new(ErrorKind::Input, format!("{what} cannot be read a second time"))
                .with_help("run it again; rows that are loaded already count as unchanged")
                .with_code("INPUT_GONE"));
        }
        if !path.exists() {
            return Err(Error::new(
                ErrorKind::Input,
                format!("{}: the file is not there any more", self.path),
            )
            .with_help("put it back under this path, or run the file from where it is now")
            .with_code("INPUT_GONE"));
        }
        Ok(Self::found(&path))
    }
}

/// The content of a file, as 32 hexadecimal digits of its XXH3-128.
pub fn content_hash(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut buffer) = (Xxh3::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(format!("{:032x}", hash.digest128())),
            Ok(n) => hash.update(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::content_hash;

    #[test]
    fn content_is_what_counts() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
        std::fs::write(&a, "same").unwrap();
        std::fs::write(&b, "same").unwrap();
        std::fs::write(&c, "other").unwrap();
        assert_eq!(content_hash(&a).unwrap(), content_hash(&b).unwrap());
        assert_ne!(content_hash(&a).unwrap(), content_hash(&c).unwrap());
    }
}
