//! What stands where in a text: letters, their neighbours, and what shows that letters are whole.

/// A letter of the Latin alphabet, with its accents. Signs that only count as letters are none.
pub(super) fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

pub(super) fn is_inside(chars: &[char], at: usize) -> bool {
    let letter = |n: Option<usize>| n.and_then(|n| chars.get(n)).is_some_and(|c| c.is_alphabetic());
    letter(at.checked_sub(1)) && letter(at.checked_add(1))
}

pub(super) fn neighbours(chars: &[char], at: usize) -> (Option<char>, Option<char>) {
    (at.checked_sub(1).and_then(|n| chars.get(n)).copied(), chars.get(at + 1).copied())
}

/// Small letters with accents inside words, as whole texts have them, and the apostrophe of O’Brien.
pub(super) fn has_accent_inside(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.iter().enumerate().any(|(at, c)| match c {
        '÷' => false,
        'ß'..='ÿ' => is_inside(&chars, at),
        '’' => is_inside(&chars, at) && chars.get(at + 1).is_some_and(|c| c.is_uppercase()),
        _ => false,
    })
}

/// Letters that no text has by chance: those of Latin Extended-A that Windows-1252 lacks, and Š or Ž where a word begins.
pub(super) fn has_carons(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.iter().enumerate().any(|(at, c)| match c {
        'Š' | 'Ž' => {
            let (before, behind) = neighbours(&chars, at);
            !before.is_some_and(char::is_alphabetic) && behind.is_some_and(char::is_lowercase)
        }
        'š' | 'ž' | 'œ' | 'Œ' | 'Ÿ' => false,
        '\u{100}'..='\u{17f}' => true,
        _ => false,
    })
}
