//! What two given names have to do with each other.
//!
//! The data lie in `sql/data`: `nicknames.csv` (a formal name and a nickname per line; two names are nicknames of each
//! other when one formal name has both, or is one of them: Bob and Rob are, through Robert), `given_name_endings.csv`
//! (endings that make another person's name of a name: Martin, Martina) and `given_names.csv` (names of their own, which
//! are no slip of another one: Frances is not Francis mistyped).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::fold::fold_name_onto;
use super::name_spelling::{is_one_edit, is_syllable, only_spells, umlauts_agree};

/// Why two given names may be one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    Equal,
    Initial,
    Nickname,
    Beginning,
    Slip,
}

impl Likeness {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Initial => "initial",
            Self::Nickname => "nickname",
            Self::Beginning => "beginning",
            Self::Slip => "slip",
        }
    }
}

/// One pair of formal name and nickname per line, under a heading.
pub(super) const NICKNAMES: &str = include_str!("../../data/nicknames.csv");
const ENDINGS: &str = include_str!("../../data/given_name_endings.csv");
const NAMES: &str = include_str!("../../data/given_names.csv");

/// Shorter beginnings say too little: Jo may be Joan, John or Joseph.
const SHORTEST_BEGINNING: usize = 3;
/// In shorter names one letter more makes another name: Jin, Jing.
const SHORTEST_BEGUN: usize = 5;
/// What follows a name that people have is a name besides, if it is as long as this; an ending, if it is shorter.
const SHORTEST_SECOND: usize = 4;
/// In shorter names one letter makes another name: Mara, Maria.
const SHORTEST_SLIP: usize = 5;
/// Endings that say so only behind a name in `a`: Andrea, Andreas.
const BEHIND_A: &str = "masculine after a";

/// For each folded name the formal names it stands for, by number, in ascending order, and the formal names.
struct Nicknames {
    stand_for: HashMap<String, Vec<u16>>,
    formal: Vec<String>,
}

static FORMAL_NAMES: LazyLock<Nicknames> = LazyLock::new(|| {
    let mut numbers: HashMap<String, u16> = HashMap::new();
    let (mut stand_for, mut formal_names): (HashMap<String, Vec<u16>>, _) = (HashMap::new(), Vec::new());
    for line in NICKNAMES.lines().skip(1) {
        let Some((formal, nickname)) = line.split_once(',') else {
            continue;
        };
        let (formal, nickname) = (folded(formal), folded(nickname));
        let Ok(next) = u16::try_from(numbers.len()) else {
            break;
        };
        let number = *numbers.entry(formal.clone()).or_insert_with(|| {
            formal_names.push(formal.clone());
            next
        });
        for name in [formal, nickname] {
            let stands_for = stand_for.entry(name).or_default();
            if let Err(at) = stands_for.binary_search(&number) {
                stands_for.insert(at, number);
            }
        }
    }
    Nicknames { stand_for, formal: formal_names }
});

/// Endings that follow any name, and those that follow a name in `a`.
static ENDING_SETS: LazyLock<(HashSet<&str>, HashSet<&str>)> = LazyLock::new(|| {
    let lines = || ENDINGS.lines().skip(1).filter_map(|line| line.split_once(','));
    (
        lines().filter(|(_, of)| *of != BEHIND_A).map(|(ending, _)| ending).collect(),
        lines().filter(|(_, of)| *of == BEHIND_A).map(|(ending, _)| ending).collect(),
    )
});

static OWN_NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| NAMES.lines().skip(1).map(folded).collect());

/// Names that are more than a short form: those of the list, and those that have nicknames.
static FULL_NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| OWN_NAMES.iter().chain(&FORMAL_NAMES.formal).map(String::as_str).collect());

/// Has the tables made.
pub(super) fn warm_up() {
    LazyLock::force(&FORMAL_NAMES);
    LazyLock::force(&ENDING_SETS);
    LazyLock::force(&FULL_NAMES);
}

pub(super) fn folded(name: &str) -> String {
    let mut key = String::new();
    fold_name_onto(name, &mut key);
    key
}

