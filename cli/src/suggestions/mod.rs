//! `importer suggestions`: rows that may be one person, for people to decide; and many of them accepted at once.
//!
//! - here: the verb; `args`: what can be asked of it; `out`: where the list goes: terminal, CSV, JSON, a workbook

mod args;
mod out;

use importer_engine::deciding::{AcceptReport, AcceptRequest, SuggestionsRequest};
use importer_engine::store::{Decision, SuggestionFilter};

use crate::audit::exported;
use crate::failure::Failure;
use crate::list_format::Format;
use crate::screen;
use crate::settings::{Settings, actor};

pub use args::Args;
use args::{AcceptArgs, Verb};

/// Suggestions on a terminal, when nothing else is asked for.
const ON_SCREEN: i64 = 50;

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
