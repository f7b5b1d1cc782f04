//! What a connector is, and what it is asked for.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | [`Connector`], and the [`Request`] that it opens an input by |
//! | `input` | the bytes: [`Input`] |
//! | `words` | options as words: [`Words`] |
//! | `packing` | gz and zst files |
//! | `own` | sources that are no file: [`OwnInput`] |
//! | `names` | names of columns that the caller knows: [`KnownNames`] |

mod input;
mod names;
mod own;
mod packing;
mod words;

pub use input::{Input, too_large};
pub use names::KnownNames;
pub(crate) use names::Otherwise;
pub use own::OwnInput;
pub use words::{OptionWord, Words, wrong_value};

use crate::source::{Evidence, Source, SourceError};

/// What a connector is asked for beside the bytes.
#[derive(Debug, Clone)]
pub struct Request {
    /// Options by their words; what is left open is detected.
    pub words: Words,
    /// Records per batch at most.
    pub batch_rows: usize,
    /// Names of columns that are known, so that a header is told from what stands around it.
    pub names: Option<KnownNames>,
    /// How far the same partition was read before: the watermark of its [`Checkpoint`](crate::source::Checkpoint).
    pub after: Option<String>,
}

impl Default for Request {
    fn default() -> Self {
        Self { words: Words::default(), batch_rows: 8192, names: None, after: None }
    }
}

/// One kind of source.
///
/// A connector keeps nothing between two calls, and may be called by several threads at once.
pub trait Connector: Sync {
    /// In source files, messages and codes; lower case.
    fn name(&self) -> &'static str;

    /// The options it takes.
    fn words(&self) -> &'static [OptionWord];

    /// Whether the options can be, before there is an input; those of other connectors are passed over. Where a connector
    /// does not look before, [`open`](Self::open) does.
    ///
    /// # Errors
    /// The value of an option is none of its own.
    fn check(&self, _words: &Words) -> Result<(), SourceError> {
        Ok(())
    }

    /// Whether its options name what it reads, a table of a database, and it takes no file.
    fn is_own(&self) -> bool {
        false
    }

    /// What its options name. Nothing is opened yet. A connector of files says none.
    ///
    /// # Errors
    /// An option is missing or cannot be.
    fn own_input(&self, _words: &Words) -> Result<Option<OwnInput>, SourceError> {
        Ok(None)
    }

    /// Whether an input that begins so is one of its own, and why. `head`: the first bytes, at most 64 KiB, unpacked where the
    /// input is compressed as a whole.
    fn recognise(&self, head: &[u8]) -> Option<Evidence>;

    /// Whether it takes compressed bytes (gz, zst) as they are; for all others they are unpacked before.
    fn unpacks(&self) -> bool {
        false
    }

    /// The tables in the input, opened, in their order: one, or several sheets or members.
    ///
    /// # Errors
    /// The input is damaged or no such source, an option cannot be, or there is nothing in it.
    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError>;
}
