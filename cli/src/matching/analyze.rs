//! `importer match analyze`.

use importer_engine::training::{Analysis, AnalyzeRequest, RuleAnalysis};

use super::rows::{RowArgs, of_runs, untrained};
use crate::failure::Failure;
use crate::screen::{self, Table};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A block is records that share the values of a rule. Blocks above max_block give no pair: their values are too common
to mean anything. What many share is shown masked.

Examples:
  importer match analyze
  importer match analyze --run 3 --run 4
  importer match analyze --exact                  pairs without those that an earlier rule finds")]
pub struct Args {
    #[command(flatten)]
    pub rows: RowArgs,
    /// Count for each rule only pairs that no rule before it finds
    #[arg(long)]
    pub exact: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
pub(super) async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let engine = untrained(settings).open_existing().await?;
    let request = AnalyzeRequest { rows: args.rows.rows(), exact: args.exact };
    let analysis = engine.match_analyze(&request).await?;
    if args.json {
        screen::print_json(&analysis)?;
    } else {
        screen::print(&words(&analysis))?;
    }
    Ok(0)
}

fn words(analysis: &Analysis) -> String {
    let mut text = format!(
        "{} of {}, {}\n\n",
        screen::counted(analysis.records, "record", "records"),
        analysis.entity,
        of_runs(&analysis.runs)
    );
    let headers = ["rule", "on", "keys", "blocks", "members", "pairs", "over", "largest blocks"];
    let mut table = Table::new(headers).right(&[2, 3, 4, 5, 6]).wrapped(&[1, 7]);
    for rule in &analysis.rules {
        table.row([
            rule.rule.clone(),
            rule.on.join(", "),
            screen::count(rule.keys),
            screen::count(rule.blocks),
            screen::count(rule.members),
            screen::count(rule.pairs),
            screen::count(rule.blocks_over),
            largest(rule),
        ]);
    }
    text.push_str(&table.text());
    let over: u64 = analysis.rules.iter().map(|rule| rule.blocks_over).sum();
    let counted =
        if analysis.exact { "" } else { "; what several rules or values find counts several times" };
    text.push_str(&format!("\n{}{counted}\n", screen::counted(analysis.pairs, "pair", "pairs")));
    if over > 0 {
        text.push_str(&format!(
            "{} above max_block: a rule gives none of their pairs\n",
            screen::counted(over, "block is", "blocks are")
        ));
    }
    text
}

fn largest(rule: &RuleAnalysis) -> String {
    let blocks = rule.largest.iter();
    let shown = blocks.map(|block| format!("{} × {}", screen::count(block.records), block.values.join(", ")));
    shown.collect::<Vec<_>>().join("; ")
}
