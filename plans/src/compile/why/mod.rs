//! why: one record asked back from what a run left, as statements that `importer sql` answers alike.
//!
//! What a statement reads are the tables of the catalogue: data sets of the lake (`dry.` for dry runs) and, as
//! `store.<table>`, those of the database. Values stand in the text, so that it can be copied and run. Statements whose
//! shape is always the same are files of `sql/steps/why`; here are those that follow an entity's fields and sets.
//!
//! - `place`: which data sets are read
//! - `row`: a row as it was staged, its mapping and rules asked again, its keys, its change
//! - `core`: a core row as it stands

mod core;
mod place;
mod row;

pub use self::core::{core_fields_sql, core_table_sql, owners_sql, people_sql};
pub use place::Place;
pub use row::{
    ROW_STATUS, RowRule, candidates_sql, change_fields_sql, change_sql, keys_sql, landed_row_sql,
    mapped_again_sql, origins_sql, row_rules, same_keys_sql, staged_fields_sql, staged_row_sql,
};

use super::bind::{Bound, bind};

/// The statements that are the same for every entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fixed {
    ChangeLog,
    Chunk,
    CoreLinks,
    CoreMerges,
    CoreSuggestions,
    CreatedId,
    Findings,
    FindingStatus,
    Hits,
    IdRange,
    Line,
    Link,
    LinkFindings,
    Links,
    MembersOfCluster,
    MembersOfCore,
    PairDecisions,
    Pairs,
    PairSuggestions,
    Provenance,
    Reject,
    RejectStatus,
    RelatedRuns,
    Suggestions,
    TakenBack,
}

impl Fixed {
    fn text(self) -> &'static str {
        macro_rules! file {
            ($name:literal) => {
                include_str!(concat!("../../../../sql/steps/why/", $name, ".sql"))
            };
        }
        match self {
            Self::ChangeLog => file!("change_log"),
            Self::Chunk => file!("chunk"),
            Self::CoreLinks => file!("core_links"),
            Self::CoreMerges => file!("core_merges"),
            Self::CoreSuggestions => file!("core_suggestions"),
            Self::CreatedId => file!("created_id"),
            Self::Findings => file!("findings"),
            Self::FindingStatus => file!("finding_status"),
            Self::Hits => file!("hits"),
            Self::IdRange => file!("id_range"),
            Self::Line => file!("line"),
            Self::Link => file!("link"),
            Self::LinkFindings => file!("link_findings"),
            Self::Links => file!("links"),
            Self::MembersOfCluster => file!("members_of_cluster"),
            Self::MembersOfCore => file!("members_of_core"),
            Self::PairDecisions => file!("pair_decisions"),
            Self::Pairs => file!("pairs"),
            Self::PairSuggestions => file!("pair_suggestions"),
            Self::Provenance => file!("provenance"),
            Self::Reject => file!("reject"),
            Self::RejectStatus => file!("reject_status"),
            Self::RelatedRuns => file!("related_runs"),
            Self::Suggestions => file!("suggestions"),
            Self::TakenBack => file!("taken_back"),
        }
    }
}

/// The data sets that fixed statements read, as they stand in braces.
const DATA_SETS: [&str; 7] =
    ["landed", "rejects", "dq_violations", "links", "dedupe_pairs", "hits", "created_ids"];

/// A statement of `sql/steps/why` for a run, with its values, and without the comment that begins it.
pub fn fixed_sql(fixed: Fixed, place: Place, values: &[Bound]) -> String {
    let text = fixed.text();
    let body: Vec<&str> = text.lines().skip_while(|line| line.starts_with("--")).collect();
    let named = DATA_SETS
        .iter()
        .fold(body.join("\n"), |sql, name| sql.replace(&format!("{{{name}}}"), &place.table(name)));
    bind(&named, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dry_runs_have_tables_of_their_own() {
        let values = [Bound::number("run_id", 3), Bound::number("row", 4)];
        let real = fixed_sql(Fixed::Findings, Place { run_id: 3, dry: false }, &values);
        assert!(real.starts_with("SELECT") && real.contains("FROM dq_violations\n"), "{real}");
        assert!(real.contains("run_id = 3 AND sequence_number = 4") && !real.contains('$'), "{real}");
        let dry = fixed_sql(Fixed::Findings, Place { run_id: 3, dry: true }, &values);
        assert!(dry.contains("FROM dry.dq_violations\n"), "{dry}");
    }
}
