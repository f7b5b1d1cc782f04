//! ZIP archives with several members: each is read by the connector that its content asks for.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the connector: [`Archive`] |
//! | `members` | which members are read, in which order, and what is passed over |
//! | `office` | documents that are archives inside, and are refused |
//! | `member` | one of them, opened by the connector that its content asks for |
//! | `spool` | members unpacked to temporary files, with limits |
//! | `lazy` | a table of a member, opened only while it is read |

mod lazy;
mod member;
mod members;
mod office;
mod spool;

use std::sync::Arc;

use crate::columnar::{MAX_UNPACKED, UNPACKED_BYTES};
use crate::request::{Connector, Input, OptionWord, Request};
use crate::source::{Confidence, Evidence, Source, SourceError};

use lazy::{Lazy, Place};
use members::{MEMBER, Members};
use spool::{Spool, is_archive};

/// ZIP archives.
pub struct Archive;

/// The connector's name.
pub(crate) const NAME: &str = "archive";

const WORDS: [OptionWord; 2] = [MEMBER, MAX_UNPACKED];

/// Members that stay open from the beginning; the others are opened again when they are read.
const OPEN: usize = 16;

impl Connector for Archive {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> &'static [OptionWord] {
        &WORDS
    }

    fn recognise(&self, head: &[u8]) -> Option<Evidence> {
        is_archive(head).then(|| {
            Evidence::new("format", "ZIP", Confidence::High, "it begins with PK, as ZIP archives do")
        })
    }

    fn open(&self, mut input: Input, request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
        let name = input.name().to_owned();
        let head = input.head()?;
        if self.recognise(head).is_none() {
            let empty = head.is_empty();
            return Err(SourceError::new(
                if empty { "ARCHIVE_EMPTY" } else { "ARCHIVE_OTHER_FORMAT" },
                format!("{name} {}", if empty { "is empty" } else { "is no ZIP archive" }),
                "Leave out `connector`, or set it to the format that the file has.",
            ));
        }
        let given = request.words.get(MAX_UNPACKED.name)?;
        let limit = given.unwrap_or(UNPACKED_BYTES);
        let spool = Arc::new(Spool::new(&name, input.into_file(limit)?, limit, given.is_some())?);
        let members = Members::choose(&spool, request.words.text(MEMBER.name))?;
        let mut sources: Vec<Box<dyn Source>> = Vec::new();
        for (n, member) in members.chosen.iter().enumerate() {
            let opened = member::open(&spool, member.index, &member.name, request)?;
            for (table, source) in opened.into_iter().enumerate() {
                let place = Place {
                    spool: Arc::clone(&spool),
                    index: member.index,
                    member: member.name.clone(),
                    table,
                    request: request.clone(),
                };
                let note = if sources.is_empty() { members.note() } else { None };
                sources.push(Box::new(Lazy::new(place, source, members.evidence(), note, n < OPEN)));
            }
        }
        Ok(sources)
    }
}
