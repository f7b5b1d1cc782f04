use proptest::prelude::*;
use rlibphonenumber::Region;

use super::super::phone_number::{e164, region_of};
use super::*;

fn numbers(text: &str, region: &str) -> Vec<String> {
    read_cell(text, region_of(region)).numbers
}

fn note(text: &str, region: &str) -> Option<String> {
    let mut note = "left over".to_owned();
    read_cell(text, region_of(region)).note(&mut note).then_some(note)
}

#[test]
fn words_beside_a_number_are_taken_off_and_told() {
    for (text, region, number, told) in [
        ("070 174 06 05 (Axel)", "SE", "+46701740605", "remark: Axel"),
        ("+46 70 174 06 05 Anna", "", "+46701740605", "remark: Anna"),
        ("202-555-0143 (Anna)", "US", "+12025550143", "remark: Anna"),
        ("202-555-0143 Anna", "US", "+12025550143", "remark: Anna"),
        ("030 23125101 Büro", "DE", "+493023125101", "remark: Büro"),
        ("Mobil: 0171 3920 001", "DE", "+491713920001", "remark: Mobil"),
        ("c/o Lise 030 23125103", "DE", "+493023125103", "remark: c/o Lise"),
        ("030 23125103, privat", "DE", "+493023125103", "remark: privat"),
        ("030 23125103; privat", "DE", "+493023125103", "remark: privat"),
        ("202-555-0143 after 5 pm", "US", "+12025550143", "remark: after, 5, pm"),
        ("0171 3920001 (9-17 Uhr)", "DE", "+491713920001", "remark: 9-17, Uhr"),
        ("Anna: 030 23125101 DW 18", "DE", "+493023125101", "extension: Anna, DW 18"),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert_eq!(note(text, region).as_deref(), Some(told), "{text:?}");
    }
}

