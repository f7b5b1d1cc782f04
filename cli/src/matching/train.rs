//! `importer match train`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use importer_engine::training::{TrainRequest, Training};
use serde_json::{Value, json};

use super::rows::{RowArgs, of_runs, untrained};
use crate::failure::Failure;
use crate::screen::{self, Table};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing has to be labelled: pairs that precise rules bring together are compared with pairs of strangers. The same
rows and seed give the same model. Its files lie beside match.yml and are part of the project.

Examples:
  importer --project ours match train
  importer match train --run 3 --out model --report html")]
pub struct Args {
    #[command(flatten)]
    pub rows: RowArgs,
    /// Draws the strangers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u32,
    /// About so many pairs of strangers
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub pairs: u64,
    /// Folder for the files of the model [default: beside match.yml of the project]
    #[arg(long, short, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write a report beside the model, or here where the model goes into the project
    #[arg(long, value_name = "FORMAT")]
    pub report: Option<ReportFormat>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One page that needs nothing beside it
    Html,
}

/// Runs the verb.
pub(super) async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    if args.out.is_none() && settings.options.project.is_none() {
        return Err(Failure::wrong(
            "the shipped project takes no model",
            "name your project folder with --project, or a folder for the files with --out",
        ));
    }
    let engine = untrained(settings).open_existing().await?;
    let request = TrainRequest { rows: args.rows.rows(), seed: args.seed, pairs: args.pairs };
    let training = engine.match_train(&request).await?;
    let written = write(settings, &args, &training)?;
    if args.json {
        screen::print_json(&document(&training, &written)?)?;
    } else {
        screen::print(&words(&training, &written))?;
    }
    Ok(0)
}

/// Writes the files and says where. The model comes last: it names what lies beside it.
fn write(settings: &Settings, args: &Args, training: &Training) -> Result<Vec<PathBuf>, Failure> {
    let beside = || Some(settings.options.project.as_ref()?.join("entities").join(&training.entity));
    let folder = args.out.clone().or_else(beside).unwrap_or_default();
    let page = args.report.map(|ReportFormat::Html| training.html());
    let mut files: Vec<(PathBuf, &str)> =
        training.files.iter().rev().map(|(name, text)| (folder.join(name), text.as_str())).collect();
    if let Some(page) = &page {
        // A project has no file that nobody reads.
        let place = args.out.clone().unwrap_or_default();
        files.push((place.join(format!("{}.model.html", training.entity)), page.as_str()));
    }
    std::fs::create_dir_all(&folder).map_err(|error| unwritten(&folder, &error))?;
    for (path, text) in &files {
        std::fs::write(path, text).map_err(|error| unwritten(path, &error))?;
    }
    if args.out.is_none() {
        remove_old_terms(&folder, training)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// Frequencies of values that the model before knew and this one does not: a project has no file that nobody reads.
fn remove_old_terms(folder: &Path, training: &Training) -> Result<(), Failure> {
    let names = || training.files.iter().map(|(name, _)| name.as_str());
    let Some(stem) = names().find_map(|name| name.strip_suffix(".model.json")) else { return Ok(()) };
    let of_model = format!("{stem}.terms.");
    let listed = std::fs::read_dir(folder).map_err(|error| unwritten(folder, &error))?;
    for entry in listed {
        let entry = entry.map_err(|error| unwritten(folder, &error))?;
        let is_old = entry.file_name().to_str().is_some_and(|name| {
            name.starts_with(&of_model) && name.ends_with(".csv") && !names().any(|new| new == name)
        });
        if is_old {
            std::fs::remove_file(entry.path()).map_err(|error| unwritten(&entry.path(), &error))?;
        }
    }
    Ok(())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{} cannot be written: {error}", path.display()))
}

fn document(training: &Training, written: &[PathBuf]) -> Result<Value, Failure> {
    let mut document = serde_json::to_value(training)?;
    document["files"] = json!(written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>());
    document["doubts"] = json!(training.doubts());
    Ok(document)
}

fn words(training: &Training, written: &[PathBuf]) -> String {
    let mut text = format!(
        "{} of {}, {}; {} of strangers\nprior {:.2} bits{}\n\n",
        screen::counted(training.records, "record", "records"),
        training.entity,
        of_runs(&training.runs),
        screen::counted(training.pairs_of_strangers, "pair", "pairs"),
        training.prior,
        training.household_prior.map(|bits| format!(", of a household {bits:.2}")).unwrap_or_default()
    );
    let headers = ["comparison", "level", "matches", "households", "strangers", "bits"];
    let mut levels = Table::new(headers).right(&[2, 3, 4, 5]).wrapped(&[1]);
    for comparison in &training.comparisons {
        for level in &comparison.levels {
            levels.row([
                comparison.name.clone(),
                level.label.clone(),
                format!("{:.4}", level.m),
                format!("{:.4}", level.h),
                format!("{:.6}", level.u),
                format!("{:+.2}", level.weight),
            ]);
        }
    }
    text.push_str(&levels.text());
    let mut thresholds = Table::new(["threshold", "pairs", "precision", "recall"]).right(&[0, 1, 2, 3]);
    for at in &training.outlook.thresholds {
        thresholds.row([
            format!("{:.2}", at.threshold),
            screen::count(at.pairs),
            format!("{:.4}", at.precision),
            format!("{:.4}", at.recall),
        ]);
    }
    text.push_str(&format!("\nExpected, if the model is right:\n{}", thresholds.text()));
    for doubt in training.doubts() {
        text.push_str(&format!("\n{}\n", screen::paragraph(&doubt, 0)));
    }
    text.push_str("\nWritten\n");
    written.iter().for_each(|path| text.push_str(&format!("  {}\n", path.display())));
    text
}
