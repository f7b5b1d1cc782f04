//! What lists of different countries look like, as data: `sql/data/regions.csv` and `sql/data/header_languages.txt`.

/// Countries that are tried where telephone numbers do not fit. The first line that is no comment names the columns.
pub const REGIONS: &str = include_str!("../data/regions.csv");

/// Words of headers by language, a line each: `language: word, word, …`.
pub const HEADER_LANGUAGES: &str = include_str!("../data/header_languages.txt");
