//! Text of eight bits: UTF-8, or which of the older encodings?
//!
//! What is sure is said to be sure; what shows the usual damage (`Mšller`, `MÃ¼ller`) never is.

use encoding_rs::Encoding;

use super::CsvEncoding;
use crate::dialect::UNASSIGNED_1252;
use crate::source::Confidence;

type Guess = (CsvEncoding, Confidence, String);

/// The encoding of a sample without byte order mark and without the zeros of UTF-16.
pub(super) fn eight_bit(sample: &[u8], complete: bool) -> Guess {
    if sample.is_ascii() {
        let why = if complete { "all bytes are ASCII" } else { "all bytes of the sample are ASCII" };
        let (confidence, why) = with_damage(sample, Confidence::High, why.to_owned());
        return (CsvEncoding::Utf8, confidence, why);
    }
    let shape = Shape::of(sample, complete);
    if shape.invalid == 0 {
        let why = format!("{} characters beyond ASCII, all valid UTF-8", shape.valid);
        let (confidence, why) = with_damage(sample, Confidence::High, why);
        return (CsvEncoding::Utf8, confidence, why);
    }
    // Legacy text forms valid UTF-8 sequences only by rare accident, so these weigh more than
    // damage here and there.
    if shape.valid > 0 && shape.valid >= shape.invalid {
        let why = format!(
            "{} valid UTF-8 characters beyond ASCII against {} invalid bytes, whose records are rejected",
            shape.valid, shape.invalid
        );
        return (CsvEncoding::Utf8, Confidence::Medium, why);
    }
    let sample = &telling_lines(sample);
    let frequent = most_frequent(sample);
    let reading = Western::of(sample);
    east_asian(sample, frequent, complete)
        .or_else(|| other_script(sample, frequent))
        .or_else(|| mac_roman(sample, &reading))
        .or_else(|| other_latin(sample, frequent, &reading))
        .unwrap_or_else(|| western(sample, &reading, &shape, frequent))
}

/// Windows-1252, ISO-8859-1, or nothing that makes sense.
fn western(sample: &[u8], reading: &Western, shape: &Shape, frequent: &'static Encoding) -> Guess {
    let Western { plausible, implausible, odd } = *reading;
    if shape.valid == 0 && plausible <= implausible {
        let why = format!(
            "{} bytes are not valid UTF-8, but do not look like letters of another encoding either",
            shape.invalid
        );
        return (CsvEncoding::Utf8, Confidence::Low, why);
    }
    let c1 = sample.iter().filter(|b| (0x80..0xA0).contains(*b)).count();
    let unassigned = sample.iter().filter(|b| UNASSIGNED_1252.contains(b)).count();
    if unassigned > 0 && unassigned * 2 >= c1 {
        let why = "not UTF-8; bytes that windows-1252 does not have".to_owned();
        return (CsvEncoding::Latin1, Confidence::Low, why);
    }
    let mut why = format!("not UTF-8; {plausible} bytes read as Western letters or signs");
    let mut confidence = if plausible > implausible * 4 { Confidence::High } else { Confidence::Medium };
    if odd > 0 {
        confidence = Confidence::Low;
        why.push_str(&format!(
            "; but {odd} signs such as š Ÿ § † stand inside words, as text of another encoding (Mac Roman?) does \
             when it is read like that"
        ));
    }
    if shape.valid > 0 {
        confidence = confidence.min(Confidence::Medium);
        why.push_str(&format!("; {} characters are UTF-8: two files were put together", shape.valid));
    }
    if frequent != encoding_rs::WINDOWS_1252 && confidence > Confidence::Medium {
        confidence = Confidence::Medium;
        let name = frequent.name().to_ascii_lowercase();
        why.push_str(&format!("; by the frequency of letters it could be {name}"));
    }
    (CsvEncoding::Windows1252, confidence, why)
}

/// Of a sample, so much is searched for damage.
const LOOKED_AT: usize = 256 << 10;

/// Marks of text that was damaged before it came here lower the confidence: the file is what it is, but not what it
/// was meant to be.
fn with_damage(sample: &[u8], confidence: Confidence, why: String) -> (Confidence, String) {
    let text = String::from_utf8_lossy(sample.get(..LOOKED_AT).unwrap_or(sample));
    // Where the sample was cut, the last character may be half of one.
    let text = text.trim_end_matches('\u{FFFD}');
    let lost = text.matches('\u{FFFD}').count();
    let entities: usize = ["&#", "&amp;", "&quot;", "&apos;"].iter().map(|e| text.matches(e).count()).sum();
    let (mut twice, mut odd) = (0, 0);
    let (mut before_last, mut last) = (' ', ' ');
    for c in text.chars() {
        twice += usize::from(matches!(last, 'Ã' | 'Â' | 'Å' | 'â') && is_continuation(c));
        odd += usize::from(is_odd(last) && before_last.is_alphabetic() && c.is_lowercase());
        (before_last, last) = (last, c);
    }
    let found = [
        (twice, "places look as if they were encoded twice (Ã¼)"),
        (lost, "characters were lost before"),
        (odd, "signs such as Ÿ § † stand inside words"),
        (entities, "HTML entities (&#039;)"),
    ];
    let said: Vec<String> =
        found.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if said.is_empty() {
        return (confidence, why);
    }
    (confidence.min(Confidence::Low), format!("{why}; but {}", said.join(", ")))
}

