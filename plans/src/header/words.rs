//! What words in a header say: the shipped dictionary (`sql/data/header_words.txt`) and what a contract adds.
//!
//! | group | holds |
//! | --- | --- |
//! | `main`, `kind`, `further`, `neutral` | words that may stand beside an e-mail or phone header |
//! | `noise` | how to fill a column in, at the end of any header |
//! | `frame`, `tail` | a question in front of and behind what it asks for |
//! | `other` | words that make a value somebody else's |
//! | any other name | words that may stand before or behind a field with `beside: <name>` |

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use importer_sql::header_words::HEADER_WORDS;

use super::fold::{fold_header, words_of};

/// What a word beside a header says about the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The column with the main value.
    Main,
    /// One kind of value among others.
    Kind,
    /// A further value.
    Further,
}

/// Words by what they say.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    ranks: HashMap<String, Rank>,
    noise: HashSet<String>,
    /// The longest first.
    frames: Vec<Vec<String>>,
    tails: Vec<Vec<String>>,
    other: HashSet<String>,
    beside: BTreeMap<String, HashSet<String>>,
}

static SHIPPED: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    let lines = HEADER_WORDS.lines().filter(|line| !line.starts_with('#'));
    for (group, items) in lines.filter_map(|line| line.split_once(':')) {
        words.add(group.trim(), items.split(','));
    }
    words.order();
    words
});

/// Shorter words of others are looked for as words only, never within one: `ice` stands in `office`.
const SHORTEST_PART: usize = 5;

impl Words {
    /// The shipped words, and those of a contract.
    pub(super) fn with(more: &BTreeMap<String, Vec<String>>) -> Self {
        let mut words = SHIPPED.clone();
        for (group, items) in more {
            words.add(group, items.iter().map(String::as_str));
        }
        words.order();
        words
    }

    fn add<'i>(&mut self, group: &str, items: impl Iterator<Item = &'i str>) {
        for item in items.map(str::trim).filter(|item| !item.is_empty()) {
            let folded = fold_header(item);
            let rank = match group {
                "main" | "neutral" => Some(Rank::Main),
                "kind" => Some(Rank::Kind),
                "further" => Some(Rank::Further),
                _ => None,
            };
            match (group, rank) {
                // The first word of a group wins: `private` is one kind, whoever lists it again.
                (_, Some(rank)) => drop(self.ranks.entry(folded).or_insert(rank)),
                ("noise", _) => drop(self.noise.insert(folded)),
                ("frame", _) => self.frames.push(words_of(item)),
                ("tail", _) => self.tails.push(words_of(item)),
                ("other", _) => drop(self.other.insert(folded)),
                _ => drop(self.beside.entry(group.to_owned()).or_default().insert(folded)),
            }
        }
    }

    fn order(&mut self) {
        self.frames.sort_by_key(|words| std::cmp::Reverse(words.len()));
        self.tails.sort_by_key(|words| std::cmp::Reverse(words.len()));
    }

    /// What a folded word beside a header says, `None` when the word is not known.
    pub(super) fn rank(&self, word: &str) -> Option<Rank> {
        if word.bytes().all(|b| b.is_ascii_digit()) {
            return match word.parse::<u8>() {
                Ok(0 | 1) => Some(Rank::Main),
                Ok(2..=19) => Some(Rank::Further),
                _ => None,
            };
        }
        self.ranks.get(word).copied()
    }

    /// True for a word at the end of a header that says how to fill the column in.
    pub(super) fn is_noise(&self, word: &str) -> bool {
        self.noise.contains(word)
    }

    /// What a question asks for; `None` when the header is no question.
    pub(super) fn asked<'w>(&self, words: &'w [String]) -> Option<&'w [String]> {
        let rest = self.frames.iter().find_map(|frame| {
            // "3. What is your e-mail?": a number belongs to the question.
            let numbered = words.iter().position(|word| !is_number_of_question(word)).unwrap_or(0);
            words
                .strip_prefix(frame.as_slice())
                .or_else(|| words.get(numbered..)?.strip_prefix(frame.as_slice()))
        })?;
        let tail = self.tails.iter().find_map(|tail| rest.strip_suffix(tail.as_slice()));
        let rest = tail.unwrap_or(rest);
        (!rest.is_empty()).then_some(rest)
    }

    /// The first word that makes a value somebody else's.
    pub(super) fn other<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let compound = |word: &str| {
            self.other.iter().any(|o| {
                o.len() >= SHORTEST_PART && (word.starts_with(o.as_str()) || word.ends_with(o.as_str()))
            })
        };
        let single = words.iter().find(|word| self.other.contains(word.as_str()) || compound(word));
        let pair =
            || words.windows(2).find(|pair| self.other.contains(&pair.concat())).and_then(<[String]>::first);
        let three = || {
            words.windows(3).find(|three| self.other.contains(&three.concat())).and_then(<[String]>::first)
        };
        single.or_else(pair).or_else(three).map(String::as_str)
    }

    /// Whether all of the words belong to a group, one by one or several together.
    pub(super) fn are_beside(&self, group: &str, words: &[String]) -> bool {
        let Some(known) = self.beside.get(group) else { return false };
        let mut reached = vec![false; words.len() + 1];
        reached[0] = true;
        for start in 0..words.len() {
            if !reached[start] {
                continue;
            }
            for end in start + 1..=words.len() {
                reached[end] |= known.contains(&words[start..end].concat());
            }
        }
        reached[words.len()]
    }
}

