//! From the first byte to the first record: the shape, the sample, the columns.

use super::code;
use super::documents;
use super::shape::{self, Guess, Shape};
use super::source::{JsonSource, Layout, NAME, Records};
use super::table::{Notes, Table};
use super::tree::{self, Look, MAX_COLUMNS, Tree};
use super::walk::Walk;
use crate::request::{Input, Request, wrong_value};
use crate::source::{Confidence, Description, Evidence, SourceError, Unit};
use crate::text::{Decoding, MOST_RECORD_BYTES, Opened, RECORD_BYTES, Settled, Text};

/// Text that is looked at for the columns.
pub(super) const SAMPLE_BYTES: usize = 8 << 20;
/// Records that are looked at for the columns.
const SAMPLE_RECORDS: usize = 20_000;

impl JsonSource {
    /// Reads the sample and settles the columns.
    pub(super) fn open(input: Input, request: &Request) -> Result<Self, SourceError> {
        let name = input.name().to_owned();
        let path = request.words.text("records").map(path_of).transpose()?;
        let most = request.words.get::<usize>("max_record_bytes")?.unwrap_or(RECORD_BYTES);
        let most = most.clamp(16, MOST_RECORD_BYTES);
        let Opened { mut text, evidence } = Text::open(input, SAMPLE_BYTES, Decoding::Unicode, &code::STOPS)?;
        if text.rest().trim_ascii().is_empty() && text.ended() {
            return Err(code::empty(&name, !text.rest().is_empty()));
        }
        let Some(guess) = shape::detect(text.rest(), text.ended(), path) else {
            return Err(code::other_format(&name));
        };
        let mut layout = match &guess.shape {
            Shape::Lines => Layout::Lines,
            Shape::Documents(path) => Layout::Documents(Walk::new(path.clone())),
        };
        if let Layout::Documents(walk) = &mut layout {
            documents::find_records(&name, &mut text, walk)?;
        }
        let sample = Sample::take(&mut text, &layout, most)?;
        let mut tree = sample.tree;
        let records = tree.records();
        let more = !sample.complete || tree.has_duplicates();
        let Some(paths) = tree.settle() else { return Err(code::too_many_columns(&name, MAX_COLUMNS)) };
        let columns = paths.len();
        let headers = tree::headers(paths, more);
        let description = describe(&guess, evidence, &layout, columns, records, sample.complete);
        let table = Table::new(tree, columns, more, most);
        let records = Records { layout, table, notes: Notes::default(), skip: None };
        Ok(Self::new(Settled { name, text, description, headers, most }, request.batch_rows, records))
    }
}

/// The names of the members that lead to the list of records.
fn path_of(text: &str) -> Result<Vec<String>, SourceError> {
    let path: Vec<String> = text.trim().split('.').map(str::to_owned).collect();
    if path.iter().any(String::is_empty) || path.len() > tree::FLATTEN {
        return Err(wrong_value("records", text, "write the names of members with dots, such as data.items"));
    }
    Ok(path)
}

fn describe(
    guess: &Guess,
    evidence: Vec<Evidence>,
    layout: &Layout,
    columns: usize,
    records: usize,
    complete: bool,
) -> Description {
    let unit = match layout {
        Layout::Lines => Unit::Line,
        Layout::Documents(_) => Unit::Record,
    };
    let mut all = vec![Evidence::new("format", guess.value.as_str(), guess.confidence, guess.why.as_str())];
    all.extend(evidence);
    if let Layout::Documents(walk) = layout
        && !walk.path().is_empty()
    {
        all.push(Evidence::new("records", walk.path().join("."), guess.confidence, guess.why.as_str()));
    }
    let (confidence, why) = if complete {
        (Confidence::High, format!("the members of all {records} records"))
    } else {
        let why = format!("the members of the first {records} records; others go to the column _more");
        (Confidence::Medium, why)
    };
    all.push(Evidence::new("columns", columns.to_string(), confidence, why));
    Description { evidence: all.into(), ..Description::new(NAME, unit) }
}

/// What the first records taught.
struct Sample {
    tree: Tree,
    /// The sample is the whole file.
    complete: bool,
}

impl Sample {
    fn take(text: &mut Text, layout: &Layout, most: usize) -> Result<Self, SourceError> {
        let mut tree = Tree::new();
        // Behind the sample it only matters whether there is anything.
        let mut behind = Tree::new();
        let mut layout = layout.clone();
        let mut at = 0;
        let complete = loop {
            if tree.is_full() || behind.records() > 0 || at >= SAMPLE_BYTES {
                break false;
            }
            let learning = if tree.records() < SAMPLE_RECORDS { &mut tree } else { &mut behind };
            let rest = text.rest().get(at..).unwrap_or_default();
            let look = match &mut layout {
                Layout::Lines => super::lines::look(rest, text.ended(), most, learning),
                Layout::Documents(walk) => documents::look(rest, text.ended(), most, walk, learning),
            };
            match look {
                Look::Seen(len) => at += len,
                Look::End => break true,
                Look::More if text.ended() => break true,
                // A record that is longer than the sample still belongs to it.
                Look::More if text.rest().len() >= SAMPLE_BYTES + most => break false,
                Look::More if tree.records() > 0 && text.rest().len() >= SAMPLE_BYTES => break false,
                Look::More => text.fill()?,
            }
        };
        Ok(Self { tree, complete })
    }
}
