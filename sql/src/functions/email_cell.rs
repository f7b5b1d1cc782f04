//! What a cell for e-mail addresses holds: addresses, and what stands beside them.
//!
//! The first address is the main one. A slip is mended where the text can mean one address only, and told; where it
//! could mean two (`lea lux@example.org`), the text stays as it is and is no address.

use unicode_normalization::UnicodeNormalization;

use super::contact_text::plain_email;
use super::is_email::{has_digits_at_end, is_address, is_masked};
use super::phone_words::joins;
use super::spreadsheet_unguard::spreadsheet_unguard_str;

/// Longer cells hold no addresses; the limit keeps a hostile cell cheap.
const LONGEST_CELL: usize = 4000;

/// What was found beside the addresses, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Beside {
    /// A part that is no address.
    Unread,
    /// A slip that was mended.
    Mended,
    Remark,
    /// More than one address.
    Several,
    /// What a spreadsheet or an export put around the value.
    Guard,
}

impl Beside {
    fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Mended => "mended",
            Self::Remark => "remark",
            Self::Several => "several",
            Self::Guard => "guard",
        }
    }
}

/// A cell as it was read.
#[derive(Debug, Default)]
pub(super) struct EmailCell {
    /// Well-formed addresses, each once, the main one first.
    pub(super) addresses: Vec<String>,
    /// Parts that are no addresses.
    pub(super) unread: Vec<String>,
    pub(super) beside: Vec<(Beside, String)>,
    /// The whole text, unwrapped, for a cell without address.
    pub(super) text: String,
}

/// The usual address that needs nothing done: it is then not copied.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|byte| *byte == b'@') else {
        return false;
    };
    let (local, domain) = (&bytes[..at], &bytes[at + 1..]);
    local.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(byte))
        && domain.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
        && domain.last() != Some(&b'.')
}

/// Reads a cell.
pub(super) fn read_cell(text: &str) -> EmailCell {
    let mut cell = EmailCell::default();
    if text.len() > LONGEST_CELL {
        cell.unread.push(text.to_owned());
        text.clone_into(&mut cell.text);
        return cell;
    }
    let bare = spreadsheet_unguard_str(text);
    let plain: String = plain_email(&bare).nfc().collect();
    let line = plain.trim();
    if bare != text && !line.is_empty() {
        cell.beside.push((Beside::Guard, text.trim().to_owned()));
    }
    if !cell.take(line) {
        for part in line.split(['\n', ';', '|']).flat_map(|part| part.split(":::")) {
            cell.part(part.trim());
        }
    }
    cell.settle(line);
    cell
}

impl EmailCell {
    /// Takes a text that is one address, perhaps after a slip was mended.
    fn take(&mut self, text: &str) -> bool {
        let Some(found) = address(text) else { return false };
        if found.mended {
            self.beside.push((Beside::Mended, text.to_owned()));
        }
        self.add(found.address);
        true
    }

    fn add(&mut self, address: String) {
        if !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }

