//! Headers without what makes no difference.

/// A header as it is compared: without case, blanks, punctuation and accents.
pub fn fold_header(header: &str) -> String {
    deunicode::deunicode(header)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// The words of a header, folded: cut at punctuation, between letters and digits, and at a capital within a word.
pub(super) fn words_of(header: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in deunicode::deunicode(header).chars() {
        if c.is_ascii_alphanumeric() {
            let starts = !last.is_ascii_alphanumeric()
                || (last.is_ascii_lowercase() && c.is_ascii_uppercase())
                || last.is_ascii_digit() != c.is_ascii_digit();
            match words.last_mut() {
                Some(word) if !starts => word.push(c.to_ascii_lowercase()),
                _ => words.push(c.to_ascii_lowercase().to_string()),
            }
        }
        // An apostrophe does not end a word: `l'adresse` and `Volunteer's` keep their letters together.
        if c != '\'' {
            last = c;
        }
    }
    words
}
