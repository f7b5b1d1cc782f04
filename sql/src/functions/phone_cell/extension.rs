//! The labels of extensions.

use super::super::phone_cuts::Run;
use super::super::phone_number::SHORTEST_WHOLE;
use super::super::phone_words::{Around, is_extension_label, is_mask, said};
use super::cell::no_number;

/// What stands before the digits of an extension: words that say something else, and its label.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) front: &'a str,
    pub(super) label: &'a str,
}

/// The label of a few digits that are an extension: `ext. `; behind a remark it begins at a comma or a bracket (`after 5 pm,
/// ext. `, `(desk 3) x`). Where the remark says that the number is none to call, all words speak of the number.
pub(super) fn label<'a>(run: &Run<'a>) -> Option<Label<'a>> {
    let is_short = run.digits.len() <= SHORTEST_WHOLE && run.digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_short {
        return None;
    }
    if is_extension_label(run.words) {
        return Some(Label { front: "", label: run.words });
    }
    let (front, label) = run.words.split_at(run.words.rfind([',', ')'])? + 1);
    let is_apart = front.starts_with([' ', ',', '(', ')'])
        && !is_mask(front, Around { digit_before: true, digit_behind: false });
    (is_extension_label(label) && is_apart && said(front).and_then(no_number).is_none())
        .then_some(Label { front, label })
}
