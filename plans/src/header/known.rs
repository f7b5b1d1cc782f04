//! Which headers a contract knows, for whoever must tell a header line from what stands around it.

use std::collections::BTreeSet;

use super::fold::fold_header;
use super::outcome::{HeaderChoices, REPORT_COLUMNS};
use super::recognise::Vocabulary;
use crate::project::Contract;

/// The headers that a contract, the source and the command line know.
pub struct KnownHeaders {
    vocabulary: Vocabulary,
    chosen: BTreeSet<String>,
}

impl KnownHeaders {
    /// Those of a contract, and those that people have mapped by hand.
    pub fn of(contract: &Contract, choices: &HeaderChoices) -> Self {
        let mapped = choices.command_line.keys().chain(choices.source_file.keys());
        let numbered = |header: &&String| !header.trim_start().starts_with('#');
        let own = mapped.filter(numbered).map(|header| fold_header(header));
        let chosen = own.chain(REPORT_COLUMNS.iter().map(|header| fold_header(header)));
        Self {
            vocabulary: Vocabulary::of(contract),
            chosen: chosen.filter(|header| !header.is_empty()).collect(),
        }
    }

    /// How many cells of a line are known headers.
    pub fn count(&self, cells: &[String]) -> usize {
        let known = |cell: &&String| {
            cell.len() <= LONGEST
                && (self.chosen.contains(&fold_header(cell)) || self.vocabulary.read(cell).is_some())
        };
        cells.iter().filter(known).count()
    }
}

/// Nobody writes longer headers that mean a field.
const LONGEST: usize = 120;
