//! The words of headers, as data: `sql/data/header_words.txt`.

/// The text of the dictionary. A line is `group: item, item, …`; `#` begins a comment.
pub const HEADER_WORDS: &str = include_str!("../data/header_words.txt");
