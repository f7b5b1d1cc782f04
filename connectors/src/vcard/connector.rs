//! vCards as a connector.

use super::frame;
use super::source::{NAME, VCardSource};
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};

/// Contacts in vCards.
pub struct VCard;

const WORDS: [OptionWord; 2] = [
    OptionWord::new("encoding", "NAME", "Encoding, such as utf-8 or windows-1252"),
    OptionWord::new("max_record_bytes", "N", "Longest line and longest record, in bytes"),
];

impl Connector for VCard {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    /// The first line is `BEGIN:VCARD`.
    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        let text = crate::text::unicode(head);
        let line = text.trim_ascii_start().split(|b| *b == b'\n').next().unwrap_or_default();
        frame::is_begin(line)
            .then(|| Evidence::new("format", "vCard", Confidence::High, "its first line is BEGIN:VCARD"))
    }

    /// Its errors tell how far the text goes.
    fn unpacks(&self) -> bool {
        true
    }

    fn open(&self, input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        Ok(vec![Box::new(VCardSource::open(input, request)?)])
    }
}
