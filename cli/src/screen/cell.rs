//! Text from files on a terminal. A cell may hold line breaks and escape sequences; neither may move the cursor.

/// One line: line breaks and control characters become visible signs, and so do the signs that turn the direction of
/// writing around.
pub fn line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '␊',
            '\r' => '␍',
            '\t' => '␉',
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('�'),
            '\u{7f}' => '␡',
            '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '�',
            other => other,
        })
        .collect()
}

/// One line of at most so many characters.
pub fn short(text: &str, most: usize) -> String {
    let text = line(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::{line, short};

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(line("a\x1b[2Jb\r\nc\td"), "a␛[2Jb␍␊c␉d");
        assert_eq!(line("x\u{202e}y\u{9b}z"), "x�y�z");
        assert_eq!(short("äöüß", 3), "äö…");
        assert_eq!(short("äöü", 3), "äöü");
    }
}