    /// A part between signs that surely separate.
    fn part(&mut self, part: &str) {
        if part.is_empty() || self.take(part) {
            return;
        }
        let pieces: Vec<&str> =
            part.split([',', '/']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
        if let [_] = pieces.as_slice() {
            if !self.words(part) {
                self.unread.push(part.to_owned());
            }
            return;
        }
        // `anna,lee@example.org` may be a comma for a dot, and `anna@example.co,uk` as well.
        let is_one =
            |piece: &&str| address(piece).is_some_and(|found| !found.mended) || words(piece).is_some();
        // With a blank behind it, a comma separates.
        let separates = |at: usize| part.get(at + 1..).is_some_and(|behind| behind.starts_with(' '));
        let begins = pieces.first().is_some_and(is_one) || part.find([',', '/']).is_some_and(separates);
        let may_go_on = pieces
            .iter()
            .skip(1)
            .any(|piece| piece.len() <= 3 && piece.bytes().all(|b| b.is_ascii_alphabetic()));
        if !begins || may_go_on {
            self.unread.push(part.to_owned());
            return;
        }
        for piece in pieces {
            if !self.take(piece) && !self.words(piece) {
                self.unread.push(piece.to_owned());
            }
        }
    }

    /// Addresses with words between them.
    fn words(&mut self, text: &str) -> bool {
        let Some((addresses, remarks)) = words(text) else { return false };
        for address in addresses {
            self.add(address);
        }
        if !remarks.is_empty() {
            self.beside.push((Beside::Remark, remarks.join(" ")));
        }
        true
    }

    fn settle(&mut self, line: &str) {
        if self.addresses.is_empty() {
            unwrapped(line).clone_into(&mut self.text);
            return;
        }
        if self.addresses.len() > 1 {
            self.beside.push((Beside::Several, self.addresses.join(", ")));
        }
    }

    /// What is to be told of a cell with an address: the gravest kind, and all that goes with it.
    pub(super) fn note(&self, note: &mut String) -> bool {
        note.clear();
        if self.addresses.is_empty() {
            return false;
        }
        let gravest = if self.unread.is_empty() {
            let Some(gravest) = self.beside.iter().map(|(kind, _)| *kind).min() else { return false };
            gravest
        } else {
            Beside::Unread
        };
        let kept = |kind: Beside| matches!(kind, Beside::Several | Beside::Guard) && kind != gravest;
        let beside = self.beside.iter().filter(|(kind, _)| !kept(*kind)).map(|(_, text)| text);
        note.push_str(gravest.word());
        for (n, text) in self.unread.iter().chain(beside).enumerate() {
            note.push_str(if n == 0 { ": " } else { ", " });
            note.push_str(text);
        }
        true
    }
}

/// The addresses of a text with blanks in it, and the words beside them; `None` where a word may belong to an address.
fn words(text: &str) -> Option<(Vec<String>, Vec<&str>)> {
    let mut addresses = Vec::new();
    let mut remarks = Vec::new();
    let mut in_brackets = false;
    for word in text.split_whitespace() {
        in_brackets |= word.starts_with('(');
        if !in_brackets && let Some(found) = address(word).filter(|found| !found.mended) {
            addresses.push(found.address);
            continue;
        }
        let is_label = word.ends_with(':') || joins(word);
        // In front of an address a bare word may be its first half; behind one, what begins with a dot is its rest.
        let apart = in_brackets
            || is_label
            || !addresses.is_empty() && word.chars().count() > 3 && !word.starts_with(['.', '@', ',', '-']);
        if !apart || word.contains('@') {
            return None;
        }
        if !joins(word) {
            remarks.push(word);
        }
        in_brackets &= !word.ends_with(')');
    }
    (!addresses.is_empty()).then_some((addresses, remarks))
}

struct Address {
    address: String,
    mended: bool,
}

/// The one address that a text means.
fn address(text: &str) -> Option<Address> {
    let bare = unwrapped(text);
    if let Some(latin) = without_turkish_i(bare) {
        let found = address(&latin)?;
        return Some(Address { mended: true, ..found });
    }
    let written = with_lower_domain(bare);
    // A typographic apostrophe passes as a letter of an address, and is one of no mailbox; one in front is a guard.
    if !bare.contains(is_curly) && !bare.starts_with('\'') && is_address(&written) {
        return Some(Address { address: written, mended: false });
    }
    let mended = with_lower_domain(&mend(bare)?);
    (is_address(&mended)).then_some(Address { address: mended, mended: true })
}

/// The address with i for what Turkish keyboards and capitals make of it, `İSMAİL@HOTMAİL.COM`: no provider gives such
/// addresses, and the name of a domain would become another one. A dotless ı may belong to a domain that has more letters of
/// its own, so it goes only where nothing else is left. `None` where there is nothing to do.
fn without_turkish_i(text: &str) -> Option<String> {
    if !text.contains(['\u{130}', '\u{131}', '\u{307}']) {
        return None;
    }
    // Programs write a small İ as i with a dot of its own.
    let dotted = text.replace('\u{130}', "I").replace("i\u{307}", "i");
    let dotless = dotted.replace('\u{131}', "i");
    let latin = if dotless.is_ascii() { dotless } else { dotted };
    (latin != text).then_some(latin)
}

fn with_lower_domain(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let mut written = String::with_capacity(address.len());
            written.push_str(local);
            written.push('@');
            written.extend(domain.chars().flat_map(char::to_lowercase));
            written
        }
        None => address.to_owned(),
    }
}

fn is_curly(character: char) -> bool {
    matches!(character, '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}')
}

