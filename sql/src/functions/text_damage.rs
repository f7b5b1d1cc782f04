//! What becomes of text on its way through programs that took it for something else, and how to undo it.
//!
//! - HTML entities: `O&#039;Brien`, `M&uuml;ller`.
//! - UTF-8 that was read as Windows-1252, as Mac Roman or as the code page of a console, and written anew: `MÃ¼ller`,
//!   `M√ºller`, `M├╝ller`.
//! - Mac Roman that was read as Windows-1252: `MŸller`, `Grš§e`.
//! - What is lost for good: `M?ller`, `M\u{fffd}ller`, `WeiÃ`; at the edge of a word `?rhus`, and `Wei?` in a name.
//!
//! - What stands in another code page altogether: `M¸ller`, `Mьller`, `Pawe³`. Signs have several readings, so it is lost
//!   as well, and a file that shows it is not trusted further: see `text_strange`.
//!
//! A sign of damage is *strong* where no one writes so on purpose, and *weak* where another reading is thinkable: `Å¡`
//! can only be damage, `š` is a letter of many languages. Weak signs count only beside strong ones of the same file.
//!
//! - here: what a text shows, and what is undone
//! - `text_entities`, `text_code_pages`, `text_mac`: one kind of damage each, and how to undo it
//! - `text_lost`, `text_strange`: what nobody can undo
//! - `text_letters`: letters and their neighbours; `text_strength`: how much a sign says

use std::borrow::Cow;

use super::text_code_pages::undo_utf8;
use super::text_entities::entities_decoded;
use super::text_letters::{has_accent_inside, has_carons};
pub(super) use super::text_lost::{Doubt, is_lost};
use super::text_lost::{is_lost_anywhere, is_lost_end};
use super::text_mac::{mac_strength, undo_mac};
use super::text_strange::{capitals, has_letters_beyond, is_strange};
pub(super) use super::text_strength::{Strength, may_be_damaged};

/// What is to be undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mend {
    pub(super) entities: bool,
    /// UTF-8 that was read as something else.
    pub(super) utf8: Strength,
    /// Mac Roman that was read as Windows-1252.
    pub(super) mac: Strength,
}

impl Mend {
    /// Everything that a cell shows by itself.
    pub(super) const STRONG: Self = Self { entities: true, utf8: Strength::Strong, mac: Strength::Strong };

    /// Reads the words of `mend_text`; `None` where one is unknown.
    pub(super) fn from_words(words: &str) -> Option<Self> {
        let mut mend = Self::default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "entities" => mend.entities = true,
                "utf8" => mend.utf8 = mend.utf8.max(Strength::Strong),
                "utf8_all" => mend.utf8 = Strength::Weak,
                "mac" => mend.mac = mend.mac.max(Strength::Strong),
                "mac_all" => mend.mac = Strength::Weak,
                _ => return None,
            }
        }
        Some(mend)
    }
}

/// What a text shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) entities: bool,
    pub(super) utf8: Strength,
    pub(super) mac: Strength,
    /// Letters with accents where they belong.
    pub(super) accents: bool,
    /// Letters of languages that have š and ž.
    pub(super) carons: bool,
    /// Lost for good, as far as the text itself tells.
    pub(super) lost: bool,
    /// Lost, unless all of the file is Mac Roman that was read as Windows-1252.
    pub(super) lost_but_mac: bool,
    /// Lost at the end of a word, if the text is a name: in another one the mark may ask.
    pub(super) lost_end: bool,
    /// Signs in place of letters, as of another code page than Mac Roman.
    pub(super) strange: bool,
    /// Capitals with accents inside words, as hardly anything but a wrong code page gives them.
    pub(super) capitals: bool,
    /// Those that a program leaves which makes only A to Z small.
    pub(super) small_az: bool,
    /// Other letters beyond A to Z.
    pub(super) letters: bool,
}

/// Looks for signs of damage.
pub(super) fn signs(text: &str) -> Signs {
    if !may_be_damaged(text) {
        return Signs::default();
    }
    let plain = entities_decoded(text);
    let once = undo_utf8(&plain, Strength::Weak);
    let utf8 = match (&once, undo_utf8(&plain, Strength::Strong)) {
        (None, _) => Strength::Never,
        (Some(_), None) => Strength::Weak,
        (Some(_), Some(_)) => Strength::Strong,
    };
    let read = once.as_deref().unwrap_or(&plain);
    let as_mac = undo_mac(read);
    let mac = if as_mac.is_some() { mac_strength(read) } else { Strength::Never };
    let mended = mend(text, Mend::STRONG);
    let lost = is_lost_anywhere(&mended);
    let whole_as_mac = as_mac.as_deref().is_some_and(|letters| !is_lost_anywhere(letters));
    let strange = is_strange(read) && !whole_as_mac;
    let inside = capitals(read);
    let is_foreign = !strange && inside.foreign && !inside.small_az;
    Signs {
        entities: matches!(plain, Cow::Owned(_)),
        utf8,
        mac,
        accents: utf8 == Strength::Never && has_accent_inside(&plain),
        carons: utf8 == Strength::Never && has_carons(&plain),
        lost: lost && !(mac != Strength::Never && whole_as_mac),
        lost_but_mac: lost && mac != Strength::Never && whole_as_mac,
        lost_end: is_lost_end(&mended),
        strange,
        capitals: is_foreign,
        small_az: inside.small_az,
        letters: !strange && !is_foreign && mac == Strength::Never && has_letters_beyond(read),
    }
}

/// Undoes what is asked for; the text itself where there is nothing to undo.
pub(super) fn mend(text: &str, how: Mend) -> Cow<'_, str> {
    if !may_be_damaged(text) {
        return Cow::Borrowed(text);
    }
    let mut mended = if how.entities { entities_decoded(text) } else { Cow::Borrowed(text) };
    // Some texts went through the same mill several times.
    for _ in 0..3 {
        match undo_utf8(&mended, how.utf8) {
            Some(once) => mended = Cow::Owned(once),
            None => break,
        }
    }
    let strength = mac_strength(&mended);
    if strength != Strength::Never
        && strength <= how.mac
        && let Some(letters) = undo_mac(&mended)
    {
        mended = Cow::Owned(letters);
    }
    mended
}

#[cfg(test)]
#[path = "text_damage_tests.rs"]
mod tests;
