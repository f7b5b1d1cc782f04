//! What one header can mean, looked at alone.

use std::collections::HashMap;

use super::fold::{fold_header, words_of};
use super::likeness::slips;
use super::words::{Rank, Words};
use crate::project::own_name;
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
    /// A name or alias beside words such as `home`: "Home city".
    Beside,
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
    /// The header means the field only where the values are such.
    pub by_value: bool,
}

/// The headers that a contract knows.
pub(super) struct Vocabulary {
    words: Words,
    exact: HashMap<String, Reading>,
    /// Folded headers of all fields, by the name of the field.
    known: HashMap<String, Vec<String>>,
    /// Index of the field and its group of words that may stand beside a header.
    beside: Vec<(usize, String)>,
    nouns: Vec<String>,
    /// Folded headers of fields that are the main value of a set, with the set's number.
    stems: HashMap<String, Vec<usize>>,
    /// By number of the set: index of its main field.
    mains: Vec<usize>,
}

impl Vocabulary {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut exact = HashMap::new();
        for (index, field) in contract.fields.iter().enumerate() {
            let canonical =
                Reading { field: index, strength: Strength::Canonical, stands_in: false, by_value: false };
            exact.insert(fold_header(&field.name), canonical);
        }
        for (field, data) in contract.fields.iter().enumerate() {
            let stands_in = data.stands_in.iter().flat_map(|s| &s.aliases).map(|alias| (alias, true, false));
            let aliases = data.aliases.iter().map(|alias| (alias, false, false));
            let by_value = data.aliases_by_value.iter().map(|alias| (alias, false, true));
            for (place, (alias, stands_in, by_value)) in stands_in.chain(aliases).chain(by_value).enumerate()
            {
                let reading = Reading { field, strength: Strength::Alias(place), stands_in, by_value };
                exact.entry(fold_header(alias)).or_insert(reading);
            }
        }
        exact.remove("");
        let mut nouns: Vec<String> = [contract.entity.as_str(), own_name(&contract.core.table)]
            .into_iter()
            .chain(contract.nouns.iter().map(String::as_str))
            .map(fold_header)
            .collect();
        nouns.retain(|noun| !noun.is_empty());
        let mains: Vec<usize> = contract
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.primary)
            .map(|(index, _)| index)
            .collect();
        let mut stems: HashMap<String, Vec<usize>> = HashMap::new();
        let all = mains
            .iter()
            .enumerate()
            .flat_map(|(set, index)| {
                contract.fields.get(*index).into_iter().flat_map(move |field| stems_of(field, set))
            })
            // "Contact number" is a phone; "secondary contact number" may be somebody else's.
            .filter(|(stem, _)| !nouns.iter().any(|noun| stem.starts_with(noun.as_str())));
        for (stem, set) in all {
            stems.entry(stem).or_default().push(set);
        }
        let mut known: HashMap<String, Vec<String>> = HashMap::new();
        for (folded, reading) in &exact {
            known.entry(contract.fields[reading.field].name.clone()).or_default().push(folded.clone());
        }
        let beside = contract.fields.iter().enumerate();
        let beside = beside.filter_map(|(field, data)| Some((field, data.beside.clone()?))).collect();
        Self { words: Words::with(&contract.words), exact, known, beside, nouns, stems, mains }
    }

    /// The field that a header means, if any.
    pub(super) fn read(&self, header: &str) -> Option<Reading> {
        let words = self.words_of(header);
        self.stated(&words).or_else(|| self.stated(self.words.asked(&words)?))
    }

    /// The words of a header, without those at its end that say how to fill it in.
    pub(super) fn words_of(&self, header: &str) -> Vec<String> {
        let mut words = words_of(header);
        if self.exact.contains_key(&words.concat()) {
            return words;
        }
        while words.len() > 1 && words.last().is_some_and(|word| self.words.is_noise(word)) {
            words.pop();
        }
        words
    }

    /// Whether a header is one of a field's but for a slip.
    pub(super) fn is_like(&self, header: &str, field: &str) -> bool {
        let folded = fold_header(header);
        self.known.get(field).is_some_and(|known| known.iter().any(|name| slips(&folded, name)))
    }

    /// A word of a header that makes its value somebody else's.
    pub(super) fn other(&self, header: &str) -> Option<String> {
        self.words.other(&words_of(header)).map(str::to_owned)
    }

    fn stated(&self, words: &[String]) -> Option<Reading> {
        if let Some(reading) = self.exact.get(&words.concat()) {
            return Some(*reading);
        }
        let rest = self.after_noun(words);
        if let Some(reading) = rest.and_then(|rest| self.exact.get(&rest.concat())) {
            return Some(Reading { strength: Strength::AfterNoun, ..*reading });
        }
        let words = rest.unwrap_or(words);
        self.qualified(words).or_else(|| self.beside(words))
    }

    /// A header between words such as `home`, where its field takes them.
    fn beside(&self, words: &[String]) -> Option<Reading> {
        let lengths = (1..words.len()).rev();
        let splits =
            lengths.flat_map(|length| (0..=words.len() - length).map(move |from| (from, from + length)));
        for (from, to) in splits {
            let Some(reading) = self.exact.get(&words[from..to].concat()) else { continue };
            let group = self.beside.iter().find(|(field, _)| *field == reading.field).map(|(_, group)| group);
            let are_beside =
                |words: &[String]| group.is_some_and(|group| self.words.are_beside(group, words));
            if are_beside(&words[..from]) && are_beside(&words[to..]) {
                return Some(Reading { strength: Strength::Beside, ..*reading });
            }
        }
        None
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
        // Whoever writes more writes a text, not a header.
        if text.len() > LONGEST {
            return None;
        }
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
                let sets = self.stems.get(piece).into_iter().flatten();
                let stem = sets.copied().find(|of| set.is_none_or(|set| set == *of));
                let reading = match stem {
                    Some(of) => Some((Some(of), so_far)),
                    None if whole_words || inside_one => {
                        self.words.rank(piece).map(|rank| (set, rank.max(so_far)))
                    }
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
        Some(Reading { field, strength: Strength::Qualified(rank), stands_in: false, by_value: false })
    }
}

/// Letters and digits of the longest header that is taken apart.
const LONGEST: usize = 120;

/// A reading with a header in it is better than one of side words only, then the one that says less.
fn better(new: (Option<usize>, Rank), old: (Option<usize>, Rank)) -> bool {
    (new.0.is_none(), new.1) < (old.0.is_none(), old.1)
}

fn stems_of(field: &Field, set: usize) -> impl Iterator<Item = (String, usize)> {
    std::iter::once(&field.name).chain(&field.aliases).map(move |name| (fold_header(name), set))
}
