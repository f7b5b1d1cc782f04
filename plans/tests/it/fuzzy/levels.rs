//! Each word of a level is one condition over `a` and `b`, with quoted names.

use importer_plans::project::{LevelKind, TwoIds, When};

use super::{matching, people, spec, with_levels};

/// The condition of the only level before `else`.
fn condition(level: &str) -> (String, LevelKind, bool) {
    let spec = spec(&with_levels(&format!("      - {level}\n")));
    let level = &spec.comparisons[0].levels[1];
    match &level.when {
        When::Condition(sql) => (sql.clone(), level.kind, level.is_costly),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_word_is_one_condition() {
    for (level, sql, kind, is_costly) in [
        ("{is: equal}", r#"a."given" = b."given""#, LevelKind::Equal, false),
        (
            "{is: nickname}",
            r#"given_evidence(a."given", b."given") = 'nickname'"#,
            LevelKind::Nickname,
            false,
        ),
        ("{is: initial}", r#"given_evidence(a."given", b."given") = 'initial'"#, LevelKind::Initial, false),
        (
            "{is: beginning}",
            r#"given_evidence(a."given", b."given") = 'beginning'"#,
            LevelKind::Beginning,
            false,
        ),
        ("{is: slip}", r#"given_evidence(a."given", b."given") = 'slip'"#, LevelKind::Slip, false),
        (
            "{is: spelling, of: family}",
            r#"family_evidence(a."family", b."family") = 'spelling'"#,
            LevelKind::Spelling,
            false,
        ),
        (
            "{is: part, of: family}",
            r#"family_evidence(a."family", b."family") = 'part'"#,
            LevelKind::Part,
            false,
        ),
        (
            "{jaro_winkler: 0.92}",
            r#"jaro_winkler_similarity(a."given", b."given") >= 0.92"#,
            LevelKind::Close,
            true,
        ),
        (
            "{jaro_winkler: 80%}",
            r#"jaro_winkler_similarity(a."given", b."given") >= 0.8"#,
            LevelKind::Alike,
            true,
        ),
        ("{edits: 1}", r#"damerau_levenshtein(a."given", b."given", 1) <= 1"#, LevelKind::Edit, true),
        (
            "{edits: 2, of: 'phones[1]'}",
            r#"damerau_levenshtein(a."phones"[1], b."phones"[1], 2) <= 2"#,
            LevelKind::Edits,
            true,
        ),
        (
            "{edits: 1, of: phones, any: true}",
            r#"array_edits(a."phones", b."phones", 1) <= 1"#,
            LevelKind::Edit,
            true,
        ),
        (
            "{sounds: true}",
            r#"array_overlap(phonetic_codes(a."given"), phonetic_codes(b."given")) >= 1"#,
            LevelKind::Sounds,
            false,
        ),
        (
            "{overlap: 2, of: phones}",
            r#"array_overlap(a."phones", b."phones") >= 2"#,
            LevelKind::Overlap,
            false,
        ),
        ("{overlap: sounds}", r#"array_overlap(a."sounds", b."sounds") >= 1"#, LevelKind::Sounds, false),
        (
            "{date: [swapped, digit], of: born}",
            r#"date_evidence(a."born", b."born") IN ('swapped', 'digit')"#,
            LevelKind::DateSlip,
            false,
        ),
        (
            "{days: 31, of: born}",
            r#"b."born" BETWEEN a."born" - INTERVAL '31 days' AND a."born" + INTERVAL '31 days'"#,
            LevelKind::Days,
            false,
        ),
        ("{within: 2.5}", r#"numeric_distance(a."given", b."given") <= 2.5"#, LevelKind::Within, false),
        (
            "{within_share: 5%}",
            r#"relative_distance(a."given", b."given") <= 0.05"#,
            LevelKind::WithinShare,
            false,
        ),
        (
            "{sql: A.Given = b.given and a.family is null}",
            r#"(a."given" = b."given" AND a."family" IS NULL)"#,
            LevelKind::Sql,
            false,
        ),
        (
            "{sql: 'levenshtein(a.given, b.given) < 3'}",
            r#"(levenshtein(a."given", b."given") < 3)"#,
            LevelKind::Sql,
            true,
        ),
    ] {
        assert_eq!(condition(level), (sql.to_owned(), kind, is_costly), "{level}");
    }
}

#[test]
fn codes_fall_from_best_to_worst_and_missing_is_nothing() {
    let spec = spec(&with_levels("      - {is: equal}\n      - {is: slip}\n"));
    let levels = &spec.comparisons[0].levels;
    let codes: Vec<(LevelKind, u8)> = levels.iter().map(|level| (level.kind, level.code)).collect();
    let expected =
        [(LevelKind::Missing, 0), (LevelKind::Equal, 3), (LevelKind::Slip, 2), (LevelKind::Else, 1)];
    assert_eq!(codes, expected);
    assert_eq!(levels[0].when, When::Missing(r#"(a."given" IS NULL OR b."given" IS NULL)"#.to_owned()));
    assert_eq!(spec.comparisons[0].codes(), 4);
}

#[test]
fn missing_may_stand_behind_a_level() {
    let spec =
        spec(&with_levels("      - {sql: a.given = b.family}\n      - {missing: true, label: not known}\n"));
    let codes: Vec<u8> = spec.comparisons[0].levels.iter().map(|level| level.code).collect();
    assert_eq!(codes, [2, 0, 1]);
    assert_eq!(spec.comparisons[0].levels[1].label, "not known");
}

#[test]
fn values_stand_in_each_other_and_names_are_the_contract_s_first() {
    let spec = spec(&people());
    let value = |name: &str| spec.prepared(name).expect("is there");
    assert_eq!(value("given").sql, r#"given_key("first_name")"#);
    assert_eq!(
        value("names").sql,
        r#"CASE WHEN cardinality(make_array((given_key("first_name")), (family_key("last_name")))) > 0 THEN make_array((given_key("first_name")), (family_key("last_name"))) END"#
    );
    // `emails` is a set and a value above: it is the set.
    assert_eq!(value("local").sql, r#"split_part(primary_key("emails"), '@', 1)"#);
    assert_eq!(value("named").fields, ["emails", "first_name", "last_name"]);
    let lists: Vec<&str> =
        spec.compare.iter().filter(|value| value.is_list).map(|value| value.name.as_str()).collect();
    assert_eq!(lists, ["names", "sounds", "sounds_each", "initials", "emails", "phones"]);
}

#[test]
fn the_people_of_the_tests() {
    let spec = spec(&people());
    let names: Vec<&str> = spec.comparisons.iter().map(|comparison| comparison.name.as_str()).collect();
    assert_eq!(names, ["given", "family", "born", "emails", "phones", "address", "ids"]);
    let terms: Vec<&str> = spec.term_values().map(|value| value.name.as_str()).collect();
    assert_eq!(terms, ["given", "family", "emails", "zip", "city"]);
    let adjusted = |name: &str| -> Vec<u8> {
        let comparison =
            spec.comparisons.iter().find(|comparison| comparison.name == name).expect("is there");
        comparison.levels.iter().filter(|level| level.terms.is_some()).map(|level| level.code).collect()
    };
    assert_eq!((adjusted("given"), adjusted("address")), (vec![7], vec![3, 2]));
    let address = spec.comparisons.iter().find(|comparison| comparison.name == "address").expect("is there");
    assert_eq!(
        address.levels[0].when,
        When::Missing(
            r#"(a."street" IS NULL OR b."street" IS NULL) AND (a."zip" IS NULL OR b."zip" IS NULL)"#
                .to_owned()
        )
    );
    // given 8, family 8, born 6, emails 6, phones 5, address 6, ids 3.
    assert_eq!(spec.radix(), [1, 8, 64, 384, 2304, 11520, 69120]);
    assert_eq!(spec.never.len(), 1);
    assert_eq!(spec.never[0].sql, r#"(a."generation" <> b."generation")"#);
}

#[test]
fn patterns_are_packed_and_taken_apart() {
    let spec = spec(&people());
    for codes in [[0; 7], [7, 7, 5, 5, 4, 5, 2], [1, 0, 3, 2, 0, 5, 1]] {
        assert_eq!(spec.levels_of(spec.pattern_of(&codes)), codes);
    }
}

#[test]
fn rules_hold_out_what_their_keys_decide() {
    let spec = spec(&people());
    let held = |name: &str| -> Vec<&str> {
        let rule = spec.blocking.iter().find(|rule| rule.name == name).expect("is there");
        let held = spec.held_out(rule);
        spec.comparisons.iter().zip(held).filter(|(_, held)| *held).map(|(c, _)| c.name.as_str()).collect()
    };
    assert_eq!(held("email"), ["emails"]);
    assert_eq!(held("local"), ["emails"]);
    assert_eq!(held("name_born"), ["given", "family", "born"]);
    assert_eq!(held("name_city_year"), ["given", "family", "born"]);
    assert_eq!(held("street_zip"), ["address"]);
    let wide: Vec<&str> =
        spec.blocking.iter().filter(|rule| !rule.train).map(|rule| rule.name.as_str()).collect();
    assert_eq!(wide.len(), 9);
}

#[test]
fn sources_that_have_everybody_once_never_match_within() {
    let spec = spec(&with_levels("      - {is: equal}\n"));
    assert_eq!(spec.two_ids, TwoIds::Apart);
    assert_eq!(spec.comparisons.len(), 1);
    assert_eq!(spec.never[0].sql, r#"(a."id_system" = b."id_system" AND a."link_id" <> b."link_id")"#);
}

#[test]
fn without_its_sections_nothing_changes() {
    let shipped = importer_sql::project::files();
    let (_, text) = shipped.iter().find(|(path, _)| *path == super::PATH).expect("is shipped");
    let spec = matching(text);
    assert_eq!(spec.fuzzy, None);
    let mut with_sections = matching(&people());
    assert!(with_sections.fuzzy.is_some());
    with_sections.fuzzy = None;
    assert_eq!(with_sections, spec);
}
