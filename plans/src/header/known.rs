//! Which headers a contract knows, for whoever must tell a header line from what stands around it.

use std::collections::BTreeMap;

use super::fold::fold_header;
use super::outcome::{HeaderChoices, REPORT_COLUMNS};
use super::recognise::Vocabulary;
use crate::project::Contract;

/// The headers that a contract, the source and the command line know.
pub struct KnownHeaders {
    vocabulary: Vocabulary,
    /// Headers that people have mapped by hand, and those of reports, each with the number of its field.
    chosen: BTreeMap<String, usize>,
}

impl KnownHeaders {
    /// Those of a contract, and those that people have mapped by hand.
    pub fn of(contract: &Contract, choices: &HeaderChoices) -> Self {
        let fields = contract.fields.len();
        let index = |name: &str| contract.fields.iter().position(|field| field.name == name);
        let reports = REPORT_COLUMNS.iter().map(|header| (*header, ""));
        let mapped = choices.source_file.iter().chain(&choices.command_line);
        let mapped = mapped.map(|(header, field)| (header.as_str(), field.as_str()));
        let chosen = reports
            .chain(mapped.filter(|(header, _)| !header.trim_start().starts_with('#')))
            .enumerate()
            // What is no field of the contract means nothing but itself.
            .map(|(n, (header, field))| (fold_header(header), index(field).unwrap_or(fields + n)))
            .filter(|(header, _)| !header.is_empty())
            .collect();
        Self { vocabulary: Vocabulary::of(contract), chosen }
    }

    /// The field that a cell names, as a number of its own; `None` for what is no known header.
    pub fn field_of(&self, cell: &str) -> Option<usize> {
        if cell.len() > LONGEST {
            return None;
        }
        let chosen = self.chosen.get(&fold_header(cell)).copied();
        chosen.or_else(|| self.vocabulary.read(cell).map(|reading| reading.field))
    }
}

/// Nobody writes longer headers that mean a field.
const LONGEST: usize = 120;
