//! Everything that `match.yml` says of likeness, as one value.

use super::{Auto, BlockingRule, Cluster, Comparison, Model, Never, Prepared, Thresholds, TwoIds};
use super::{blocking, compare, comparison, thresholds};
use crate::project::contract::Contract;
use crate::project::decode::Reader;
use crate::project::diagnostics::{Span, suggestion};

/// How records are compared by likeness.
#[derive(Debug, Clone, PartialEq)]
pub struct FuzzySpec {
    /// Values made once per record, in the order of the file.
    pub compare: Vec<Prepared>,
    /// Comparisons that tell two of one household apart, by name; empty: households are no class of their own.
    pub personal: Vec<String>,
    pub two_ids: TwoIds,
    /// In the order of the file: a pair belongs to the first rule that finds it.
    pub blocking: Vec<BlockingRule>,
    /// Records in one block, above which a rule without a bound of its own gives no pair of it.
    pub max_block: u64,
    /// In the order of the file; where ids are weighed, the built-in comparison `ids` is the last.
    pub comparisons: Vec<Comparison>,
    /// Pairs that are never the same, whatever else they share.
    pub never: Vec<Never>,
    pub thresholds: Thresholds,
    /// `None`: nothing is merged without a person.
    pub auto: Option<Auto>,
    pub cluster: Cluster,
    /// The trained model of the file `model` names; `None`: the weights of the kinds of levels hold.
    pub model: Option<Model>,
    /// The name of the model's file, beside `match.yml`.
    pub model_file: String,
    /// `match.yml` names it, so it must be there.
    pub is_model_named: bool,
}

/// What each comparison of a pair came to, packed: Σ code × radix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(pub i64);

/// Patterns with how many pairs have them.
pub type Patterns = Vec<(Pattern, u64)>;

/// The bound of blocks without another number: the pairs of one block are half its square.
const MAX_BLOCK: u64 = 1000;
/// The file of the model without another name.
const MODEL_FILE: &str = "match.model.json";
pub(super) const MODEL_ENDING: &str = ".model.json";
/// The sections without which nothing is compared, and those that say how.
const NEEDED: [&str; 3] = ["compare", "blocking", "comparisons"];
const BESIDE: [&str; 7] = ["max_block", "personal", "never", "two_ids", "thresholds", "auto", "model"];

impl FuzzySpec {
    /// Reads the sections; `None` where the file has none of them.
    pub(super) fn read(map: &Reader<'_>, contract: Option<&Contract>) -> Option<Self> {
        let given: Vec<&str> = NEEDED.into_iter().filter(|key| map.node(key).is_some()).collect();
        let beside: Vec<&str> = BESIDE.into_iter().filter(|key| map.node(key).is_some()).collect();
        let compare = compare::read(map, contract);
        let blocking = blocking::read(map, &compare);
        let mut comparisons = comparison::read(map, &compare);
        let personal = map.texts("personal");
        check_personal(map, &comparisons, &personal);
        let mut never = thresholds::never(map, &compare);
        let two_ids = map.word("two_ids", TwoIds::WORDS).unwrap_or(TwoIds::Weigh);
        match two_ids {
            TwoIds::Weigh => comparisons.push(Comparison::of_ids()),
            TwoIds::Apart => never.push(thresholds::two_ids_are_two(map.span_of("two_ids"))),
        }
        let thresholds = Thresholds::read(map);
        let cluster = Cluster::read(map, thresholds);
        let auto = Auto::read(map, thresholds, cluster);
        let max_block = map.whole("max_block", 2).unwrap_or(MAX_BLOCK);
        let named = map.text("model").filter(|name| is_model_name(map, name));
        let is_model_named = named.is_some();
        let model_file = named.unwrap_or_else(|| MODEL_FILE.to_owned());
        if given.is_empty() && beside.is_empty() {
            return None;
        }
        check_sections(map, &given, &beside);
        let personal = personal.into_iter().map(|(name, _)| name).collect();
        let model = None;
        Some(Self {
            compare,
            personal,
            two_ids,
            blocking,
            max_block,
            comparisons,
            never,
            thresholds,
            auto,
            cluster,
            model,
            model_file,
            is_model_named,
        })
    }

