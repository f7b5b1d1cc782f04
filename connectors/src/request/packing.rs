//! Files that are compressed as a whole.

use std::io::{self, BufReader, Read};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// Recognised by the first bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // A zstd frame, or a skippable frame in front of one.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// What is inside.
    pub(super) fn unpack(self, stream: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
        let stream = BufReader::with_capacity(64 << 10, stream);
        Ok(match self {
            Self::Gzip => Box::new(Told { name: "gz", inner: flate2::bufread::MultiGzDecoder::new(stream) }),
            Self::Zstd => {
                Box::new(Told { name: "zst", inner: zstd::stream::read::Decoder::with_buffer(stream)? })
            }
        })
    }
}

/// Says in its errors that it is the compression that is damaged.
struct Told<R> {
    name: &'static str,
    inner: R,
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(e.kind(), format!("its {} compression is cut off", self.name))
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                io::Error::new(e.kind(), format!("its {} compression is damaged", self.name))
            }
            _ => e,
        })
    }
}
