//! What is wrong in the sections of fuzzy matching is told with its line, and with what to write instead.

use super::{PATH, load, said, with_levels};

const COMPARE: &str =
    "compare:\n  given: given_key(first_name)\n  born: birth_date\n  phones: set_keys(phones)\n";
const BLOCKING: &str = "blocking:\n  - {rule: born, on: [born]}\n";
const COMPARISONS: &str =
    "comparisons:\n  - compare: given\n    levels:\n      - {is: equal}\n      - {else: true}\n";

/// The only error, as code, line and the whole of what is said.
fn mistake(text: &str) -> (&'static str, usize, String) {
    let errors = load(&[(PATH, text)]).expect_err("is wrong");
    let all = said(&errors);
    let mut each = errors.iter();
    let (first, None) = (each.next().expect("there is one"), each.next()) else { panic!("{all}") };
    assert!(first.advice().is_some_and(|advice| !advice.is_empty()), "{all}");
    (first.error_code(), first.line(), all)
}

#[test]
fn sections_that_say_something_together() {
    for (text, code, line, said) in [
        (COMPARE.to_owned(), "PRJ0017", 1, "`compare` says nothing without `blocking` and `comparisons`"),
        ("thresholds: {review: 0.5}\n".to_owned(), "PRJ0017", 1, "`thresholds` says nothing without"),
        (format!("{COMPARE}{COMPARISONS}"), "PRJ0017", 1, "without `blocking`"),
        (
            format!("{COMPARE}{COMPARISONS}blocking:\n  - {{rule: none}}\n"),
            "PRJ0017",
            11,
            "names no value of `compare`",
        ),
        (
            format!("{COMPARE}{COMPARISONS}blocking:\n  - {{rule: born, on: [bron]}}\n"),
            "PRJ0016",
            11,
            "did you mean `born`",
        ),
        (
            format!("{COMPARE}{COMPARISONS}{BLOCKING}  - {{rule: born, on: [given]}}\n"),
            "PRJ0010",
            12,
            "two blocking rules `born`",
        ),
        (
            format!("{COMPARE}{BLOCKING}{COMPARISONS}personal: [givn]\n"),
            "PRJ0016",
            12,
            "did you mean `given`",
        ),
        (format!("{COMPARE}{BLOCKING}{COMPARISONS}two_ids: aprt\n"), "PRJ0005", 12, "did you mean `apart`"),
        (format!("{COMPARE}{BLOCKING}{COMPARISONS}model: given.json\n"), "PRJ0013", 12, "no name of a model"),
        (
            format!("{COMPARE}{BLOCKING}{COMPARISONS}model: match.model.json\n"),
            "PRJ0012",
            12,
            "no `match.model.json`",
        ),
    ] {
        let (found, at, all) = mistake(&text);
        assert_eq!((found, at), (code, line), "{all}");
        assert!(all.contains(said), "{all} does not say {said}");
    }
}

#[test]
fn values_that_cannot_be_made() {
    for (value, code, said) in [
        ("given_key(first_nam)", "PRJ0016", "did you mean `first_name`"),
        ("later", "PRJ0016", "move `later` above it"),
        ("given_key(first_name", "PRJ0008", "the SQL cannot be read"),
        ("fold(city) fold", "PRJ0008", "where the expression is over"),
        ("a.city", "PRJ0016", "write `city`"),
        ("(SELECT max(city) FROM staged)", "PRJ0008", "asks other tables"),
    ] {
        let (found, line, all) = mistake(&format!(
            "compare:\n  value: \"{value}\"\n  later: fold(city)\n  given: given_key(first_name)\n  born: birth_date\n{BLOCKING}{COMPARISONS}"
        ));
        assert_eq!((found, line), (code, 2), "{all}");
        assert!(all.contains(said), "{all} does not say {said}");
    }
    let (code, line, all) = mistake(&format!("{COMPARE}  link_id: fold(city)\n{BLOCKING}{COMPARISONS}"));
    assert_eq!((code, line), ("PRJ0013", 5), "{all}");
    let (code, line, all) = mistake(&format!("{COMPARE}  city: {{list: true}}\n{BLOCKING}{COMPARISONS}"));
    assert_eq!((code, line), ("PRJ0003", 5), "{all}");
}

