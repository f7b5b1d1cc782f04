//! `importer preview`: how a file is read, before anything is loaded. Needs neither store nor lake and makes neither.
//!
//! - here: the verb; `args`: what can be asked of it; `looked`: what is known of the file, and its rows
//! - `words`: for people, as tables; `document`: as JSON; `clean`: the rows as a clean CSV

mod args;
mod clean;
mod document;
mod looked;
mod words;

use importer_connectors::connector::ANY;
use importer_connectors::source::Source as Records;
use importer_engine::How;
use importer_engine::request::Input;
use importer_plans::header::{HeaderChoices, Samples, match_columns};
use importer_plans::project::{DateOrder, Entity, Project, Source};
use importer_plans::suggest::{Habits, Looked as File, suggest};

use crate::failure::Failure;
use crate::screen;
use crate::settings::Settings;

pub use args::Args;
pub use looked::unreadable;
use looked::{Ahead, Looked, Matched};

/// Runs the verb.
pub fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    for (n, looked) in open(settings, &args)?.into_iter().enumerate() {
        if args.json {
            document::show(looked, &args)?;
        } else if args.format == "csv" {
            clean::show(looked, &args)?;
        } else {
            if n > 0 {
                screen::print("\n")?;
            }
            words::show(looked, &args, settings)?;
        }
    }
    Ok(0)
}

/// The tables of the file, one after the other.
fn open(settings: &Settings, args: &Args) -> Result<Vec<Looked>, Failure> {
    let asked = args.source.is_some() || args.entity.is_some();
    let project = match settings.project() {
        Ok(project) => Some(project),
        Err(failure) if asked => return Err(failure),
        Err(failure) => {
            // A broken project does not hide the file.
            failure.report(false);
            screen::say("warning: the file is shown without the project\n");
            None
        }
    };
    let chosen = project.as_ref().map(|project| choose(project, args)).transpose()?.flatten();
    let words = args.dialect.words();
    let mut how = match chosen {
        Some((source, _)) => importer_engine::how_to_read(source, &words),
        None => How::new(ANY, words),
    };
    let choices = |source: &Source| HeaderChoices {
        command_line: args.headers.map.iter().cloned().collect(),
        source_file: source.headers.clone(),
    };
    how.request.names =
        chosen.map(|(source, entity)| importer_engine::known_names(&entity.contract, &choices(source)));
    let sources = importer_engine::open_sources(&input(args, &how)?, &how)?;
    let looked = sources.into_iter().map(|mut reader| {
        let (ahead, samples) = look_ahead(reader.as_mut())?;
        let matched = chosen.map(|(source, entity)| {
            matched(args, &choices(source), source, entity, reader.as_ref(), &samples)
        });
        Ok(Looked { name: reader.name().to_owned(), reader, ahead, matched })
    });
    looked.collect()
}

/// The file, or what the source names in place of one.
fn input(args: &Args, how: &How) -> Result<Input, Failure> {
    let given: Vec<Input> = args.file.iter().map(|file| Input::parse(file)).collect();
    let named = importer_engine::own_inputs(how, &given)?;
    named.unwrap_or(given).into_iter().next().ok_or_else(no_file)
}

/// The source reads files, and none was named.
fn no_file() -> Failure {
    Failure::wrong("no file was given", "name it, or a --source that reads a table of a database")
}

/// Reads enough to know the values below the header.
fn look_ahead(reader: &mut dyn Records) -> Result<(Ahead, Samples), Failure> {
    let (mut ahead, mut samples) = (Ahead::new(), Samples::default());
    while !samples.is_full()
        && let Some(batch) = reader.next_batch().transpose()
    {
        // What stops reading is told where the rows end, below what could be seen.
        let stops = batch.is_err();
        if let Ok(batch) = &batch {
            importer_engine::add_to(&mut samples, batch)?;
        }
        ahead.push_back(batch);
        if stops {
            break;
        }
    }
    Ok((ahead, samples))
}

fn matched(
    args: &Args,
    choices: &HeaderChoices,
    source: &Source,
    entity: &Entity,
    reader: &dyn Records,
    samples: &Samples,
) -> Matched {
    let (headers, contract) = (reader.headers().original.as_slice(), &entity.contract);
    let as_read = |order: DateOrder| match_columns(headers, samples, contract, choices, order);
    let mut found = as_read(source.date_order);
    let file = File { headers, matched: &found, samples };
    let so_far = Habits {
        region: source.default_region.as_deref(),
        date_order: source.date_order,
        number_format: source.number_format,
    };
    let suggestions = suggest(&[file], contract, so_far);
    let order = suggestions.iter().find(|s| s.setting == "date_order" && args.suggested && !s.doubtful);
    if let Some(order) = order.and_then(|suggestion| DateOrder::of(&suggestion.value)) {
        found = as_read(order);
    }
    Matched { entity: entity.name.clone(), headers: found, suggestions }
}

fn choose<'a>(project: &'a Project, args: &Args) -> Result<Option<(&'a Source, &'a Entity)>, Failure> {
    let wanted = args.source.as_deref().or(project.settings.source.as_deref()).unwrap_or("csv");
    let Some((source, entity)) = project.source(wanted) else {
        if args.source.is_none() && args.entity.is_none() {
            return Ok(None);
        }
        let near = project.nearest_source(wanted).map(|near| format!("did you mean --source {near}?"));
        let help = near.unwrap_or_else(|| "the sources stand in sources/*.yml of the project".to_owned());
        return Err(Failure::wrong(format!("there is no source {wanted}"), help));
    };
    match args.entity.as_deref() {
        None => Ok(Some((source, entity))),
        Some(name) => match project.entities.get(name) {
            Some(entity) => Ok(Some((source, entity))),
            None => {
                let known: Vec<&str> = project.entities.keys().map(String::as_str).collect();
                let help = format!("the project has: {}", known.join(", "));
                Err(Failure::wrong(format!("there is no entity {name}"), help))
            }
        },
    }
}
