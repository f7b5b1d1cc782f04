//! `importer project check`: every file read, all SQL planned, the project's cases run. Errors come all at once, each
//! with its place; warnings do not fail.

use importer_engine::project_check::{CaseReport, Finding, compare_tables, plan, run_cases};
use importer_plans::project::{Project, ProjectError};
use serde_json::{Value, json};

use crate::failure::{self, Failure, Snippet, WRONG};
use crate::screen::{self, counted};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// What was found beside errors of reading, which end the check at once.
struct Outcome {
    warnings: Vec<ProjectError>,
    findings: Vec<Finding>,
    cases: Vec<CaseReport>,
    tables: Tables,
}

/// Whether the load files were held against the tables of a store.
enum Tables {
    Compared,
    /// There is no store yet, or none that could be asked.
    Not(String),
}

impl Tables {
    async fn compare(settings: &Settings, project: &Project, found: &mut Vec<Finding>) -> Self {
        if let Some(file) = settings.store_file().filter(|file| !file.exists()) {
            return Self::Not(format!("there is no store at {} yet", file.display()));
        }
        let asked = async {
            let store = settings.connect().await?;
            if store.migration_status().await?.iter().any(|m| m.applied_at.is_none()) {
                return Ok::<_, importer_engine::Error>(None);
            }
            Ok(Some(compare_tables(project, &store).await?))
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Some(findings))) => {
                found.extend(findings);
                Self::Compared
            }
            Ok(Ok(None)) => Self::Not("the store lacks migrations".to_owned()),
            Ok(Err(error)) => Self::Not(error.to_string()),
            Err(_) => Self::Not(format!("the store did not answer within {} s", PATIENCE.as_secs())),
        }
    }
}

/// How long a store may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

impl Outcome {
    fn errors(&self) -> usize {
        self.findings.iter().filter(|f| !f.is_warning).count()
    }

    fn warned(&self) -> usize {
        self.warnings.len() + self.findings.len() - self.errors()
    }

    fn failed(&self) -> usize {
        self.cases.iter().filter(|c| !c.differences.is_empty()).count()
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let project = settings.project()?;
    let mut findings = Box::pin(plan(&project)).await?;
    let tables = Tables::compare(settings, &project, &mut findings).await;
    // SQL that cannot be planned would fail every case, and say nothing new.
    let sound = findings.iter().all(|f| f.is_warning || f.error.code.starts_with("PRJ"));
    let now = chrono::Utc::now().timestamp_micros();
    let cases = if sound { Box::pin(run_cases(&project, now)).await? } else { Vec::new() };
    let outcome = Outcome { warnings: project.check_static(), findings, cases, tables };
    if args.json {
        screen::print_json(&document(&project, &outcome))?;
    } else {
        tell(&project, &outcome)?;
    }
    Ok(if outcome.errors() + outcome.failed() > 0 { WRONG } else { 0 })
}

fn tell(project: &Project, outcome: &Outcome) -> Result<(), Failure> {
    for warning in &outcome.warnings {
        screen::say(failure::drawn(warning).trim_end());
    }
    for finding in &outcome.findings {
        screen::say(failure::drawn(&snippet(finding)).trim_end());
    }
    for case in outcome.cases.iter().filter(|c| !c.differences.is_empty()) {
        screen::say(&format!("error[CASE]: {} ({}:{})", case.name, case.path, case.line));
        for difference in &case.differences {
            screen::say(&format!("  {}", screen::line(difference)));
        }
    }
    let rules: usize = project.entities.values().map(|e| e.rules.len()).sum();
    let mut text = format!(
        "{}: {}, {}, {}.\n",
        project.settings.name,
        counted(project.entities.len() as u64, "entity", "entities"),
        counted(project.sources.len() as u64, "source", "sources"),
        counted(rules as u64, "rule", "rules"),
    );
    let errors = outcome.errors();
    if let Tables::Not(why) = &outcome.tables {
        text.push_str(&format!("The load files were not compared with tables: {why}.\n"));
    }
    text.push_str(&match errors {
        0 => format!("All SQL can be planned; {}.\n", cases(outcome)),
        n if outcome.cases.is_empty() => {
            format!("{} in the SQL; the cases were not run.\n", counted(n as u64, "error", "errors"))
        }
        n => format!("{}; {}.\n", counted(n as u64, "error", "errors"), cases(outcome)),
    });
    if outcome.warned() > 0 {
        text.push_str(&format!("{}.\n", counted(outcome.warned() as u64, "warning", "warnings")));
    }
    screen::print(&text)
}

fn cases(outcome: &Outcome) -> String {
    let all = counted(outcome.cases.len() as u64, "case", "cases");
    match outcome.failed() {
        0 => format!("{all} hold"),
        n => format!("{n} of {all} fail"),
    }
}

fn snippet(finding: &Finding) -> Snippet {
    let mut snippet = Snippet::query(finding.error.clone(), &finding.path, &finding.text);
    snippet.is_warning = finding.is_warning;
    snippet
}

fn document(project: &Project, outcome: &Outcome) -> Value {
    let warnings = outcome.warnings.iter().map(|w| {
        json!({"severity": "warning", "code": w.error_code(), "message": w.message(), "place": w.place(), "help": w.advice()})
    });
    let findings = outcome.findings.iter().map(|f| {
        json!({
            "severity": if f.is_warning { "warning" } else { "error" },
            "code": f.error.code,
            "message": f.error.message,
            "place": snippet(f).place(),
            "help": f.error.help,
        })
    });
    let cases: Vec<Value> = outcome
        .cases
        .iter()
        .map(|c| json!({"entity": c.entity, "name": c.name, "place": format!("{}:{}", c.path, c.line), "passed": c.differences.is_empty(), "differences": c.differences}))
        .collect();
    json!({
        "project": project.settings.name,
        "errors": outcome.errors(),
        "warnings": outcome.warned(),
        "cases_failed": outcome.failed(),
        "tables_compared": matches!(outcome.tables, Tables::Compared),
        "findings": warnings.chain(findings).collect::<Vec<_>>(),
        "cases": cases,
    })
}