/// Why two keys of given names, as `given_key` makes them, may be one person's; `None` where they contradict. The first
/// names say why; further names only speak against it.
pub(super) fn likeness(a: &str, b: &str) -> Option<Likeness> {
    if a == b {
        // Two who write nothing but an initial need not mean one name.
        return Some(if is_initials(a) { Likeness::Initial } else { Likeness::Equal });
    }
    if !a.contains(' ') && !b.contains(' ') {
        return likeness_of_names(a, b);
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    let (a, b) = (unjoined(&a, &b), unjoined(&b, &a));
    let ([first_a, further_a @ ..], [first_b, further_b @ ..]) = (a.as_slice(), b.as_slice()) else {
        return None;
    };
    likeness_of_names(first_a, first_b).filter(|_| further_names_agree(further_a, further_b))
}

/// Nothing but Latin initials; one letter of another script may be a whole name.
fn is_initials(key: &str) -> bool {
    key.split(' ').all(|name| name.len() == 1)
}

/// Anna-Maria or Annamaria as two names, where she is compared with somebody who has two.
fn unjoined<'a>(names: &[&'a str], other: &[&str]) -> Vec<&'a str> {
    if let ([joined, further @ ..], [first, second, ..]) = (names, other)
        && let Some(rest) = joined.strip_prefix(first)
        && is_second_name(first, rest, joined, second)
    {
        return [&joined[..first.len()], rest].into_iter().chain(further.iter().copied()).collect();
    }
    names.to_vec()
}

/// Whether what follows the first name in a joined one is a name of its own, and no ending: Martina is not Martin A.
fn is_second_name(first: &str, rest: &str, joined: &str, second: &str) -> bool {
    if rest == second && rest.len() > 1 && (is_own_name(rest) || !is_ending(first, rest)) {
        return true;
    }
    rest.len() >= SHORTEST_BEGINNING && likeness_of_names(first, joined) == Some(Likeness::Beginning)
}

/// Whether the names behind the first one may be one person's: whoever writes fewer of them leaves some out, and keeps their order.
fn further_names_agree(a: &[&str], b: &[&str]) -> bool {
    let (fewer, more) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut more = more.iter();
    fewer.iter().all(|name| more.any(|other| further_name_agrees(name, other)))
}

/// A further name is shortened to any beginning: Jo, M.ª
fn further_name_agrees(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    likeness_of_names(a, b).is_some()
        || long.strip_prefix(short).is_some_and(|rest| !is_ending(short, rest) && !is_form_of(short, long))
}

