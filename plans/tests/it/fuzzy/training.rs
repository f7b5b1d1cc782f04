//! Training finds what was planted, whatever the order of the patterns, and stays sane with next to nothing.

use importer_plans::compile::fuzzy::{Sample, Trained, em, waterfall};
use importer_plans::project::{FuzzySpec, Model, Pattern, Patterns, Weights};

use super::{people, spec};

/// Pairs that the planted patterns stand for.
const PAIRS: f64 = 10_000_000.0;

/// Four comparisons of three levels, none of which the only rule decides.
fn four(personal: &str) -> FuzzySpec {
    let comparison = |name: &str| {
        format!("  - compare: {name}\n    levels: [{{is: equal}}, {{jaro_winkler: 0.9}}, {{else: true}}]\n")
    };
    let comparisons: String = ["one", "two", "three", "four"].map(comparison).concat();
    spec(&format!(
        "compare: {{one: fold(first_name), two: fold(last_name), three: fold(city), four: fold(street), work: fold(employer)}}\nblocking:\n  - {{rule: work, on: [work]}}\n  - {{rule: wide, on: [work], train: false}}\ncomparisons:\n{comparisons}personal: {personal}\ntwo_ids: apart\n"
    ))
}

/// By code: nothing, else, close, equal.
const M: [[f64; 4]; 4] =
    [[0.0, 0.04, 0.06, 0.90], [0.0, 0.10, 0.10, 0.80], [0.0, 0.30, 0.10, 0.60], [0.0, 0.15, 0.15, 0.70]];
const U: [[f64; 4]; 4] =
    [[0.0, 0.97, 0.02, 0.01], [0.0, 0.94, 0.04, 0.02], [0.0, 0.85, 0.05, 0.10], [0.0, 0.965, 0.03, 0.005]];
/// Of a household that shares all but the first and the last.
const H: [[f64; 4]; 4] = [U[0], [0.0, 0.05, 0.05, 0.90], [0.0, 0.10, 0.05, 0.85], U[3]];

/// The patterns of pairs of which these shares are matches, households and strangers.
fn planted(spec: &FuzzySpec, shares: [f64; 3]) -> Patterns {
    let mut patterns = Patterns::new();
    for number in 0..81_u8 {
        let codes = [number / 27 % 3 + 1, number / 9 % 3 + 1, number / 3 % 3 + 1, number % 3 + 1];
        let of = |parts: &[[f64; 4]; 4]| -> f64 {
            parts.iter().zip(codes).map(|(parts, code)| parts[usize::from(code)]).product()
        };
        let expected = PAIRS * (shares[0] * of(&M) + shares[1] * of(&H) + shares[2] * of(&U));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let pairs = expected.round() as u64;
        patterns.push((spec.pattern_of(&codes), pairs));
    }
    patterns
}

fn trained(spec: &FuzzySpec, strangers: &Patterns, rules: &[(usize, Patterns)]) -> Trained {
    let sample = Sample { records: 100_000, strangers, rules, labels: &[] };
    em(spec, &sample, &Weights::of_kinds(spec))
}

fn is_near(found: &[Vec<f64>], wanted: &[[f64; 4]; 4], within: f64, what: &str) {
    for (found, wanted) in found.iter().zip(wanted) {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() <= within * wanted, "{what}: {found} for {wanted}");
        }
    }
}

#[test]
fn planted_levels_are_found() {
    let spec = four("[]");
    let strangers = planted(&spec, [0.0, 0.0, 1.0]);
    let trained = trained(&spec, &strangers, &[(0, planted(&spec, [0.3, 0.0, 0.7]))]);
    assert!(trained.converged, "{:?}", trained.rounds);
    is_near(&trained.model.m, &M, 0.02, "m");
    is_near(&trained.model.u, &U, 0.02, "u");
    assert_eq!(trained.model.household_prior, None);
    assert_eq!(trained.untrained, [""; 0]);
    assert_eq!(trained.rounds[0].rule, "work");
    // 3,000,000 matches among 4,999,950,000 pairs, of which blocking is taken to find 95 %.
    let odds = (3_000_000.0_f64 / 0.95 / 4_999_950_000.0).log2();
    assert!((trained.model.prior - odds).abs() < 0.5, "{} for {odds}", trained.model.prior);
}