/// Whether the shipped dictionary has a group of words for a field's `beside`.
pub(crate) fn knows_group(group: &str) -> bool {
    SHIPPED.beside.contains_key(group)
}

fn is_number_of_question(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
        || matches!(word, "q" | "question" | "frage" | "pregunta" | "vraag")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_says_one_thing_of_each_word() {
        let words = &*SHIPPED;
        let both: Vec<&String> = words.ranks.keys().filter(|word| words.other.contains(*word)).collect();
        assert!(both.is_empty(), "{both:?} say both whose value it is and that it is somebody else's");
        let known = ["main", "kind", "further", "neutral", "noise", "frame", "tail", "other", "place"];
        for line in HEADER_WORDS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let group = line.split_once(':').map(|(group, _)| group);
            assert!(group.is_some_and(|group| known.contains(&group)), "{line}");
        }
    }

    #[test]
    fn questions_are_cut_to_what_they_ask_for() {
        let asked = |text: &str| SHIPPED.asked(&words_of(text)).map(|words| words.join(" "));
        for (question, wanted) in [
            ("What is your phone number?", Some("phone number")),
            ("3. What's your e-mail?", Some("e mail")),
            ("Q7: Please enter your last name here", Some("last name")),
            ("Bitte geben Sie Ihre E-Mail-Adresse an", Some("e mail adresse")),
            ("Quelle est votre adresse e-mail ?", Some("adresse e mail")),
            ("Wat is je achternaam?", Some("achternaam")),
            ("Is this your phone number?", None),
            ("Phone number", None),
            ("What is your", None),
        ] {
            assert_eq!(asked(question).as_deref(), wanted, "{question}");
        }
    }

    #[test]
    fn words_of_others_are_seen_within_long_ones_only() {
        let other = |text: &str| SHIPPED.other(&words_of(text)).map(str::to_owned);
        assert_eq!(other("Office phone"), None);
        assert_eq!(other("Weitere E-Mail Mutter").as_deref(), Some("mutter"));
        assert_eq!(other("Notfallnummer").as_deref(), Some("notfallnummer"));
        assert_eq!(other("Parent/guardian email").as_deref(), Some("parent"));
        assert_eq!(other("Next of kin phone").as_deref(), Some("kin"));
        assert_eq!(other("Private phone"), None);
    }
}
