//! Everything that a reading needs, and where it begins.

use super::address::Address;
use super::cursor::{Kind, Mark};
use super::options::{Beginning, CURSOR, LOOKBACK, Options};
use super::select::not_there;
use crate::request::{Request, wrong_value};
use crate::source::{Confidence, Evidence, EvidenceList, Partition, SourceError};

/// Everything that a reading needs.
pub(super) struct Task {
    pub options: Options,
    pub address: Address,
    pub beginning: Beginning,
    pub partition: Option<Partition>,
    pub batch_rows: usize,
}

/// Where a reading begins.
#[derive(Debug, Default)]
pub(super) struct Begin {
    /// Rows from here on; all where there is nothing.
    pub from: Option<Mark>,
    /// What was read before, and stays where nothing higher comes.
    pub watermark: Option<Mark>,
    /// It begins above what was read before.
    pub leaves_gap: bool,
}

impl Begin {
    /// The condition for rows from there on, as a database writes it for its cursor.
    pub(super) fn condition(
        &self,
        cursor: Option<&String>,
        written: impl FnOnce(&str, &Mark) -> String,
    ) -> Option<String> {
        Some(written(cursor?, self.from.as_ref()?))
    }
}

impl Task {
    pub(super) fn new(
        options: Options,
        address: Address,
        connector: &str,
        request: &Request,
    ) -> Result<Self, SourceError> {
        let beginning = options.beginning(request)?;
        let partition = options.own_input(connector, &address).partition;
        Ok(Self { options, address, beginning, partition, batch_rows: request.batch_rows })
    }

    /// The table and the database, in messages.
    pub(super) fn place(&self) -> String {
        format!("{} of {}", self.options.from.name(), self.address.shown)
    }

    /// Where the cursor stands among the columns.
    pub(super) fn cursor_among(&self, names: &[String]) -> Result<Option<usize>, SourceError> {
        let Some(cursor) = &self.options.cursor else { return Ok(None) };
        match names.iter().position(|name| name == cursor) {
            Some(place) => Ok(Some(place)),
            None => Err(not_there("DATABASE_CURSOR", "column", cursor, &self.place(), names)),
        }
    }

    /// Where reading begins, by a cursor of this kind.
    pub(super) fn begin(&self, kind: Kind) -> Result<Begin, SourceError> {
        match &self.beginning {
            Beginning::Start => Ok(Begin::default()),
            Beginning::Value(text, left) => match Mark::parse(kind, text) {
                Some(mark) => {
                    let leaves_gap = left.as_ref().is_some_and(|left| mark.is_after(left));
                    Ok(Begin { from: Some(mark), watermark: None, leaves_gap })
                }
                None => {
                    let why = format!("the cursor is {}", kind.is_called());
                    Err(wrong_value("since", text, &why))
                }
            },
            Beginning::Watermark(mark) if mark.kind() == kind => {
                let from = Some(self.lower_bound(mark)?);
                Ok(Begin { from, watermark: Some(mark.clone()), leaves_gap: false })
            }
            Beginning::Watermark(mark) => Err(SourceError::new(
                "DATABASE_WATERMARK",
                format!(
                    "the cursor {} of {} is {} now, and was {} when the watermark was written",
                    self.options.cursor.as_deref().unwrap_or_default(),
                    self.place(),
                    kind.is_called(),
                    mark.kind().is_called()
                ),
                "read everything again: --again",
            )),
        }
    }

    /// The value from which on rows are read: a lookback before the watermark.
    fn lower_bound(&self, watermark: &Mark) -> Result<Mark, SourceError> {
        let Some(lookback) = self.options.lookback else { return Ok(watermark.clone()) };
        watermark.back(lookback).ok_or_else(|| {
            let why = format!(
                "the cursor is {}; a time goes with times, a number with numbers",
                watermark.kind().is_called()
            );
            wrong_value(LOOKBACK.name, &lookback.to_string(), &why)
        })
    }

    /// What the source is, for people.
    pub(super) fn evidence(&self, format: &str, columns: usize, from: Option<&Mark>) -> EvidenceList {
        let given = |item, value: String, why: &str| Evidence::new(item, value, Confidence::Given, why);
        let mut all = vec![
            given("format", format.to_owned(), "the source says so"),
            given("database", self.address.shown.clone(), "the option `url` leads to it"),
            given("table", self.options.from.name(), "the options say so"),
        ];
        if let Some(cursor) = &self.options.cursor {
            let why = match (self.options.lookback, &self.beginning) {
                (Some(_), _) => {
                    "the option `cursor` says so; rows that were committed late are met by the lookback"
                }
                (None, _) => {
                    "the option `cursor` says so; without a lookback, rows that are committed later with a lower value are not met"
                }
            };
            all.push(given(CURSOR.name, cursor.clone(), why));
            let (value, why) = match (from, &self.beginning) {
                (None, _) => ("the start".to_owned(), "nothing was read before"),
                (Some(mark), Beginning::Watermark(_)) => {
                    (mark.to_string(), "up to there the last run has read, less the lookback")
                }
                (Some(mark), _) => (mark.to_string(), "it was asked for"),
            };
            all.push(Evidence::new("from", value, Confidence::High, why));
        }
        all.push(Evidence::new("columns", columns.to_string(), Confidence::High, "the database says so"));
        all.into()
    }
}
