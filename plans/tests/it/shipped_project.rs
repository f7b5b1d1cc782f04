//! The project that is embedded loads, has no warnings, and survives being pinned to a run.

use importer_plans::project::{
    ExternalIdPolicy, FieldType, FileSet, LoadMode, Preference, Project, RulePolicy,
};

pub fn shipped() -> Project {
    let files = FileSet::new(importer_sql::project::files());
    Project::load(&files).unwrap_or_else(|errors| panic!("{:?}", miette::Report::new(errors)))
}

#[test]
fn has_neither_errors_nor_warnings() {
    let warnings: Vec<String> =
        shipped().check_static().into_iter().map(|w| format!("{:?}", miette::Report::new(w))).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
}

#[test]
fn has_the_columns_of_the_contract() {
    let project = shipped();
    let entity = &project.entities["volunteers"];
    let mapping = project.mapping_of(&project.sources["csv"]).expect("csv has a mapping");
    let mut expected = vec!["sequence_number"];
    expected.extend(entity.contract.names());
    assert_eq!(mapping.columns.as_deref().unwrap_or_default(), expected);
    let core: Vec<&str> = entity.contract.core_fields().map(|field| field.name.as_str()).collect();
    insta::assert_snapshot!(core.join(" "), @"first_name last_name email phone birth_date country street city postal_code employer email_verified_at phone_verified_at");
}

#[test]
fn reads_every_part_of_an_entity() {
    let project = shipped();
    let entity = &project.entities["volunteers"];
    assert_eq!(entity.contract.field("phone").map(|field| field.field_type), Some(FieldType::Phone));
    let keys: Vec<&str> = entity.matching.keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(keys, ["email", "phone", "combined"]);
    let communication = entity.resolve.group_of("email_verified_at").expect("follows the e-mail");
    assert_eq!(communication.prefer, [Preference::Manual, Preference::Verified, Preference::Freshest]);
    let loads: Vec<(&str, LoadMode)> =
        entity.loads.iter().map(|load| (load.table.as_str(), load.mode)).collect();
    assert_eq!(
        loads,
        [
            ("contacts", LoadMode::Core),
            ("contact_emails", LoadMode::ChildSet),
            ("contact_phones", LoadMode::ChildSet),
            ("volunteers", LoadMode::Row),
        ]
    );
    let required = entity.rule("VOL_EXTERNAL_ID_REQUIRED").expect("is shipped");
    assert_eq!(required.policy, Some(RulePolicy::ExternalId));
    assert_eq!(project.settings.defaults.max_bad, 0.20);
}

#[test]
fn all_rules_are_fused_into_one_scan() {
    let project = shipped();
    let lone: Vec<&str> = project.entities["volunteers"]
        .rules
        .iter()
        .filter(|rule| rule.as_filter().is_none())
        .map(|rule| rule.code.as_str())
        .collect();
    assert_eq!(lone, Vec::<&str>::new());
    let rule = project.entities["volunteers"].rule("VOL_NAME_REQUIRED").and_then(|rule| rule.as_filter());
    insta::assert_debug_snapshot!(rule);
}

#[test]
fn a_bundle_is_the_project_without_its_tests() {
    let project = shipped();
    let bundle = project.bundle();
    let again = Project::from_bundle(&bundle.json).expect("reads its own bundle");
    assert_eq!(again.bundle(), bundle);
    assert_eq!(again.sources, project.sources);
    assert_eq!(again.entities["volunteers"].rules, project.entities["volunteers"].rules);
    assert_eq!(bundle.hash.len(), 32);
    assert!(Project::from_bundle("{}").is_err());
}

#[test]
fn a_folder_wins_file_by_file() {
    let folder = FileSet::new([(
        "sources\\csv.yml",
        "source: csv\nconnector: csv\nentity: volunteers\nexternal_id: required\npolicy: skip\n",
    )]);
    let shipped_hash = shipped().bundle().hash;
    let files = FileSet::new(importer_sql::project::files()).overlaid_with(folder);
    let project = Project::load(&files).expect("is a good project");
    assert_eq!(project.sources["csv"].policy.as_str(), "skip");
    assert_eq!(project.sources["csv"].default_region.as_deref(), Some("US"));
    assert_ne!(project.bundle().hash, shipped_hash);
}

#[test]
fn files_of_windows_editors_are_read() {
    let files = importer_sql::project::files();
    let windows = files
        .iter()
        .map(|(path, text)| (path.replace('/', "\\"), format!("\u{feff}{}", text.replace('\n', "\r\n"))));
    let project =
        Project::load(&FileSet::new(windows)).unwrap_or_else(|e| panic!("{:?}", miette::Report::new(e)));
    assert_eq!(project.bundle(), shipped().bundle());
}

#[test]
fn torn_files_give_errors_and_never_a_panic() {
    let shipped = FileSet::new(importer_sql::project::files());
    for (path, text) in importer_sql::project::files() {
        for end in (0..text.len()).step_by(1009).filter(|end| text.is_char_boundary(*end)) {
            let torn = FileSet::new([(path, &text[..end])]);
            if let Err(errors) = Project::load(&shipped.clone().overlaid_with(torn)) {
                assert!(
                    errors
                        .iter()
                        .all(|error| !format!("{:?}", miette::Report::new(error.clone())).is_empty())
                );
            }
        }
    }
}

#[test]
fn asks_for_ids_where_a_source_requires_them() {
    let project = shipped();
    let rules = &project.entities["volunteers"].rules;
    let asked = |policy| rules.iter().filter(move |rule| rule.is_enforced(policy)).count();
    let about_ids = rules.iter().filter(|rule| rule.policy == Some(RulePolicy::ExternalId)).count();
    assert!(about_ids > 0);
    assert_eq!(asked(ExternalIdPolicy::Required), rules.len());
    assert_eq!(asked(ExternalIdPolicy::Optional), rules.len() - about_ids);
}
