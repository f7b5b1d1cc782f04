//! The only place where an object path of the lake is formatted.
//!
//! Data set first, so that analysts can glob over runs:
//! `<data set>/tenant=<tenant>/run_id=<run>/a<attempt>-r<round>-part-<n>.parquet`.
//! Dry runs live below `_dry/`, so that a glob over a data set never mixes them in.

use object_store::path::Path;

/// What the name of a file of a local lake ends with until it is complete.
pub const STAGED: &str = ".unfinished";

/// The data sets of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DataSetName {
    /// Source columns as text.
    Landed,
    /// Records that could not be parsed.
    Rejects,
    /// What land has to say about records that it could parse.
    Findings,
    /// Where rows that another run held were first landed.
    Origins,
    /// Canonical typed columns of an entity.
    Staging(String),
    /// One row per row and rule that failed.
    Violations,
    /// What became of each validated row.
    Links,
    /// Pairs that a person may look at.
    DedupePairs,
    /// Pairs compared by likeness, with what became of them.
    DedupeScores,
    /// Keys of incoming rows that stand on core rows, with the name test.
    Hits,
    /// One row per core row touched; the parts are `created`, `merged` and `unchanged`.
    Changes(String),
    /// Core ids that load gave to new core rows, by their lead row.
    CreatedIds,
    /// What stood in core where a plan had seen something else.
    Moved,
    /// Rows that bring another value than one that a person has set, which stays.
    ManualKept,
    /// Rows that lost a field to a value that is as strong as theirs.
    Tied,
    /// What a step hands to the next one only; removed when the run has succeeded.
    Scratch(String),
    /// What a rollback left as it was, with the reason.
    Kept,
    /// Suggestions and findings that a rollback took away.
    Aside(String),
}

impl DataSetName {
    /// The folder and catalogue name.
    pub fn name(&self) -> String {
        match self {
            Self::Landed => "landed".into(),
            Self::Rejects => "rejects".into(),
            Self::Findings => "findings".into(),
            Self::Origins => "origins".into(),
            Self::Staging(entity) => format!("staging_{entity}"),
            Self::Violations => "dq_violations".into(),
            Self::Links => "links".into(),
            Self::DedupePairs => "dedupe_pairs".into(),
            Self::DedupeScores => "dedupe_scores".into(),
            Self::Hits => "hits".into(),
            Self::Changes(_) => "changes".into(),
            Self::CreatedIds => "created_ids".into(),
            Self::ManualKept => "manual_kept".into(),
            Self::Tied => "tied".into(),
            Self::Moved => "moved".into(),
            Self::Scratch(_) => "_scratch".into(),
            Self::Kept => "rollback_kept".into(),
            Self::Aside(what) => format!("rollback_{what}"),
        }
    }
}

/// Where one attempt of one run puts its files.
#[derive(Debug, Clone)]
pub struct RunPaths {
    tenant: String,
    run_id: i64,
    attempt: i32,
    dry: bool,
}

impl RunPaths {
    /// Paths of a run; `dry` runs are kept apart.
    pub fn new(tenant: &str, run_id: i64, attempt: i32, dry: bool) -> Self {
        Self { tenant: tenant.to_owned(), run_id, attempt, dry }
    }

    /// The folder of one data set of this run.
    pub fn folder(&self, name: &DataSetName) -> Path {
        let base = data_set_root(&name.name(), self.dry);
        base.join(format!("tenant={}", self.tenant)).join(format!("run_id={}", self.run_id))
    }

    /// One part file of a data set.
    pub fn part(&self, name: &DataSetName, round: u32, part: usize) -> Path {
        let kind = match name {
            DataSetName::Changes(kind) | DataSetName::Scratch(kind) => format!("{kind}-"),
            _ => String::new(),
        };
        self.folder(name).join(format!("a{}-r{round}-{kind}part-{part}.parquet", self.attempt))
    }

    /// The folder of everything that only this run reads.
    pub fn scratch(&self) -> Path {
        self.folder(&DataSetName::Scratch(String::new()))
    }

    /// The folders of everything that a run of this entity can leave.
    pub fn folders(&self, entity: &str) -> Vec<Path> {
        let names = [
            DataSetName::Landed,
            DataSetName::Rejects,
            DataSetName::Findings,
            DataSetName::Origins,
            DataSetName::Staging(entity.to_owned()),
            DataSetName::Violations,
            DataSetName::Links,
            DataSetName::DedupePairs,
            DataSetName::DedupeScores,
            DataSetName::Hits,
            DataSetName::Changes(String::new()),
            DataSetName::CreatedIds,
            DataSetName::ManualKept,
            DataSetName::Tied,
            DataSetName::Scratch(String::new()),
        ];
        names.iter().map(|name| self.folder(name)).collect()
    }

