//! Files that runs have read: known by their content, passed over when they come again, and put away afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use importer_plans::project::{After, Entity, Source};
use serde_json::json;

use super::summary::RunSummary;
use crate::context::{InputFile, content_hash};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, NOTHING_NEW, Result};
use crate::progress::Listener;
use crate::request::{Input, RunRequest};

/// Behind the name of a file that is marked as imported.
pub const MARK: &str = ".imported";
/// The folder, beside the files, into which they are moved.
pub const MOVED_TO: &str = "imported";

/// Which inputs of a request are new: those whose content this source has not loaded before. What is passed over is told.
///
/// # Errors
/// All of them were loaded before.
pub async fn only_new(
    engine: &Engine,
    request: &RunRequest,
    (source, entity): (&Source, &Entity),
    listener: &dyn Listener,
) -> Result<Vec<bool>> {
    let mut hashes: Vec<Option<String>> = Vec::new();
    for input in &request.inputs {
        let path = match input {
            Input::File(path) => path.clone(),
            Input::Stdin | Input::Table(_) | Input::Batches { .. } => {
                hashes.push(None);
                continue;
            }
        };
        // What cannot be read is told by whoever opens it.
        hashes.push(tokio::task::spawn_blocking(move || content_hash(&path)).await?.ok());
    }
    let asked: Vec<&String> = hashes.iter().flatten().collect();
    let known = engine.store.inputs_known(&engine.tenant, &source.name, &entity.name, &json!(asked)).await?;
    let mut seen: BTreeMap<&str, &Input> = BTreeMap::new();
    let mut new = Vec::new();
    for (input, hash) in request.inputs.iter().zip(&hashes) {
        let before = hash.as_deref().and_then(|hash| {
            let twin = seen.get(hash).map(|twin| format!("it holds the same as {}", twin.name()));
            known.get(hash).map(|run| format!("run {run} has loaded it")).or(twin)
        });
        if let Some(hash) = hash {
            seen.entry(hash).or_insert(input);
        }
        if let Some(why) = &before {
            listener.warn(&format!("{}: passed over, {why}; --again imports it all the same", input.name()));
        }
        new.push(before.is_none());
    }
    if new.iter().any(|new| *new) {
        return Ok(new);
    }
    Err(Error::new(ErrorKind::Refused, "there is no new file: all of them were loaded before")
        .with_help("--again imports them all the same")
        .with_code(NOTHING_NEW))
}

/// What a run keeps of its inputs, one object each with the columns of `run_inputs`.
pub fn document(inputs: &[InputFile]) -> serde_json::Value {
    let rows = (1..).zip(inputs).filter_map(|(number, input): (i64, _)| {
        let path = PathBuf::from(&input.path);
        let name = path.file_name().map_or_else(|| input.path.clone(), |n| n.to_string_lossy().into_owned());
        Some(json!({
            "input_number": number,
            "input_name": name,
            "content_hash": input.content_hash.clone()?,
            "bytes": input.bytes.unwrap_or_default(),
        }))
    });
    rows.collect()
}

/// Puts the files of a run away that was loaded, as its source says. What cannot be put away is told: the rows are loaded.
pub fn put_away(summary: &mut RunSummary, inputs: &[Input], after: After, listener: &dyn Listener) {
    if summary.dry_run || summary.status != "succeeded" || after == After::None {
        return;
    }
    for input in inputs {
        let Input::File(path) = input else { continue };
        let put = match after {
            After::None => Ok(()),
            After::Mark => mark(path, summary.run_id),
            After::Move => moved(path, summary.run_id),
        };
        if let Err(error) = put {
            let text = format!("{}: the file could not be put away: {error}", path.display());
            listener.warn(&text);
            summary.warnings.push(text);
        }
    }
}

fn mark(path: &Path, run: i64) -> std::io::Result<()> {
    let mut mark = path.as_os_str().to_owned();
    mark.push(MARK);
    std::fs::write(mark, format!("run {run}\n"))
}

/// A name that is taken gets the number of the run: nothing is overwritten.
fn moved(path: &Path, run: i64) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("")).join(MOVED_TO);
    std::fs::create_dir_all(&folder)?;
    let name = path.file_name().unwrap_or_default();
    let mut to = folder.join(name);
    if to.exists() {
        to = folder.join(format!("run-{run}-{}", name.to_string_lossy()));
    }
    std::fs::rename(path, to)
}

#[cfg(test)]
mod tests {
    use super::{mark, moved};

    #[test]
    fn files_are_put_away_without_overwriting_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        for (run, text) in [(1, "x"), (2, "y")] {
            std::fs::write(&path, text).unwrap();
            moved(&path, run).unwrap();
        }
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!((read("imported/a.csv"), read("imported/run-2-a.csv")), ("x".to_owned(), "y".to_owned()));
        std::fs::write(&path, "z").unwrap();
        mark(&path, 3).unwrap();
        assert_eq!(read("a.csv.imported"), "run 3\n");
    }
}