/// A continuation byte of UTF-8, read as windows-1252 or ISO-8859-1.
fn is_continuation(c: char) -> bool {
    matches!(
        c,
        '\u{80}'
            ..='\u{BF}'
                | '€'
                | '‚'
                | 'ƒ'
                | '„'
                | '…'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
    )
}

/// Signs and capitals that no language writes inside a word, before a small letter.
fn is_odd(c: char) -> bool {
    matches!(c, 'Ÿ' | 'Š' | 'Ž' | '§' | '†' | '‡' | 'ˆ' | 'ƒ')
}

/// Lines with letters beyond ASCII, some of them: the frequency of letters is slow to count.
fn telling_lines(sample: &[u8]) -> Vec<u8> {
    const ENOUGH: usize = 32 << 10;
    let mut lines = Vec::new();
    for line in sample.split_inclusive(|b| matches!(b, b'\n' | b'\r')).filter(|line| !line.is_ascii()) {
        if lines.len() > ENOUGH {
            break;
        }
        lines.extend_from_slice(line.get(..ENOUGH).unwrap_or(line));
    }
    lines
}

fn most_frequent(sample: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

/// Chinese, Japanese and Korean stand in pairs of bytes, of which most have both in the upper half; Western letters
/// stand alone. Only then is such a guess taken.
fn east_asian(sample: &[u8], frequent: &'static Encoding, complete: bool) -> Option<Guess> {
    let high = |i: Option<usize>| i.and_then(|i| sample.get(i)).is_some_and(|b| *b >= 0x80);
    let (mut all, mut beside) = (0_usize, 0_usize);
    for (i, _) in sample.iter().enumerate().filter(|(_, b)| **b >= 0x80) {
        all += 1;
        beside += usize::from(high(i.checked_sub(1)) || high(Some(i + 1)));
    }
    if all < 4 || beside * 2 < all {
        return None;
    }
    // The last character may be cut off where the sample ends.
    let cut = if complete { 0 } else { sample.len().min(4) };
    let sample = sample.get(..sample.len() - cut)?;
    let usual = [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::EUC_KR];
    let found = if frequent.is_single_byte() {
        usual.into_iter().find(|encoding| is_of_script(encoding, sample))
    } else {
        Some(frequent)
    }?;
    let (text, _, _) = found.decode(sample);
    let letters = text.chars().filter(|c| !c.is_ascii()).count();
    let lost = text.matches('\u{FFFD}').count();
    if lost * 20 > letters {
        return None;
    }
    let confidence = if letters >= 20 && lost == 0 { Confidence::Medium } else { Confidence::Low };
    let why = format!(
        "not UTF-8; {letters} characters of an East Asian encoding, guessed from their frequency: please check"
    );
    Some((CsvEncoding::MultiByte(found), confidence, why))
}

/// Read like that, a short text is Japanese with its kana, or Korean and nothing else.
fn is_of_script(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let (text, _, errors) = encoding.decode(sample);
    let (mut kana, mut hangul, mut other) = (0_usize, 0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        match c {
            '\u{3041}'..='\u{30FF}' => kana += 1,
            '\u{AC00}'..='\u{D7A3}' => hangul += 1,
            '\u{4E00}'..='\u{9FFF}' | '\u{3000}'..='\u{303F}' | '\u{FF01}'..='\u{FF5E}' => {}
            _ => other += 1,
        }
    }
    let korean = hangul >= 2 && hangul * 10 >= (hangul + kana + other) * 9;
    !errors && other == 0 && (kana >= 2 && hangul == 0 || korean && encoding == encoding_rs::EUC_KR)
}

/// A script whose letters all lie in the upper half stands in long runs of high bytes, which
/// Western text never does.
fn other_script(sample: &[u8], frequent: &'static Encoding) -> Option<Guess> {
    let high = sample.iter().filter(|b| **b >= 0x80).count();
    let runs = sample.windows(3).filter(|w| w.iter().all(|b| *b >= 0x80)).count();
    if high < 6 || runs * 2 < high || frequent == encoding_rs::WINDOWS_1252 || !frequent.is_single_byte() {
        return None;
    }
    let why = "not UTF-8; guessed from the frequency of letters: please check".to_owned();
    Some((CsvEncoding::SingleByte(frequent), Confidence::Low, why))
}

/// Mac Roman has its small letters where windows-1252 has signs and capitals that no word has inside.
fn mac_roman(sample: &[u8], reading: &Western) -> Option<Guess> {
    let (mut fits, mut misfits) = (0_usize, 0_usize);
    for (i, b) in sample.iter().copied().enumerate().filter(|(_, b)| *b >= 0x80) {
        let before = i.checked_sub(1).and_then(|i| sample.get(i)).copied().unwrap_or(b' ');
        let after = sample.get(i + 1).copied().unwrap_or(b' ');
        // A high byte beside it may be any letter.
        let word = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
        let small =
            matches!(b, 0x87..=0x9F | 0xA7 | 0xBE | 0xBF) && (word(before) || after.is_ascii_lowercase());
        let capital =
            matches!(b, 0x80..=0x86 | 0xE5 | 0xE7 | 0xE9) && !before.is_ascii_lowercase() && word(after);
        if small || capital {
            fits += 1;
        } else if b >= 0xC0 && (before.is_ascii_lowercase() || after.is_ascii_lowercase()) {
            misfits += 1;
        }
    }
    // `š` and `ž` are letters in windows-1252 too; a sign inside a word is what decides.
    (reading.odd > 0 && fits > misfits * 3).then(|| {
        let confidence = if fits >= 10 { Confidence::Medium } else { Confidence::Low };
        let why = format!(
            "not UTF-8; {fits} bytes read as letters inside words in Mac Roman, and as signs in windows-1252: \
             please check"
        );
        (CsvEncoding::SingleByte(encoding_rs::MACINTOSH), confidence, why)
    })
}

/// Latin letters of other languages: taken only where windows-1252 would put signs into words.
fn other_latin(sample: &[u8], frequent: &'static Encoding, reading: &Western) -> Option<Guess> {
    if frequent == encoding_rs::WINDOWS_1252 || !frequent.is_single_byte() {
        return None;
    }
    let (mut letters, mut signs) = (0_usize, 0_usize);
    for (i, b) in sample.iter().copied().enumerate().filter(|(_, b)| *b >= 0x80) {
        let beside = |i: Option<usize>| i.and_then(|i| sample.get(i)).is_some_and(u8::is_ascii_alphabetic);
        if !beside(i.checked_sub(1)) && !beside(Some(i + 1)) {
            continue;
        }
        if one(encoding_rs::WINDOWS_1252, b).is_none_or(|c| !c.is_alphabetic()) {
            signs += 1;
            letters += usize::from(one(frequent, b).is_some_and(char::is_alphabetic));
        }
    }
    let gain = signs > 0 && letters * 10 >= signs * 9;
    (gain || reading.implausible >= 3 && reading.implausible * 4 > reading.plausible).then(|| {
        let confidence = if gain { Confidence::Medium } else { Confidence::Low };
        let name = frequent.name().to_ascii_lowercase();
        let why = format!(
            "not UTF-8; the frequency of letters speaks for {name}, and windows-1252 would put {signs} signs into \
             words: please check"
        );
        (CsvEncoding::SingleByte(frequent), confidence, why)
    })
}

fn one(encoding: &'static Encoding, byte: u8) -> Option<char> {
    encoding.decode_without_bom_handling_and_without_replacement(&[byte])?.chars().next()
}

/// Valid sequences and invalid bytes of a text taken as UTF-8.
struct Shape {
    valid: usize,
    invalid: usize,
}

impl Shape {
    fn of(sample: &[u8], complete: bool) -> Self {
        let mut shape = Self { valid: 0, invalid: 0 };
        let mut chunks = sample.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            shape.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            let cut_off = !complete && chunks.peek().is_none() && chunk.invalid().len() < 4;
            if !cut_off {
                shape.invalid += usize::from(!chunk.invalid().is_empty());
            }
        }
        shape
    }
}

