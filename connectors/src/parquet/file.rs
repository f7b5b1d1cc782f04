//! The file as the library reads it: page by page, each held against limits before it is unpacked.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::delta::{self, Flaw, Levels};
use super::thrift::{self, PAGE_BYTES, Page};

/// Bytes that are read to look at a page header; more where long statistics stand in it.
const LOOK: usize = 1 << 10;
const LOOK_AGAIN: [usize; 2] = [64 << 10, 16 << 20];

/// A file that can be read at several places at once.
#[derive(Clone)]
pub(super) struct Pages(Arc<Inner>);

struct Inner {
    file: Mutex<File>,
    len: u64,
    too_large: AtomicBool,
    /// The columns of each row group, by their places; empty until the footer was read.
    chunks: OnceLock<Vec<Chunk>>,
}

/// The pages of a column in a row group.
pub(super) struct Chunk {
    pub start: u64,
    pub end: u64,
    pub codec: Compression,
    pub levels: Levels,
    /// How many values there may be: set where records may have several.
    pub values: Option<u64>,
    pub seen: Mutex<Seen>,
}

/// What was seen of a chunk so far.
#[derive(Default)]
pub(super) struct Seen {
    /// Where the last page header stands that was counted.
    header: u64,
    values: u64,
    /// The page at hand.
    page: Page,
}

impl Pages {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self(Arc::new(Inner {
            file: Mutex::new(file),
            len,
            too_large: AtomicBool::new(false),
            chunks: OnceLock::new(),
        })))
    }

    /// From here on every read must be in one of these chunks, sorted by their beginning.
    pub(super) fn watch(&self, chunks: Vec<Chunk>) {
        // Set once: a second call would change nothing.
        let _ = self.0.chunks.set(chunks);
    }

    /// Whether a page was refused for its size.
    pub(super) fn too_large(&self) -> bool {
        self.0.too_large.load(Ordering::Relaxed)
    }

    /// Exactly these bytes.
    pub(super) fn exactly(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.0.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        let mut have = 0;
        while let Some(rest @ [_, ..]) = bytes.get_mut(have..) {
            match self.0.read_at(start + have as u64, rest)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => have += n,
            }
        }
        Ok(bytes)
    }
}

impl Inner {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        loop {
            match file.read(buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    fn chunk(&self, at: u64) -> Option<&Chunk> {
        let chunks = self.chunks.get()?;
        let i = chunks.partition_point(|c| c.start <= at).checked_sub(1)?;
        chunks.get(i).filter(|c| at < c.end)
    }

    /// Holds a page header against the limits.
    fn check(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let Some(chunk) = self.chunk(at) else { return Ok(()) };
        let page = self.page(chunk, at, bytes)?;
        let (Ok(unpacked), Ok(packed), Ok(values), Ok(_)) = (
            u64::try_from(page.unpacked),
            u64::try_from(page.packed),
            u64::try_from(page.values),
            usize::try_from(page.levels),
        ) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        if unpacked > PAGE_BYTES || packed > PAGE_BYTES {
            return Err(self.refuse());
        }
        // A value of a dictionary takes at least a bit.
        if page.dictionary && values > unpacked.saturating_mul(8) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut seen = chunk.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.page = page;
        if at > seen.header && !page.dictionary {
            seen.header = at;
            seen.values = seen.values.saturating_add(values);
        }
        if chunk.values.is_some_and(|most| seen.values > most) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }

    /// The page header that begins with these bytes.
    fn page(&self, chunk: &Chunk, at: u64, bytes: &[u8]) -> io::Result<Page> {
        let mut page = thrift::page(bytes);
        for look in LOOK_AGAIN {
            if page.is_some() {
                break;
            }
            let room = usize::try_from(chunk.end.saturating_sub(at)).unwrap_or(usize::MAX);
            let mut more = vec![0; look.min(room)];
            let mut have = 0;
            while let Some(rest @ [_, ..]) = more.get_mut(have..) {
                match self.read_at(at + have as u64, rest)? {
                    0 => break,
                    n => have += n,
                }
            }
            more.truncate(have);
            page = thrift::page(&more);
        }
        page.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    fn refuse(&self) -> io::Error {
        self.too_large.store(true, Ordering::Relaxed);
        io::Error::new(io::ErrorKind::InvalidData, format!("a page takes more than {PAGE_BYTES} bytes"))
    }

    /// The library unpacks these codecs to their end, whatever the header says: so they are unpacked into nothing first where
    /// they could go beyond the limit.
    fn check_packed(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let Some(chunk) = self.chunk(at) else { return Ok(()) };
        let page = chunk.seen.lock().unwrap_or_else(PoisonError::into_inner).page;
        let levels = usize::try_from(page.levels).unwrap_or(usize::MAX);
        let packed = bytes.get(levels..).unwrap_or_default();
        let may = |ratio: u64| (packed.len() as u64).saturating_mul(ratio) > PAGE_BYTES;
        let within = match chunk.codec {
            Compression::GZIP(_) if may(1_032) => within(flate2::read::MultiGzDecoder::new(packed)),
            Compression::BROTLI(_) => within(brotli::Decompressor::new(packed, 4 << 10)),
            Compression::LZ4 if may(255) => within(lz4_flex::frame::FrameDecoder::new(packed)),
            _ => true,
        };
        if !within {
            return Err(self.refuse());
        }
        delta::check(&page, chunk.levels, chunk.codec, bytes).map_err(|flaw| match flaw {
            Flaw::Damaged => io::ErrorKind::InvalidData.into(),
            Flaw::TooLarge => self.refuse(),
        })
    }
}

/// Whether a stream ends within the limit. One that is damaged is the library's to tell.
fn within(stream: impl Read) -> bool {
    !io::copy(&mut stream.take(PAGE_BYTES + 1), &mut io::sink()).is_ok_and(|n| n > PAGE_BYTES)
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.0.len
    }
}

impl ChunkReader for Pages {
    type T = Header;

    fn get_read(&self, start: u64) -> Result<Header, ParquetError> {
        Ok(Header { file: Arc::clone(&self.0), at: start, buffer: Vec::new(), taken: 0, checked: false })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if length as u64 > PAGE_BYTES {
            return Err(self.0.refuse().into());
        }
        let bytes = self.exactly(start, length)?;
        self.0.check_packed(start, &bytes)?;
        Ok(bytes.into())
    }
}

/// Reads on from a place; the first bytes are a page header, which is looked at before it is handed out.
pub(super) struct Header {
    file: Arc<Inner>,
    at: u64,
    buffer: Vec<u8>,
    taken: usize,
    checked: bool,
}

impl Read for Header {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.buffer.len() {
            self.buffer.resize(LOOK, 0);
            let n = self.file.read_at(self.at, &mut self.buffer)?;
            self.buffer.truncate(n);
            if !self.checked {
                self.checked = true;
                self.file.check(self.at, &self.buffer)?;
            }
            self.at += n as u64;
            self.taken = 0;
        }
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.taken += n;
        Ok(n)
    }
}
