//! What a cell for telephone numbers holds: numbers, and what stands beside them.
//!
//! The first number is the main one. Nothing is guessed: where words, masks or stray digits leave it open what the
//! number is, the part is not read. Nothing is forgotten: what was left out is told, see [`Beside`] and [`Problem`].
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | a cell as a whole, cut into its parts |
//! | `cell` | what was read, and what is to be told of it |
//! | `part` | a part: its runs of digits, and what the words between them say |
//! | `extension` | the labels of extensions |
//! | `run` | a run of digits: one number or several |

mod cell;
mod extension;
mod part;
mod run;

use rlibphonenumber::Region;

use super::contact_text::plain_phone;
use super::phone_cuts::{between_words, is_rounded, parts, without_decimals, without_list_number};
use super::phone_findings::{Beside, Problem};
use super::phone_number::{Fault, SHORTEST_WHOLE, is_long};
use super::phone_words::hidden_as_stars;
use super::spreadsheet_unguard::spreadsheet_unguard_str;
use cell::PhoneCell;
use part::Part;

/// Longer cells hold no telephone numbers; the limit keeps a hostile cell cheap.
const LONGEST_CELL: usize = 2000;

/// A usual spelling of one number: digits, blanks and `+-.()`, one slash behind an area code at most. Such a text holds
/// one number and nothing beside it, or no number.
pub(super) fn is_plain(text: &str) -> bool {
    let text = text.trim_ascii();
    let mut digits = 0;
    let mut slashes = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'+' if at == 0 => {}
            b'(' if digits < SHORTEST_WHOLE => {}
            b'/' if slashes == 0
                && digits < SHORTEST_WHOLE
                && !text.starts_with('+')
                && !text.starts_with("00") =>
            {
                slashes = 1
            }
            b' ' | b'-' | b'.' | b')' => {}
            _ => return false,
        }
    }
    // Longer ones may have an extension behind a hyphen; `2. 030…` and `2025550143.0` have more than the number in them.
    !is_long(text)
        && !text.ends_with(".0")
        && !text.ends_with(".00")
        && !text.contains("...")
        && !text.contains("---")
        && without_list_number(text).len() == text.len()
}

/// Reads a cell.
pub(super) fn read_cell(text: &str, region: Option<Region>) -> PhoneCell {
    let mut cell = PhoneCell::default();
    if text.len() > LONGEST_CELL {
        cell.unread.push((text.to_owned(), Problem::Digits(Fault::Long)));
        return cell;
    }
    let bare = spreadsheet_unguard_str(text);
    let plain = plain_phone(&hidden_as_stars(&bare));
    let line = without_decimals(plain.trim());
    if bare != text || line.len() < plain.trim().len() {
        cell.beside.push((Beside::Guard, text.trim().to_owned()));
    }
    if is_rounded(line) {
        cell.unread.push((line.to_owned(), Problem::Rounded));
        return cell;
    }
    for part in parts(line) {
        for one in between_words(part) {
            let left_out =
                cell.unread.iter().any(|(_, problem)| matches!(problem, Problem::Fax | Problem::Wrong));
            Part::new(one, region, left_out || !cell.numbers.is_empty()).read_into(&mut cell);
        }
    }
    cell.settle();
    cell
}

#[cfg(test)]
mod tests;
