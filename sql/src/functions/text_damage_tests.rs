//! Which texts are damaged, which only look so, and what becomes of them.

use proptest::prelude::*;

use super::super::text_code_pages::HIGH_1252;
use super::*;

fn strong(text: &str) -> String {
    mend(text, Mend::STRONG).into_owned()
}

#[test]
fn what_is_sure_is_undone() {
    for (damaged, whole) in [
        ("O&#039;Brien", "O'Brien"),
        ("O&#39;Brien", "O'Brien"),
        ("O&#x27;Brien", "O'Brien"),
        ("O&apos;Brien", "O'Brien"),
        ("Smith &amp; Sons", "Smith & Sons"),
        ("J&ouml;rg M&uuml;ller", "Jörg Müller"),
        ("M&amp;uuml;ller", "Müller"),
        ("Caf&eacute; &quot;Eck&quot;", "Café \"Eck\""),
        ("Fr&#228;nzi", "Fränzi"),
        ("O&#146;Brien", "O’Brien"),
        ("MÃ¼ller", "Müller"),
        ("Juan JosÃ©", "Juan José"),
        ("WeiÃ\u{9f}", "Weiß"),
        ("WeiÃŸ", "Weiß"),
        ("GrÃ¶Ã\u{9f}e", "Größe"),
        ("Å\u{81}Ã³dÅº", "Łódź"),
        ("DuÅ¡an", "Dušan"),
        ("Oâ€™Brien", "O’Brien"),
        ("MÃƒÂ¼ller", "Müller"),
        ("M√ºller", "Müller"),
        ("O‚ÄôBrien", "O’Brien"),
        ("M├╝ller", "Müller"),
        ("Stra├ƒe", "Straße"),
        ("MŸller", "Müller"),
        ("Grš§e", "Größe"),
        ("AndrŽ", "André"),
        ("JosŽ", "José"),
        ("C™tŽ", "Côté"),
        ("†berlingen", "Überlingen"),
        ("MŠrz", "März"),
    ] {
        assert_eq!(strong(damaged), whole, "{damaged}");
        assert_eq!(strong(whole), whole, "{whole} was whole");
    }
}

#[test]
fn what_may_be_meant_so_stays() {
    for text in [
        "Müller",
        "Größe",
        "Dušan Žižek",
        "Tomáš",
        "L'HAŸ-LES-ROSES",
        "SÃO PAULO",
        "IRMÃ",
        "Âge",
        "Ângela",
        "Smith & Sons",
        "AT&T",
        "R&D; Lab",
        "Q&A",
        "§ 12",
        "Section §4",
        "Paris–Nice",
        "l’Œuvre",
        "Åse Øst",
        "\"Spaß“",
        "CAFÉ’S",
        "NÄ“",
        "Ærø",
        "Ñandú",
        "¿Qué?",
        "Who is it?",
        "Is it Bonn? No",
        "Haus 5?",
        "? Anna",
        "Anna ?",
        "Anna (?)",
        "?",
        "??",
        "? 030",
        "?5",
        "€uro",
        "5 €",
        "Łódź",
        "Ελένη",
        "Анна",
        "王小明",
        "™",
        "Smith† 1990",
        "Ÿ",
        "http://x.example/?a=b",
        "O’Brien",
        "Paris—Nice",
        "ÇELİK",
        "BŒUF",
        "Žofia Šimić",
        "P&region",
        "&;",
        "&foo;",
        "HAÂ",
        "MÃE",
    ] {
        assert_eq!(strong(text), text);
        assert!(!is_lost(text, Doubt::None), "{text}");
    }
}

#[test]
fn weak_signs_need_company() {
    let all = Mend { entities: true, utf8: Strength::Weak, mac: Strength::Weak };
    for (damaged, whole) in [
        ("Jšrg", "Jörg"),
        ("€rzte", "Ärzte"),
        ("Ä“va", "ēva"),
        ("S‡nchez", "Sánchez"),
        ("Zo‘", "Zoë"),
        ("No‘l", "Noël"),
        ("N”mes", "Nîmes"),
        ("ƒvreux", "Évreux"),
        ("Garc’a", "García"),
        ("S¿ren", "Søren"),
        ("Besan\u{8d}on", "Besançon"),
        ("HŽl\u{8f}ne", "Hélène"),
    ] {
        assert_eq!(strong(damaged), damaged);
        assert_eq!(mend(damaged, all), whole);
        let signs = signs(damaged);
        assert!(signs.utf8 == Strength::Weak || signs.mac == Strength::Weak, "{damaged}: {signs:?}");
    }
}

