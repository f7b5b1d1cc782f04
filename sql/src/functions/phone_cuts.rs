//! Where a cell for telephone numbers is cut: into parts, and these into runs of digits and the words before them.

use super::phone_number::SHORTEST_WHOLE;
use super::phone_words::joins;

/// Mantissa and exponent: what a spreadsheet makes of a long number.
pub(super) fn is_rounded(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = mantissa.trim_end();
    let is_number = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    is_number && exponent.len() <= 3 && digits(exponent)
}

/// `2025550143.0`: a number that a program took for one to reckon with.
pub(super) fn without_decimals(text: &str) -> &str {
    const SHORTEST: usize = 9;

    let Some((whole, fraction)) = text.rsplit_once(['.', ',']) else { return text };
    let digits = whole.strip_prefix('+').unwrap_or(whole);
    let is_decimal = (1..=2).contains(&fraction.len()) && fraction.bytes().all(|b| b == b'0');
    if is_decimal && digits.len() >= SHORTEST && digits.bytes().all(|b| b.is_ascii_digit()) {
        whole
    } else {
        text
    }
}

/// `2. 030…`, `1) +49…`: the number of an item, not of a telephone.
pub(super) fn without_list_number(text: &str) -> &str {
    let bytes = text.as_bytes();
    match bytes {
        [b'0'..=b'9', b'.' | b')' | b':', b' ', ..] => {
            let rest = text.get(2..).unwrap_or_default().trim_start();
            if rest.starts_with(['+', '0', '(']) || matches!(bytes.get(1), Some(b')' | b':')) {
                rest
            } else {
                text
            }
        }
        _ => text,
    }
}

/// Splits where a number surely ends: semicolons, bars, line breaks, ` ::: `. `;ext=` belongs to its number.
pub(super) fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line;
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|r| r.find([';', '|', '\n', ':'])).map(|at| from + at) {
        let behind = rest.get(at..).unwrap_or_default();
        let length = if behind.starts_with(":::") {
            3
        } else if behind.starts_with(':')
            || [";ext=", ";phone-context=", ";isub="].iter().any(|p| starts(behind, p))
        {
            0
        } else {
            1
        };
        if length == 0 {
            from = at + 1;
            continue;
        }
        parts.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + length..).unwrap_or_default();
        from = 0;
    }
    parts.push(rest);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn starts(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// Splits at words such as `or` between two numbers.
pub(super) fn between_words(part: &str) -> Vec<&str> {
    let has_digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    let mut found = Vec::new();
    let mut from = 0;
    let mut at = 0;
    for word in part.split(' ') {
        let (before, behind) = (part.get(from..at), part.get(at + word.len()..));
        if let (Some(before), Some(behind)) = (before, behind)
            && joins(word)
            && has_digit(before)
            && has_digit(behind)
        {
            found.push(before);
            from = at + word.len();
        }
        at += word.len() + 1;
    }
    found.push(part.get(from..).unwrap_or_default());
    found
}

/// Digits with punctuation, and the words before them.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) words: &'a str,
    pub(super) digits: &'a str,
}

/// Where a segment begins in the text that was split; separators are one byte each.
pub(super) fn start_of(segments: &[&str], at: usize) -> usize {
    segments.iter().take(at).map(|segment| segment.len() + 1).sum()
}

/// Whether brackets are open behind some words.
pub(super) fn opens(words: &str, before: bool) -> bool {
    match words.rfind(['(', ')']) {
        Some(at) => words.as_bytes().get(at) == Some(&b'('),
        None => before,
    }
}

/// Cuts a text into runs of digits with punctuation and the words before each; the second value is what is behind.
pub(super) fn runs(text: &str) -> (Vec<Run<'_>>, &str) {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.find(|c: char| c.is_ascii_digit()) {
        let head = rest.get(..first).unwrap_or_default();
        let start = head.trim_end_matches(['+', '(', ' ']).len();
        let end = end_of_run(rest, first);
        let (words, digits) =
            (rest.get(..start).unwrap_or_default(), rest.get(start..end).unwrap_or_default());
        // A bracket with words in it is the words', and no number begins with a closed one.
        let digits_start = digits.len() - digits.trim_start().len();
        runs.push(Run {
            words: rest.get(..start + digits_start).unwrap_or(words),
            digits: digits.trim_start(),
        });
        rest = rest.get(end..).unwrap_or_default();
    }
    (runs, rest)
}

/// Where a run of digits ends: behind its last digit before a word, a `+`, or a bracket behind a whole number.
fn end_of_run(text: &str, first: usize) -> usize {
    let mut end = first;
    let mut digits = 0;
    for (at, byte) in text.bytes().enumerate().skip(first) {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                end = at + 1;
            }
            b'(' if digits >= SHORTEST_WHOLE => break,
            b' ' | b'-' | b'.' | b')' | b'(' | b'/' | b',' => {}
            _ => break,
        }
    }
    end
}