/// Of a `match.yml` whose first level is on line 7.
#[test]
fn levels_that_mean_nothing() {
    for (level, code, said) in [
        ("{label: nothing}", "PRJ0003", "needs a word"),
        ("{is: equal, edits: 1}", "PRJ0013", "two levels"),
        ("{is: equl}", "PRJ0005", "did you mean `equal`"),
        ("{jaro_winkler: 92}", "PRJ0004", "between 0 and 1"),
        ("{edits: 0}", "PRJ0004", "at least 1"),
        ("{overlap: 0, of: phones}", "PRJ0004", "nothing in common"),
        ("{overlap: sound}", "PRJ0016", "did you mean `sounds`"),
        ("{date: [swaped], of: born}", "PRJ0005", "did you mean `swapped`"),
        ("{within: -1}", "PRJ0004", "at least 0"),
        ("{sounds: false}", "PRJ0004", "is no level"),
        ("{is: equal, of: givn}", "PRJ0016", "did you mean `given`"),
        ("{edits: 1, of: 'phones[0]'}", "PRJ0004", "place in a list"),
        ("{is: equal, any: true}", "PRJ0013", "`any` says nothing beside `is`"),
        ("{sql: a.given = b.givn}", "PRJ0016", "did you mean `given`"),
        ("{sql: given IS NULL}", "PRJ0016", "which of the two records"),
        ("{sql: l.given IS NULL}", "PRJ0016", "called `a` and `b`"),
        ("{sql: a.given = }", "PRJ0008", "the SQL cannot be read"),
        ("{is: equal, weight: 3, m: 0.5}", "PRJ0013", "do not go together"),
        ("{is: equal, m: 1}", "PRJ0004", "neither of them"),
        ("{is: slip, term_frequency: true}", "PRJ0013", "does not say that both have the same `given`"),
        ("{is: equal, lable: x}", "PRJ0002", "did you mean `label`"),
    ] {
        let (found, line, all) = mistake(&with_levels(&format!("      - {level}\n")));
        assert_eq!((found, line), (code, 7), "{level}: {all}");
        assert!(all.contains(said), "{level}: {all} does not say {said}");
    }
}

#[test]
fn comparisons_that_never_end_or_never_begin() {
    let with = |comparison: &str| format!("{COMPARE}{BLOCKING}comparisons:\n{comparison}");
    for (comparison, code, line, said) in [
        ("  - compare: given\n    levels:\n      - {is: equal}\n", "PRJ0018", 8, "where no level holds"),
        (
            "  - compare: given\n    levels:\n      - {else: true}\n      - {is: equal}\n",
            "PRJ0018",
            10,
            "behind `else`",
        ),
        ("  - compare: given\n    levels:\n      - {else: true}\n", "PRJ0018", 10, "nothing but `else`"),
        (
            "  - compare: given\n    levels:\n      - {is: equal}\n      - {is: equal}\n      - {else: true}\n",
            "PRJ0018",
            11,
            "stands there before",
        ),
        (
            "  - compare: givn\n    levels:\n      - {sql: a.given = b.given}\n      - {else: true}\n",
            "PRJ0016",
            8,
            "did you mean `given`",
        ),
        (
            "  - compare: ids\n    from: [given]\n    levels:\n      - {is: equal}\n      - {else: true}\n",
            "PRJ0010",
            8,
            "built-in",
        ),
        (
            "  - compare: given\n    term_frequency: true\n    levels:\n      - {is: slip}\n      - {else: true}\n",
            "PRJ0013",
            9,
            "no level of `given`",
        ),
    ] {
        let (found, at, all) = mistake(&with(comparison));
        assert_eq!((found, at), (code, line), "{all}");
        assert!(all.contains(said), "{all} does not say {said}");
    }
}

#[test]
fn thresholds_stand_in_their_order() {
    for (rest, code, said) in [
        ("thresholds: {review: 0.9, match: 0.5}", "PRJ0019", "suggested only from 0.9"),
        ("auto: {at: 0.8}", "PRJ0019", "below"),
        ("auto: {at: 0.95}\ncluster: {bridge: 0.9}", "", ""),
        ("auto: {at: 0.95}", "PRJ0019", "below `cluster.bridge`, which is 0.99"),
        ("auto: {budget: 1}", "PRJ0003", "needs `at`"),
        ("auto: on", "PRJ0005", "write `auto: off`"),
        ("cluster: {bridge: 0.8}", "PRJ0019", "every link of a cluster"),
        ("cluster: {max_size: 10}\nmax_cluster: 10", "PRJ0013", "two names of one bound"),
        ("never:\n  - {sql: a.given = b.given}", "PRJ0003", "needs `because`"),
        ("thresholds: {match: 0}", "PRJ0004", "neither of them"),
    ] {
        let text = format!("{COMPARE}{BLOCKING}{COMPARISONS}{rest}\n");
        if code.is_empty() {
            assert!(load(&[(PATH, &text)]).is_ok(), "{rest}");
            continue;
        }
        let errors = load(&[(PATH, &text)]).expect_err("is wrong");
        let all = super::said(&errors);
        assert!(errors.iter().all(|error| error.error_code() == code && error.line() >= 12), "{all}");
        assert!(all.contains(said), "{all} does not say {said}");
    }
}

#[test]
fn the_size_of_clusters_has_two_names() {
    let of = |rest: &str| super::matching(&format!("{COMPARE}{BLOCKING}{COMPARISONS}{rest}\n")).max_cluster;
    assert_eq!((of("cluster: {max_size: 7}"), of("max_cluster: 8"), of("")), (7, 8, 50));
}
