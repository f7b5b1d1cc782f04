//! Members unpacked to temporary files, with limits.
//!
//! The names of members are never used as paths: a temporary file has no name, and is gone when it is closed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::guard::guarded;
use crate::request::too_large;
use crate::source::SourceError;

/// Members that are looked at, at most.
const MEMBERS: usize = 100_000;

/// No data shrinks so much: what does is a trap.
const RATIO: u64 = 500;

/// Below this the ratio does not matter: 64 MiB.
const SMALL: u64 = 64 << 20;

/// A file begins as an archive does: with a member, or with the end of an archive without members.
pub(super) fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

type Zip = ZipArchive<BufReader<File>>;

/// An opened archive.
pub(super) struct Spool {
    name: String,
    zip: Mutex<Zip>,
    limit: u64,
    /// The limit is the caller's: then the ratio does not matter.
    given: bool,
    /// Bytes of the members that were unpacked.
    unpacked: Mutex<HashMap<usize, u64>>,
}

impl Spool {
    pub(super) fn new(name: &str, file: File, limit: u64, given: bool) -> Result<Self, SourceError> {
        let zip = guarded(|| ZipArchive::new(BufReader::new(file))).map_err(|why| {
            SourceError::new(
                "ARCHIVE_DAMAGED",
                format!("{name} is damaged or cut off: the list of its members cannot be read"),
                "Fetch or pack it anew. Archives in several parts must be put together first.",
            )
            .with_cause(why)
        })?;
        if zip.len() > MEMBERS {
            return Err(SourceError::new(
                "ARCHIVE_TOO_LARGE",
                format!("{name} has more than {MEMBERS} members"),
                "Pack the files into several archives.",
            ));
        }
        if zip.has_duplicate_names() {
            return Err(SourceError::new(
                "ARCHIVE_DUPLICATE",
                format!("{name} has two members of the same name"),
                "Pack it anew with each file once: it cannot be told which of them is meant.",
            ));
        }
        let name = name.to_owned();
        Ok(Self { name, zip: Mutex::new(zip), limit, given, unpacked: Mutex::new(HashMap::new()) })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// `people.zip!folder/a.csv`
    pub(super) fn full_name(&self, member: &str) -> String {
        format!("{}!{member}", self.name)
    }

    pub(super) fn zip(&self) -> MutexGuard<'_, Zip> {
        self.zip.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A member in a temporary file, from its beginning on.
    pub(super) fn unpack(&self, index: usize, member: &str) -> Result<File, SourceError> {
        let name = self.full_name(member);
        let mut zip = self.zip();
        let mut content = match guarded(|| Ok::<_, String>(zip.by_index(index))) {
            Ok(Ok(content)) => content,
            Ok(Err(error)) => return Err(refused(&name, &error)),
            Err(why) => return Err(damaged(&name, why)),
        };
        let left = self.left(index);
        let plausible =
            if self.given { u64::MAX } else { SMALL.max(content.compressed_size().saturating_mul(RATIO)) };
        let most = left.min(plausible);
        let mut file = tempfile::tempfile().map_err(|e| SourceError::unreadable(&name, e))?;
        let copied = copy(&mut content, &mut file, most, &name)?;
        if copied > most {
            return Err(if plausible < left { trap(&name) } else { too_large(&self.name, self.limit) });
        }
        let mut unpacked = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        unpacked.insert(index, copied);
        file.seek(SeekFrom::Start(0)).map_err(|e| SourceError::unreadable(&name, e))?;
        Ok(file)
    }

    /// Bytes that this member may have, the others having what they have.
    fn left(&self, index: usize) -> u64 {
        let unpacked = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        let others =
            unpacked.iter().filter(|(i, _)| **i != index).map(|(_, n)| *n).fold(0, u64::saturating_add);
        self.limit.saturating_sub(others)
    }

    /// The beginning of a member, at most `most` bytes; nothing where it cannot be read.
    pub(super) fn beginning(&self, member: &str, most: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut zip = self.zip();
        if let Ok(Ok(content)) = guarded(|| Ok::<_, String>(zip.by_name(member))) {
            // What cannot be read is no beginning.
            let _ = content.take(most).read_to_end(&mut bytes);
        }
        bytes
    }
}

/// Bytes that were copied: more than `most` where there are more.
fn copy(from: &mut impl Read, to: &mut File, most: u64, name: &str) -> Result<u64, SourceError> {
    let mut buffer = vec![0; 64 << 10];
    let mut copied = 0_u64;
    while copied <= most {
        let read = match guarded(|| Ok::<_, String>(from.read(&mut buffer))) {
            Ok(Ok(0)) => break,
            Ok(Ok(n)) => n,
            Ok(Err(e)) if e.kind() == io::ErrorKind::Interrupted => continue,
            Ok(Err(e)) => return Err(damaged(name, e.to_string())),
            Err(why) => return Err(damaged(name, why)),
        };
        copied = copied.saturating_add(read as u64);
        to.write_all(buffer.get(..read).unwrap_or_default()).map_err(|e| {
            SourceError::new(
                "ARCHIVE_NO_ROOM",
                format!("{name} cannot be unpacked: {e}"),
                "Make room in the folder for temporary files.",
            )
            .with_cause(e)
        })?;
    }
    Ok(copied)
}

fn damaged(name: &str, why: String) -> SourceError {
    SourceError::new(
        "ARCHIVE_DAMAGED",
        format!("{name} is damaged: it cannot be unpacked"),
        "Fetch or pack the archive anew, or leave the member out with the option `member`.",
    )
    .with_cause(why)
}

/// A member that grows beyond what data do.
fn trap(name: &str) -> SourceError {
    SourceError::new(
        "ARCHIVE_TRAP",
        format!("{name} unpacks to more than {RATIO} times its size: it may be a trap"),
        "If the archive can be trusted, say how large it may be with the option `max_unpacked_bytes`.",
    )
}

fn refused(name: &str, error: &ZipError) -> SourceError {
    match error {
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => SourceError::new(
            "ARCHIVE_UNSUPPORTED",
            format!("{name} is packed in a way that cannot be read"),
            "Pack it anew as a usual ZIP archive (deflate).",
        )
        .with_cause(error.to_string()),
        _ => damaged(name, error.to_string()),
    }
}
