//! Words of a project that are read and change nothing, as warnings of `project check`.
//!
//! | code | says |
//! | --- | --- |
//! | `PRJ0109` | a file that is known and that nothing acts on |
//! | `PRJ0110` | a set that nothing feeds, or that no load file writes: no key of it is ever found |
//! | `PRJ0111` | a test case that expects nothing |
//! | `PRJ0112` | a mapping that no source uses, or an entity without a source |
//! | `PRJ0113` | a key of a field that does nothing beside its type |

use super::contract::Contract;
use super::diagnostics::ProjectError;
use super::entity::Entity;
use super::field_type::FieldType;
use super::load_file::LoadMode;
use super::loader::Project;
use super::survivorship::Preference;

impl Project {
    /// Adds what has no effect.
    pub(super) fn without_effect(&self, found: &mut Vec<ProjectError>) {
        if self.files.get("connections.yml").is_some() {
            let message = "connections are read by no connector yet".to_owned();
            let help = "nothing that stands here is used; name files with --file";
            found.push(self.error_at("connections.yml", &[], "PRJ0109", message, help).warning());
        }
        for entity in self.entities.values() {
            self.fields_without_effect(entity, found);
            self.sets_without_effect(entity, found);
            self.verified_without_effect(entity, found);
            self.cases_without_effect(entity, found);
            self.mappings_without_effect(entity, found);
        }
    }

    fn fields_without_effect(&self, entity: &Entity, found: &mut Vec<ProjectError>) {
        let path = format!("entities/{}/contract.yml", entity.name);
        for field in &entity.contract.fields {
            let phone = matches!(field.field_type.item(), FieldType::Phone);
            let name = format!("{}:", field.name);
            let mut warn = |key: &str, why: &str, help: &str| {
                let message = format!("`{key}` of `{}` does nothing: {why}", field.name);
                found.push(self.error_at(&path, &[&name, key], "PRJ0113", message, help).warning());
            };
            if field.region.is_some() && !phone {
                warn(
                    "region",
                    "it is the country of phone numbers",
                    "leave it out, or make the field a phone",
                );
            }
        }
    }

    fn sets_without_effect(&self, entity: &Entity, found: &mut Vec<ProjectError>) {
        let path = format!("entities/{}/contract.yml", entity.name);
        for set in &entity.contract.sets {
            let (fed, written) = (is_fed(&entity.contract, &set.name), is_written(entity, &set.name));
            let why = match (fed, written) {
                (true, true) => continue,
                (false, _) => "no field feeds it",
                (true, false) => "no load file writes it",
            };
            let message = format!("the set `{}` holds no value: {why}", set.name);
            let help = "give a field `set:` and `primary: true`, and write a load file with `mode: child_set` and `set:`";
            let name = format!("{}:", set.name);
            found.push(self.error_at(&path, &["sets:", &name], "PRJ0110", message, help).warning());
        }
    }

    fn verified_without_effect(&self, entity: &Entity, found: &mut Vec<ProjectError>) {
        let path = format!("entities/{}/resolve.yml", entity.name);
        for group in &entity.resolve.groups {
            if !group.verified_by.is_empty() && !group.prefer.contains(&Preference::Verified) {
                let message = format!("`verified_by` of the group `{}` decides nothing", group.name);
                let help = "add `verified` to its `prefer`";
                let name = format!("{}:", group.name);
                found.push(self.error_at(&path, &[&name, "verified_by"], "PRJ0113", message, help).warning());
            }
        }
    }

    fn cases_without_effect(&self, entity: &Entity, found: &mut Vec<ProjectError>) {
        for case in entity.cases.iter().filter(|case| case.expect.is_empty()) {
            let message = format!("the case `{}` expects nothing, so it always holds", case.name);
            let help = "add `expect` with `{row: 1, violations: []}`, or with the codes that must be found";
            found.push(self.error_at(&case.path, &[&case.name], "PRJ0111", message, help).warning());
        }
    }

    fn mappings_without_effect(&self, entity: &Entity, found: &mut Vec<ProjectError>) {
        let used: Vec<&str> = self
            .sources
            .values()
            .filter(|source| source.entity == entity.name)
            .map(|source| source.mapping.as_str())
            .collect();
        if used.is_empty() {
            let path = format!("entities/{}/contract.yml", entity.name);
            let message = format!("no source brings records of {}", entity.name);
            let help = format!("write `sources/<name>.yml` with `entity: {}`", entity.name);
            found.push(self.error_at(&path, &["entity:"], "PRJ0112", message, &help).warning());
            return;
        }
        for mapping in entity.mappings.values().filter(|mapping| !used.contains(&mapping.name.as_str())) {
            let message = format!("no source uses the mapping `{}`", mapping.name);
            let help = format!("name it in a source: `mapping: {}`", mapping.name);
            let error = self.error_at(&mapping.sql.path, &["mapping:"], "PRJ0112", message, &help);
            found.push(error.warning());
        }
    }
}

fn is_fed(contract: &Contract, set: &str) -> bool {
    contract.fields.iter().any(|field| field.set.as_deref() == Some(set))
}

fn is_written(entity: &Entity, set: &str) -> bool {
    entity.loads.iter().any(|load| load.mode == LoadMode::ChildSet && load.set.as_deref() == Some(set))
}
