//! A physical line whose quotes do not go by the rules, read as what it can only mean.
//!
//! Tried where the rules give no record of the right width, and believed only if it gives exactly that width:
//!
//! | in the file | read as |
//! | --- | --- |
//! | `2,"Bob, B" ,Kiel` and `2, "Bob, B",Kiel` | blanks around the quotes belong to neither cell |
//! | `1,"Blue" train,1940` | a cell that begins with a quoted word is text |
//! | `1,"48"","round, big"` | a quote at the end of a quoted cell is text: inches |
//! | `1,"John "Johnny" Smith" ,X` | a quote that neither delimiter nor line end follows is text |

use memchr::memchr;

use super::split::{Field, Rules, behind_blanks};

/// Which of the readings is tried.
#[derive(Clone, Copy)]
struct Variant {
    /// `""` before a delimiter is a quote and the end of the cell.
    inch: bool,
    /// A quoted word at the beginning of a cell is text even where a later quote could close the cell.
    word: bool,
}

const VARIANTS: [Variant; 4] = [
    Variant { inch: false, word: false },
    Variant { inch: false, word: true },
    Variant { inch: true, word: false },
    Variant { inch: true, word: true },
];

/// The fields of a line of `width` cells, and the first cell that was mended; `None` when no reading has that width.
pub(super) fn mend(rules: &Rules, line: &[u8], width: usize, fields: &mut Vec<Field>) -> Option<usize> {
    let odd = rules.backslash
        || rules.doubled
        || rules.runs
        || rules.curly
        || rules.lone_cr && memchr(b'\r', line).is_some();
    let quote = rules.quote.filter(|q| !odd && memchr(*q, line).is_some())?;
    VARIANTS.into_iter().find_map(|variant| {
        let column = read(rules, quote, line, variant, fields)?;
        (fields.len() == width).then_some(column)
    })
}

fn read(rules: &Rules, quote: u8, line: &[u8], variant: Variant, fields: &mut Vec<Field>) -> Option<usize> {
    fields.clear();
    let mut mended = None;
    let mut at = 0;
    loop {
        let open = behind_blanks(line, at);
        let stop_from =
            |from: usize| memchr(rules.delimiter, line.get(from..).unwrap_or_default()).map(|i| from + i);
        let next = if line.get(open) == Some(&quote) {
            let word = is_quoted_word(line.get(open..stop_from(open).unwrap_or(line.len()))?, quote);
            let closed =
                if word && variant.word { None } else { close(rules, quote, line, open + 1, variant) };
            match closed {
                Some(Closed { end, next, clean, escaped }) => {
                    if open != at && !rules.blank_before_quote || !clean {
                        mended.get_or_insert(fields.len());
                    }
                    fields.push(Field { start: open + 1, end, quoted: true, escaped });
                    next
                }
                None if word => {
                    mended.get_or_insert(fields.len());
                    let stop = stop_from(open);
                    fields.push(Field {
                        start: at,
                        end: stop.unwrap_or(line.len()),
                        quoted: false,
                        escaped: false,
                    });
                    stop.map(|s| s + 1)
                }
                None => return None,
            }
        } else {
            let stop = stop_from(at);
            fields.push(Field { start: at, end: stop.unwrap_or(line.len()), quoted: false, escaped: false });
            stop.map(|s| s + 1)
        };
        match next {
            Some(next) => at = next,
            None => return mended,
        }
    }
}

struct Closed {
    end: usize,
    /// Start of the next cell; `None` at the end of the line.
    next: Option<usize>,
    /// It closed as the rules ask for.
    clean: bool,
    escaped: bool,
}

fn close(rules: &Rules, quote: u8, line: &[u8], from: usize, variant: Variant) -> Option<Closed> {
    let (mut at, mut clean, mut escaped) = (from, true, false);
    loop {
        let hit = at + memchr(quote, line.get(at..)?)?;
        // What follows, if it ends the cell: the next cell, or the end of the line.
        let ends = |after: usize| {
            let stop = behind_blanks(line, after);
            match line.get(stop) {
                None => Some((stop == after, None)),
                Some(b) if *b == rules.delimiter => Some((stop == after, Some(stop + 1))),
                Some(_) => None,
            }
        };
        if line.get(hit + 1) == Some(&quote) {
            if variant.inch
                && let Some((_, next)) = ends(hit + 2)
            {
                return Some(Closed { end: hit + 1, next, clean: false, escaped: true });
            }
            escaped = true;
            at = hit + 2;
            continue;
        }
        if let Some((tight, next)) = ends(hit + 1) {
            return Some(Closed { end: hit, next, clean: clean && tight, escaped });
        }
        clean = false;
        at = hit + 1;
    }
}

/// `"Blue" train`: a word in quotes, a blank, and more.
fn is_quoted_word(cell: &[u8], quote: u8) -> bool {
    let Some(rest) = cell.strip_prefix(&[quote]) else { return false };
    let Some(end) = memchr(quote, rest) else { return false };
    let (word, rest) = rest.split_at(end);
    let more = rest.get(1..).unwrap_or_default();
    !word.is_empty()
        && word.trim_ascii().len() == word.len()
        && more.starts_with(b" ")
        && !more.trim_ascii().is_empty()
        && memchr::memchr_iter(quote, more).count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::{Escape, LineEnding};

    fn cells(line: &str, width: usize) -> Option<Vec<String>> {
        let rules = Rules::new(b',', Some(b'"'), Escape::Doubled, LineEnding::Lf);
        let mut fields = Vec::new();
        mend(&rules, line.as_bytes(), width, &mut fields)?;
        Some(
            fields
                .iter()
                .map(|f| {
                    let mut text = Vec::new();
                    let cell = &line.as_bytes()[f.start..f.end];
                    if f.escaped {
                        rules.unescape(cell, |piece| text.extend_from_slice(piece));
                    } else {
                        text.extend_from_slice(cell);
                    }
                    String::from_utf8_lossy(&text).into_owned()
                })
                .collect(),
        )
    }

    #[test]
    fn what_it_can_only_mean() {
        for (line, want) in [
            ("2,\"Bob, B\" ,Kiel", vec!["2", "Bob, B", "Kiel"]),
            ("2, \"Bob, B\",Kiel", vec!["2", "Bob, B", "Kiel"]),
            ("1,\"Blue\" train,1940", vec!["1", "\"Blue\" train", "1940"]),
            ("\"Blue\" train, \"x\"", vec!["\"Blue\" train", "x"]),
            ("1,\"48\"\",\"round, big\"", vec!["1", "48\"", "round, big"]),
            ("\"6\"\",\"8\"\",\"x, y\"", vec!["6\"", "8\"", "x, y"]),
            ("1,\"John \"Johnny\" Smith\" ,X", vec!["1", "John \"Johnny\" Smith", "X"]),
        ] {
            assert_eq!(cells(line, want.len()).as_deref(), Some(want.map_strings().as_slice()), "{line}");
        }
    }

    #[test]
    fn what_stays_refused() {
        for (line, width) in [
            ("1,\"a \"b\", c\",X", 3),
            ("1,\"a \"b", 2),
            ("\"a\"b,\"c\"", 2),
            ("1,\"Ann", 2),
            ("1,Ann", 3),
            ("\"open,b,c", 3),
        ] {
            assert_eq!(cells(line, width), None, "{line}");
        }
    }

    trait Strings {
        fn map_strings(&self) -> Vec<String>;
    }

    impl Strings for Vec<&str> {
        fn map_strings(&self) -> Vec<String> {
            self.iter().map(|s| (*s).to_owned()).collect()
        }
    }
}
