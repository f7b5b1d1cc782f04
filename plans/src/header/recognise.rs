//! What one header can mean, looked at alone.

use std::collections::BTreeMap;

use super::fold::{fold_header, words_of};
use super::words::{Rank, is_noise, rank};
use crate::project::{Contract, Field};

/// How sure a reading is; the smaller the surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The field's own name.
    Canonical,
    /// An alias, by its place in the contract.
    Alias(usize),
    /// A name or alias after a noun: "Volunteer first name".
    AfterNoun,
    /// An e-mail or phone header with words beside it.
    Qualified(Rank),
}

/// A field that a header can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Index of the field in the contract.
    pub field: usize,
    pub strength: Strength,
    /// The header may also mean one part of the field.
    pub stands_in: bool,
}

/// The headers that a contract knows.
pub(super) struct Vocabulary {
    exact: BTreeMap<String, Reading>,
    nouns: Vec<String>,
    /// Folded headers of fields that are the main value of a set, with the set's number.
    stems: Vec<(String, usize)>,
    /// By number of the set: index of its main field.
    mains: Vec<usize>,
}

impl Vocabulary {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut exact = BTreeMap::new();
        for (index, field) in contract.fields.iter().enumerate() {
            let canonical = Reading { field: index, strength: Strength::Canonical, stands_in: false };
            exact.insert(fold_header(&field.name), canonical);
        }
        for (field, data) in contract.fields.iter().enumerate() {
            let stands_in = data.stands_in.iter().flat_map(|s| &s.aliases).map(|alias| (alias, true));
            let aliases = data.aliases.iter().map(|alias| (alias, false));
            for (place, (alias, stands_in)) in stands_in.chain(aliases).enumerate() {
                let reading = Reading { field, strength: Strength::Alias(place), stands_in };
                exact.entry(fold_header(alias)).or_insert(reading);
            }
        }
        exact.remove("");
        let mut nouns: Vec<String> = [&contract.entity, &contract.core.table]
            .into_iter()
            .chain(&contract.nouns)
            .map(|n| fold_header(n))
            .collect();
        nouns.retain(|noun| !noun.is_empty());
        let mains: Vec<usize> = contract
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.primary)
            .map(|(index, _)| index)
            .collect();
        let stems = mains
            .iter()
            .enumerate()
            .flat_map(|(set, index)| {
                contract.fields.get(*index).into_iter().flat_map(move |field| stems_of(field, set))
            })
            // "Contact number" is a phone; "secondary contact number" may be somebody else's.
            .filter(|(stem, _)| !nouns.iter().any(|noun| stem.starts_with(noun.as_str())))
            .collect();
        Self { exact, nouns, stems, mains }
    }

    /// The field that a header means, if any.
    pub(super) fn read(&self, header: &str) -> Option<Reading> {
        let mut words = words_of(header);
        if let Some(reading) = self.exact.get(&words.concat()) {
            return Some(*reading);
        }
        while words.len() > 1 && words.last().is_some_and(|word| is_noise(word)) {
            words.pop();
        }
        if let Some(reading) = self.exact.get(&words.concat()) {
            return Some(*reading);
        }
        if let Some(rest) = self.after_noun(&words) {
            if let Some(reading) = self.exact.get(&rest.concat()) {
                return Some(Reading { strength: Strength::AfterNoun, ..*reading });
            }
            words = rest.to_vec();
        }
        self.qualified(&words)
    }

    /// The words after "volunteer", "contact" and the like.
    fn after_noun<'w>(&self, words: &'w [String]) -> Option<&'w [String]> {
        let (first, rest) = words.split_first()?;
        let is_noun = |word: &str| self.nouns.iter().any(|noun| noun == word);
        let possessive = first.strip_suffix('s').is_some_and(is_noun);
        (!rest.is_empty() && (is_noun(first) || possessive)).then_some(rest)
    }

    /// An e-mail or phone header among words that are all known.
    fn qualified(&self, words: &[String]) -> Option<Reading> {
        let text = words.concat();
        let mut cuts = vec![0];
        for word in words {
            cuts.push(cuts.last().copied().unwrap_or(0) + word.len());
        }
        // best[i]: the surest way to read the text up to byte i, as (set, rank).
        let mut best: Vec<Option<(Option<usize>, Rank)>> = vec![None; text.len() + 1];
        best[0] = Some((None, Rank::Main));
        for start in 0..text.len() {
            let Some((set, so_far)) = best[start] else { continue };
            for end in start + 1..=text.len() {
                let piece = &text[start..end];
                let whole_words = cuts.contains(&start) && cuts.contains(&end);
                let inside_one = !cuts.iter().any(|cut| (start + 1..end).contains(cut));
                // Short words are words only when they stand alone.
                if !whole_words && piece.len() <= 3 {
                    continue;
                }
                let stem =
                    self.stems.iter().find(|(stem, of)| stem == piece && set.is_none_or(|set| set == *of));
                let reading = match stem {
                    Some((_, of)) => Some((Some(*of), so_far)),
                    None if whole_words || inside_one => rank(piece).map(|rank| (set, rank.max(so_far))),
                    None => None,
                };
                if let Some(reading) = reading
                    && best[end].is_none_or(|known| better(reading, known))
                {
                    best[end] = Some(reading);
                }
            }
        }
        let (set, rank) = best[text.len()]?;
        let field = *self.mains.get(set?)?;
        Some(Reading { field, strength: Strength::Qualified(rank), stands_in: false })
    }
}

/// A reading with a header in it is better than one of side words only, then the one that says less.
fn better(new: (Option<usize>, Rank), old: (Option<usize>, Rank)) -> bool {
    (new.0.is_none(), new.1) < (old.0.is_none(), old.1)
}

fn stems_of(field: &Field, set: usize) -> impl Iterator<Item = (String, usize)> {
    std::iter::once(&field.name).chain(&field.aliases).map(move |name| (fold_header(name), set))
}