/// A slip that leaves one meaning only: `ina@example.org.`, `kai.o’neil@…`, `mia@example,org`, `lea @ example.org`,
/// `noa(at)example.org`.
fn mend(text: &str) -> Option<String> {
    let straight: String = text.chars().map(|c| if is_curly(c) { '\'' } else { c }).collect();
    let spelt = if straight.contains('@') { straight } else { spelt_out(&straight) };
    let (local, domain) = spelt.split_once('@').filter(|(_, domain)| !domain.contains('@'))?;
    let local = local.trim().trim_start_matches(['<', '(', '"', '\'']);
    let domain = domain.trim().trim_end_matches(['.', '>', ')', '"', ',', ';']);
    let mut mended = String::with_capacity(spelt.len());
    mended.push_str(local);
    mended.push('@');
    let mut parts = domain.split(['.', ',']).map(str::trim);
    mended.push_str(parts.next()?);
    for part in parts {
        mended.push('.');
        mended.push_str(part);
    }
    // Where the text before a comma is an address already, the comma may as well separate.
    let may_separate = domain.match_indices(',').any(|(at, _)| {
        domain.get(..at).is_some_and(|before| is_address(&format!("{local}@{}", before.to_lowercase())))
    });
    (!may_separate && !mended.contains(char::is_whitespace)).then_some(mended)
}

/// `(at)` and `(dot)` in any brackets.
fn spelt_out(text: &str) -> String {
    let mut spelt = text.to_owned();
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("<", ">")] {
        for (word, sign) in
            [("at", "@"), ("AT", "@"), ("ät", "@"), ("dot", "."), ("DOT", "."), ("punkt", ".")]
        {
            for (before, behind) in [(" ", " "), ("", "")] {
                spelt = spelt.replace(&format!("{before}{open}{word}{close}{behind}"), sign);
            }
        }
    }
    spelt
}

const SCHEME: &str = "mailto:";

/// The text without what programs wrap around an address: a display name with brackets, `mailto:`, quotes.
///
/// Brackets may hold the scheme and the scheme may hold brackets, so all are tried until none applies.
fn unwrapped(text: &str) -> &str {
    let mut address = text.trim();
    loop {
        let before = address.len();
        for (open, close) in [('<', '>'), ('[', ']')] {
            if let Some((name, rest)) = address.split_once(open)
                && let Some(inner) = rest.strip_suffix(close)
                && !inner.contains([open, close])
                && !name.contains('@')
                && (open == '<' || inner.contains('@'))
            {
                address = inner.trim();
            }
        }
        for quote in ["\"", "'", "\u{2018}\u{2019}", "\u{201c}\u{201d}", "\u{201e}\u{201c}"] {
            let open = quote.chars().next().unwrap_or('"');
            let close = quote.chars().last().unwrap_or('"');
            if let Some(inner) = address.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
                && !inner.contains([open, close])
            {
                address = inner.trim();
            }
        }
        if let Some(inner) = address.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
            && !inner.contains(['(', ')'])
        {
            address = inner.trim();
        }
        if let Some(scheme) = address.get(..SCHEME.len())
            && scheme.eq_ignore_ascii_case(SCHEME)
        {
            let rest = &address[SCHEME.len()..];
            // `?subject=` and the like belong to the link, not to the address.
            address = rest.split_once('?').map_or(rest, |(address, _)| address).trim();
        }
        address =
            address.trim_end_matches([',', ';', '/', '|', ' ']).trim_start_matches([',', ';', '|', ' ']);
        if address.len() == before {
            return address;
        }
    }
}

/// What is wrong with a text that is no address, in a word.
pub(super) fn fault(text: &str) -> Option<&'static str> {
    if is_address(text) {
        return None;
    }
    let mut at = text.split('@');
    let (local, domain, more) = (at.next().unwrap_or_default(), at.next(), at.next());
    let Some(domain) = domain else { return Some("no at") };
    let edges = |part: &str| part.starts_with('.') || part.ends_with('.') || part.contains("..");
    Some(if more.is_some() {
        if text.contains([',', ';', ' ', '/']) { "several" } else { "two at" }
    } else if is_masked(local) || domain.contains('*') {
        "masked"
    } else if text.contains(char::is_whitespace) {
        "blank"
    } else if text.contains([',', ';']) {
        "comma"
    } else if local.is_empty() || domain.is_empty() {
        "half"
    } else if edges(local) || edges(domain) {
        "dots"
    } else if !domain.contains('.') || has_digits_at_end(domain) {
        "domain"
    } else {
        "character"
    })
}

#[cfg(test)]
#[path = "email_cell_tests.rs"]
mod tests;
