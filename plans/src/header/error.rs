//! What is wrong with a header line, and what to write.
//!
//! | code | says |
//! | --- | --- |
//! | `HDR0001` | a required header is missing |
//! | `HDR0002` | several columns for a field that takes one |
//! | `HDR0003` | a choice names a field that the contract does not have |
//! | `HDR0004` | a choice names a header that the file does not have |

use std::fmt;

use miette::Diagnostic;

/// A reason not to read a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderError {
    /// Required headers that no column gives.
    Missing { fields: Vec<MissingField>, headers: Vec<String>, instead: Instead },
    /// Several columns for a field that takes one, by number from 1 and header.
    Duplicate { field: String, columns: Vec<(usize, String)> },
    /// `--map` or `headers:` names a field that does not exist.
    UnknownField { header: String, field: String, near: Option<String> },
    /// `--map` names a header that does not exist.
    UnknownHeader { header: String, field: String, near: Option<String> },
}

/// What a file has where a header was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// Names of columns, only not those that are needed.
    Header,
    /// The names of columns stand on this line, further down.
    HeaderBelow { line: i64 },
    /// No names at all. `known`: columns, from 1, that their values give away, and the field.
    NoHeader { first_is_data: bool, known: Vec<(usize, String)> },
}

/// A required field without a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingField {
    pub field: String,
    /// A field whose header would do as well.
    pub or: Option<String>,
    /// Headers of the file that look like it, the nearest first.
    pub near: Vec<String>,
}

impl HeaderError {
    /// The stable code, `HDR0001`.
    pub fn error_code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "HDR0001",
            Self::Duplicate { .. } => "HDR0002",
            Self::UnknownField { .. } => "HDR0003",
            Self::UnknownHeader { .. } => "HDR0004",
        }
    }

    /// What to write.
    pub fn advice(&self) -> String {
        match self {
            Self::Missing { fields, instead: Instead::HeaderBelow { line }, .. } => {
                let names = names(fields);
                format!(
                    "if line {line} has the names of the columns ({names} among them): --skip-lines {}",
                    line - 1
                )
            }
            Self::Missing { fields, instead: Instead::NoHeader { first_is_data, known, .. }, .. } => {
                no_header_help(fields, *first_is_data, known)
            }
            Self::Missing { fields, headers, .. } => missing_help(fields, headers),
            Self::Duplicate { field, columns } => {
                let (number, header) =
                    columns.first().map_or((1, ""), |(number, header)| (*number, header.as_str()));
                let same = columns.iter().skip(1).all(|(_, other)| other == header);
                let choice = if same { format!("#{number}") } else { quoted(header) };
                format!(
                    "choose one: --map \"{choice}={field}\", or `headers: {{\"{choice}\": {field}}}` in the source file (`#{number}` is the column's number)"
                )
            }
            Self::UnknownField { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::UnknownField { .. } => "the fields stand in the entity's contract.yml".to_owned(),
            Self::UnknownHeader { field, near: Some(near), .. } => {
                format!("did you mean --map \"{}={field}\"?", quoted(near))
            }
            Self::UnknownHeader { .. } => {
                "`importer preview FILE` shows the headers that were found".to_owned()
            }
        }
    }
}

fn names(fields: &[MissingField]) -> String {
    let names: Vec<String> = fields.iter().map(|missing| format!("`{}`", missing.field)).collect();
    names.join(" and ")
}

/// Columns go by their number here: what stands in the first line is somebody's data, and says nothing of the next file.
fn no_header_help(fields: &[MissingField], first_is_data: bool, known: &[(usize, String)]) -> String {
    let mut flags = vec!["--no-header".to_owned()];
    flags.extend(known.iter().map(|(column, field)| format!("--map \"#{column}={field}\"")));
    let told: Vec<&str> = known.iter().map(|(_, field)| field.as_str()).collect();
    let open = fields.iter().filter(|missing| !told.contains(&missing.field.as_str()));
    flags.extend(open.map(|missing| format!("--map \"#<number>={}\"", missing.field)));
    let mut lines = vec![format!("say which column is what, by its number: {}", flags.join(" "))];
    if let Some(or) = fields.iter().find_map(|missing| missing.or.as_ref()) {
        lines.push(format!("a single column with the whole name does as well: --map \"#<number>={or}\""));
    }
    if first_is_data {
        lines.push("if the names of the columns stand further down, say how many lines come before them: --skip-lines <number>".to_owned());
    }
    lines.join("\n")
}

fn missing_help(fields: &[MissingField], headers: &[String]) -> String {
    let mut lines = Vec::new();
    for missing in fields {
        if let Some(near) = missing.near.first() {
            let (header, field) = (quoted(near), &missing.field);
            lines.push(format!("if `{near}` is the {field}: --map \"{header}={field}\", or `headers: {{\"{header}\": {field}}}` in the source file"));
        }
    }
    if lines.is_empty() {
        let field = fields.first().map_or("first_name", |missing| missing.field.as_str());
        lines.push(format!(
            "say which column it is: --map \"<header>={field}\", or `headers:` in the source file"
        ));
    }
    if let Some(or) = fields.iter().find_map(|missing| missing.or.as_ref()) {
        lines.push(format!("a single column with the whole name does as well: --map \"<header>={or}\""));
    }
    let shown: Vec<String> = headers.iter().take(12).map(|header| format!("`{header}`")).collect();
    let more = if headers.len() > shown.len() { ", …" } else { "" };
    lines.push(format!(
        "headers of the file: {}{more}",
        if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
    ));
    lines.join("\n")
}

/// A header inside a quoted argument.
fn quoted(header: &str) -> String {
    header.replace('\\', "\\\\").replace('"', "\\\"")
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { fields, instead: Instead::HeaderBelow { line }, .. } => write!(
                f,
                "the first line names no column for {}, and line {line} looks like the header",
                names(fields)
            ),
            Self::Missing { fields, instead: Instead::NoHeader { first_is_data: true, .. }, .. } => write!(
                f,
                "the file seems to have no header: its first line holds data, and no column is named {}",
                names(fields)
            ),
            Self::Missing { fields, instead: Instead::NoHeader { .. }, .. } => write!(
                f,
                "the file has no names of columns, and nothing says which column is {}",
                names(fields)
            ),
            Self::Missing { fields, .. } => {
                write!(f, "the file has no column for {}", names(fields))?;
                let mut near: Vec<&str> = Vec::new();
                for header in fields.iter().flat_map(|missing| &missing.near) {
                    if !near.contains(&header.as_str()) {
                        near.push(header);
                    }
                }
                let near: Vec<String> = near.iter().map(|header| format!("`{header}`")).collect();
                if near.is_empty() { Ok(()) } else { write!(f, "; nearest: {}", near.join(", ")) }
            }
            Self::Duplicate { field, columns } => {
                let columns: Vec<String> =
                    columns.iter().map(|(number, header)| format!("`{header}` (column {number})")).collect();
                write!(
                    f,
                    "the field `{field}` takes one column and {} are found: {}",
                    columns.len(),
                    columns.join(", ")
                )
            }
            Self::UnknownField { header, field, .. } => {
                write!(f, "the header `{header}` is mapped to `{field}`, which is no field of the contract")
            }
            Self::UnknownHeader { header, field, .. } => {
                write!(f, "`{field}` is to be taken from `{header}`, and the file has no such header")
            }
        }
    }
}

impl std::error::Error for HeaderError {}

impl Diagnostic for HeaderError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.error_code()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.advice()))
    }
}
