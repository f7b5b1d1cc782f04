//! Which pairs are looked at: records that share a block of some rule, each pair once, by the first rule that finds it.
//!
//! A block is one number: the place of its rule in its highest bits, a hash of the shared values in the others. All blocks of
//! a record that give pairs at all (not those above their bound) stand in one list, so the first rule that finds a pair is that
//! of the smallest number in both lists. What is NULL has no block, and one that is too large stands in no list.

use super::gamma::pattern;
use super::planned::RECORDS;
use super::score::scored;
use super::template::{filled, step};
use crate::compile::ident::ident;
use crate::compile::query::{Keep, Query};
use crate::project::{BlockingRule, FuzzySpec, Model};

/// The table with the members of the blocks of all rules; `members` alone are those of keys.
pub const MEMBERS: &str = "block_members";

/// What pairs are asked for.
#[derive(Debug, Clone, Copy)]
pub enum PairUse<'a> {
    /// How many there are: `rule`, `pairs`.
    Count,
    /// How often they answer in which way: `rule`, `pattern`, `pairs`.
    Patterns,
    /// Those at or above a probability, with what speaks for it.
    Scores { model: &'a Model, floor: f64 },
}

/// Rows of several runs may have one id of their own: what is learned of two ids is not learned of one.
const TWO_RECORDS: &str =
    "\n     AND NOT coalesce(a.id_system = b.id_system AND a.link_id = b.link_id, false)";

/// The blocks of the records, rule by rule: `rule` (its place), `block`, `node`.
pub fn block_keys(spec: &FuzzySpec) -> Query {
    let parts: Vec<String> = (0..spec.blocking.len())
        .map(|rule| format!("SELECT {rule} AS rule, block, node\nFROM (\n{}\n)", rule_blocks(spec, rule)))
        .collect();
    step("block_keys", Keep::View, &parts.join("\nUNION ALL\n"))
}

/// The members of all blocks that give pairs, from [`RECORDS`] to `candidates`; made once for all pairs.
pub fn members(spec: &FuzzySpec) -> Vec<Query> {
    let mut queries = Vec::with_capacity(2 * spec.blocking.len() + 1);
    for (n, rule) in spec.blocking.iter().enumerate() {
        let keys = rule_blocks(spec, n);
        let blocks = filled(
            include_str!("../../../../sql/steps/match/fuzzy/blocks.sql"),
            &[("keys", &keys), ("max_block", &spec.max_block_of(rule).to_string())],
        );
        let members = filled(
            include_str!("../../../../sql/steps/match/fuzzy/members.sql"),
            &[("keys", &keys), ("blocks", &ident(&format!("blocks_{n}")))],
        );
        queries.push(step(format!("blocks_{n}"), Keep::Memory, &blocks));
        queries.push(step(members_of(n), Keep::Scratch, &members));
    }
    let all: Vec<String> = (0..spec.blocking.len())
        .map(|n| format!("SELECT block, node FROM {}", ident(&members_of(n))))
        .collect();
    queries.push(step(MEMBERS, Keep::View, &all.join("\nUNION ALL\n")));
    let candidates = include_str!("../../../../sql/steps/match/fuzzy/candidates.sql");
    queries.push(step("candidates", Keep::Scratch, candidates));
    queries
}

/// The pairs of all rules over what [`members`] leaves, for those blocks of which `block % $buckets = $bucket`. One query:
/// the values of a record are read once for all of its blocks. `rule` is the place of the first rule that finds the pair.
pub fn pairs(spec: &FuzzySpec, use_: PairUse<'_>) -> Query {
    let rule = format!("a.\"in block\" / {}", unit(spec.blocking.len()));
    let sql = match use_ {
        PairUse::Count => filled(
            include_str!("../../../../sql/steps/match/fuzzy/count.sql"),
            &[("rule", &rule), ("pairs", &joined(""))],
        ),
        PairUse::Patterns => filled(
            include_str!("../../../../sql/steps/match/fuzzy/patterns.sql"),
            &[
                ("rule", &rule),
                ("pattern", &pattern(spec)),
                ("pairs", &joined(&format!("{}{TWO_RECORDS}", never(spec)))),
            ],
        ),
        PairUse::Scores { model, floor } => scored(spec, model, floor, (&rule, &joined(&never(spec)))),
    };
    step("pairs", Keep::View, &sql)
}