/// Why two names of one word may be one person's.
fn likeness_of_names(a: &str, b: &str) -> Option<Likeness> {
    if a == b {
        return Some(Likeness::Equal);
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() || (short.len() == 1 && long.starts_with(short)) {
        return Some(Likeness::Initial);
    }
    // What shortens and what mistypes a name is known of Latin letters alone.
    if !short.is_ascii() || !long.is_ascii() {
        return None;
    }
    if are_nicknames(short, long) {
        return Some(Likeness::Nickname);
    }
    if umlauts_agree(short, long) && !(is_own_name(short) && is_own_name(long)) {
        return Some(Likeness::Equal);
    }
    if let Some(rest) = long.strip_prefix(short) {
        return is_beginning(short, rest, long).then_some(Likeness::Beginning);
    }
    is_slip(short.as_bytes(), long.as_bytes())
        .then_some(Likeness::Slip)
        .filter(|_| !(is_own_name(short) && is_own_name(long)))
}

/// Whether a name is the longer one cut short, or the first of two that are written as one. What follows a name that
/// people have makes another one of it (Antoine, Antoinette), unless it is a name itself (Hanspeter) or only spells the
/// same one (Elliot, Elliott).
fn is_beginning(short: &str, rest: &str, long: &str) -> bool {
    if short.len() < SHORTEST_BEGINNING
        || long.len() < SHORTEST_BEGUN
        || is_ending(short, rest)
        || is_form_of(short, long)
        || (is_syllable(short) && is_syllable(rest))
    {
        return false;
    }
    let is_full = |name: &str| FULL_NAMES.contains(name);
    !is_full(short)
        || (rest.len() >= SHORTEST_SECOND && !is_full(long))
        || (rest.len() >= SHORTEST_SECOND && short.len() >= SHORTEST_SECOND && is_own_name(rest))
        || only_spells(short, rest)
}

/// Whether what follows a name makes another person's name of it. The name may lose its last e before it (Claude,
/// Claudette), or double its last letter (Marcel, Marcelline).
fn is_ending(name: &str, rest: &str) -> bool {
    let (any, behind_a) = &*ENDING_SETS;
    let doubled = || rest.len() > 1 && name.as_bytes().last() == rest.as_bytes().first();
    any.contains(rest)
        || (name.ends_with('a') && behind_a.contains(rest))
        || (name.ends_with('e') && any.contains(format!("e{rest}").as_str()))
        || (doubled() && rest.get(1..).is_some_and(|rest| any.contains(rest)))
}

/// Whether the long name is a form of a name that the short one stands for: Rob is Robert, and Roberta is not.
fn is_form_of(short: &str, long: &str) -> bool {
    FORMAL_NAMES.stand_for.get(short).is_some_and(|numbers| {
        let formal = numbers.iter().filter_map(|number| FORMAL_NAMES.formal.get(usize::from(*number)));
        formal
            .into_iter()
            .any(|formal| long.strip_prefix(formal.as_str()).is_some_and(|rest| is_ending(formal, rest)))
    })
}

fn are_nicknames(a: &str, b: &str) -> bool {
    let table = &FORMAL_NAMES.stand_for;
    let (Some(a), Some(b)) = (table.get(a), table.get(b)) else {
        return false;
    };
    a.iter().any(|number| b.contains(number))
}

/// A name that people have, by itself or as a short form.
pub(super) fn is_own_name(name: &str) -> bool {
    OWN_NAMES.contains(name) || FORMAL_NAMES.stand_for.contains_key(name)
}

/// One edit in a name that is long enough. What changes the last letter to or from a vowel is a form of the name rather
/// than a slip: Mario and Maria.
fn is_slip(short: &[u8], long: &[u8]) -> bool {
    short.len() >= SHORTEST_SLIP
        && is_one_edit(short, long)
        && !(short.last() != long.last() && (ends_in_vowel(short) || ends_in_vowel(long)))
}

fn ends_in_vowel(name: &[u8]) -> bool {
    matches!(name.last(), Some(b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::given_key::given_key;
    use super::*;

    fn like(a: &str, b: &str) -> Option<Likeness> {
        let (a, b) = (folded(a), folded(b));
        assert_eq!(likeness(&a, &b), likeness(&b, &a), "{a} {b}");
        likeness(&a, &b)
    }

    #[test]
    fn names_of_one_person() {
        for (a, b, why) in [
            ("Anna", "ANNA", Likeness::Equal),
            ("J", "Jane", Likeness::Initial),
            ("Bob", "Robert", Likeness::Nickname),
            ("Alex", "Alexander", Likeness::Nickname),
            ("Alex", "Alexandra", Likeness::Nickname),
            ("Tom", "Tommy", Likeness::Nickname),
            ("Anna", "Anna-Maria", Likeness::Beginning),
            ("Hans", "Hans-Peter", Likeness::Beginning),
            ("Sara", "Sarah", Likeness::Nickname),
            ("Johnathan", "Jonathan", Likeness::Slip),
            ("Jessica", "Jesscia", Likeness::Slip),
            ("Wolfgang", "Wolgang", Likeness::Slip),
            ("J", "J", Likeness::Initial),
            ("Karl", "Karl-Heinz", Likeness::Beginning),
            ("Eva", "Eva-Maria", Likeness::Beginning),
            ("Elliot", "Elliott", Likeness::Beginning),
            ("Frederic", "Frederick", Likeness::Beginning),
            ("Christoph", "Christopher", Likeness::Nickname),
            ("Nath", "Nathaniel", Likeness::Beginning),
            ("J\u{f6}rg", "Joerg", Likeness::Equal),
            ("G\u{f6}tz", "Goetz", Likeness::Equal),
            ("\u{c5}se", "Aase", Likeness::Equal),
            ("K\u{e4}the", "Kaethe", Likeness::Equal),
            ("J\u{fc}rgen", "Juergen", Likeness::Equal),
            ("S\u{f8}ren", "Soeren", Likeness::Equal),
        ] {
            assert_eq!(like(a, b), Some(why), "{a} {b}");
        }
    }

    #[test]
    fn names_of_two_people() {
        for (a, b) in [
            ("Martin", "Martina"),
            ("Paul", "Paula"),
            ("Paul", "Pauline"),
            ("Christian", "Christiane"),
            ("Christian", "Christina"),
            ("Jan", "Jana"),
            ("Daniel", "Daniela"),
            ("Daniel", "Danielle"),
            ("Dan", "Daniela"),
            ("Rob", "Roberta"),
            ("Andrea", "Andreas"),
            ("Julia", "Julian"),
            ("Simon", "Simone"),
            ("Mario", "Maria"),
            ("Stefan", "Stefanie"),
            ("Michael", "Michaela"),
            ("Gabriele", "Gabriela"),
            ("Frances", "Francis"),
            ("Marion", "Marian"),
            ("Alexander", "Alexandra"),
            ("Carl", "Carlotta"),
            ("Joseph", "Josephine"),
            ("Nicola", "Nicolas"),
            ("Mary", "Mark"),
            ("Jo", "John"),
            ("Jane", "Peter"),
            ("Nico", "Nicole"),
            ("Jean", "Jeanette"),
            ("Jan", "Jane"),
            ("Claude", "Claudia"),
            ("Antoine", "Antoinette"),
            ("Claude", "Claudette"),
            ("Franz", "Franziska"),
            ("Jos\u{e9}", "Josefa"),
            ("Marcel", "Marcelline"),
            ("Cem", "Cemile"),
            ("Nuri", "Nuriye"),
            ("Ay\u{15f}e", "Aysel"),
            ("\u{c1}ngel", "\u{c1}ngeles"),
            ("Jin", "Jing"),
            ("Lin", "Ling"),
            ("Wei", "Weiming"),
            ("Harry", "Harriet"),
            ("Ray", "Rachel"),
            ("Jack", "Jackie"),
            ("Bert", "Bertha"),
            ("Leo", "Leonora"),
            ("Nur", "Nuray"),
            ("Michael", "Micha\u{142}"),
            ("Rafael", "Rafa\u{142}"),
            ("\u{c1}ngel", "\u{c1}ngela"),
            ("\u{633}\u{645}\u{64a}\u{631}", "\u{633}\u{645}\u{64a}\u{631}\u{629}"),
            ("\u{4f1f}", "\u{8587}"),
            ("\u{5c0f}\u{654f}", "\u{5c0f}\u{660e}"),
        ] {
            assert_eq!(like(a, b), None, "{a} {b}");
        }
    }

    /// As `like`, of keys with several names.
    fn like_keys(a: &str, b: &str) -> Option<Likeness> {
        let (mut key_a, mut key_b) = (String::new(), String::new());
        let (a, b) = (given_key(a, &mut key_a).unwrap(), given_key(b, &mut key_b).unwrap());
        assert_eq!(likeness(a, b), likeness(b, a), "{a} {b}");
        likeness(a, b)
    }

    #[test]
    fn further_names_of_one_person() {
        for (a, b, why) in [
            ("Anna Maria", "Anna", Likeness::Equal),
            ("Anna Maria", "Anna M.", Likeness::Equal),
            ("Anna Maria", "Anna-Maria", Likeness::Equal),
            ("Anna Maria", "Annamaria", Likeness::Equal),
            ("Anna M.", "Anna-Maria", Likeness::Equal),
            ("Anna Maria Lena", "Anna Lena", Likeness::Equal),
            ("Anna Maria Lena", "Anna M.", Likeness::Equal),
            ("Annamaria", "Anna", Likeness::Beginning),
            ("John A.", "John", Likeness::Equal),
            ("John A.", "J. Anthony", Likeness::Initial),
            ("J.R.R.", "John Ronald", Likeness::Initial),
            ("Bob J.", "Robert James", Likeness::Nickname),
            ("John Bob", "John Robert", Likeness::Equal),
            ("Jos\u{e9} M.\u{aa}", "Jos\u{e9} Mar\u{ed}a", Likeness::Equal),
            ("Hans-Peter", "H. P.", Likeness::Initial),
            ("Hans Peter", "Hans-Peter", Likeness::Equal),
            ("Jo Ann", "Joann", Likeness::Equal),
            ("Jan Peter", "Janet", Likeness::Nickname),
            ("Anna Katharina", "Anna Katharna", Likeness::Equal),
            ("Robert (Bob)", "Robert James", Likeness::Equal),
        ] {
            assert_eq!(like_keys(a, b), Some(why), "{a} {b}");
        }
    }

    #[test]
    fn further_names_of_two_people() {
        for (a, b) in [
            ("Anna Maria", "Anna Lena"),
            ("Anna-Maria", "Anna Lena"),
            ("Anna-Maria", "Anna L."),
            ("Annamaria", "Anna-Lena"),
            ("John A.", "John B."),
            ("John Anthony", "John B."),
            ("John A. B.", "John B. A."),
            ("Hans-Peter", "Hans J."),
            ("Mary Ann", "Mary Beth"),
            ("Bob J.", "Robert K."),
            ("Anna Martin", "Anna Martina"),
            ("Martin A.", "Martina"),
            ("Paul A.", "Paula"),
            ("Carl O.", "Carlotta"),
            ("Jane M.", "Peter M."),
        ] {
            assert_eq!(like_keys(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn the_nicknames_are_in_order() {
        let lines: Vec<_> = NICKNAMES.lines().skip(1).collect();
        assert!(lines.len() > 1_000);
        for line in lines {
            let (formal, nickname) = line.split_once(',').unwrap();
            assert!(!folded(formal).is_empty() && !folded(nickname).is_empty(), "{line}");
            assert!(!formal.contains([' ', '-']) && !nickname.contains([' ', ',']), "{line}");
            assert_eq!(like(formal, nickname), Some(Likeness::Nickname), "{line}");
        }
    }

    #[test]
    fn no_name_is_a_slip_or_a_beginning_of_its_other_form() {
        for name in NAMES.lines().skip(1).map(folded).filter(|name| name.len() >= SHORTEST_SLIP) {
            for ending in ["a", "e", "ina", "ine", "ette"] {
                let form = format!("{name}{ending}");
                let found = likeness(&name, &form);
                assert!(found.is_none() || found == Some(Likeness::Nickname), "{name} {form} {found:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn one_letter_more_in_a_long_name_is_a_slip(name in "[b-df-hj-np-tv-z]{6,9}", at in 1_usize..5, letter in "[b-df-hj-np-tv-z]") {
            let mut mistyped = name.clone();
            mistyped.insert_str(at, &letter);
            prop_assume!(!mistyped.starts_with(&name));
            prop_assert_eq!(like(&name, &mistyped), Some(Likeness::Slip));
        }

        #[test]
        fn two_letters_more_are_none(name in "[b-df-hj-np-tv-z]{6,9}") {
            let other = format!("qq{name}");
            prop_assume!(!name.starts_with('q'));
            prop_assert_eq!(like(&name, &other), None);
        }

        #[test]
        fn further_names_count_in_either_order(a in "[A-D][a-e]{1,4}([ -][A-D][a-e]{0,3}){0,3}", b in "[A-D][a-e]{1,4}([ -][A-D][a-e]{0,3}){0,3}") {
            like_keys(&a, &b);
        }

        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            like(&a, &b);
            likeness(&a, &b);
        }
    }
}
