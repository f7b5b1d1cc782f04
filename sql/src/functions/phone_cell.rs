//! What a cell for telephone numbers holds: numbers, and what stands beside them.
//!
//! The first number is the main one. Nothing is guessed: where words, masks or stray digits leave it open what the
//! number is, the part is not read. Nothing is forgotten: what was left out is told, see [`Beside`] and [`Problem`].

use rlibphonenumber::Region;

use super::contact_text::plain_phone;
use super::phone_cuts::{
    Run, between_words, is_rounded, opens, parts, runs, start_of, without_decimals, without_list_number,
};
pub(super) use super::phone_findings::{Beside, Problem};
use super::phone_number::{
    Fault, SHORTEST_WHOLE, e164, fault, has_trunk_zero, is_long, lacks_plus, read, toll_free,
};
use super::phone_words::{
    Around, Said, hidden_as_stars, is_extension_label, is_mask, key, names_line, said, said_before,
    says_something, touches_digits,
};
use super::spreadsheet_unguard::spreadsheet_unguard_str;

/// Longer cells hold no telephone numbers; the limit keeps a hostile cell cheap.
const LONGEST_CELL: usize = 2000;

/// A cell as it was read.
#[derive(Debug, Default)]
pub(super) struct PhoneCell {
    /// Valid numbers in E.164 form, each once, the main one first.
    pub(super) numbers: Vec<String>,
    /// Parts that are no valid numbers, and why.
    pub(super) unread: Vec<(String, Problem)>,
    /// What stands beside the numbers.
    pub(super) beside: Vec<(Beside, String)>,
}

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

impl PhoneCell {
    /// Beside a number, words alone are a remark.
    fn settle(&mut self) {
        if self.numbers.is_empty() {
            return;
        }
        for (text, problem) in std::mem::take(&mut self.unread) {
            match problem {
                Problem::Nothing => self.beside.push((kind_of_words(&text), text)),
                _ => self.unread.push((text, problem)),
            }
        }
        if self.numbers.len() > 1 {
            self.beside.push((Beside::Several, self.numbers.join(", ")));
        }
    }

    /// What is to be told of the cell: the gravest kind, and all that goes with it.
    pub(super) fn note(&self, note: &mut String) -> bool {
        note.clear();
        let told = |note: &mut String, word: &str, texts: &mut dyn Iterator<Item = &str>| {
            note.push_str(word);
            for (n, text) in texts.enumerate() {
                note.push_str(if n == 0 { ": " } else { ", " });
                note.push_str(text);
            }
        };
        if self.numbers.is_empty() {
            let Some((_, problem)) = self.unread.first() else { return false };
            told(note, problem.word(), &mut self.unread.iter().map(|(text, _)| text.as_str()));
            return true;
        }
        let none_to_call =
            |(_, problem): &(String, Problem)| matches!(problem, Problem::Fax | Problem::Wrong);
        let gravest = if self.unread.is_empty() {
            let Some(gravest) = self.beside.iter().map(|(kind, _)| *kind).min() else { return false };
            gravest
        } else if self.unread.iter().all(none_to_call) {
            Beside::NoneToCall
        } else {
            Beside::Unread
        };
        // Several numbers are kept, a guard is no loss: beside something graver they need not be told.
        let kept = |kind: Beside| matches!(kind, Beside::Several | Beside::Guard) && kind != gravest;
        let unread = self.unread.iter().map(|(text, _)| text.as_str());
        let beside = self.beside.iter().filter(|(kind, _)| !kept(*kind)).map(|(_, text)| text.as_str());
        told(note, gravest.word(), &mut unread.chain(beside));
        true
    }
}

/// The words that belong to a run of digits.
#[derive(Debug, Clone, Copy, Default)]
struct Words<'a> {
    before: &'a str,
    behind: &'a str,
}

/// A part of a cell that should hold one number, or several with commas or slashes between.
struct Part<'a> {
    text: &'a str,
    region: Option<Region>,
    /// A number stands in the cell before this part.
    later: bool,
    /// A number of this part is none to call.
    left_out: bool,
    /// How many runs of digits it has.
    runs: usize,
    numbers: Vec<String>,
    beside: Vec<(Beside, String)>,
    unread: Vec<(String, Problem)>,
}

