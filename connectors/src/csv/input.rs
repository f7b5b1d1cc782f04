//! The byte stream: recognised compression, inflated in stream, counted on both sides.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Compression, CsvError};

/// Decompressed bytes of one file.
pub(crate) struct Input {
    name: String,
    compression: Compression,
    stream: Box<dyn Read + Send>,
    compressed_bytes: Arc<AtomicU64>,
    bytes: u64,
    ended: bool,
}

/// Counts what passes through; the decompressors own it, so the count is shared.
struct Counting<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Input {
    /// Looks at the first bytes and puts the right decompressor in front.
    pub(crate) fn open(
        stream: Box<dyn Read + Send>,
        name: &str,
        given: Option<Compression>,
    ) -> Result<Self, CsvError> {
        let count = Arc::new(AtomicU64::new(0));
        let mut counted = Counting { inner: stream, count: Arc::clone(&count) };
        let mut head = [0_u8; 4];
        let mut have = 0;
        while let Some(rest @ [_, ..]) = head.get_mut(have..) {
            match counted.read(rest) {
                Ok(0) => break,
                Ok(n) => have += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(plain_error(name, 0, e)),
            }
        }
        let compression = given.unwrap_or(match head.get(..have) {
            Some([0x1F, 0x8B, ..]) => Compression::Gzip,
            // A zstd frame, or a skippable frame in front of one.
            Some([0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18]) => Compression::Zstd,
            _ => Compression::None,
        });
        let whole = io::Cursor::new(head).take(have as u64).chain(counted);
        let stream: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(whole),
            Compression::Gzip => {
                Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(64 << 10, whole)))
            }
            Compression::Zstd => Box::new(
                zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(64 << 10, whole))
                    .map_err(|e| plain_error(name, 0, e))?,
            ),
        };
        Ok(Self {
            name: name.to_owned(),
            compression,
            stream,
            compressed_bytes: count,
            bytes: 0,
            ended: false,
        })
    }

    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes read from the source, compressed as they came.
    pub(crate) fn bytes_in(&self) -> u64 {
        self.compressed_bytes.load(Ordering::Relaxed)
    }

    /// Bytes after decompression.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Fills the whole slice unless the stream ends: what comes out never depends on the size of
    /// the pieces in which the source delivers.
    pub(crate) fn fill(&mut self, buf: &mut [u8]) -> Result<usize, CsvError> {
        let mut have = 0;
        while !self.ended {
            let Some(rest @ [_, ..]) = buf.get_mut(have..) else { break };
            match self.stream.read(rest) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    have += n;
                    self.bytes += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.error(e)),
            }
        }
        Ok(have)
    }

    fn error(&self, source: io::Error) -> CsvError {
        let (name, compression, bytes) = (self.name.clone(), self.compression, self.bytes);
        let damaged = matches!(
            source.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other
        );
        match compression {
            Compression::None => plain_error(&name, bytes, source),
            _ if source.kind() == io::ErrorKind::UnexpectedEof => {
                CsvError::Truncated { name, compression, bytes, source }
            }
            _ if damaged => CsvError::Corrupt { name, compression, bytes, source },
            _ => plain_error(&name, bytes, source),
        }
    }
}

fn plain_error(name: &str, bytes: u64, source: io::Error) -> CsvError {
    let name = name.to_owned();
    if source.kind() == io::ErrorKind::IsADirectory {
        CsvError::Directory { name }
    } else {
        CsvError::Io { name, bytes, source }
    }
}
