//! The bytes that a connector is given: it opens nothing on its own.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::packing::Packing;
use crate::source::SourceError;

/// Bytes that are looked at before the format is known.
const HEAD: u64 = 64 << 10;

/// An opened file, stream or text in memory.
pub struct Input {
    name: String,
    content: Content,
    /// What was taken from a stream to look at it.
    head: Vec<u8>,
}

enum Content {
    File(File),
    Stream(Box<dyn Read + Send>),
}

impl Input {
    /// A file, from its beginning on. `name` is that of messages.
    pub fn file(name: impl Into<String>, file: File) -> Self {
        // A pipe under the name of a file is read once.
        let content = if is_seekable(&file) { Content::File(file) } else { Content::Stream(Box::new(file)) };
        Self { name: name.into(), content, head: Vec::new() }
    }

    /// A stream that is read once.
    pub fn stream(name: impl Into<String>, stream: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), content: Content::Stream(Box::new(stream)), head: Vec::new() }
    }

    /// Bytes in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::stream(name, Cursor::new(bytes))
    }

    /// No bytes, for a connector whose options name what it reads.
    pub fn nothing(name: impl Into<String>) -> Self {
        Self::stream(name, io::empty())
    }

    /// The name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first bytes, at most 64 KiB, as they come. They are still there to be read afterwards.
    ///
    /// # Errors
    /// The file or stream cannot be read.
    pub fn head(&mut self) -> Result<&[u8], SourceError> {
        if self.head.is_empty() {
            let name = &self.name;
            let unreadable = |e| SourceError::unreadable(name, e);
            match &mut self.content {
                Content::File(file) => {
                    Read::by_ref(file).take(HEAD).read_to_end(&mut self.head).map_err(unreadable)?;
                    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
                }
                Content::Stream(stream) => {
                    Read::by_ref(stream).take(HEAD).read_to_end(&mut self.head).map_err(unreadable)?;
                }
            }
        }
        Ok(&self.head)
    }

    /// The bytes in order, from the first on.
    #[must_use]
    pub fn into_read(self) -> Box<dyn Read + Send> {
        match self.content {
            Content::File(file) => Box::new(file),
            Content::Stream(stream) if self.head.is_empty() => stream,
            Content::Stream(stream) => Box::new(Cursor::new(self.head).chain(stream)),
        }
    }

    /// What is inside where the input is a gz or zst file; anything else as it is.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn unpacked(mut self) -> Result<Self, SourceError> {
        let packing = Packing::of(self.head()?);
        let name = self.name.clone();
        Ok(match packing {
            None => self,
            Some(packing) => {
                let stream =
                    packing.unpack(self.into_read()).map_err(|e| SourceError::unreadable(&name, e))?;
                Self::stream(name, stream)
            }
        })
    }

    /// A file that can be read at any place; a stream is copied to a temporary one, which is gone when it is closed.
    ///
    /// # Errors
    /// The stream cannot be read, holds more than `limit` bytes, or there is no room for it.
    pub fn into_file(self, limit: u64) -> Result<File, SourceError> {
        let name = self.name.clone();
        let unreadable = |e: io::Error| SourceError::unreadable(&name, e);
        let mut stream = match self.content {
            Content::File(file) => return Ok(file),
            _ => self.into_read(),
        };
        let mut file = tempfile::tempfile().map_err(unreadable)?;
        let copied = io::copy(&mut stream.by_ref().take(limit), &mut file).map_err(unreadable)?;
        if copied == limit && stream.read(&mut [0]).map_err(unreadable)? > 0 {
            return Err(too_large(&name, limit));
        }
        file.flush().map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        Ok(file)
    }
}

/// A pipe under a file name cannot be read at any place.
fn is_seekable(file: &File) -> bool {
    file.metadata().is_ok_and(|m| m.is_file())
}

/// A source that unfolds to more than it may.
pub fn too_large(name: &str, limit: u64) -> SourceError {
    SourceError::new(
        "FILE_TOO_LARGE",
        format!("{name} holds more than {limit} bytes when it is unpacked"),
        "Divide it, or raise `max_unpacked_bytes` if it is meant to be so large.",
    )
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("name", &self.name).finish_non_exhaustive()
    }
}