#[test]
fn households_are_a_class_of_their_own() {
    let spec = four("[one, four]");
    let strangers = planted(&spec, [0.0, 0.0, 1.0]);
    let trained = trained(&spec, &strangers, &[(0, planted(&spec, [0.3, 0.2, 0.5]))]);
    is_near(&trained.model.m, &M, 0.02, "m");
    is_near(&trained.model.h, &H, 0.03, "h");
    assert!(trained.model.household_prior.is_some_and(|prior| prior < trained.model.prior));
    // What a household shares speaks for one, and what is personal says nothing of it.
    let bits = &trained.model.household;
    assert!(bits[1][3] > 5.0 && bits[2][3] > 2.5, "{bits:?}");
    assert_eq!((&bits[0], &bits[3]), (&vec![0.0; 4], &vec![0.0; 4]));
}

#[test]
fn the_order_of_patterns_does_not_matter() {
    let spec = four("[one, four]");
    let (strangers, pairs) = (planted(&spec, [0.0, 0.0, 1.0]), planted(&spec, [0.3, 0.2, 0.5]));
    let wide = planted(&spec, [0.01, 0.01, 0.98]);
    let labels = [(spec.pattern_of(&[3, 3, 3, 3]), true), (spec.pattern_of(&[1, 3, 3, 1]), false)];
    let of = |strangers: &Patterns, rules: &[(usize, Patterns)], labels: &[(Pattern, bool)]| {
        em(&spec, &Sample { records: 5_000, strangers, rules, labels }, &Weights::of_kinds(&spec))
    };
    let first = of(&strangers, &[(0, pairs.clone()), (1, wide.clone())], &labels);
    for seed in [1_u64, 7, 99] {
        let split: Patterns =
            pairs.iter().flat_map(|(pattern, n)| [(*pattern, n / 3), (*pattern, n - n / 3)]).collect();
        let rules = [(1, shuffled(&wide, seed)), (0, shuffled(&split, seed + 1))];
        let other = of(&shuffled(&strangers, seed + 2), &rules, &[labels[1], labels[0]]);
        // Numbers are compared by value, and no number here is NaN or -0.
        assert_eq!(other, first, "seed {seed}");
    }
}

fn shuffled(patterns: &Patterns, seed: u64) -> Patterns {
    let mut shuffled = patterns.clone();
    let mut state = seed;
    for at in (1..shuffled.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap() % (at + 1);
        shuffled.swap(at, other);
    }
    shuffled
}

#[test]
fn three_patterns_give_sane_weights() {
    let spec = spec(&people());
    let patterns: Patterns = [[7, 7, 5, 5, 4, 5, 0], [1, 1, 1, 1, 1, 1, 0], [2, 7, 0, 0, 0, 5, 0]]
        .iter()
        .map(|codes| (spec.pattern_of(codes), 1))
        .collect();
    let sample = Sample { records: 4, strangers: &patterns, rules: &[(0, patterns.clone())], labels: &[] };
    let trained = em(&spec, &sample, &Weights::of_kinds(&spec));
    for (comparison, weights) in spec.comparisons.iter().zip(&trained.model.weights) {
        assert!(
            weights.iter().all(|bits| bits.is_finite() && bits.abs() < 20.0),
            "{}: {weights:?}",
            comparison.name
        );
        assert_eq!(weights[0], 0.0, "{}", comparison.name);
        assert!(
            weights[1..].windows(2).all(|pair| pair[0] <= pair[1] + 1e-3),
            "{}: {weights:?}",
            comparison.name
        );
        assert!(weights[1] < 0.0 && weights[weights.len() - 1] > 0.0, "{}: {weights:?}", comparison.name);
    }
    assert_eq!(trained.untrained, ["emails"]);
    assert!(trained.unseen.contains(&("given".to_owned(), "nickname of the other".to_owned())));
    assert!(!trained.unseen.contains(&("given".to_owned(), "same given name".to_owned())));
}

#[test]
fn what_is_set_by_hand_is_not_trained() {
    let text = "compare: {one: fold(first_name), two: fold(last_name), work: fold(employer)}\nblocking:\n  - {rule: work, on: [work]}\ncomparisons:\n  - compare: one\n    levels: [{is: equal, weight: 5.5}, {jaro_winkler: 0.9, m: 0.2, u: 0.05}, {else: true}]\n  - compare: two\n    levels: [{is: equal}, {else: true}]\ntwo_ids: apart\n";
    let spec = spec(text);
    let patterns: Patterns = vec![(spec.pattern_of(&[3, 2]), 400), (spec.pattern_of(&[1, 1]), 600)];
    let sample = Sample { records: 1000, strangers: &patterns, rules: &[(0, patterns.clone())], labels: &[] };
    let model = em(&spec, &sample, &Weights::of_kinds(&spec)).model;
    assert_eq!(model.weights[0][3], 5.5);
    assert_eq!((model.m[0][2], model.u[0][2], model.weights[0][2]), (0.2, 0.05, 2.0));
}