#[test]
fn languages_with_carons_are_known() {
    for text in ["Žižek", "Šimić", "Novák Žofia", "Łódź", "Jiří", "Čapek"] {
        assert!(signs(text).carons, "{text}");
    }
    for text in ["Jšrg", "Dušan", "MŸller", "MŠrz", "Müller", "Å\u{81}Ã³dÅº", "BŒUF"] {
        assert!(!signs(text).carons, "{text}");
    }
}

#[test]
fn what_is_lost_is_seen() {
    for text in ["M?ller", "J?rg", "M\u{fffd}ller", "WeiÃ", "Stra?e 5", "MÃller", "GrÃ?e"] {
        assert!(is_lost(&mend(text, Mend::STRONG), Doubt::None), "{text}");
        assert!(signs(text).lost, "{text}");
    }
}

#[test]
fn what_is_lost_at_the_edge_of_a_word_is_seen() {
    for text in
        ["?yvind", "?s", "?rhus", "??rhus", "Karl-?ke", "d'?pinay", "8000 ?rhus C", "M??ller", "Bad ?ls"]
    {
        let signs = signs(text);
        assert!(is_lost(text, Doubt::None) && signs.lost && !signs.lost_end, "{text}: {signs:?}");
    }
    // At the end of a word only a name is sure: another text may ask.
    for text in ["Zo?", "Wei?", "Wei??", "Zo? Berg", "Anna Wei?", "Zo?-Marie", "Who?"] {
        let signs = signs(text);
        assert!(is_lost(text, Doubt::None) && !signs.lost && signs.lost_end, "{text}: {signs:?}");
    }
    for text in ["Who are you?", "Anna Berg, Bonn?", "Haus 5 Wei?", "http://x.example/?a", "#NAME?", "(?)"] {
        let signs = signs(text);
        assert!(!is_lost(text, Doubt::None) && !signs.lost && !signs.lost_end, "{text}: {signs:?}");
    }
}

#[test]
fn letters_of_another_code_page_are_lost() {
    for text in [
        "M¸ller",
        "Schrˆder",
        "J‰ger",
        "Kˆln",
        "Groﬂ",
        "Weiﬂ",
        "…vreux",
        "K‰the",
        "Gieﬂen",
        "‹bel",
        "÷zdemir",
        "Mⁿller",
        "Schr÷der",
        "JΣger",
        "K÷ln",
        "M³ller",
        "Wei▀",
        "Gro▀",
        "N¯mes",
        "C¶tÚ",
        "╔vreux",
        "J°rgensen",
        "Mьller",
        "Schrцder",
        "Jдger",
        "Kцln",
        "GroЯ",
        "Hйlиne",
        "Pawe³",
        "¯ak",
        "£ukasz",
        "£ód¼",
        "Zaj¹c",
        "Bo¿ena",
        "Jaku¶",
        "¦liwa",
        "W³odarczyk",
        "Anna Pawe³-Nowak",
        "M\u{81}ller",
        "Schr\u{94}der",
        "Schr”der",
        "J„ger",
        "H‚lŠne",
        "S‡nchez",
    ] {
        assert_eq!(strong(text), text);
        assert!(is_lost(text, Doubt::None), "{text}");
        let signs = signs(text);
        assert!(signs.lost || signs.lost_but_mac, "{text}: {signs:?}");
    }
    for text in ["M¸ller", "Groﬂ", "Mⁿller", "JΣger", "Wei▀", "Mьller", "Pawe³", "£ukasz", "C¶tÚ"]
    {
        assert!(signs(text).strange, "{text}");
    }
}

#[test]
fn signs_beside_words_are_no_damage() {
    for text in [
        "m³",
        "30 m³",
        "km²",
        "E³ Consulting",
        "Acme¹",
        "Acme™",
        "Acme®",
        "©Acme",
        "Rock ’n’ Roll",
        "Maria…",
        "…",
        "5 µm",
        "N°5",
        "n°a",
        "20°C",
        "20 °C",
        "£5",
        "£ 5",
        "3×4",
        "Schmidt×Partner",
        "Mª José",
        "O´Brien",
        "Robert ‚Bob‘ Smith",
        "‹Bob›",
        "Jo “Bob” Smith",
        "D‘Angelo",
        "Hawai‘i",
        "Hawaiʻi",
        "Col·legi",
        "Paris—Nice",
        "Siemens & Söhne",
        "±5",
        "α-Centauri",
        "μSv",
        "Smith‡",
        "Haus │ Hof",
        "100 ‰",
        "¶ 3",
        "Pﬂeger",
        "Kɔƒi",
        "ŋƒa",
        "Akyerεko",
        "Иванов-Smith",
        "Aлексей",
        "Ивaнов",
        "ΜARIA",
        "ООО \"Ромашка\"",
        "Іван",
        "Ξένια",
        "Nguyễn Thị Hồng",
        "Sigurður Þór",
        "Ó Súilleabháin",
        "McÉvoy",
        "LeÉtoile",
        "O’Éire",
        "FrÉdÉric",
        "MuÑoz",
        "GonzÁlez",
        "İsmail Çağlar",
        "Iþýl",
        "Łukasz Żak",
        "Ærø",
        "MacÀidh",
        "ÐorÐe",
        "D’az",
        "João Simões",
        "Õunapuu",
        "Dvořák",
        "siehe Anmerkung auf der letzten Seite³ unten",
    ] {
        assert_eq!(strong(text), text);
        assert!(!is_lost(text, Doubt::None), "{text}");
        assert!(!signs(text).strange, "{text}");
    }
}

