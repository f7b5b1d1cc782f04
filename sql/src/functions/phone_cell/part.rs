//! A part of a cell that should hold one number: which runs of digits it has, and what the words between them say.

use rlibphonenumber::Region;

use super::super::phone_cuts::{Run, is_rounded, opens, runs, without_list_number};
use super::super::phone_findings::{Beside, Problem};
use super::super::phone_number::{SHORTEST_WHOLE, e164, read, toll_free};
use super::super::phone_words::{
    Around, Said, is_mask, key, names_line, said, said_before, says_something, touches_digits,
};
use super::cell::{PhoneCell, kind_of_words, no_number};
use super::extension::{Label, label};

/// The words that belong to a run of digits.
#[derive(Debug, Clone, Copy, Default)]
struct Words<'a> {
    before: &'a str,
    behind: &'a str,
}

/// A part of a cell that should hold one number, or several with commas or slashes between.
pub(super) struct Part<'a> {
    text: &'a str,
    pub(super) region: Option<Region>,
    /// A number stands in the cell before this part.
    pub(super) later: bool,
    /// A number of this part is none to call.
    pub(super) left_out: bool,
    /// How many runs of digits it has.
    pub(super) runs: usize,
    pub(super) numbers: Vec<String>,
    /// The digits of the extension of the first number.
    extension: Option<String>,
    /// What was read last is no number that is kept: what follows says nothing of one.
    pub(super) astray: bool,
    beside: Vec<(Beside, String)>,
    pub(super) unread: Vec<(String, Problem)>,
}

impl<'a> Part<'a> {
    pub(super) fn new(text: &'a str, region: Option<Region>, later: bool) -> Self {
        let text = without_list_number(text.trim_matches([' ', ',', '/']));
        Self {
            text,
            region,
            later,
            left_out: false,
            runs: 0,
            numbers: Vec::new(),
            extension: None,
            astray: false,
            beside: Vec::new(),
            unread: Vec::new(),
        }
    }

    pub(super) fn read_into(mut self, cell: &mut PhoneCell) {
        if self.text.is_empty() {
            return;
        }
        match self.read() {
            Ok(()) => {
                let first = self.numbers.first().cloned();
                for number in self.numbers {
                    if !cell.numbers.contains(&number) {
                        cell.numbers.push(number);
                    }
                }
                if cell.extension.is_none() && first.as_ref() == cell.numbers.first() {
                    cell.extension = self.extension.take();
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
            if let Some(Label { front, label }) = label(run).filter(|_| n > 0) {
                self.remark(front);
                self.keep(Beside::Extension, &format!("{label}{}", run.digits));
                self.extend(run.digits);
                in_brackets = opens(run.words, in_brackets);
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
                self.astray |= is_whole;
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
            if n == 0 || label(run).is_none() {
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
            let is_label = n > 0 && run.and_then(label).is_some();
            let around = Around {
                digit_before: n > 0,
                digit_behind: run.is_some_and(|r| r.digits.starts_with(|c: char| c.is_ascii_digit())),
            };
            if is_label {
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
        self.astray = true;
        if self.numbers.is_empty() {
            self.extension = None;
        }
    }

    /// An extension behind the number that was read last. That of the first one is kept, and no other.
    pub(super) fn extend(&mut self, written: &str) {
        let is_of_first = !self.astray && self.numbers.last() == self.numbers.first();
        if is_of_first && !self.numbers.is_empty() && self.extension.is_none() {
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            self.extension = (!digits.is_empty()).then_some(digits);
        }
    }

    pub(super) fn keep(&mut self, kind: Beside, text: &str) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || ",;:-(".contains(c));
        self.beside.push((kind, text.strip_suffix(')').unwrap_or(text).to_owned()));
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

/// The calling code of the plan in which every number has ten digits.
pub(super) const FIXED_LENGTH: &str = "+1";

const NOTHING: Around = Around { digit_before: false, digit_behind: false };
