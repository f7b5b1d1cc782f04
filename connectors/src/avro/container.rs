//! The header and the blocks of a container file, unpacked with limits.
//!
//! The library reads these as well, but it unpacks a block to its end, however far that is, and it never returns from a block
//! that holds more than it says. So blocks are taken apart here, and each is given to it alone.

use std::io::{self, Read};

/// The first bytes.
pub(super) const MAGIC: &[u8; 4] = b"Obj\x01";

/// A header takes at most so much: 16 MiB.
const HEADER_BYTES: u64 = 16 << 20;

/// A block takes at most so much, compressed or not: 256 MiB. The writers' defaults are below 1 MiB.
const BLOCK_BYTES: u64 = 256 << 20;

/// Why there is no further block.
#[derive(Debug)]
pub(super) enum Stop {
    CutOff,
    Damaged(String),
    TooLarge,
    Codec(String),
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::CutOff } else { Self::Io(error) }
    }
}

fn damaged(why: &str) -> Stop {
    Stop::Damaged(why.to_owned())
}

/// How blocks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Null,
    Deflate,
    Snappy,
    Zstandard,
}

impl Codec {
    fn of(name: &[u8]) -> Result<Self, Stop> {
        Ok(match name {
            b"" | b"null" => Self::Null,
            b"deflate" => Self::Deflate,
            b"snappy" => Self::Snappy,
            b"zstandard" => Self::Zstandard,
            other => {
                let name = String::from_utf8_lossy(other);
                return Err(Stop::Codec(
                    name.chars().filter(|c| c.is_ascii_alphanumeric()).take(20).collect(),
                ));
            }
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "none",
            Self::Deflate => "deflate",
            Self::Snappy => "snappy",
            Self::Zstandard => "zstandard",
        }
    }
}

/// Records as they are encoded, one after the other.
pub(super) struct Block {
    pub records: u64,
    pub data: Vec<u8>,
}

/// A container file behind its header.
pub(super) struct Container {
    stream: Box<dyn Read + Send>,
    pub codec: Codec,
    /// The schema as JSON.
    pub schema: Vec<u8>,
    sync: [u8; 16],
    pub bytes_in: u64,
    pub bytes_read: u64,
}

impl Container {
    /// Reads the header.
    pub(super) fn open(mut stream: Box<dyn Read + Send>) -> Result<Self, Stop> {
        let mut header = stream.by_ref().take(HEADER_BYTES);
        let mut magic = [0; MAGIC.len()];
        header.read_exact(&mut magic)?;
        let (mut schema, mut codec) = (None, Codec::Null);
        loop {
            let entries = match long(&mut header)? {
                0 => break,
                n if n < 0 => {
                    long(&mut header)?;
                    n.unsigned_abs()
                }
                n => n.unsigned_abs(),
            };
            for _ in 0..entries {
                let key = bytes(&mut header)?;
                let value = bytes(&mut header)?;
                match key.as_slice() {
                    b"avro.schema" => schema = Some(value),
                    b"avro.codec" => codec = Codec::of(&value)?,
                    _ => {}
                }
            }
        }
        let mut sync = [0; 16];
        header.read_exact(&mut sync)?;
        let bytes_in = HEADER_BYTES - header.limit();
        let schema = schema.ok_or_else(|| damaged("there is no schema"))?;
        Ok(Self { stream, codec, schema, sync, bytes_in, bytes_read: bytes_in })
    }

    /// The next block, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Stop> {
        let mut first = [0];
        loop {
            match self.stream.read(&mut first) {
                Ok(0) => return Ok(None),
                Ok(_) => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        let mut stream = first.chain(&mut self.stream);
        let records =
            u64::try_from(long(&mut stream)?).map_err(|_| damaged("a block has fewer than no records"))?;
        let size =
            u64::try_from(long(&mut stream)?).map_err(|_| damaged("a block has less than no bytes"))?;
        if size > BLOCK_BYTES {
            return Err(Stop::TooLarge);
        }
        let mut packed = Vec::new();
        if (stream.by_ref().take(size).read_to_end(&mut packed)? as u64) < size {
            return Err(Stop::CutOff);
        }
        let mut sync = [0; 16];
        stream.read_exact(&mut sync)?;
        if sync != self.sync {
            return Err(damaged("a block does not end with the mark of the file"));
        }
        let data = unpack(self.codec, packed)?;
        self.bytes_in = self.bytes_in.saturating_add(size + 16);
        self.bytes_read = self.bytes_read.saturating_add(data.len() as u64);
        Ok(Some(Block { records, data }))
    }
}

fn unpack(codec: Codec, packed: Vec<u8>) -> Result<Vec<u8>, Stop> {
    match codec {
        Codec::Null => Ok(packed),
        Codec::Deflate => within(flate2::read::DeflateDecoder::new(packed.as_slice())),
        Codec::Zstandard => within(
            zstd::stream::read::Decoder::with_buffer(packed.as_slice())
                .map_err(|e| damaged(&e.to_string()))?,
        ),
        Codec::Snappy => {
            // The checksum of the data stands behind it.
            let Some((packed, sum)) = packed.split_last_chunk::<4>() else {
                return Err(damaged("a block is too short"));
            };
            let length = snap::raw::decompress_len(packed).map_err(|e| damaged(&e.to_string()))?;
            if length as u64 > BLOCK_BYTES {
                return Err(Stop::TooLarge);
            }
            let data =
                snap::raw::Decoder::new().decompress_vec(packed).map_err(|e| damaged(&e.to_string()))?;
            let mut real = flate2::Crc::new();
            real.update(&data);
            if real.sum() == u32::from_be_bytes(*sum) {
                Ok(data)
            } else {
                Err(damaged("a checksum does not fit"))
            }
        }
    }
}

fn within(stream: impl Read) -> Result<Vec<u8>, Stop> {
    let mut data = Vec::new();
    let read = stream.take(BLOCK_BYTES + 1).read_to_end(&mut data).map_err(|e| damaged(&e.to_string()))?;
    if read as u64 > BLOCK_BYTES { Err(Stop::TooLarge) } else { Ok(data) }
}

/// A number as Avro writes it.
fn long(from: &mut impl Read) -> Result<i64, Stop> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        let [byte] = byte;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    Err(damaged("a number is too long"))
}

/// Bytes with their length in front of them.
fn bytes<R: Read>(from: &mut io::Take<R>) -> Result<Vec<u8>, Stop> {
    let length = u64::try_from(long(from)?).map_err(|_| damaged("a text has less than no bytes"))?;
    if length > from.limit() {
        return Err(damaged("the header is too long"));
    }
    let mut bytes = Vec::new();
    let read = from.by_ref().take(length).read_to_end(&mut bytes)?;
    if (read as u64) < length { Err(Stop::CutOff) } else { Ok(bytes) }
}