    /// For each comparison whether the keys of a rule decide it: among pairs of one birth date the date says nothing.
    pub fn held_out(&self, rule: &BlockingRule) -> Vec<bool> {
        let fields: Vec<&String> =
            rule.on.iter().filter_map(|name| self.prepared(name)).flat_map(|value| &value.fields).collect();
        let is_fed = |name: &String| {
            self.prepared(name).is_some_and(|value| value.fields.iter().any(|field| fields.contains(&field)))
        };
        self.comparisons.iter().map(|comparison| comparison.from.iter().any(is_fed)).collect()
    }

    /// Whether a comparison tells two of one household apart.
    pub fn is_personal(&self, comparison: &Comparison) -> bool {
        self.personal.contains(&comparison.name)
    }

    /// The values whose frequencies adjust levels, each once, in the order of `compare`.
    pub fn term_values(&self) -> impl Iterator<Item = &Prepared> {
        let adjusts = move |value: &&Prepared| {
            let mut levels = self.comparisons.iter().flat_map(|comparison| &comparison.levels);
            levels.any(|level| level.terms.as_ref() == Some(&value.name))
        };
        self.compare.iter().filter(adjusts)
    }

    /// The value of code 1 of each comparison in a pattern.
    pub fn radix(&self) -> Vec<i64> {
        let mut next = 1_i64;
        self.comparisons
            .iter()
            .map(|comparison| {
                let this = next;
                next = next.saturating_mul(comparison.codes());
                this
            })
            .collect()
    }

    /// The code of each comparison in a pattern; see [`Level::code`](super::Level::code).
    pub fn levels_of(&self, pattern: Pattern) -> Vec<u8> {
        let mut left = pattern.0.max(0);
        self.comparisons
            .iter()
            .map(|comparison| {
                let codes = comparison.codes();
                let code = left % codes;
                left /= codes;
                u8::try_from(code).unwrap_or_default()
            })
            .collect()
    }

    /// The pattern of some codes, one per comparison.
    pub fn pattern_of(&self, codes: &[u8]) -> Pattern {
        Pattern(self.radix().iter().zip(codes).map(|(radix, code)| radix * i64::from(*code)).sum())
    }

    /// A value of `compare` by name.
    pub fn prepared(&self, name: &str) -> Option<&Prepared> {
        self.compare.iter().find(|prepared| prepared.name == name)
    }

    /// The bound of a rule's blocks.
    pub fn max_block_of(&self, rule: &BlockingRule) -> u64 {
        rule.max_block.unwrap_or(self.max_block)
    }
}

/// Sections that find nothing without the others.
fn check_sections(map: &Reader<'_>, given: &[&str], beside: &[&str]) {
    if given.len() == NEEDED.len() {
        return;
    }
    let missing = NEEDED.into_iter().filter(|key| !given.contains(key));
    let missing: Vec<String> = missing.map(|key| format!("`{key}`")).collect();
    let there = given.first().or(beside.first()).copied().unwrap_or_default();
    let key = map.entries().iter().find(|(key, _)| key.name == there);
    let span = key.map_or_else(Span::default, |(key, _)| key.span);
    let message = format!("`{there}` says nothing without {}", missing.join(" and "));
    map.report(map.error(span, "PRJ0017", message).help(
        "values to compare (`compare`), which records meet (`blocking`) and what their values say (`comparisons`) belong together",
    ));
}

fn check_personal(map: &Reader<'_>, comparisons: &[Comparison], personal: &[(String, Span)]) {
    let known: Vec<&str> = comparisons.iter().map(|comparison| comparison.name.as_str()).collect();
    for (name, span) in personal.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        let error = map.error(*span, "PRJ0016", format!("there is no comparison `{name}`"));
        map.report(error.label("unknown comparison").help(suggestion(name, &known)));
    }
}

/// The model lies beside `match.yml`, under a name by which it is known.
fn is_model_name(map: &Reader<'_>, name: &str) -> bool {
    let fits = name.ends_with(MODEL_ENDING) && !name.contains('/');
    if !fits {
        map.report(
            map.error(map.span_of("model"), "PRJ0013", format!("`{name}` is no name of a model")).help(
                format!("write `model: {MODEL_FILE}`: the file lies beside match.yml, and its name ends in `{MODEL_ENDING}`"),
            ),
        );
    }
    fits
}
