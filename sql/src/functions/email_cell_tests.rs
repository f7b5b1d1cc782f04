use proptest::prelude::*;

use super::*;

fn addresses(text: &str) -> Vec<String> {
    read_cell(text).addresses
}

fn note(text: &str) -> Option<String> {
    let mut note = "left over".to_owned();
    read_cell(text).note(&mut note).then_some(note)
}

#[test]
fn wrappings_come_off_without_a_word() {
    for (text, wanted) in [
        ("jane@gmail.com", "jane@gmail.com"),
        (" Jane.Doe@GMAIL.com\t", "Jane.Doe@gmail.com"),
        ("cay.cohn@example.org\u{a0}", "cay.cohn@example.org"),
        ("\u{feff}dee.dunn@example.org", "dee.dunn@example.org"),
        ("eli.\u{200b}emond@example.org", "eli.emond@example.org"),
        ("mailto:Fay.Frost@Example.ORG?subject=Hi", "Fay.Frost@example.org"),
        ("Gehl, Gus <gus.gehl@example.org>", "gus.gehl@example.org"),
        ("\"Gehl, Gus\" <gus.gehl@example.org>;", "gus.gehl@example.org"),
        ("Gus Gehl [mailto:gus.gehl@example.org]", "gus.gehl@example.org"),
        ("<mailto:jane@x.de?subject=Hi>", "jane@x.de"),
        ("'anna@example.org'", "anna@example.org"),
        ("\u{201c}anna@example.org\u{201d}", "anna@example.org"),
        ("(anna@example.org)", "anna@example.org"),
        ("anna@example.org;", "anna@example.org"),
        ("anna@example.org,", "anna@example.org"),
        ("anna@example.org /", "anna@example.org"),
        ("; anna@example.org", "anna@example.org"),
        ("anna@example.org; anna@EXAMPLE.org", "anna@example.org"),
        ("anna@example.org <anna@example.org>", "anna@example.org"),
        ("ada.o'neil@example.org", "ada.o'neil@example.org"),
        ("info@m\u{fc}ller.example", "info@m\u{fc}ller.example"),
        ("info@M\u{dc}LLER.example", "info@m\u{fc}ller.example"),
        ("hanako\u{ff20}example\u{ff0e}org", "hanako@example.org"),
        ("a/b@example.org", "a/b@example.org"),
    ] {
        assert_eq!(addresses(text), [wanted], "{text:?}");
        assert_eq!(note(text), None, "{text:?}");
    }
}

#[test]
fn slips_with_one_meaning_are_mended_and_told() {
    for (text, wanted) in [
        ("ina.irle@example.org.", "ina.irle@example.org"),
        ("kai.o\u{2019}neil@example.org", "kai.o'neil@example.org"),
        ("mia.moor@example,org", "mia.moor@example.org"),
        ("mia@mail,example,org", "mia@mail.example.org"),
        ("lea.lux @example.org", "lea.lux@example.org"),
        ("lea.lux@ example.org", "lea.lux@example.org"),
        ("lea.lux@example .org", "lea.lux@example.org"),
        ("lea.lux@example. org", "lea.lux@example.org"),
        ("noa.nagel(at)example.org", "noa.nagel@example.org"),
        ("noa.nagel [at] example [dot] org", "noa.nagel@example.org"),
        ("<anna@example.org", "anna@example.org"),
        ("'anna@example.org", "anna@example.org"),
        ("\u{130}SMA\u{130}L@HOTMA\u{130}L.COM", "ISMAIL@hotmail.com"),
        ("i\u{307}smai\u{307}l@hotmai\u{307}l.com", "ismail@hotmail.com"),
        ("\u{131}sma\u{131}l@hotma\u{131}l.com", "ismail@hotmail.com"),
    ] {
        assert_eq!(addresses(text), [wanted], "{text:?}");
        assert_eq!(note(text), Some(format!("mended: {text}")), "{text:?}");
    }
    // A domain with more letters of its own keeps its dotless one.
    assert_eq!(addresses("info@\u{131}\u{15f}\u{131}k.com.tr"), ["info@\u{131}\u{15f}\u{131}k.com.tr"]);
    for text in [
        "=HYPERLINK(\"mailto:hie.hahn@example.org\",\"hie.hahn@example.org\")",
        "=\"hie.hahn@example.org\"",
        "\u{1f}hie.hahn@example.org",
    ] {
        assert_eq!(addresses(text), ["hie.hahn@example.org"], "{text:?}");
        assert!(note(text).is_some_and(|note| note.starts_with("guard: ")), "{text:?}");
    }
}

