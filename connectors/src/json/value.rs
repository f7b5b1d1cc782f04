//! Reads past a value, checks it, and says what is wrong with it.

use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::code;
use crate::source::Code;

/// Objects and lists in one another at most.
pub(super) const MAX_DEPTH: usize = 128;

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where, from the record's first byte.
    pub at: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Json(JsonErrorType),
    NotAnObject,
    TooDeep,
    Nul,
    TooLarge,
}

impl From<JiterError> for Fault {
    fn from(error: JiterError) -> Self {
        let kind = match error.error_type {
            JiterErrorType::JsonError(kind) => Kind::Json(kind),
            JiterErrorType::WrongType { .. } => Kind::Json(JsonErrorType::ExpectedSomeValue),
        };
        Self { at: error.index, kind }
    }
}

impl Fault {
    pub(super) fn new(at: usize, kind: Kind) -> Self {
        Self { at, kind }
    }

    /// The text ends before the value does.
    pub(super) fn is_cut_off(&self) -> bool {
        use JsonErrorType as E;
        matches!(
            self.kind,
            Kind::Json(
                E::EofWhileParsingList
                    | E::EofWhileParsingObject
                    | E::EofWhileParsingString
                    | E::EofWhileParsingValue
            )
        )
    }

    /// Quotes and brackets are as they should be, so that the end of the record can be found all the same.
    pub(super) fn has_an_end(&self) -> bool {
        use JsonErrorType as E;
        match &self.kind {
            Kind::NotAnObject | Kind::TooDeep | Kind::Nul | Kind::TooLarge => true,
            Kind::Json(kind) => matches!(
                kind,
                E::InvalidUnicodeCodePoint
                    | E::ControlCharacterWhileParsingString
                    | E::LoneLeadingSurrogateInHexEscape
                    | E::UnexpectedEndOfHexEscape
                    | E::InvalidEscape
                    | E::NumberOutOfRange
                    | E::InvalidNumber
            ),
        }
    }

    pub(super) fn code(&self) -> Code {
        match self.kind {
            Kind::Json(JsonErrorType::InvalidUnicodeCodePoint) => code::INVALID_ENCODING,
            Kind::Json(_) => code::RECORD_DAMAGED,
            Kind::NotAnObject => code::NOT_AN_OBJECT,
            Kind::TooDeep => code::TOO_DEEP,
            Kind::Nul => code::NUL_CHARACTER,
            Kind::TooLarge => code::RECORD_TOO_LARGE,
        }
    }

    /// What is wrong, without its place.
    pub(super) fn what(&self) -> &'static str {
        use JsonErrorType as E;
        match &self.kind {
            Kind::NotAnObject => "a value that is no object stands in the place of a record",
            Kind::TooDeep => "more than 128 objects and lists stand in one another",
            Kind::Nul => "a text holds the character \\u0000",
            Kind::TooLarge => "the record is longer than it may be",
            _ if self.is_cut_off() => "the text is cut off: it ends in the middle of a value",
            Kind::Json(kind) => match kind {
                E::ExpectedColon => "a colon is missing behind the name of a member",
                E::ExpectedListCommaOrEnd => "a comma or ] is missing behind a value of a list",
                E::ExpectedObjectCommaOrEnd => "a comma or } is missing behind a member",
                E::KeyMustBeAString => "the name of a member must stand in double quotes here",
                E::TrailingComma => "a comma stands before the closing bracket",
                E::TrailingCharacters => "something follows behind the end of the object",
                E::InvalidEscape => "a backslash is followed by what is no escape",
                E::LoneLeadingSurrogateInHexEscape | E::UnexpectedEndOfHexEscape => {
                    "half of a character is written as an escape (\\ud800 to \\udfff), and the other half is missing"
                }
                E::ControlCharacterWhileParsingString => {
                    "a control character, such as a line break or a tab, stands in a text; it must be written as an escape"
                }
                E::InvalidUnicodeCodePoint => "a text holds bytes that are not valid in the file's encoding",
                E::InvalidNumber => "a number is not written as JSON has it",
                E::NumberOutOfRange => "a number has more than 4,300 digits",
                E::ExpectedSomeIdent => "only true, false and null are words in JSON",
                _ => "a value is expected here",
            },
        }
    }
}

/// Reads past one value.
pub(super) fn pass(json: &mut Jiter<'_>, peek: Peek, depth: usize) -> Result<(), Fault> {
    match peek {
        Peek::String => {
            json.known_str()?;
        }
        Peek::Null => json.known_null()?,
        Peek::True | Peek::False => {
            json.known_bool(peek)?;
        }
        Peek::Array | Peek::Object if depth >= MAX_DEPTH => {
            return Err(Fault::new(json.current_index(), Kind::TooDeep));
        }
        Peek::Array => {
            let mut next = json.known_array()?;
            while let Some(peek) = next {
                pass(json, peek, depth + 1)?;
                next = json.array_step()?;
            }
        }
        Peek::Object => {
            let mut more = json.known_object()?.is_some();
            while more {
                let peek = json.peek()?;
                pass(json, peek, depth + 1)?;
                more = json.next_key()?.is_some();
            }
        }
        number => {
            json.known_number_bytes(number)?;
        }
    }
    Ok(())
}

/// Reads past one value, which begins with the text; gives its length.
pub(super) fn length(text: &[u8]) -> Result<usize, Fault> {
    let mut json = reader(text, Vec::new());
    let peek = json.peek()?;
    pass(&mut json, peek, 0)?;
    Ok(json.current_index())
}

/// NaN and Infinity are no JSON, and Python writes them.
pub(super) fn reader(text: &[u8], tape: Vec<u8>) -> Jiter<'_> {
    Jiter::with_tape(text, tape).with_allow_inf_nan()
}

/// Without blanks, byte order marks (they stand in the middle where files were put together) and marks of a record's
/// beginning (RFC 7464) at the start.
pub(super) fn without_marks(mut text: &[u8]) -> &[u8] {
    loop {
        let rest = text.trim_ascii_start();
        let rest = rest.strip_prefix(b"\x1E").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(rest);
        if rest.len() == text.len() {
            return rest;
        }
        text = rest;
    }
}

/// The text is one value and nothing else.
pub(super) fn is_whole(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    length(text) == Ok(text.len())
}

/// The text is one object and nothing else.
pub(super) fn is_object(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"{") && is_whole(text)
}

/// Writes a value without the blanks between its parts.
pub(super) fn compact(value: &[u8], out: &mut Vec<u8>) {
    let mut rest = value;
    loop {
        // Outside of texts, blanks are dropped.
        let quote = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        let (plain, text) = rest.split_at(quote);
        out.extend(plain.iter().filter(|b| !b.is_ascii_whitespace()));
        let Some(inner) = text.get(1..) else { return };
        let mut at = 0;
        // An escape is two bytes of which the second is never looked at.
        while let Some(i) = inner.get(at..).and_then(|t| memchr::memchr2(b'"', b'\\', t)) {
            at += i;
            if inner.get(at) == Some(&b'"') {
                break;
            }
            at += 2;
        }
        let end = (at + 2).min(text.len());
        let (text, behind) = text.split_at(end);
        out.extend_from_slice(text);
        rest = behind;
    }
}
