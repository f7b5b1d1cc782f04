//! `clean_text`: the first thing a mapping does to a column of text.
//!
//! Zero-width characters are removed rather than turned into blanks: they are pasted into the middle of words.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use unicode_normalization::UnicodeNormalization;

use super::arguments::{evaluate_text, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Makes text comparable to the eye: Unicode NFC; every run of blanks, line breaks, control characters and no-break spaces becomes one blank; invisible characters (zero-width, soft hyphen, direction marks, byte order mark) go; both ends are trimmed. Text with nothing left becomes NULL."#,
    syntax_example = "clean_text(text)",
    sql_example = r#"```sql
> SELECT clean_text('  Anna   Maria ');
Anna Maria
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CleanText;

scalar_function!(CleanText, "clean_text", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, clean_text)
});

/// Removes what nobody sees and evens out blanks; `None` when nothing is left.
pub(super) fn clean_text<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if text.is_empty() {
        return None;
    }
    if is_clean(text) {
        return Some(text);
    }
    buffer.clear();
    let mut blank_before_next = false;
    let push = |character: char| {
        if is_blank(character) {
            blank_before_next = true;
        } else {
            if blank_before_next && !buffer.is_empty() {
                buffer.push(' ');
            }
            blank_before_next = false;
            buffer.push(character);
        }
    };
    if text.is_ascii() {
        text.chars().for_each(push);
    } else {
        // Invisible characters go before composition: they would keep a letter and its accent apart.
        text.chars().filter(|character| !is_invisible(*character)).nfc().for_each(push);
    }
    (!buffer.is_empty()).then_some(buffer.as_str())
}

/// True for printable ASCII with single blanks inside: most cells, which are then not copied.
fn is_clean(text: &str) -> bool {
    let mut after_blank = true;
    for byte in text.bytes() {
        match byte {
            b' ' if after_blank => return false,
            b' ' => after_blank = true,
            0x21..=0x7e => after_blank = false,
            _ => return false,
        }
    }
    !after_blank
}

/// Characters that separate words.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

/// Characters that take no room and carry no meaning in a cell.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn clean(text: &str) -> Option<String> {
        super::clean_text(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn evens_out_blanks_and_drops_the_invisible() {
        for (given, wanted) in [
            ("Anna", Some("Anna")),
            (" Anna  Maria\t", Some("Anna Maria")),
            ("Anna\u{a0}Maria\r\nKlein\u{0}", Some("Anna Maria Klein")),
            ("\u{feff}Mar\u{200b}ia", Some("Maria")),
            ("Jose\u{301}", Some("Jos\u{e9}")),
            ("Jose\u{200b}\u{301}", Some("Jos\u{e9}")),
            ("", None),
            (" \u{200b}\t", None),
        ] {
            assert_eq!(clean(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            if let Some(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Some(once.clone()));
            }
        }
    }
}
