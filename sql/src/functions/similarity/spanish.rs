//! One spelling for what sounds alike in Spanish: b and v, z and s, y and ll, a silent h.
//!
//! It does for names of Spanish speakers what the Cologne phonetics do for German ones. The vowels stay: Spanish writes
//! them as they sound, and Pena and Pino are two.

/// Appends one spelling of a word of lower-case ASCII letters, as `fold` gives it.
pub(super) fn spell(word: &str, spelling: &mut String) {
    let letters = word.as_bytes();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let (sound, taken) = sound(*letter, &letters[at + 1..]);
        // Doubled letters sound as one: Anna, Ruiz Zorrilla.
        if let Some(sound) = sound
            && !spelling.ends_with(sound)
        {
            spelling.push(sound);
        }
        at += taken;
    }
}

/// The sound that a letter begins, none where it is silent, and how many letters it takes.
fn sound(letter: u8, behind: &[u8]) -> (Option<char>, usize) {
    let next = behind.first().copied().unwrap_or(b' ');
    let is_soft = matches!(next, b'e' | b'i');
    match letter {
        b'v' | b'w' => (Some('b'), 1),
        b'c' if next == b'h' => (Some('x'), 2),
        b'c' if is_soft => (Some('s'), 1),
        b'z' => (Some('s'), 1),
        // The u is written and not heard: Enrique, Miguel.
        b'q' if next == b'u' => (Some('k'), 2),
        b'g' if next == b'u' && matches!(behind.get(1), Some(b'e' | b'i')) => (Some('g'), 2),
        b'c' | b'q' => (Some('k'), 1),
        b'g' if is_soft => (Some('j'), 1),
        b'x' => (Some('j'), 1),
        b'l' if next == b'l' => (Some('y'), 2),
        b'p' if next == b'h' => (Some('f'), 2),
        // Behind a consonant it is a vowel: Henry, Mary.
        b'y' if !matches!(next, b'a' | b'e' | b'i' | b'o' | b'u') => (Some('i'), 1),
        b'h' => (None, 1),
        letter => (letter.is_ascii_lowercase().then(|| char::from(letter)), 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn spelling(word: &str) -> String {
        let mut spelling = String::new();
        super::spell(word, &mut spelling);
        spelling
    }

    #[test]
    fn what_sounds_alike_is_spelled_alike() {
        for (a, b) in [
            ("vasquez", "basques"),
            ("velazquez", "belasques"),
            ("hernandez", "ernandes"),
            ("jimenez", "gimenes"),
            ("ximena", "jimena"),
            ("gonzalez", "gonsales"),
            ("cecilia", "sesilia"),
            ("yolanda", "llolanda"),
            ("guillermo", "guiyermo"),
            ("enrique", "enrike"),
            ("rodrigues", "rodriguez"),
            ("joseph", "josef"),
            ("ybarra", "ibarra"),
        ] {
            assert_eq!(spelling(a), spelling(b), "{a} {b}");
        }
        for (a, b) in [
            ("pena", "pino"),
            ("chavez", "jaimes"),
            ("garcia", "gracia"),
            ("miguel", "mijel"),
            ("ana", "ano"),
        ] {
            assert_ne!(spelling(a), spelling(b), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn is_lower_case_and_no_longer(word in "[a-z0-9]{0,20}") {
            let spelling = spelling(&word);
            prop_assert!(spelling.len() <= word.len());
            prop_assert!(spelling.bytes().all(|letter| letter.is_ascii_lowercase()));
        }
    }
}
