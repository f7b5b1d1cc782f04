//! What a run writes into the audit: that it began and with which project and policy, that the project is another one
//! than that of the run before, that a namespace was met for the first time, and how it ended.

use importer_plans::project::Bundle;
use serde_json::json;

use crate::context::RunContext;
use crate::error::Result;
use crate::lake::project_bundle;
use crate::store::{AuditEntry, RunFilter, RunStatus};

impl RunContext {
    /// Writes down that the run began; and, when rules, mappings or policies are not those of the run before, which
    /// files differ.
    pub async fn audit_started(&self, files: &[String]) -> Result<()> {
        let settings = &self.settings;
        let run = self.store.get_run(&self.tenant, self.run_id).await?;
        let project_hash = run.project_hash.as_deref().unwrap_or_default();
        let details = json!({
            "kind": self.kind.as_str(),
            "entity": self.entity.name,
            "source": self.source.name,
            "plan_run_id": self.plan_run_id,
            "files": files,
            "project_hash": project_hash,
            "dry_run": settings.dry_run,
            "policy": settings.policy.as_str(),
            "mode": settings.mode.as_str(),
            "max_bad": settings.max_bad,
            "accept_bad": settings.accept_bad,
            "atomic": settings.atomic,
        });
        self.audit("IMPORT_RUN_STARTED", "import_run", &self.run_id.to_string(), details).await?;
        let before = RunFilter { before_id: Some(self.run_id), limit: Some(1), ..RunFilter::default() };
        let before = self.store.list_runs(&self.tenant, &before).await?.into_iter().next();
        let hash = before.as_ref().and_then(|run| run.project_hash.as_deref());
        match (before.as_ref(), hash) {
            (Some(run), Some(hash)) if hash != project_hash => {
                self.audit_project(run.id, hash, project_hash).await
            }
            _ => Ok(()),
        }
    }

    async fn audit_project(&self, run_before: i64, before: &str, after: &str) -> Result<()> {
        let mut details = json!({
            "before": { "project_hash": before, "run_id": run_before },
            "after": { "project_hash": after },
        });
        let (old, new) = (self.bundle(before).await?, self.bundle(after).await?);
        if let (Some(old), Some(new)) = (old, new) {
            let files = Bundle::differences(&old, &new);
            details["added"] = json!(files.added);
            details["removed"] = json!(files.removed);
            details["changed"] = json!(files.changed);
        }
        self.audit("PROJECT_CHANGED", "project", after, details).await
    }

    async fn bundle(&self, hash: &str) -> Result<Option<String>> {
        let bytes = self.lake.read_if_exists(&project_bundle(hash)).await?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Writes down a namespace that nobody had met before, and how many this run has met.
    pub async fn audit_namespace(&self, system: &str, met: u64) -> Result<()> {
        let details = json!({ "before": null, "after": { "status": "seen" }, "new_namespaces": met });
        self.audit("NAMESPACE_SEEN", "namespace", system, details).await
    }

    /// Writes down how the run ended.
    pub fn audit_ended(&self, status: RunStatus) -> AuditEntry {
        let action = match status {
            RunStatus::Paused => "IMPORT_RUN_PAUSED",
            RunStatus::Cancelled => "IMPORT_RUN_CANCELLED",
            _ => "IMPORT_RUN_FINISHED",
        };
        let details = json!({ "status": status.as_str(), "dry_run": self.settings.dry_run });
        self.entry(action, "import_run", &self.run_id.to_string(), details)
    }

    async fn audit(
        &self,
        action: &str,
        target_type: &str,
        target: &str,
        details: serde_json::Value,
    ) -> Result<()> {
        Ok(self.store.audit_of_run(&self.fence, &self.entry(action, target_type, target, details)).await?)
    }

    fn entry(&self, action: &str, target_type: &str, target: &str, details: serde_json::Value) -> AuditEntry {
        AuditEntry {
            action: action.to_owned(),
            actor: self.actor.clone(),
            target_type: Some(target_type.to_owned()),
            target_id: Some(target.to_owned()),
            run_id: Some(self.run_id),
            details_json: details,
        }
    }
}
