//! One file, read at several places: every sheet has its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A place in a file that others read as well.
#[derive(Debug, Clone)]
pub(super) struct View {
    file: Arc<Mutex<File>>,
    at: u64,
    len: u64,
}

impl View {
    pub(super) fn new(mut file: File) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self { file: Arc::new(Mutex::new(file)), at: 0, len })
    }

    /// Bytes of the file when it was opened.
    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

impl Read for View {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let n = file.read(buf)?;
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }
}

impl Seek for View {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        let to = match pos {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let outside =
            || io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning of the file");
        self.at = to.ok_or_else(outside)?;
        Ok(self.at)
    }
}