    /// The manifest of a step.
    pub fn manifest(&self, step: &str) -> Path {
        self.manifests().join(format!("{step}.json"))
    }

    /// The folder of the run's manifests.
    pub fn manifests(&self) -> Path {
        runs_root().join(self.tenant.as_str()).join(self.run_id.to_string())
    }

    /// The error report of the run, with its extension.
    pub fn report(&self, file: &str) -> Path {
        let base = data_set_root("reports", self.dry);
        base.join(format!("tenant={}", self.tenant)).join(format!("run_id={}", self.run_id)).join(file)
    }

    /// Whether a data file was written by this attempt.
    pub fn is_own(&self, file: &Path) -> bool {
        file.filename().is_some_and(|name| name.starts_with(&format!("a{}-", self.attempt)))
    }

    /// The number of this attempt.
    pub fn attempt(&self) -> i32 {
        self.attempt
    }
}

/// The root folder of a data set over all runs.
pub fn data_set_root(name: &str, dry: bool) -> Path {
    let base = if dry { Path::from("_dry") } else { Path::default() };
    name.split('/').fold(base, |path, part| path.join(part))
}

/// The folder of all manifests.
pub fn runs_root() -> Path {
    Path::from("_runs")
}

/// The content-addressed bundle of a resolved project.
pub fn project_bundle(hash: &str) -> Path {
    Path::from("_projects").join(format!("{hash}.json"))
}

/// The folder of rows that were asked to go again, kept until a run has landed them.
pub fn kept_rows_root(tenant: &str) -> Path {
    Path::from("_requests").join(tenant)
}

/// The folder of the records that core rows of an entity were made of.
pub fn match_index_root(tenant: &str, entity: &str) -> Path {
    Path::from("_match_index").join(format!("tenant={tenant}")).join(format!("entity={entity}"))
}

/// What names the files of one generation of them; names sort as their numbers do.
pub fn match_index_generation(root: &Path, number: u64) -> Path {
    root.clone().join(format!("gen-{number:010}.json"))
}

/// The number of the generation that an object belongs to, whether it names files or is one.
pub fn generation_of(path: &Path) -> Option<u64> {
    let digits = path.filename()?.strip_prefix("gen-")?.get(..10)?;
    digits.parse().ok()
}

/// A file of a generation. Whoever wrote it is in its name: two may write the same generation, and one of them wins.
pub fn match_index_part(root: &Path, what: &str, number: u64, (run, attempt): (i64, i32)) -> Path {
    root.clone().join(what).join(format!("gen-{number:010}-run-{run}-a{attempt}.parquet"))
}

/// What binds the lake to its database.
pub fn store_binding() -> Path {
    Path::from("_store.json")
}

/// What a look at the lake writes and removes again.
pub fn probe(process: u32) -> Path {
    Path::from(format!("_doctor-{process}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_set_first_and_dry_runs_apart() {
        let paths = RunPaths::new("default", 42, 1, false);
        assert_eq!(
            paths.part(&DataSetName::Staging("volunteers".into()), 0, 1).as_ref(),
            "staging_volunteers/tenant=default/run_id=42/a1-r0-part-1.parquet"
        );
        let dry = RunPaths::new("default", 43, 1, true);
        assert_eq!(dry.folder(&DataSetName::Links).as_ref(), "_dry/links/tenant=default/run_id=43");
        assert_eq!(dry.manifest("land").as_ref(), "_runs/default/43/land.json");
        let part = paths.part(&DataSetName::Changes("created".into()), 1, 0);
        assert!(paths.is_own(&part));
        assert!(!RunPaths::new("default", 42, 11, false).is_own(&part));
    }

    #[test]
    fn generations_sort_as_their_numbers_and_are_read_from_names() {
        let root = match_index_root("default", "volunteers");
        let (ninth, tenth) = (match_index_generation(&root, 9), match_index_generation(&root, 10));
        assert!(ninth < tenth);
        assert_eq!(tenth.as_ref(), "_match_index/tenant=default/entity=volunteers/gen-0000000010.json");
        let part = match_index_part(&root, "records", 10, (42, 2));
        assert_eq!(part.filename(), Some("gen-0000000010-run-42-a2.parquet"));
        assert_eq!((generation_of(&ninth), generation_of(&part)), (Some(9), Some(10)));
        assert_eq!(generation_of(&root), None);
    }

    #[test]
    fn names_from_outside_cannot_leave_their_folder() {
        let paths = RunPaths::new("../../etc", 1, 1, false);
        assert!(!paths.folder(&DataSetName::Landed).as_ref().contains("../"));
    }
}