#[test]
fn decisions_count() {
    let spec = four("[]");
    let strangers = planted(&spec, [0.0, 0.0, 1.0]);
    let rules = [(
        0,
        planted(&spec, [0.3, 0.0, 0.7]).into_iter().map(|(p, n)| (p, n / 100_000)).collect::<Patterns>(),
    )];
    let of = |labels: &[(Pattern, bool)]| {
        let sample = Sample { records: 100_000, strangers: &strangers, rules: &rules, labels };
        em(&spec, &sample, &Weights::of_kinds(&spec)).model
    };
    let same = vec![(spec.pattern_of(&[1, 3, 3, 3]), true); 20];
    assert!(of(&same).weights[0][1] > of(&[]).weights[0][1] + 0.5);
}

#[test]
fn a_score_is_taken_apart_and_says_what_would_turn_it() {
    let spec = spec(&people());
    let model = Model::of_kinds(&spec);
    let pattern = spec.pattern_of(&[7, 7, 1, 0, 4, 0, 0]);
    let terms = [1.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let parts = waterfall(&spec, &model, pattern, &terms);
    let sum: f64 = parts.prior + parts.steps.iter().map(|step| step.weight + step.term).sum::<f64>();
    assert!((sum - parts.total).abs() < 1e-9, "{parts:?}");
    let labels: Vec<&str> = parts.steps.iter().map(|step| step.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "same given name",
            "same family name",
            "another birth date",
            "cannot be compared",
            "a phone number in common",
            "cannot be compared",
            "cannot be compared"
        ]
    );
    let is_match = parts.probability >= spec.thresholds.matched;
    let flip = parts.flip.expect("something turns it");
    assert_eq!(flip.probability >= spec.thresholds.matched, !is_match, "{flip:?}");
    // No single change of less does.
    let now = model.score(&spec, pattern, &terms).matched;
    for (at, comparison) in spec.comparisons.iter().enumerate() {
        for level in comparison.levels.iter().filter(|level| level.code > 0) {
            let (mut codes, mut terms) = (spec.levels_of(pattern), terms.to_vec());
            if codes[at] == level.code {
                continue;
            }
            (codes[at], terms[at]) = (level.code, 0.0);
            let score = model.score(&spec, spec.pattern_of(&codes), &terms);
            let crosses = (score.probability >= spec.thresholds.matched) != is_match;
            let least = model.weights[flip_at(&spec, &flip.comparison)][usize::from(flip.to)];
            assert_eq!(least, flip.weight);
            assert!(
                !crosses
                    || (score.matched - now).abs()
                        >= moved(&spec, &model, pattern, &terms_of(), &flip) - 1e-9
            );
        }
    }
}

fn terms_of() -> [f64; 7] {
    [1.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
}

fn flip_at(spec: &FuzzySpec, name: &str) -> usize {
    spec.comparisons.iter().position(|comparison| comparison.name == name).expect("is there")
}

/// How far a change moves the score.
fn moved(
    spec: &FuzzySpec,
    model: &Model,
    pattern: Pattern,
    terms: &[f64],
    flip: &importer_plans::compile::fuzzy::Flip,
) -> f64 {
    let at = flip_at(spec, &flip.comparison);
    let (mut codes, mut own) = (spec.levels_of(pattern), terms.to_vec());
    (codes[at], own[at]) = (flip.to, 0.0);
    let now = model.score(spec, pattern, terms).matched;
    (model.score(spec, spec.pattern_of(&codes), &own).matched - now).abs()
}

#[test]
fn probabilities_neither_overflow_nor_lose() {
    use importer_plans::project::Score;
    assert_eq!(Score::of(0.0, None).probability, 0.5);
    assert_eq!(Score::of(5000.0, None).probability, 1.0);
    assert_eq!(Score::of(-5000.0, None).probability, 0.0);
    assert_eq!(Score::of(5000.0, Some(5000.0)).probability, 0.5);
    let score = Score::of(3.0, Some(1.0));
    assert!(
        (score.probability - 8.0 / 11.0).abs() < 1e-12
            && (score.household_probability - 2.0 / 11.0).abs() < 1e-12
    );
}