#[test]
fn capitals_inside_words_are_told_apart() {
    for text in ["HÈlËne", "LefËvre", "ZoÎ", "NoÎl", "CÙtÈ", "GaÎtan"] {
        assert!(signs(text).capitals && is_lost(text, Doubt::Capitals), "{text}");
        assert!(!is_lost(text, Doubt::None), "{text}");
    }
    // Only their case is wrong.
    for text in ["FrÉdÉric", "HÉlÈne", "MuÑoz", "MÜller", "MarieÉ"] {
        assert!(!signs(text).capitals, "{text}");
    }
    for text in [
        "NÓmes",
        "LÓpez",
        "HÙng",
        "VÕ",
        "LÊ",
        "McÉvoy",
        "LeÉtoile",
        "O’Éire",
        "Ní Ógáin",
        "MacÌomhair",
        "NicÙistean",
        "ÉLODIE",
        "ÈVE",
    ] {
        assert!(!signs(text).capitals && !is_lost(text, Doubt::Capitals), "{text}");
    }
}

#[test]
fn a_file_of_another_code_page_is_not_trusted_further() {
    for text in ["Æwik", "Gdañsk", "Schõfer", "Besanþon", "Paolа", "Œuvre"] {
        assert!(is_lost(text, Doubt::Any) && !is_lost(text, Doubt::None), "{text}");
    }
    for text in ["Anna", "O’Brien", "Анна", "Ελένη", "王小明", "5 €"] {
        assert!(!is_lost(text, Doubt::Any), "{text}");
    }
}

#[test]
fn mac_roman_gives_no_capitals_inside_words() {
    let all = Mend { entities: true, utf8: Strength::Weak, mac: Strength::Weak };
    for text in ["H‚lŠne", "Mcƒvoy", "M¸ller", "KuŸma Zaj¹c", "MŸller Jörg"] {
        assert_eq!(mend(text, all), text);
    }
}

fn twice(text: &str) -> String {
    text.bytes().map(|b| if b < 0x80 { char::from(b) } else { HIGH_1252[usize::from(b - 0x80)] }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn names_of_many_languages_stay(text in "[A-ZÄÖÜÉÈÁÍÓÚÑÇŠŽŁŚŹŻĆČĐØÅÆ]?[a-zäöüßéèêëáàâíîïóôúùûñçøåæœšžčćđěřůńłśźżąęőű]{1,9}([ '’-][A-ZÄÖÜÉŠŽŁØ][a-zäöüßéèêáàíóúñçøåæšžčćłśźż]{1,9})?") {
        // The Ÿ of French and the capitals inside McŠ are not in it: they are what Mac Roman is known by.
        prop_assert_eq!(strong(&text), text.clone());
        prop_assert!(!is_lost(&text, Doubt::None));
    }

    #[test]
    fn what_was_encoded_twice_comes_back(text in "[A-Za-zäöüßéèáíóúñçøåæšžčćłśźż]{2,12}( [A-Zäöüßéè][a-zäöüéñ]{2,9})?") {
        let damaged = twice(&text);
        let all = Mend { entities: true, utf8: Strength::Weak, mac: Strength::Never };
        prop_assert_eq!(mend(&damaged, all), text);
    }

    #[test]
    fn never_panics(text in any::<String>(), close in "[A-Za-z&#;0-9Ã¼Â€™Ÿš§†√º├╝ ?\u{80}-\u{9f}]{0,24}") {
        for text in [text, close] {
            signs(&text);
            for strength in [Strength::Strong, Strength::Weak] {
                mend(&text, Mend { entities: true, utf8: strength, mac: strength });
            }
        }
    }

    #[test]
    fn near_entities_stay(text in "[A-Z]{1,3}&[A-Z]{1,3}( [A-Z][a-z]{2,8}){0,2}") {
        prop_assert_eq!(strong(&text), text);
    }
}