/// How many blocks of one rule hold how many records.
pub fn block_sizes(spec: &FuzzySpec, rule: usize) -> String {
    filled(
        include_str!("../../../../sql/steps/match/fuzzy/block_sizes.sql"),
        &[("keys", &rule_blocks(spec, rule))],
    )
}

/// The largest blocks of one rule: `records`, then their values, masked.
pub fn largest_blocks(spec: &FuzzySpec, rule: usize, most: usize) -> String {
    let on = spec.blocking.get(rule).map_or(&[][..], |rule| rule.on.as_slice());
    let shown: String =
        (0..on.len()).map(|n| format!(", min(mask(CAST(k.{0} AS VARCHAR))) AS {0}", value(n))).collect();
    filled(
        include_str!("../../../../sql/steps/match/fuzzy/largest_blocks.sql"),
        &[("shown", &shown), ("keys", &rule_blocks(spec, rule)), ("most", &most.to_string())],
    )
}

/// The table with the members of the blocks of one rule; all of them are [`MEMBERS`].
pub fn members_of(rule: usize) -> String {
    format!("members_{rule}")
}

/// The join that finds pairs, each once.
fn joined(never: &str) -> String {
    filled(include_str!("../../../../sql/steps/match/fuzzy/pairs.sql"), &[("never", never)])
}

/// Pairs that are not looked at, whatever finds them. An unknown condition does not hold.
fn never(spec: &FuzzySpec) -> String {
    let conditions = spec.never.iter().map(|never| never.sql.as_str());
    conditions.map(|sql| format!("\n     AND NOT coalesce({sql}, false)")).collect()
}

/// The blocks of one rule: `block`, `node`, `is_new` and the values that its records share.
fn rule_blocks(spec: &FuzzySpec, rule: usize) -> String {
    let on = spec.blocking.get(rule).map_or(&[][..], |rule: &BlockingRule| rule.on.as_slice());
    let (mask, base) = place_of(rule, spec.blocking.len());
    let values: Vec<String> = (0..on.len()).map(value).collect();
    let known: Vec<String> = values.iter().map(|value| format!("{value} IS NOT NULL")).collect();
    format!(
        "SELECT (row_hash({0}) & {mask}) + {base} AS block, node, is_new, {0}\nFROM (\n{1}\n)\nWHERE {2}",
        values.join(", "),
        taken_apart(spec, on),
        known.join(" AND ")
    )
}

/// Records with the values of a rule: one row per combination of the items of its lists, each list taken apart by itself.
fn taken_apart(spec: &FuzzySpec, on: &[String]) -> String {
    let named: Vec<String> =
        on.iter().enumerate().map(|(n, name)| format!("{} AS {}", ident(name), value(n))).collect();
    let known: Vec<String> = on.iter().map(|name| format!("{} IS NOT NULL", ident(name))).collect();
    let mut sql =
        format!("SELECT node, is_new, {}\nFROM {RECORDS}\nWHERE {}", named.join(", "), known.join(" AND "));
    for (n, _) in on.iter().enumerate().filter(|(_, name)| super::records::is_list(spec, name)) {
        let values: Vec<String> = (0..on.len())
            .map(|other| match other == n {
                true => format!("unnest(array_distinct({0})) AS {0}", value(n)),
                false => value(other),
            })
            .collect();
        sql = format!("SELECT node, is_new, {}\nFROM (\n{sql}\n)", values.join(", "));
    }
    sql
}

fn value(n: usize) -> String {
    format!("v{n}")
}

/// The bits of a block that are a hash, and the number of its rule in those above.
fn place_of(rule: usize, rules: usize) -> (i64, i64) {
    let rule = i64::try_from(rule).unwrap_or(i64::MAX);
    (unit(rules) - 1, unit(rules).wrapping_mul(rule))
}

/// Blocks of one rule are below this number, and a block divided by it is the place of its rule.
fn unit(rules: usize) -> i64 {
    1 << (63 - (usize::BITS - rules.leading_zeros()).min(32))
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn blocks_are_ordered_as_their_rules() {
        for rules in [1, 2, 3, 17, 64, 1_000] {
            let mut highest = -1;
            for rule in 0..rules {
                let (mask, base) = place_of(rule, rules);
                assert!(base > highest, "rule {rule} of {rules}");
                highest = base.checked_add(mask).expect("the last block is a number");
            }
        }
    }
}
