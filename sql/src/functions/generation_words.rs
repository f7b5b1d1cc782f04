//! Words behind a name that say which of its bearers is meant: `Jr.`, `III`, `d. Ä.`.

/// What one word says: `Jr.`, `III`, `d.Ä.`.
pub(super) fn age_of_word(word: &str) -> Option<i64> {
    let mut bare = [0; 16];
    match bare_word(word, &mut bare)? {
        "sr" | "sen" | "snr" | "senior" | "dä" | "dÄ" | "père" | "vater" | "father" | "padre" | "pai" => {
            Some(1)
        }
        "jr" | "jun" | "jnr" | "junior" | "dj" | "fils" | "sohn" | "son" | "hijo" | "filho" | "ii"
        | "2nd" => Some(2),
        "iii" | "3rd" => Some(3),
        "iv" | "4th" => Some(4),
        "v" => Some(5),
        "vi" => Some(6),
        "vii" => Some(7),
        "viii" => Some(8),
        _ => None,
    }
}

/// What two words say: `d. Ä.`, `der Jüngere`.
pub(super) fn age_of_pair(first: &str, second: &str) -> Option<i64> {
    let (mut one, mut two) = ([0; 16], [0; 16]);
    let (first, second) = (bare_word(first, &mut one)?, bare_word(second, &mut two)?);
    match (first, second) {
        ("d" | "der" | "die", "ä" | "Ä" | "ältere" | "Ältere" | "aeltere") | ("the", "elder") => Some(1),
        ("d" | "der" | "die", "j" | "jüngere" | "juengere") | ("the", "younger") => Some(2),
        _ => None,
    }
}

/// Whether two words behind a name say which of its bearers is meant.
pub(super) fn is_generation_pair(first: &str, second: &str) -> bool {
    // "d. J." with full stops: without them they may be initials.
    (first.ends_with('.') || second.len() > 3) && age_of_pair(first, second).is_some()
}

/// The word in lower case and without full stops and brackets; `None` when it is too long for any of the lists.
pub(super) fn bare_word<'b>(word: &str, buffer: &'b mut [u8; 16]) -> Option<&'b str> {
    let mut length = 0;
    for byte in word.bytes().filter(|byte| !matches!(byte, b'.' | b'(' | b')')) {
        *buffer.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    str::from_utf8(buffer.get(..length)?).ok()
}
