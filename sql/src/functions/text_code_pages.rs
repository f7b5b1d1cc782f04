//! Characters that stand for the bytes of another code page: UTF-8 that was read as such, and written anew.

use std::sync::LazyLock;

use encoding_rs::{MACINTOSH, WINDOWS_1252};

use super::text_strength::Strength;

pub(super) fn windows_1252(byte: u8) -> char {
    let bytes = [byte];
    let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
    decoded.chars().next().unwrap_or('\u{fffd}')
}

/// The high half of a code page, from byte 0x80 on.
pub(super) type HighHalf = [char; 128];

pub(super) static HIGH_1252: LazyLock<HighHalf> = LazyLock::new(|| high_half(WINDOWS_1252));
pub(super) static HIGH_MAC: LazyLock<HighHalf> = LazyLock::new(|| high_half(MACINTOSH));

fn high_half(encoding: &'static encoding_rs::Encoding) -> HighHalf {
    let mut half = ['\u{fffd}'; 128];
    for (slot, byte) in half.iter_mut().zip(0x80_u8..=0xff) {
        let bytes = [byte];
        let (decoded, _) = encoding.decode_without_bom_handling(&bytes);
        *slot = decoded.chars().next().unwrap_or('\u{fffd}');
    }
    half
}

/// Bytes 0x80 to 0xbf of the consoles' code pages 850 and 437.
const CONSOLES: [&str; 2] = [
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
];

/// The byte that a character was in Windows-1252, or in ISO-8859-1, which has control characters instead of signs.
pub(super) fn byte_1252(c: char) -> Option<u8> {
    let code = u32::from(c);
    if let Ok(byte) = u8::try_from(code) {
        return (byte >= 0x80).then_some(byte);
    }
    place(HIGH_1252.iter().take(32), c).map(|at| at + 0x80)
}

fn byte_mac(c: char) -> Option<u8> {
    if c.is_ascii() { None } else { place(HIGH_MAC.iter(), c).map(|at| at + 0x80) }
}

fn place<'a>(mut table: impl Iterator<Item = &'a char>, c: char) -> Option<u8> {
    table.position(|other| *other == c).and_then(|at| u8::try_from(at).ok())
}

/// Reads sequences of UTF-8 that stand as characters of another code page; `None` when there is none.
pub(super) fn undo_utf8(text: &str, strength: Strength) -> Option<String> {
    if strength == Strength::Never || text.is_ascii() {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut found, mut strong) = (0, false, false);
    while at < chars.len() {
        match sequence(&chars, at) {
            Some((character, length, is_strong)) => {
                out.push(character);
                at += length;
                found = true;
                strong |= is_strong;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    (found && (strong || strength == Strength::Weak)).then_some(out)
}

/// One character of UTF-8 at a place: the character, how many characters it takes, whether it is a strong sign.
fn sequence(chars: &[char], at: usize) -> Option<(char, usize, bool)> {
    let first = *chars.get(at)?;
    if first.is_ascii() {
        return None;
    }
    if let Some(byte) = byte_1252(first)
        && let Some((character, length)) = decoded(chars, at, byte, byte_1252)
    {
        // `äšž` is three letters before it is anything else.
        let only_letters = chars.iter().skip(at + 1).take(length - 1).all(|c| c.is_alphabetic());
        if length == 2 || !only_letters {
            return Some((character, length, is_strong(chars, at, length, byte)));
        }
    }
    let mac_lead = match first {
        '√' => 0xc3,
        '¬' => 0xc2,
        '‚' => 0xe2,
        _ => 0,
    };
    if mac_lead > 0
        && let Some((character, length)) = decoded(chars, at, mac_lead, byte_mac)
    {
        return Some((character, length, true));
    }
    if matches!(first, '├' | '┬') {
        let lead = if first == '├' { 0xc3 } else { 0xc2 };
        for page in CONSOLES {
            let byte = |c: char| page.chars().position(|o| o == c).and_then(|n| u8::try_from(n + 0x80).ok());
            if let Some((character, length)) = decoded(chars, at, lead, byte) {
                return Some((character, length, true));
            }
        }
    }
    None
}

/// The character that a lead byte and the characters behind it stand for.
fn decoded(chars: &[char], at: usize, lead: u8, byte: impl Fn(char) -> Option<u8>) -> Option<(char, usize)> {
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut bytes = [lead, 0, 0, 0];
    for (n, slot) in bytes.iter_mut().enumerate().take(length).skip(1) {
        *slot = byte(*chars.get(at + n)?).filter(|b| (0x80..=0xbf).contains(b))?;
    }
    let character = std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?;
    is_plausible(character).then_some((character, length))
}

/// Characters that lists of people hold. What else two signs could stand for is chance.
fn is_plausible(character: char) -> bool {
    matches!(u32::from(character),
        0xa0..=0x24f | 0x300..=0x36f | 0x370..=0x4ff | 0x5d0..=0x5ea | 0x621..=0x64a | 0x1e00..=0x1eff
        | 0x2010..=0x203a | 0x20ac | 0x2122 | 0x3040..=0x9fff | 0xac00..=0xd7a3 | 0xfeff | 0x1f300..=0x1faff)
}

/// Whether nobody writes these signs one after the other on purpose.
fn is_strong(chars: &[char], at: usize, length: usize, lead: u8) -> bool {
    if length > 2 {
        // `â€™` is written by nobody; `ä’Š` may be three signs of a language.
        return matches!(lead, 0xe2 | 0xef) || length == 4;
    }
    // Letters of Windows-1252 follow letters in many languages: `Íž` and `Äš` stand in names.
    let last = chars.get(at + 1).copied().unwrap_or_default();
    // What may stand behind a letter in a text: closing quotes, dashes, an ellipsis, a blank that does not break.
    let behind_letters = matches!(
        last,
        '\u{a0}'
            | '\u{ad}'
            | '‘'
            | '’'
            | '“'
            | '”'
            | '„'
            | '‚'
            | '–'
            | '—'
            | '…'
            | '‹'
            | '›'
            | '«'
            | '»'
            | '™'
            | '®'
            | '©'
            | 'ª'
            | 'º'
            | '°'
            | '·'
            | '•'
    );
    // Only lower case makes Ã rare: capitals have it in `IRMÃ` and `SÃO`.
    let within_capitals = at > 0 && chars.get(at - 1).is_some_and(|c| c.is_uppercase());
    match lead {
        0xc2 => last != '\u{ad}',
        0xc3 => {
            let quote = matches!(last, '’' | '”' | '–' | '—' | '…' | '“' | '»' | '\u{a0}');
            !(within_capitals && quote)
        }
        _ => !behind_letters && !last.is_alphabetic(),
    }
}
