//! What a command gives on stdout.

use super::terminal::put;
use crate::failure::Failure;

/// Writes a text to stdout.
pub fn print(text: &str) -> Result<(), Failure> {
    Ok(put(text)?)
}

/// Writes one JSON document to stdout.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}
