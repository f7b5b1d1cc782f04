//! The SQL of `match.yml`, expression by expression: planned over empty tables, names and types are known to be right before
//! any data comes.

use crate::project::{FuzzySpec, SqlPlace, When};

/// The name of the table of records that conditions are planned over.
pub const RECORDS: &str = "match_records";

/// One expression as a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The value that it makes, or the comparison that asks it; `never`.
    pub name: String,
    /// It is a value and gives a list.
    pub is_list: bool,
    pub sql: String,
    /// Where it stands in `match.yml`.
    pub place: SqlPlace,
}

/// The values of `compare`, each alone, over `staged`. The only column is called like the value.
pub fn planned_values(spec: &FuzzySpec) -> Vec<Planned> {
    let query = |value: &crate::project::Prepared| Planned {
        name: value.name.clone(),
        is_list: value.is_list,
        sql: format!("SELECT {} AS {}\nFROM staged", value.sql, super::super::ident(&value.name)),
        place: value.place,
    };
    spec.compare.iter().map(query).collect()
}

/// All conditions over two records, each alone, over [`RECORDS`]. The only column is true or false.
pub fn planned_conditions(spec: &FuzzySpec) -> Vec<Planned> {
    let query = |name: &str, condition: &str, place: SqlPlace| Planned {
        name: name.to_owned(),
        is_list: false,
        sql: format!("SELECT {condition} AS holds\nFROM {RECORDS} a CROSS JOIN {RECORDS} b"),
        place,
    };
    let levels = spec.comparisons.iter().flat_map(|comparison| {
        comparison.levels.iter().filter_map(|level| match &level.when {
            When::Missing(condition) | When::Condition(condition) => {
                Some(query(&comparison.name, condition, level.place))
            }
            When::Else => None,
        })
    });
    let never = spec.never.iter().map(|never| query("never", &never.sql, never.place));
    levels.chain(never).collect()
}