/// How many high bytes make sense as windows-1252 where they stand, and how many do not.
struct Western {
    plausible: usize,
    implausible: usize,
    /// Signs and capitals between small letters.
    odd: usize,
}

impl Western {
    fn of(sample: &[u8]) -> Self {
        let mut all = Self { plausible: 0, implausible: 0, odd: 0 };
        let letter =
            |b: u8| b.is_ascii_alphabetic() || (b >= 0xC0 && !matches!(b, 0xD7 | 0xF7 | 0xFE | 0xFF));
        for (i, b) in sample.iter().copied().enumerate().filter(|(_, b)| *b >= 0x80) {
            let before = i.checked_sub(1).and_then(|i| sample.get(i)).copied().unwrap_or(b' ');
            let after = sample.get(i + 1).copied().unwrap_or(b' ');
            let fits = match b {
                0xFE | 0xFF => false,
                0xE0..=0xFD if b != 0xF7 => letter(before) || letter(after),
                0xC0..=0xDF if b != 0xD7 => {
                    b == 0xDF && letter(before)
                        || !before.is_ascii_lowercase() && (letter(after) || before.is_ascii_uppercase())
                }
                0x80 | 0x82..=0x8C | 0x8E | 0x91..=0x9C | 0x9E | 0x9F | 0xA0..=0xBF | 0xD7 | 0xF7 => true,
                _ => false,
            };
            let inside = before.is_ascii_alphabetic() && after.is_ascii_lowercase();
            let sign = matches!(b, 0x80 | 0x83 | 0x85..=0x8A | 0x8C | 0x8E..=0x90 | 0x95 | 0x97..=0x99 | 0x9F | 0xA7 | 0xBE);
            all.odd += usize::from(inside && sign);
            if fits {
                all.plausible += 1;
            } else {
                all.implausible += 1;
            }
        }
        all
    }
}
