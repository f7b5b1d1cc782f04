//! Messages one after the other, or where the footer of a file says.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use arrow::buffer::{Buffer, MutableBuffer};
use arrow::ipc::{Message, root_as_message};

/// In front of every message since Arrow 0.15.
pub(super) const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The description of a message takes at most so much: 64 MiB.
const META_BYTES: u32 = 64 << 20;

/// A message takes at most so much, compressed or not: 1 GiB.
pub(super) const BODY_BYTES: u64 = 1 << 30;

/// Read at once; what a message claims to be long is only reserved as it comes.
const PIECE: usize = 1 << 20;

/// Why there is no further message.
#[derive(Debug)]
pub(super) enum Stop {
    /// The end is marked, or the bytes end between two messages.
    End {
        marked: bool,
    },
    CutOff,
    Damaged(&'static str),
    TooLarge,
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::CutOff } else { Self::Io(error) }
    }
}

/// One message: its description, and the buffers it describes.
pub(super) struct Raw {
    meta: Vec<u8>,
    pub body: Buffer,
}

impl Raw {
    pub(super) fn message(&self) -> Result<Message<'_>, Stop> {
        root_as_message(&self.meta).map_err(|_| Stop::Damaged("a message has no description"))
    }
}

/// Where messages come from.
pub(super) enum Messages {
    Stream(Box<dyn Read + Send>),
    /// A file, and where its messages begin.
    Blocks(BufReader<File>, VecDeque<u64>),
}

impl Messages {
    /// The next message, and its length in bytes.
    pub(super) fn next(&mut self) -> Result<(Raw, u64), Stop> {
        match self {
            Self::Stream(stream) => read(stream),
            Self::Blocks(file, places) => {
                let place = places.pop_front().ok_or(Stop::End { marked: true })?;
                file.seek(SeekFrom::Start(place))?;
                match read(file) {
                    Err(Stop::End { .. }) => Err(Stop::Damaged("the footer points to no message")),
                    read => read,
                }
            }
        }
    }
}

fn read(from: &mut impl Read) -> Result<(Raw, u64), Stop> {
    let mut word = [0; 4];
    if fill(from, &mut word)? == 0 {
        return Err(Stop::End { marked: false });
    }
    if word == CONTINUATION {
        from.read_exact(&mut word)?;
    }
    let length = u32::from_le_bytes(word);
    if length == 0 {
        return Err(Stop::End { marked: true });
    }
    if length > META_BYTES {
        return Err(Stop::Damaged("the description of a message is too long"));
    }
    let mut meta = Vec::new();
    if from.take(u64::from(length)).read_to_end(&mut meta)? < length as usize {
        return Err(Stop::CutOff);
    }
    let claimed =
        root_as_message(&meta).map_err(|_| Stop::Damaged("a message has no description"))?.bodyLength();
    let claimed = u64::try_from(claimed).map_err(|_| Stop::Damaged("a message has less than no bytes"))?;
    if claimed > BODY_BYTES {
        return Err(Stop::TooLarge);
    }
    let body = body(from, usize::try_from(claimed).unwrap_or(usize::MAX))?;
    Ok((Raw { meta, body }, 8 + u64::from(length) + claimed))
}

/// The first bytes of a message: all of them, or none at the end.
fn fill(from: &mut impl Read, word: &mut [u8]) -> Result<usize, Stop> {
    let mut have = 0;
    while let Some(rest @ [_, ..]) = word.get_mut(have..) {
        match from.read(rest) {
            Ok(0) if have == 0 => return Ok(0),
            Ok(0) => return Err(Stop::CutOff),
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(have)
}

/// Aligned as the buffers want it.
fn body(from: &mut impl Read, length: usize) -> Result<Buffer, Stop> {
    let mut body = MutableBuffer::new(length.min(PIECE));
    while body.len() < length {
        let have = body.len();
        body.resize(length.min(have.saturating_add(PIECE)), 0);
        match body.as_slice_mut().get_mut(have..) {
            Some(rest) => from.read_exact(rest)?,
            None => return Err(Stop::CutOff),
        }
    }
    Ok(body.into())
}