impl<'a> Part<'a> {
    fn new(text: &'a str, region: Option<Region>, later: bool) -> Self {
        let text = without_list_number(text.trim_matches([' ', ',', '/']));
        Self {
            text,
            region,
            later,
            left_out: false,
            runs: 0,
            numbers: Vec::new(),
            beside: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn read_into(mut self, cell: &mut PhoneCell) {
        if self.text.is_empty() {
            return;
        }
        match self.read() {
            Ok(()) => {
                for number in self.numbers {
                    if !cell.numbers.contains(&number) {
                        cell.numbers.push(number);
                    }
                }
                cell.beside.append(&mut self.beside);
                cell.unread.append(&mut self.unread);
            }
            Err(problem) => cell.unread.push((self.text.to_owned(), problem)),
        }
    }

    fn read(&mut self) -> Result<(), Problem> {
        if is_rounded(self.text) {
            return Err(Problem::Rounded);
        }
        let (runs, tail) = runs(self.text);
        if runs.is_empty() {
            return Err(if is_mask(self.text, NOTHING) { Problem::Masked } else { Problem::Nothing });
        }
        self.runs = runs.len();
        if let Some(number) = self.in_context().or_else(|| self.words_as_digits()) {
            self.numbers.push(number);
            return Ok(());
        }
        self.words_are_apart(&runs, tail)?;
        let words = self.words_of(&runs, tail);
        let mut in_brackets = false;
        // The words behind the number before, and whether they are told together with it.
        let (mut former, mut taken) = ("", false);
        for (n, (run, words)) in runs.iter().zip(&words).enumerate() {
            if n > 0 && self.is_extension(run) {
                self.keep(Beside::Extension, &format!("{}{}", run.words, run.digits));
                continue;
            }
            let opened = n > 0 && run.digits.starts_with('(') && !run.digits.contains(')');
            in_brackets = opened || opens(run.words, in_brackets);
            let is_whole = run.digits.bytes().filter(u8::is_ascii_digit).count() >= SHORTEST_WHOLE;
            let aside = in_brackets && (!self.numbers.is_empty() || self.left_out && !is_whole);
            let speaks = is_whole && !aside;
            let before = said_before(words.before).and_then(no_number).filter(|_| speaks);
            let behind = said(words.behind).and_then(no_number).filter(|_| speaks);
            match (taken, before.is_some()) {
                (false, false) => self.remark(run.words),
                (true, false) => self.remark(words.before),
                (false, true) => self.remark(former),
                (true, true) => {}
            }
            (former, taken) = (words.behind, false);
            if let Some(problem) = before {
                self.leave_out(&format!("{}{}", words.before, run.digits), problem);
            } else if aside {
                self.keep(Beside::Remark, run.digits);
            } else {
                let first = self.numbers.len();
                let last = runs.get(n + 1).map_or(tail, |next| next.words);
                self.read_run(run, last)?;
                // Words behind several numbers speak of the last one.
                if let Some(problem) = behind
                    && self.numbers.len() > first
                    && let Some(number) = self.numbers.pop()
                {
                    let written = if self.numbers.len() > first { number.as_str() } else { run.digits };
                    self.leave_out(&format!("{written}{}", words.behind), problem);
                    taken = true;
                }
            }
        }
        if !taken {
            self.remark(tail);
        }
        match self.unread.first() {
            Some((_, problem)) if self.numbers.is_empty() => Err(*problem),
            _ => Ok(()),
        }
    }

    /// The words of every run; those of an extension are its label.
    fn words_of(&self, runs: &[Run<'a>], tail: &'a str) -> Vec<Words<'a>> {
        let labels_behind =
            names_line(tail) && runs.first().is_some_and(|run| !run.words.contains(char::is_alphabetic));
        let mut found: Vec<Words<'a>> = Vec::with_capacity(runs.len());
        let mut former: Option<usize> = None;
        for (n, run) in runs.iter().enumerate() {
            let mut words = Words::default();
            if n == 0 || !self.is_extension(run) {
                if let Some(at) = former
                    && let Some(former) = found.get_mut(at)
                {
                    (former.behind, words.before) = divided(run.words, labels_behind);
                } else {
                    words.before = run.words;
                }
                former = Some(n);
            }
            found.push(words);
        }
        if let Some(at) = former
            && let Some(former) = found.get_mut(at)
        {
            former.behind = tail;
        }
        found
    }

    /// Letters that touch digits and masks leave open what the number is.
    fn words_are_apart(&self, runs: &[Run<'_>], tail: &str) -> Result<(), Problem> {
        let between = runs.iter().enumerate().map(|(n, run)| (n, run.words, Some(run)));
        // Few digits in brackets behind a whole number belong to a remark: `(not after 9pm)`.
        let is_whole =
            |run: &Run<'_>| run.digits.bytes().filter(u8::is_ascii_digit).count() >= SHORTEST_WHOLE;
        let first_is_whole = runs.first().is_some_and(is_whole);
        let mut in_brackets = false;
        let mut former_aside = false;
        for (n, words, run) in between.chain([(runs.len(), tail, None)]) {
            let opened =
                n > 0 && run.is_some_and(|run| run.digits.starts_with('(') && !run.digits.contains(')'));
            in_brackets = n > 0 && (opened || opens(words, in_brackets));
            let aside = first_is_whole && in_brackets && run.is_some_and(|run| !is_whole(run));
            let touching = Around {
                digit_before: n > 0 && !former_aside,
                digit_behind: !aside
                    && run.is_some_and(|r| r.digits.starts_with(|c: char| c.is_ascii_digit())),
            };
            former_aside = aside;
            let label = n > 0 && run.is_some_and(|run| self.is_extension(run));
            let around = Around {
                digit_before: n > 0,
                digit_behind: run.is_some_and(|r| r.digits.starts_with(|c: char| c.is_ascii_digit())),
            };
            if label {
                continue;
            }
            if is_mask(words, around) {
                return Err(Problem::Masked);
            }
            let hyphen = n == 0
                && words.trim_end_matches(['-', '/']).len() < words.len()
                && says_something(words)
                && run.is_some_and(|run| !self.is_complete(run.digits));
            if touches_digits(words, touching) || hyphen {
                return Err(Problem::Letters);
            }
        }
        Ok(())
    }

    /// Digits that nothing could stand before: with a country's code or a trunk zero, or of a fixed length.
    fn is_complete(&self, digits: &str) -> bool {
        digits.starts_with(['+', '0', '('])
            || read(digits, self.region).is_some_and(|read| e164(&read.number).starts_with(FIXED_LENGTH))
    }

    /// A few digits behind an extension's label.
    fn is_extension(&self, run: &Run<'_>) -> bool {
        run.digits.len() <= SHORTEST_WHOLE
            && run.digits.bytes().all(|b| b.is_ascii_digit())
            && is_extension_label(run.words)
    }

    /// `tel:555-0143;phone-context=+1202`, as links write it.
    fn in_context(&self) -> Option<String> {
        let (local, context) = self.text.split_once(";phone-context=")?;
        let local = local.strip_prefix("tel:").unwrap_or(local);
        let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b"+-.()".contains(&b));
        if !context.starts_with('+') || !all(local) || !all(context) {
            return None;
        }
        read(&format!("{context}{local}"), None).map(|read| e164(&read.number))
    }

    /// Words behind a toll-free prefix are digits: `1-800-FLOWERS`.
    fn words_as_digits(&self) -> Option<String> {
        let first = self.text.find(|c: char| c.is_ascii_alphabetic())?;
        let (before, behind) = self.text.split_at(first);
        let letters = behind.chars().filter(char::is_ascii_alphabetic).count();
        let shaped = letters >= 3
            && before.bytes().any(|b| b.is_ascii_digit())
            && self.text.chars().all(|c| c.is_ascii_alphanumeric() || "+-. ()".contains(c))
            && !is_mask(behind, Around { digit_before: true, digit_behind: false })
            && read(before, self.region).is_none();
        if !shaped {
            return None;
        }
        let typed: String = self.text.chars().map(|c| key(c).unwrap_or(c)).collect();
        let behind = behind.chars().filter(char::is_ascii_alphanumeric).count();
        toll_free(&typed, behind, self.region).map(|number| e164(&number))
    }

    /// One number, or several with commas or slashes between.
    fn read_run(&mut self, run: &Run<'_>, words_behind: &str) -> Result<(), Problem> {
        let segments: Vec<&str> = run.digits.split(['/', ',']).collect();
        let mut at = 0;
        while at < segments.len() {
            if let Some(two) = self.two_numbers(segments[at]) {
                self.numbers.extend(two);
                at += 1;
                continue;
            }
            let Some((length, number)) = self.number_at(run.digits, &segments, at) else {
                self.stray(run, segments[at], start_of(&segments, at))?;
                at += 1;
                continue;
            };
            // `030 23125101 9 Uhr`: whether the last digit belongs to the number nobody can say.
            let last = segments[at + length - 1];
            let lonely = last.rsplit_once(' ').is_some_and(|(_, group)| group.len() == 1);
            if at + length == segments.len()
                && lonely
                && words_behind.trim_start().starts_with(char::is_alphabetic)
            {
                return Err(Problem::Letters);
            }
            if let Some(extension) = number.1 {
                self.keep(Beside::Extension, &extension);
            }
            let begin = start_of(&segments, at);
            let end = start_of(&segments, at + length - 1) + last.len();
            if let Some(written) = run.digits.get(begin..end)
                && lacks_plus(written, self.region)
            {
                self.keep(Beside::Mended, written);
            }
            self.numbers.push(number.0);
            at += length;
        }
        Ok(())
    }

    /// The number that begins with a segment: the segment alone where it is more than an area code, else with those
    /// behind it. Gives how many segments it takes.
    fn number_at(
        &self,
        run: &str,
        segments: &[&str],
        at: usize,
    ) -> Option<(usize, (String, Option<String>))> {
        let begin = start_of(segments, at);
        let first = segments.get(at)?.trim();
        if first.is_empty() {
            return None;
        }
        // A further number without its area code would be somebody else's.
        let bare = !first.trim_start_matches('(').starts_with(['+', '0']);
        let later = self.later || self.left_out || !self.numbers.is_empty();
        if later && bare && has_trunk_zero(self.region) {
            return None;
        }
        let mut small = None;
        for length in 1..=3.min(segments.len() - at) {
            let end = start_of(segments, at + length - 1) + segments[at + length - 1].len();
            let Some(found) = read(run.get(begin..end)?.trim(), self.region) else { continue };
            let number = (e164(&found.number), found.extension.map(str::to_owned));
            if found.is_whole() && (length == 1 || found.is_usual()) {
                return Some((length, number));
            }
            small.get_or_insert((length, number));
        }
        // Small countries have short numbers; beside others they may be an area code.
        small.filter(|(length, _)| *length == segments.len())
    }

    /// Two whole numbers with nothing but a blank between, where they can be told apart in one way only.
    fn two_numbers(&self, segment: &str) -> Option<[String; 2]> {
        let digits = segment.bytes().filter(u8::is_ascii_digit).count();
        if digits < 2 * SHORTEST_WHOLE || read(segment, self.region).is_some() {
            return None;
        }
        let mut found = None;
        for (at, _) in segment.match_indices(' ') {
            let (head, tail) = segment.split_at(at);
            let tail = tail.trim_start();
            if !tail.trim_start_matches('(').starts_with(['+', '0']) && has_trunk_zero(self.region) {
                continue;
            }
            let whole = |text| read(text, self.region).filter(|read| read.is_whole() && read.is_usual());
            if let (Some(first), Some(second)) = (whole(head.trim()), whole(tail)) {
                if found.is_some() {
                    return None;
                }
                found = Some([e164(&first.number), e164(&second.number)]);
            }
        }
        found
    }

    /// Digits that are no number.
    fn stray(&mut self, run: &Run<'_>, segment: &str, begin: usize) -> Result<(), Problem> {
        let digits = segment.bytes().filter(u8::is_ascii_digit).count();
        if digits == 0 {
            return Ok(());
        }
        let separator = run.digits.get(..begin).unwrap_or_default().trim_end().bytes().last();
        let begins_number = segment.trim_start_matches([' ', '(']).starts_with(['+', '0']);
        if digits >= DIALLED || digits >= SHORTEST_WHOLE && (begins_number || separator.is_some()) {
            self.unread.push((segment.trim().to_owned(), Problem::Digits(fault(segment, self.region))));
            return Ok(());
        }
        if self.numbers.is_empty() {
            // `call Monday 9` has a digit, and no number.
            let few = digits <= 3 && says_something(run.words);
            return Err(match self.runs {
                1 if few => Problem::Nothing,
                1 => Problem::Digits(fault(run.digits, self.region)),
                _ => Problem::Letters,
            });
        }
        match separator {
            Some(b'/') if digits <= 4 => self.keep(Beside::SecondLine, &format!("/{}", segment.trim())),
            Some(b',') if digits <= 4 => self.keep(Beside::Extension, segment),
            Some(_) => {
                self.unread.push((segment.trim().to_owned(), Problem::Digits(fault(segment, self.region))))
            }
            // `202-555-0143 after 5 pm`: where numbers have a fixed length, the number is whole.
            None if digits <= 4 && self.numbers.iter().all(|number| number.starts_with(FIXED_LENGTH)) => {
                self.keep(Beside::Remark, run.digits);
            }
            None => return Err(Problem::Letters),
        }
        Ok(())
    }

    fn remark(&mut self, words: &str) {
        if says_something(words) {
            self.keep(kind_of_words(words), words.trim_matches([' ', '/']));
        }
    }

    /// A number that is none to call, with the words that say so.
    fn leave_out(&mut self, text: &str, problem: Problem) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || ",;/".contains(c));
        self.unread.push((text.to_owned(), problem));
        self.left_out = true;
    }

