//! `importer suggestions`: rows that may be one person, for people to decide; and many of them accepted at once.
//!
//! - here: the verb; `out`: where the list goes: terminal, CSV, JSON, a workbook

mod out;

use std::path::PathBuf;

use importer_engine::deciding::{AcceptReport, AcceptRequest, SuggestionsRequest};
use importer_engine::store::{Decision, SuggestionFilter};

use crate::audit::exported;
use crate::failure::Failure;
use crate::screen;
use crate::settings::{Settings, actor};

/// Suggestions on a terminal, when nothing else is asked for.
const ON_SCREEN: i64 = 50;

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Each suggestion names two rows, what brought them together, and what to do about it: `importer merge --suggestion N`,
`importer reject N`, `importer defer N`. Values of sensitive fields are masked unless --show is given.

Examples:
  importer suggestions
  importer suggestions --type household --entity volunteers
  importer suggestions --min-score 0.9 --out suggestions.xlsx
  importer suggestions accept --min-score 0.99 --dry-run"
)]
pub struct Args {
    #[command(subcommand)]
    pub verb: Option<Verb>,
    #[command(flatten)]
    pub which: Which,
    /// Only what was decided so, or `all` [default: pending]
    #[arg(long, value_name = "DECISION", value_parser = ["pending", "deferred", "rejected", "merged", "auto_resolved", "auto_merged", "all"], default_value = "pending", hide_default_value = true)]
    pub decision: String,
    /// How to write it [default: by the ending of --out, else table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "csv", "xlsx", "json"])]
    pub format: Option<String>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// File to write instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show values of sensitive fields as they are
    #[arg(long)]
    pub show: bool,
    /// Most suggestions to show [default: 50 in a table, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<i64>,
}

/// Which suggestions are meant.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Which {
    /// Only of this entity
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
    /// Only what was brought together by this: email, phone, household, external_id, fuzzy, …
    #[arg(long = "type", value_name = "TYPE")]
    pub match_type: Option<String>,
    /// Only with this score or a better one
    #[arg(long, value_name = "SCORE")]
    pub min_score: Option<f64>,
    /// Only about records of this external system
    #[arg(long, value_name = "SYSTEM")]
    pub source: Option<String>,
    /// Only of this run
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// Only of this group
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Option<String>,
    /// Only with this reason: merged_at_source, renamed, id_reused, …
    #[arg(long, value_name = "REASON")]
    pub reason: Option<String>,
}

impl Which {
    fn filter(&self) -> SuggestionFilter {
        SuggestionFilter {
            entity: self.entity.clone(),
            match_type: self.match_type.clone(),
            min_score: self.min_score,
            source: self.source.clone(),
            run: self.run,
            reason: self.reason.clone(),
            cluster: self.cluster.clone(),
            ..SuggestionFilter::default()
        }
    }
}

#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Merge what suggestions say is one person, best first
    Accept(AcceptArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Households and reused ids are never among them: look at those one by one. Each merge is taken back by its number.

Examples:
  importer suggestions accept --min-score 0.99 --dry-run
  importer suggestions accept --reason merged_at_source")]
pub struct AcceptArgs {
    #[command(flatten)]
    pub which: Which,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// How the list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Csv,
    Xlsx,
    Json,
}

impl Args {
    fn chosen(&self) -> Format {
        let ending = self.out.as_ref().and_then(|path| path.extension()).and_then(|e| e.to_str());
        if self.json {
            return Format::Json;
        }
        match self.format.as_deref().or(ending) {
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            Some("json") => Format::Json,
            _ => Format::Table,
        }
    }

    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        match &self.verb {
            Some(Verb::Accept(args)) => args.json,
            None => self.chosen() == Format::Json && self.out.is_none(),
        }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    if let Some(Verb::Accept(args)) = args.verb {
        return accept(settings, args).await;
    }
    let format = args.chosen();
    if format == Format::Xlsx && args.out.is_none() {
        return Err(Failure::wrong("a workbook needs a name", "write for example --out suggestions.xlsx"));
    }
    let engine = settings.open_existing().await?;
    let decision = match args.decision.as_str() {
        "all" => None,
        word => Some(word.parse::<Decision>()?),
    };
    let on_screen = format == Format::Table && args.out.is_none();
    let filter = SuggestionFilter {
        decision,
        limit: args.limit.or(on_screen.then_some(ON_SCREEN + 1)),
        ..args.which.filter()
    };
    let request = SuggestionsRequest { filter, show: args.show };
    let shown = engine.suggestions(&request).await?;
    if format != Format::Table || args.out.is_some() {
        let details = serde_json::json!({
            "format": format!("{format:?}").to_lowercase(),
            "out": args.out.as_ref().map(|path| path.display().to_string()),
            "suggestions": shown.len(),
            "masked": !args.show,
        });
        exported(&engine, "SUGGESTIONS_EXPORTED", args.which.run, details).await?;
    }
    match (format, &args.out) {
        (Format::Table, None) => {
            screen::print(&out::table(settings, &shown, args.limit.unwrap_or(ON_SCREEN)))?
        }
        (format, path) => out::write(&shown, format, path.as_deref())?,
    }
    if let Some(path) = &args.out {
        screen::say(&format!("written: {}", path.display()));
    }
    Ok(0)
}

async fn accept(settings: &Settings, args: AcceptArgs) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let request = AcceptRequest { filter: args.which.filter(), dry_run: args.dry_run, triggered_by: actor() };
    let report = engine.accept_suggestions(&request).await?;
    match args.json {
        true => screen::print_json(&report)?,
        false => screen::print(&accepted(settings, &report))?,
    }
    Ok(0)
}

fn accepted(settings: &Settings, report: &AcceptReport) -> String {
    let found = screen::counted(report.suggestions.len() as u64, "suggestion fits", "suggestions fit");
    if report.suggestions.is_empty() {
        return "no suggestion fits that may be accepted without a look at it\n".to_owned();
    }
    let wrong = format!("of them {:.1} may be wrong, as far as scores say", report.expected_wrong);
    if report.dry_run {
        return format!("{found}; {wrong}\nnothing was changed\n");
    }
    let merges = screen::counted(report.merges.len() as u64, "merge was made", "merges were made");
    let mut text = format!("{found}; {wrong}\n{merges}, in run {}\n", report.run_id.unwrap_or_default());
    for (id, why) in &report.left {
        text.push_str(&format!("- suggestion {id} is left: {why}\n"));
    }
    if let Some(first) = report.merges.first() {
        text.push_str(&format!("\nback: {}\n", settings.command(&format!("unmerge {first}"))));
    }
    text
}
