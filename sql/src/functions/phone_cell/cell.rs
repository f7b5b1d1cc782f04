//! A cell as it was read, and what is to be told of it.

use super::super::phone_findings::{Beside, Problem};
use super::super::phone_words::{Said, said};

/// A cell as it was read.
#[derive(Debug, Default)]
pub struct PhoneCell {
    /// Valid numbers in E.164 form, each once, the main one first.
    pub numbers: Vec<String>,
    /// The digits of the extension with which the main number was written.
    pub extension: Option<String>,
    /// Parts that are no valid numbers, and why.
    pub unread: Vec<(String, Problem)>,
    /// What stands beside the numbers.
    pub beside: Vec<(Beside, String)>,
}

impl PhoneCell {
    /// Beside a number, words alone are a remark.
    pub(super) fn settle(&mut self) {
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
    pub fn note(&self, note: &mut String) -> bool {
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

pub(super) fn kind_of_words(words: &str) -> Beside {
    match said(words) {
        Some(Said::Doubtful) => Beside::Doubtful,
        _ => Beside::Remark,
    }
}

/// Why a number is none to call, by the words beside it.
pub(super) fn no_number(said: Said) -> Option<Problem> {
    match said {
        Said::Fax => Some(Problem::Fax),
        Said::Wrong => Some(Problem::Wrong),
        Said::Doubtful => None,
    }
}