#[test]
fn several_addresses_are_taken_apart() {
    for text in [
        "a@x.de;b@y.de",
        "a@x.de, b@y.de",
        "a@x.de,b@y.de",
        "a@x.de/b@y.de",
        "a@x.de / b@y.de",
        "a@x.de | b@y.de",
        "a@x.de ::: b@y.de",
        "a@x.de\nb@y.de",
        "a@x.de\r\nb@y.de",
        "a@x.de b@y.de",
        "a@x.de or b@y.de",
        "a@x.de oder b@y.de;",
        "a@x.de & b@y.de",
        "A <a@x.de>, B <b@y.de>",
        "mailto:a@x.de, mailto:b@y.de",
        "a@x.de; b@y.de; A@X.de".trim_end_matches("; A@X.de"),
    ] {
        assert_eq!(addresses(text), ["a@x.de", "b@y.de"], "{text:?}");
        assert_eq!(note(text).as_deref(), Some("several: a@x.de, b@y.de"), "{text:?}");
    }
}

#[test]
fn words_beside_an_address_are_told() {
    for (text, told) in [
        ("anna@example.org (privat)", "remark: (privat)"),
        ("anna@example.org (bei der Oma)", "remark: (bei der Oma)"),
        ("E-Mail: anna@example.org", "remark: E-Mail:"),
        ("anna@example.org; privat", "unread: privat"),
        ("anna@example.org, privat", "unread: privat"),
        ("anna@example.org privat", "remark: privat"),
        ("anna@example.org; anna@", "unread: anna@"),
        ("nobody, anna@example.org", "unread: nobody"),
        ("not-an-address; anna@example.org", "unread: not-an-address"),
        ("a****@example.org; anna@example.org", "unread: a****@example.org"),
    ] {
        assert_eq!(addresses(text), ["anna@example.org"], "{text:?}");
        assert_eq!(note(text).as_deref(), Some(told), "{text:?}");
    }
}

#[test]
fn what_may_mean_two_things_is_not_read() {
    for (text, kind) in [
        ("lea lux@example.org", "blank"),
        ("anna,lee@example.org", "comma"),
        ("anna/lee@example", "domain"),
        ("anna@example.co,uk", "comma"),
        ("anna@example.org,de", "comma"),
        ("anna@example.co uk", "blank"),
        ("jan.jost.@example.org", "dots"),
        (".jan@example.org", "dots"),
        ("ole.otto@example..org", "dots"),
        ("rosa@@example.com", "two at"),
        ("nina.sorensen.example.org", "no at"),
        ("anna@", "half"),
        ("@example.org", "half"),
        ("anna@example", "domain"),
        ("ann46@example.c0m", "domain"),
        ("x@a$b.com", "character"),
        ("a****@x.example", "masked"),
        ("XXXX@x.example", "masked"),
        ("j***n@example.org", "masked"),
        ("x*x@example.org", "masked"),
        ("<xxx@example.org>", "masked"),
        ("anna@e***e.org", "masked"),
        ("lea at example.org", "no at"),
    ] {
        let cell = read_cell(text);
        assert_eq!(cell.addresses, Vec::<String>::new(), "{text:?}");
        assert_eq!(fault(&cell.text), Some(kind), "{text:?}: {}", cell.text);
    }
    for nothing in ["", " ", "<>", "mailto:", ";", ",;|"] {
        let cell = read_cell(nothing);
        assert!(cell.addresses.is_empty() && cell.text.is_empty(), "{nothing:?}: {cell:?}");
    }
}

proptest! {
    #[test]
    fn addresses_are_well_formed_and_stay(
        near in "[a-z.]{1,6}[ ,]?[a-z]{0,4}(@|\\(at\\)| @ |@@)[a-z]{1,6}[.,]{1,2}[a-z]{2,3}[.;,/ ]?([a-z]{1,4}@[a-z]{2,4}\\.[a-z]{2})?",
        odd in "[a-z@.,;:/<>\"' ()|\\[\\]\u{2019}\u{a0}-]{0,30}",
        any in any::<String>(),
    ) {
        for text in [near, odd, any] {
            let cell = read_cell(&text);
            for address in &cell.addresses {
                prop_assert!(is_address(address), "{:?} of {:?}", address, text);
                prop_assert_eq!(&read_cell(address).addresses, &vec![address.clone()], "{:?} of {:?}", address, text);
                // Nothing is invented: every letter stands in the text.
                let plain: String = plain_email(&text).nfc().flat_map(char::to_lowercase).collect();
                let known = |c: char| plain.contains(c) || "@.'".contains(c);
                prop_assert!(address.chars().flat_map(char::to_lowercase).all(known), "{:?} of {:?}", address, text);
            }
            if is_plain(&text) && is_address(&text) {
                prop_assert_eq!(&cell.addresses, &vec![text.clone()]);
            }
        }
    }

    #[test]
    fn lists_come_apart(addresses in prop::collection::vec("[a-wyz]{1,8}(\\.[a-z]{1,5})?@[a-z]{2,8}\\.(org|de|co\\.uk)", 1..4), sign in prop::sample::select(vec![";", ",", "; ", ", ", " / ", "/", " ::: ", "\n", "|", " or "])) {
        let mut wanted = Vec::new();
        for address in &addresses {
            if !wanted.contains(address) {
                wanted.push(address.clone());
            }
        }
        prop_assert_eq!(read_cell(&addresses.join(sign)).addresses, wanted);
    }
}