    fn keep(&mut self, kind: Beside, text: &str) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || ",;:-(".contains(c));
        self.beside.push((kind, text.strip_suffix(')').unwrap_or(text).to_owned()));
    }
}

/// Why a number is none to call, by the words beside it.
fn no_number(said: Said) -> Option<Problem> {
    match said {
        Said::Fax => Some(Problem::Fax),
        Said::Wrong => Some(Problem::Wrong),
        Said::Doubtful => None,
    }
}

fn kind_of_words(words: &str) -> Beside {
    match said(words) {
        Some(Said::Doubtful) => Beside::Doubtful,
        _ => Beside::Remark,
    }
}

/// Words between two numbers: those that belong to the one before, and those of the one behind. Where it is open, words
/// that take a number back belong to both.
fn divided(words: &str, labels_behind: bool) -> (&str, &str) {
    if let Some(at) = words.rfind(')') {
        return words.split_at(at + 1);
    }
    let bare = words.trim();
    match (bare.starts_with([',', '/']), bare.ends_with([',', '/'])) {
        (true, true) => (words, words),
        (false, true) => (words, ""),
        (true, false) => ("", words),
        (false, false) => match words.find(',') {
            Some(at) => words.split_at(at),
            None if words.contains(':') => ("", words),
            None if labels_behind => (words, ""),
            None if said(words) == Some(Said::Wrong) => (words, words),
            None => ("", words),
        },
    }
}

/// As many digits are nothing but a number, right or wrong.
const DIALLED: usize = 10;

/// The calling code of the plan in which every number has ten digits.
const FIXED_LENGTH: &str = "+1";

const NOTHING: Around = Around { digit_before: false, digit_behind: false };

#[cfg(test)]
#[path = "phone_cell_tests.rs"]
mod tests;