#[test]
fn labels_and_plain_spellings_are_not_worth_telling() {
    for (text, region, number) in [
        ("Tel. 030 23125101", "DE", "+493023125101"),
        ("Tel: 202-555-0143", "US", "+12025550143"),
        ("tel:+1-202-555-0143", "", "+12025550143"),
        ("tel:+49-30-23125101", "US", "+493023125101"),
        ("030/23125101", "DE", "+493023125101"),
        ("030 / 231 25 101", "DE", "+493023125101"),
        ("08031/12345", "DE", "+49803112345"),
        ("+49 (0)30 23125121", "DE", "+493023125121"),
        ("+49 030 23125122", "DE", "+493023125122"),
        ("0049 30 23125123", "US", "+493023125123"),
        ("004930 23125125", "", "+493023125125"),
        ("49 30 23125124", "DE", "+493023125124"),
        ("+44 (0) 20 7946 0018", "GB", "+442079460018"),
        ("+33 01 99 00 12 34", "FR", "+33199001234"),
        ("011 49 30 23125126", "US", "+493023125126"),
        ("030 23125-101", "DE", "+493023125101"),
        ("+49 30 23125-101", "", "+493023125101"),
        ("1) 202-555-0143", "US", "+12025550143"),
        ("2. 030 23125101", "DE", "+493023125101"),
        ("202/555/0143", "US", "+12025550143"),
        ("[202] 555\u{2011}0143", "US", "+12025550143"),
        ("\u{662}\u{660}\u{662} \u{665}\u{665}\u{665} \u{660}\u{661}\u{664}\u{661}", "US", "+12025550141"),
        (
            "\u{ff0b}\u{ff11}\u{ff08}\u{ff12}\u{ff10}\u{ff12}\u{ff09}\u{ff15}\u{ff15}\u{ff15}\u{ff0d}\u{ff10}\u{ff11}\u{ff14}\u{ff13}",
            "US",
            "+12025550143",
        ),
        ("\u{202a}+49 30 23125131\u{202c}", "DE", "+493023125131"),
        ("\u{200e}+1 202\u{2011}555\u{2011}0144", "US", "+12025550144"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+1 800 FLOWERS", "", "+18003569377"),
        ("1-888-GO-FEDEX", "US", "+18884633339"),
        ("tel:555-0143;phone-context=+1202", "US", "+12025550143"),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert_eq!(note(text, region), None, "{text:?}");
    }
}

#[test]
fn extensions_and_short_second_lines_are_told() {
    for (text, region, number, told) in [
        ("+1-202-555-0143-x11", "US", "+12025550143", "extension: x11"),
        ("202-555-0144 ext. 12", "US", "+12025550144", "extension: ext. 12"),
        ("(202) 555-0145x13", "US", "+12025550145", "extension: x13"),
        ("202.555.0146 #14", "US", "+12025550146", "extension: #14"),
        ("202.555.0146#14", "US", "+12025550146", "extension: #14"),
        ("202-555-0147 extension 15", "US", "+12025550147", "extension: extension 15"),
        ("202-555-0148;ext=16", "US", "+12025550148", "extension: ext=16"),
        ("+1 202 555 0149,,17", "US", "+12025550149", "extension: 17"),
        ("202-555-0143-18", "US", "+12025550143", "extension: 18"),
        ("202-555-0143 (ext. 18)", "US", "+12025550143", "extension: ext. 18"),
        ("030 23125101 DW 18", "DE", "+493023125101", "extension: DW 18"),
        ("030 23125101 DW-18", "DE", "+493023125101", "extension: DW-18"),
        ("030 23125101 Durchwahl 18", "DE", "+493023125101", "extension: Durchwahl 18"),
        ("030 23125101-18", "DE", "+493023125101", "extension: 18"),
        ("030 23125101/12", "DE", "+493023125101", "second line: /12"),
        ("030/23125101/02", "DE", "+493023125101", "second line: /02"),
        ("030 23125101 / 12", "DE", "+493023125101", "second line: /12"),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert_eq!(note(text, region).as_deref(), Some(told), "{text:?}");
    }
}

#[test]
fn an_extension_is_that_of_the_main_number() {
    for (text, region, wanted) in [
        ("202-555-0144 ext. 12", "US", Some("12")),
        ("+1-202-555-0143-x11", "US", Some("11")),
        ("202-555-0143-18", "US", Some("18")),
        ("+1 202 555 0149,,17", "US", Some("17")),
        ("202-555-0148;ext=16", "US", Some("16")),
        ("030 23125101 DW-18", "DE", Some("18")),
        ("Anna: 030 23125101 DW 18", "DE", Some("18")),
        // Whatever else is told of the cell.
        ("202-555-0143 ext. 12; fax 202-555-0150", "US", Some("12")),
        ("202-555-0143 ext. 12; 202-555-0199", "US", Some("12")),
        ("202-555-0143 ext. 12; 202-555-XXXX", "US", Some("12")),
        ("202-555-0143 (old) x12", "US", Some("12")),
        ("Fax 202-555-0150; 202-555-0143 x7", "US", Some("7")),
        ("Fax 202-555-0150 x5; 202-555-0143 x7", "US", Some("7")),
        ("199-555-0144; 202-555-0143 x7", "US", Some("7")),
        ("202-555-0143; 202-555-0143 x7", "US", Some("7")),
        // Other digits beside it.
        ("202-555-0143 after 5 pm, ext. 12", "US", Some("12")),
        ("202-555-0143 (desk 3) ext. 12", "US", Some("12")),
        ("202-555-0143 (Anna) x12", "US", Some("12")),
        ("202-555-0143 x12 (desk 3)", "US", Some("12")),
        ("202-555-0143 x12, x13", "US", Some("12")),
        // Another number's.
        ("202-555-0143; 202-555-0199 x7", "US", None),
        ("202-555-0143 / 202-555-0199 x7", "US", None),
        ("202-555-0143 / 199-555-0144 x7", "US", None),
        ("202-555-0150 x5 (fax); 202-555-0143", "US", None),
        ("202-555-0150-18 fax; 202-555-0143", "US", None),
        ("202-555-0143, fax 202-555-0150 x7", "US", None),
        ("202-555-0143", "US", None),
        ("202-555-0143 after 5 pm", "US", None),
        ("030 23125101/12", "DE", None),
        ("Fax 202-555-0150 x5", "US", None),
    ] {
        let cell = read_cell(text, region_of(region));
        assert_eq!(cell.extension.as_deref(), wanted, "{text:?}: {:?} {:?}", cell.numbers, cell.beside);
    }
}

#[test]
fn a_remark_before_an_extension_is_told_by_itself() {
    for (text, told) in [
        ("202-555-0143 after 5 pm, ext. 12", "extension: after, 5, pm, ext. 12"),
        ("202-555-0143 (Anna) x12", "extension: Anna, x12"),
        ("202-555-0143 (old) x12", "doubtful: old, x12"),
    ] {
        assert_eq!(numbers(text, "US"), ["+12025550143"], "{text:?}");
        assert_eq!(note(text, "US").as_deref(), Some(told), "{text:?}");
    }
    // A fax stays one.
    assert_eq!(numbers("202-555-0143 fax, ext. 12", "US"), [""; 0]);
}

#[test]
fn several_numbers_are_taken_apart() {
    for text in [
        "030 23125101; 030 23125102",
        "030 23125101, 030 23125102",
        "030 23125101 / 030 23125102",
        "030/23125101, 030/23125102",
        "030 23125101 or 030 23125102",
        "030 23125101 oder 030 23125102",
        "030 23125101 ::: 030 23125102",
        "030 23125101\n030 23125102",
        "030/23125101/030/23125102",
        "030 23125101 +49 30 23125102",
        "+49 30 23125101 | +49 30 23125102",
        "030 23125101 & 030 23125102",
        "030 23125101 030 23125102",
        "(030) 23125101 (030) 23125102",
        "Tel. 030 23125101 Tel. 030 23125102",
        "030 23125101; 030 23125102; 030 23125101",
    ] {
        assert_eq!(numbers(text, "DE"), ["+493023125101", "+493023125102"], "{text:?}");
        assert_eq!(note(text, "DE").as_deref(), Some("several: +493023125101, +493023125102"), "{text:?}");
    }
    assert_eq!(numbers("202-555-0143/202-555-0144", "US"), ["+12025550143", "+12025550144"]);
    assert_eq!(numbers("+1 202-555-0171 ::: +1 202-555-0172", ""), ["+12025550171", "+12025550172"]);
    assert_eq!(numbers("0171/3920001/0172/3920002", "DE"), ["+491713920001", "+491723920002"]);
}

#[test]
fn what_is_no_number_beside_one_is_told() {
    for (text, region, number, told) in [
        ("202-555-XXXX or 202-555-0143", "US", "+12025550143", "unread: 202-555-XXXX"),
        ("202-555-0143 / 555-0144", "US", "+12025550143", "unread: 555-0144"),
        // Without its area code it would be a number in Ravensburg or nowhere.
        ("030 23125101 / 23125102", "DE", "+493023125101", "unread: 23125102"),
        (
            "202-555-0143 (work) 199-555-0144 (mobile)",
            "US",
            "+12025550143",
            "unread: 199-555-0144, work, mobile",
        ),
        ("199-555-0144 / 202-555-0143", "US", "+12025550143", "unread: 199-555-0144"),
        ("030 23125101; 12", "DE", "+493023125101", "unread: 12"),
        ("12345; 030 23125101", "DE", "+493023125101", "unread: 12345"),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert_eq!(note(text, region).as_deref(), Some(told), "{text:?}");
    }
}

#[test]
fn a_remark_in_brackets_may_have_digits_and_letters() {
    for (text, region, number) in [
        ("020 7946 0018 (not after 9pm)", "GB", "+442079460018"),
        ("202-555-0143 (9am to 5pm)", "US", "+12025550143"),
        ("030 23125101 (ab 18h)", "DE", "+493023125101"),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert!(note(text, region).is_some_and(|note| note.starts_with("remark: ")), "{text:?}");
    }
    // Outside of brackets, or in those of the number itself, letters leave it open.
    for text in ["202-555-0143 9pm", "(2O2) 555-0143", "202-555-01 (4E)"] {
        assert_eq!(numbers(text, "US"), [""; 0], "{text:?}");
    }
}

#[test]
fn a_number_that_is_none_to_call_is_left_out_and_told() {
    for (text, region, number, told) in [
        ("030 23125101 Fax: 030 23125102", "DE", "+493023125101", "none to call: Fax: 030 23125102"),
        ("Tel. 030 23125101, Fax 030 23125102", "DE", "+493023125101", "none to call: Fax 030 23125102"),
        ("Fax 030 23125102 Tel 030 23125101", "DE", "+493023125101", "none to call: Fax 030 23125102"),
        ("Fax: 202-555-0158; 202-555-0143", "US", "+12025550143", "none to call: Fax: 202-555-0158"),
        ("202-555-0158 (fax), 202-555-0143", "US", "+12025550143", "none to call: 202-555-0158 (fax)"),
        ("202-555-0158 fax, Anna 202-555-0143", "US", "+12025550143", "none to call: 202-555-0158 fax, Anna"),
        ("202-555-0143 tel 202-555-0158 fax", "US", "+12025550143", "none to call: 202-555-0158 fax"),
        ("202-555-0158 fax 202-555-0143 tel", "US", "+12025550143", "none to call: 202-555-0158 fax"),
        ("202-555-0143, 202-555-0158 (fax)", "US", "+12025550143", "none to call: +12025550158 (fax)"),
        ("T 202-555-0143 F 202-555-0158", "US", "+12025550143", "none to call: F 202-555-0158"),
        (
            "030 23125102 falsche Nummer, 030 23125101",
            "DE",
            "+493023125101",
            "none to call: 030 23125102 falsche Nummer",
        ),
        (
            "T\u{e9}l\u{e9}fax 01 99 00 12 34 / 01 99 00 12 35; 01 99 00 12 36",
            "FR",
            "+33199001236",
            "none to call: T\u{e9}l\u{e9}fax 01 99 00 12 34 / 01 99 00 12 35",
        ),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert_eq!(note(text, region).as_deref(), Some(told), "{text:?}");
    }
    for (text, region, told) in [
        ("Fax: 202-555-0158", "US", "fax: Fax: 202-555-0158"),
        ("202-555-0159 (fax)", "US", "fax: 202-555-0159 (fax)"),
        ("F 202-555-0161", "US", "fax: F 202-555-0161"),
        ("Fax 030 23125116", "DE", "fax: Fax 030 23125116"),
        ("Telefax 030/23125116 -12", "DE", "fax: Telefax 030/23125116 -12"),
        ("202-555-0158 ext. 7 (fax)", "US", "fax: 202-555-0158 ext. 7 (fax)"),
        // Which of the two is the fax nobody can say; a further number without its zero may lack its area code.
        ("030 23125101, Fax, 030 23125102", "DE", "fax: 030 23125101, Fax, 030 23125102"),
        ("Fax 030 23125102, Tel 23125101", "DE", "letters: Fax 030 23125102, Tel 23125101"),
        ("wrong number 202-555-0155", "US", "wrong: wrong number 202-555-0155"),
        ("030 23125111 (ung\u{fc}ltig)", "DE", "wrong: 030 23125111 (ung\u{fc}ltig)"),
        ("030 23125111 (ung\u{fc}ltig 2020)", "DE", "wrong: 030 23125111 (ung\u{fc}ltig 2020)"),
        ("030 23125101 ung\u{fc}ltig 030 23125102", "DE", "wrong: 030 23125101 ung\u{fc}ltig 030 23125102"),
    ] {
        assert_eq!(numbers(text, region), Vec::<String>::new(), "{text:?}");
        assert_eq!(note(text, region).as_deref(), Some(told), "{text:?}");
    }
    // Lines that are answered as well, and words that only look so.
    for (text, region, number, told) in [
        ("Tel./Fax 030 23125101", "DE", "+493023125101", "remark: Tel./Fax"),
        ("202-555-0143 (no fax)", "US", "+12025550143", "remark: no fax"),
        ("202-555-0143 (Fr. Falsch)", "US", "+12025550143", "remark: Fr. Falsch"),
        ("202-555-0160 f", "US", "+12025550160", "remark: f"),
        ("030 23125101 (Fax 030 23125102)", "DE", "+493023125101", "remark: Fax, 030 23125102"),
        ("202-555-0157 (old)", "US", "+12025550157", "doubtful: old"),
        ("alt: 0171 3920013", "DE", "+491713920013", "doubtful: alt"),
        ("0171 3920012 kein Anruf", "DE", "+491713920012", "doubtful: kein Anruf"),
        ("202-555-0163 don't call", "US", "+12025550163", "doubtful: don't call"),
        ("202-555-0163; do not call", "US", "+12025550163", "doubtful: do not call"),
        ("202-555-0143 Anna Alt", "US", "+12025550143", "remark: Anna Alt"),
    ] {
        assert_eq!(numbers(text, region), [number], "{text:?}");
        assert_eq!(note(text, region).as_deref(), Some(told), "{text:?}");
    }
}

#[test]
fn a_missing_plus_is_told_where_the_digits_could_be_read_without_it() {
    for (text, told) in [
        ("49 171 3920004", Some("mended: 49 171 3920004")),
        ("491713920004", Some("mended: 491713920004")),
        ("49171/3920004", Some("mended: 49171/3920004")),
        ("49 (171) 3920004", Some("mended: 49 (171) 3920004")),
        ("Mobil: 49 171 3920004", Some("mended: Mobil, 49 171 3920004")),
        ("49 0171 3920004", None),
        ("+49 171 3920004", None),
        ("0171 3920004", None),
    ] {
        assert_eq!(numbers(text, "DE"), ["+491713920004"], "{text:?}");
        assert_eq!(note(text, "DE").as_deref(), told, "{text:?}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    for (text, region, kind) in [
        ("+33 6 39 XX XX 83", "FR", "masked"),
        ("202-555-XXXX", "US", "masked"),
        ("+49 30 \u{2022}\u{2022}\u{2022}\u{2022}5101", "DE", "masked"),
        ("+49 30 ____5101", "DE", "masked"),
        ("030 23125\u{2022}\u{2022}\u{2022}", "DE", "masked"),
        ("030 23125...", "DE", "masked"),
        ("030 23125\u{2026}", "DE", "masked"),
        ("030 23125---", "DE", "masked"),
        ("030 23125 \u{25a0}\u{25a0}\u{25a0}", "DE", "masked"),
        ("202-555-xxxx", "US", "masked"),
        ("0171 XXXXXXX", "DE", "masked"),
        ("030 2312XXXX", "DE", "masked"),
        ("030 2312510X", "DE", "masked"),
        ("030 2312510?", "DE", "masked"),
        ("202-555-####", "US", "masked"),
        ("202-555-01##", "US", "masked"),
        ("202-555-****", "US", "masked"),
        ("202-***-0143", "US", "masked"),
        ("030 23125 ***", "DE", "masked"),
        ("06 NN NN NN NN", "FR", "masked"),
        ("1-800-XXX-XXXX", "US", "masked"),
        ("XXX-XXX-XXXX", "US", "masked"),
        ("2025550ask", "US", "letters"),
        ("202-555-ASKME", "US", "letters"),
        ("2O2-555-0143", "US", "letters"),
        ("O30 23125101", "DE", "letters"),
        ("030 Berlin 23125101", "DE", "letters"),
        ("030 23125 Anna 101", "DE", "letters"),
        ("+46 70 Anna 174 06 05", "SE", "letters"),
        ("030 23125101 9 Uhr", "DE", "letters"),
        ("0171 392000l", "DE", "letters"),
        ("call Monday 9", "US", "nothing"),
        ("ask Anna", "US", "nothing"),
        ("none yet", "US", "nothing"),
        ("-", "US", "nothing"),
        ("4.67017E+10", "US", "rounded"),
        ("4,9E+11", "DE", "rounded"),
        ("4.47701e11", "GB", "rounded"),
        ("1E+10", "US", "rounded"),
        ("1.20256E+10", "US", "rounded"),
        ("030 23125151", "", "country"),
        ("030 23125151", "US", "long"),
        ("07700 900123", "US", "long"),
        ("199-555-0143", "US", "invalid"),
        ("12345", "US", "short"),
        ("202555014399999999", "US", "long"),
    ] {
        assert_eq!(numbers(text, region), Vec::<String>::new(), "{text:?}");
        let told = note(text, region).unwrap_or_default();
        assert_eq!(told.split(':').next(), Some(kind), "{text:?}: {told}");
    }
    assert_eq!(note("", "US"), None);
    assert_eq!(note(" \u{200b}", "US"), None);
}

#[test]
fn guards_come_off_and_are_told() {
    for text in [
        "'+1 202 555 0143",
        "=\"+12025550143\"",
        "=+12025550143",
        "\u{1f}2025550143",
        "2025550143.0",
        "=HYPERLINK(\"tel:+12025550143\";\"202 555 0143\")",
    ] {
        assert_eq!(numbers(text, "US"), ["+12025550143"], "{text:?}");
        assert!(note(text, "US").is_some_and(|note| note.starts_with("guard: ")), "{text:?}");
    }
    assert_eq!(numbers("493023125101.0", "DE"), ["+493023125101"]);
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether digits stand in a text, one behind the other, with nothing but punctuation between.
fn stands_in(number: &str, text: &str) -> bool {
    let run = |text: &str| -> Vec<String> {
        text.split(|c: char| !(c.is_ascii_digit() || "+ -.()/,".contains(c))).map(digits).collect()
    };
    run(text).iter().any(|digits| digits.contains(number))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 1024 }))]

    #[test]
    fn no_digit_is_invented(
        near in "(Tel\\.? ?|\\+|00|\\()?[0-9XxO#*?]{2,5}[ )/.-]{0,2}[0-9XOl#*?]{2,5}[ /-]?[0-9X]{2,5}( ?(x|ext|DW|#|/|-|,|or|oder|Anna|\\() ?[0-9]{0,9})?",
        mixed in "[0-9+() ./,;xXeE#*?a-cN-]{0,28}",
        two in "0[0-9]{2,4}[ /-][0-9]{4,8}( / | or |, |;|/|-)(0?[0-9]{2,4}[ /-])?[0-9]{1,8}",
        any in any::<String>(),
    ) {
        for text in [near, mixed, two, any] {
            // Regions whose plans add nothing but their calling code.
            for region in ["US", "DE", "FR", "GB", "SE", "AT", ""] {
                let cell = read_cell(&text, region_of(region));
                for number in &cell.numbers {
                    let national = super::super::phone_number::parse(number, None)
                        .map(|n| rlibphonenumber::get_national_significant_number_owned(&n));
                    let Some(national) = national else { return Err(TestCaseError::fail(format!("{number} of {text:?}"))) };
                    let plain = plain_phone(&text);
                    let toll_free = plain.contains(|c: char| c.is_ascii_alphabetic()) && plain.contains('8');
                    prop_assert!(stands_in(&national, &plain) || toll_free, "{} of {:?} in {}", number, text, region);
                    prop_assert_eq!(read_cell(number, region_of(region)).numbers, vec![number.clone()]);
                }
                let mut note = String::new();
                cell.note(&mut note);
                prop_assert!(!cell.numbers.is_empty() || cell.unread.is_empty() || !note.is_empty());
            }
        }
    }

    #[test]
    fn a_plain_text_is_one_number_and_nothing_beside_it(
        text in "\\+?[0-9]{1,5}[ /.()-]{0,2}[0-9]{1,5}[ .()/-]?[0-9]{2,6}",
        region in prop::sample::select(vec!["US", "DE", "FR", "GB", "IT", "AT", "FO", ""]),
    ) {
        if is_plain(&text) {
            let cell = read_cell(&text, region_of(region));
            let alone = super::super::phone_number::parse(&text, region_of(region)).map(|n| e164(&n));
            prop_assert_eq!(&cell.numbers, &alone.into_iter().collect::<Vec<_>>(), "{:?} {}", text, region);
            let mended = cell.beside.iter().all(|(kind, _)| *kind == Beside::Mended);
            prop_assert!(mended, "{:?}: {:?}", text, cell.beside);
        }
    }

    #[test]
    fn words_beside_a_number_change_nothing(
        area in "[2-9][0-8][2-9]", local in "[2-9][0-9]{2}-?[0-9]{4}",
        before in prop::sample::select(vec!["", "Tel. ", "Mobil: ", "c/o Lise ", "privat "]),
        behind in prop::sample::select(vec!["", " Anna", " (Anna)", ", privat", " ext. 12", " x12", " #12", "-x12", "; x"]),
    ) {
        let bare = format!("({area}) {local}");
        let alone = super::super::phone_number::parse(&bare, Some(Region::US)).map(|n| e164(&n));
        let cell = read_cell(&format!("{before}{bare}{behind}"), Some(Region::US));
        prop_assert_eq!(cell.numbers, alone.into_iter().collect::<Vec<_>>());
    }
}
