//! A run of digits: one number, or several with commas, slashes or a blank between.

use super::super::phone_cuts::{Run, start_of};
use super::super::phone_findings::{Beside, Problem};
use super::super::phone_number::{SHORTEST_WHOLE, e164, fault, has_trunk_zero, lacks_plus, read};
use super::super::phone_words::says_something;
use super::part::{FIXED_LENGTH, Part};

impl Part<'_> {
    /// One number, or several with commas or slashes between.
    pub(super) fn read_run(&mut self, run: &Run<'_>, words_behind: &str) -> Result<(), Problem> {
        let segments: Vec<&str> = run.digits.split(['/', ',']).collect();
        let mut at = 0;
        while at < segments.len() {
            if let Some(two) = self.two_numbers(segments[at]) {
                self.numbers.extend(two);
                self.astray = false;
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
            let begin = start_of(&segments, at);
            let end = start_of(&segments, at + length - 1) + last.len();
            if let Some(written) = run.digits.get(begin..end)
                && lacks_plus(written, self.region)
            {
                self.keep(Beside::Mended, written);
            }
            self.numbers.push(number.0);
            self.astray = false;
            if let Some(extension) = number.1 {
                self.keep(Beside::Extension, &extension);
                self.extend(&extension);
            }
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
            self.astray = true;
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
            Some(b',') if digits <= 4 => {
                self.keep(Beside::Extension, segment);
                self.extend(segment);
            }
            Some(_) => {
                self.astray = true;
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
}

/// As many digits are nothing but a number, right or wrong.
const DIALLED: usize = 10;
