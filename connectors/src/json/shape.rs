//! Which of the forms of JSON a file has, told from its beginning.

use jiter::{Jiter, Peek};

use super::value::{self, Fault, without_marks};
use crate::source::Confidence;

/// Lines that are looked at.
const LINES: usize = 100;
/// Members beside a list that are looked at.
const BESIDE: usize = 1000;

/// How the records of a file follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// One object per line.
    Lines,
    /// Documents that are records or lists of records, or that have the list of records at this path.
    Documents(Vec<String>),
}

/// A shape with its reason.
#[derive(Debug)]
pub(super) struct Guess {
    pub shape: Shape,
    pub value: String,
    pub confidence: Confidence,
    pub why: String,
}

impl Guess {
    fn new(shape: Shape, value: &str, confidence: Confidence, why: &str) -> Self {
        Self { shape, value: value.to_owned(), confidence, why: why.to_owned() }
    }
}

/// Told from the first bytes of the text. `complete`: they are all of it. `None`: it is no JSON.
pub(super) fn detect(text: &[u8], complete: bool, path: Option<Vec<String>>) -> Option<Guess> {
    let text = without_marks(text);
    let first = text.first().copied();
    if let Some(path) = path {
        let why = format!("the list at `{}`, as given", path.join("."));
        return matches!(first, Some(b'{' | b'['))
            .then(|| Guess::new(Shape::Documents(path), "JSON", Confidence::Given, &why));
    }
    let documents = |why: &str| Guess::new(Shape::Documents(Vec::new()), "JSON", Confidence::High, why);
    let lines = Lines::count(text, complete);
    // Of a list over several lines, single ones may be objects by chance.
    if first == Some(b'[') && !lines.first {
        return Some(documents("it is a list"));
    }
    let enough =
        lines.whole * 2 > lines.all || (lines.first && lines.whole > 0 && lines.whole * 2 == lines.all);
    if lines.all > 1 && enough {
        let confidence = if lines.whole == lines.all { Confidence::High } else { Confidence::Medium };
        let why = format!("{} of the first {} lines are each an object", lines.whole, lines.all);
        return Some(Guess::new(Shape::Lines, "NDJSON", confidence, &why));
    }
    if first == Some(b'[') {
        return Some(documents("it is a list"));
    }
    if first != Some(b'{') {
        return None;
    }
    Some(object(text, complete, &Document::look(text)))
}

/// What follows when the text begins with an object.
fn object(text: &[u8], complete: bool, document: &Document) -> Guess {
    let behind = document.end.map(|end| without_marks(text.get(end..).unwrap_or_default()));
    let alone = match behind {
        Some(rest) => rest.is_empty() && complete,
        None => document.cut_off,
    };
    if alone && let [list] = document.lists.as_slice() {
        let beside = super::envelope::of_a_record(list, &document.beside);
        let (shape, why) = match beside {
            None => (
                vec![list.clone()],
                format!("it is an object with one list of objects, `{list}`: these are the records"),
            ),
            Some(beside) => (
                Vec::new(),
                format!(
                    "it is one object, with `{}` beside its list; if the records are in the list, write records: {list}",
                    super::table::shortened(beside)
                ),
            ),
        };
        return Guess { why, ..Guess::new(Shape::Documents(shape), "JSON", Confidence::Medium, "") };
    }
    let line = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let on_one_line = document.end.is_some_and(|end| end <= line);
    if on_one_line && behind.is_some_and(<[u8]>::is_empty) {
        return Guess::new(Shape::Lines, "NDJSON", Confidence::High, "its only line is an object");
    }
    let why = match (behind, alone) {
        (Some(_), true) => "it is one object",
        (Some(_), false) => "objects follow one after the other",
        (None, _) => "it begins with an object over several lines",
    };
    Guess::new(Shape::Documents(Vec::new()), "JSON", Confidence::High, why)
}

/// The first lines that are not blank.
struct Lines {
    all: usize,
    /// Of them, those that are an object each.
    whole: usize,
    /// The first is a whole value.
    first: bool,
}

impl Lines {
    fn count(text: &[u8], complete: bool) -> Self {
        let mut lines = Self { all: 0, whole: 0, first: false };
        let mut rest = text;
        while lines.all < LINES {
            let (line, next) = match memchr::memchr(b'\n', rest) {
                Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
                None if complete => (rest, &[][..]),
                None => break,
            };
            let line = without_marks(line);
            if !line.is_empty() {
                lines.all += 1;
                lines.first |= lines.all == 1 && value::is_whole(line);
                lines.whole += usize::from(value::is_object(line));
            }
            if next.is_empty() {
                break;
            }
            rest = next;
        }
        lines
    }
}

/// The first document, which is an object.
#[derive(Debug, Default)]
struct Document {
    /// Where it ends, if it does.
    end: Option<usize>,
    /// The text ends before it does.
    cut_off: bool,
    /// Its members that are lists of objects.
    lists: Vec<String>,
    /// Its other members that say something.
    beside: Vec<String>,
}

impl Document {
    fn look(text: &[u8]) -> Self {
        let mut document = Self::default();
        let mut json = value::reader(text, Vec::new());
        match document.members(&mut json, text) {
            Ok(()) => document.end = Some(json.current_index()),
            Err(fault) => document.cut_off = fault.is_cut_off(),
        }
        document
    }

    fn members(&mut self, json: &mut Jiter<'_>, text: &[u8]) -> Result<(), Fault> {
        json.peek()?;
        let mut name = json.known_object()?.map(str::to_owned);
        while let Some(member) = name {
            let peek = json.peek()?;
            let inside = text.get(json.current_index() + 1..).unwrap_or_default().trim_ascii_start();
            if peek == Peek::Array && inside.starts_with(b"{") {
                self.lists.push(member);
            } else if peek != Peek::Null && self.beside.len() < BESIDE {
                self.beside.push(member);
            }
            value::pass(json, peek, 1)?;
            name = json.next_key()?.map(str::to_owned);
        }
        Ok(())
    }
}
