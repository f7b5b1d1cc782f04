//! How two folded names differ in their letters: spellings, slips, syllables.

/// Whether two names are one where ae, oe, ue and aa are what is left of an umlaut or a ring: Joerg, Jörg. At the end of a
/// name, and before e and y, they are none: Joe, Sue, Joey.
pub(super) fn umlauts_agree(a: &str, b: &str) -> bool {
    plain(a.as_bytes()).eq(plain(b.as_bytes()))
}

fn plain(name: &[u8]) -> impl Iterator<Item = u8> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let letter = *name.get(at)?;
        let written_out = matches!(name.get(at..at + 2), Some(b"ae" | b"oe" | b"ue" | b"aa"));
        let goes_on = name.get(at + 2).is_some_and(|next| !matches!(next, b'e' | b'y'));
        at += if written_out && goes_on { 2 } else { 1 };
        Some(letter)
    })
}

/// One letter left out, put in, exchanged, or two that follow each other swapped.
pub(super) fn is_one_edit(short: &[u8], long: &[u8]) -> bool {
    if long.len() < short.len() || long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short_rest, long_rest) = (&short[same..], &long[same..]);
    match (short_rest, long_rest) {
        _ if long.len() > short.len() => short_rest == &long_rest[1..],
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a, b, rest_a @ ..], [c, d, rest_b @ ..]) => a == d && b == c && rest_a == rest_b,
        _ => false,
    }
}

/// A letter that is written twice or not heard: Philipp, Norah, Frederick.
pub(super) fn only_spells(short: &str, rest: &str) -> bool {
    match (short.as_bytes(), rest.as_bytes()) {
        ([.., last], [more]) => more == last || *more == b'h' || (*last == b'c' && *more == b'k'),
        _ => false,
    }
}

/// One syllable of a Chinese or Korean name in Latin letters: Wei and Weiming are two names, each of them whole.
pub(super) fn is_syllable(name: &str) -> bool {
    const DOUBLE: [&str; 3] = ["zh", "ch", "sh"];
    const SINGLE: &str = "bpmfdtnlgkhjqxrzcsyw";
    const FINALS: [&str; 35] = [
        "a", "o", "e", "i", "u", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "ia", "ie", "iao",
        "iu", "ian", "in", "iang", "ing", "iong", "ua", "uo", "ue", "uai", "ui", "uan", "un", "uang", "oo",
        "eo", "eon", "eong",
    ];
    let behind_double = DOUBLE.iter().find_map(|initial| name.strip_prefix(initial));
    let sound = behind_double.or_else(|| name.strip_prefix(|c: char| SINGLE.contains(c)));
    sound.is_some_and(|sound| FINALS.contains(&sound))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn umlauts_are_written_out() {
        for (a, b) in [("jorg", "joerg"), ("ase", "aase"), ("muller", "mueller"), ("schafer", "schaefer")] {
            assert!(umlauts_agree(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("jo", "joe"),
            ("su", "sue"),
            ("jorg", "jurg"),
            ("joy", "joey"),
            ("chloe", "chloee"),
            ("mara", "maria"),
        ] {
            assert!(!umlauts_agree(a, b), "{a} {b}");
        }
    }

    #[test]
    fn syllables() {
        for name in ["wei", "ming", "jin", "zhang", "shu", "min", "jun"] {
            assert!(is_syllable(name), "{name}");
        }
        for name in ["anna", "hans", "eva", "peter", "cem", "karl", ""] {
            assert!(!is_syllable(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            umlauts_agree(&a, &b);
            is_one_edit(a.as_bytes(), b.as_bytes());
            only_spells(&a, &b);
            is_syllable(&a);
        }
    }
}
