//! What would run: the project's files compiled for a source, with the columns of a file or, without one, the contract's
//! own names.

use importer_engine::Step;
use importer_engine::request::Input;
use importer_plans::compile::load::{
    Image, change_log_sql, children_before_sql, links_sql, provenance_sql, resolved_sql,
};
use importer_plans::compile::stage::{landed_sql, stage_sql};
use importer_plans::compile::texts::{FileTexts, TextPolicy, survey_sql};
use importer_plans::compile::{Keep, Query, Shape, check, matching, references, resolve};
use importer_plans::header::{HeaderChoices, Samples, match_columns};
use importer_plans::project::{Entity, ExternalIdPolicy, Project, Source, Ties};

use super::args::Args;
use super::shown::{Shown, StepSql};
use crate::failure::Failure;
use crate::settings::Settings;

/// The raw table of the first file, and its canonical view.
const RAW: &str = "landed_1";
const CANONICAL: &str = "landed_1_canonical";

/// Which column feeds which field.
struct Columns {
    fields: Vec<(String, Vec<String>)>,
    unmapped: Vec<String>,
}

/// Compiles all steps.
pub fn steps(settings: &Settings, args: &Args) -> Result<Vec<StepSql>, Failure> {
    let project = settings.project()?;
    let (source, entity) = choose(&project, args.source.as_deref())?;
    let columns = match &args.file {
        Some(file) => of_file(file, args, source, entity)?,
        None => of_contract(entity),
    };
    let mapping = entity.mappings.get(&source.mapping).ok_or_else(|| {
        let help = format!("write entities/{}/map/{}.sql", entity.name, source.mapping);
        Failure::wrong(format!("source {} has no mapping {}", source.name, source.mapping), help)
    })?;
    let shape = Shape::of(entity);
    let borrowed: Vec<(&str, Vec<&str>)> =
        columns.fields.iter().map(|(f, c)| (f.as_str(), c.iter().map(String::as_str).collect())).collect();
    let unmapped: Vec<&str> = columns.unmapped.iter().map(String::as_str).collect();
    let texts = FileTexts::default();
    let canonical = landed_sql(&shape, RAW, &borrowed, &unmapped, &texts);
    let policy = TextPolicy::of(source, source.date_order, source.number_format, &source.time_zone);
    let survey = survey_sql(&shape, RAW, &borrowed, &policy);
    let mut stage = vec![Query::new(CANONICAL, Keep::View, canonical.as_str())];
    for (field, reference) in references::references(&shape) {
        for (n, (_, way)) in reference.ways.iter().enumerate() {
            let name = format!("wanted_{}", references::found_table(field, n));
            let file = (mapping.sql.text.as_str(), canonical.as_str(), &texts);
            stage.push(Query::new(name, Keep::Scratch, references::wanted_sql(&shape, file, field, way)));
        }
    }
    stage.push(Query::new("staged", Keep::DataSet, stage_sql(&shape, &mapping.sql.text, &canonical, &texts)));
    let file = check::LandedFile {
        view: CANONICAL.to_owned(),
        number: "CAST(1 AS INT)".to_owned(),
        columns: &borrowed,
        texts: &texts,
    };
    let checks = check::check_queries(
        &shape,
        &entity.rules,
        |rule| rule.is_enforced(source.external_id),
        source.external_id == ExternalIdPolicy::Required,
        &[file],
    );
    let matches = [
        matching::incoming(&shape, false),
        matching::new_ids(),
        matching::keys(&shape),
        matching::meetings(&shape),
        matching::edges(&shape),
        matching::similar_ids(),
        matching::decisions(&shape, entity.matching.fuzzy.as_ref()),
    ];
    let weighing = resolve::Weighing {
        incoming_wins_ties: source.ties == Ties::Incoming,
        ..resolve::Weighing::default()
    };
    let resolves = [
        resolve::touched(),
        vec![resolve::lead_query(&shape)],
        resolve::apart_queries(&shape, false, false),
        resolve::resolve_queries(&shape, &entity.resolve, &weighing),
    ];
    Ok(vec![
        step(
            Step::Land,
            "Files are split into records, text as it stands, with sequence_number and line_number.\nlanded_1 is the first file; rejects and findings stand beside it. Then its columns are looked at as a whole: what they\nshow (words for nothing, damaged letters, the order of dates) is put where stage reads their cells.",
            survey.into_iter().map(|sql| Query::new("survey_1", Keep::Memory, sql)).collect(),
        ),
        step(
            Step::Stage,
            &format!("The mapping {} between the landed text and the contract's types.", mapping.sql.path),
            stage,
        ),
        step(
            Step::Check,
            "Rules that are plain filters are fused into one scan, the others run on their own.",
            checks,
        ),
        step(
            Step::Match,
            "link_hits, found_similar and key_hits come from the database, joined there with the rows' links, new ids and keys;\nrow_clusters and core_clusters are the connected components of edges and core_edges.",
            matches.concat(),
        ),
        step(
            Step::Resolve,
            "core_rows comes from the database: the core rows that are touched, with provenance.",
            resolves.concat(),
        ),
        step(
            Step::Load,
            "Per chunk of changes: the load files over `resolved`, once for each image; then set-based statements in one transaction.",
            loads(entity, &shape),
        ),
        step(
            Step::Reconcile,
            "No SQL of the project: written rows are read back and compared by fingerprint; reports are written.",
            Vec::new(),
        ),
    ])
}

fn step(step: Step, note: &str, queries: Vec<Query>) -> StepSql {
    let queries = queries
        .into_iter()
        .map(|q| Shown { name: q.name, remark: kept(q.keep).to_owned(), sql: q.sql, figures: None })
        .collect();
    StepSql { step, note: note.to_owned(), figures: None, queries }
}

fn kept(keep: Keep) -> &'static str {
    match keep {
        Keep::View => "view",
        Keep::Memory => "kept in memory",
        Keep::Scratch => "kept in scratch files",
        Keep::DataSet => "data set",
    }
}

fn choose<'a>(project: &'a Project, named: Option<&str>) -> Result<(&'a Source, &'a Entity), Failure> {
    let wanted = named.or(project.settings.source.as_deref()).unwrap_or("csv");
    project.source(wanted).ok_or_else(|| {
        let near = project.nearest_source(wanted).map(|near| format!("did you mean --source {near}?"));
        let help = near.unwrap_or_else(|| "the sources stand in sources/*.yml of the project".to_owned());
        Failure::wrong(format!("there is no source {wanted}"), help)
    })
}

/// As if a file had every field under its own name.
fn of_contract(entity: &Entity) -> Columns {
    let fields = entity.contract.fields.iter().map(|f| (f.name.clone(), vec![f.name.clone()])).collect();
    Columns { fields, unmapped: Vec::new() }
}

fn of_file(file: &str, args: &Args, source: &Source, entity: &Entity) -> Result<Columns, Failure> {
    let mut how = importer_engine::how_to_read(source, &args.dialect.words());
    let choices = HeaderChoices {
        command_line: args.headers.map.iter().cloned().collect(),
        source_file: source.headers.clone(),
    };
    how.request.names = Some(importer_engine::known_names(&entity.contract, &choices));
    let sources = importer_engine::open_sources(&Input::parse(file), &how)?;
    let Some(mut reader) = sources.into_iter().next() else {
        return Err(Failure::wrong(format!("{file}: there is no table in it"), "check the export"));
    };
    let mut samples = Samples::default();
    while !samples.is_full()
        && let Some(batch) = reader.next_batch().map_err(crate::preview::unreadable)?
    {
        importer_engine::add_to(&mut samples, &batch)?;
    }
    let matched =
        match_columns(&reader.headers().original, &samples, &entity.contract, &choices, source.date_order);
    if let Some(error) = matched.errors.first() {
        return Err(Failure::Plain {
            code: error.error_code(),
            message: format!("{file}: {error}"),
            help: Some(error.advice()),
            exit: crate::failure::WRONG,
        });
    }
    let names = &reader.headers().unique;
    let name = |index: usize| names.get(index).cloned();
    Ok(Columns {
        fields: matched
            .assignments
            .iter()
            .map(|a| (a.field.clone(), a.columns.iter().filter_map(|&c| name(c)).collect()))
            .collect(),
        unmapped: matched.unmapped.iter().filter_map(|u| name(u.index)).collect(),
    })
}

/// The SQL that turns a chunk of changes into rows of each table.
pub fn loads(entity: &Entity, shape: &Shape) -> Vec<Query> {
    let images = [
        ("resolved, new core rows", Image::Created),
        ("resolved, existing core rows as they shall be", Image::After),
        ("resolved, existing core rows as they were", Image::Before),
    ];
    let mut queries: Vec<Query> = images
        .into_iter()
        .map(|(name, image)| Query::new(name, Keep::View, resolved_sql(shape, image)))
        .collect();
    queries.extend(entity.loads.iter().map(|l| Query::new(l.own_table(), Keep::Memory, l.sql.text.as_str())));
    queries.push(Query::new("external_id_map", Keep::Memory, links_sql()));
    queries.push(Query::new("core_provenance", Keep::Memory, provenance_sql()));
    queries.push(Query::new("children as they were", Keep::Memory, children_before_sql(shape)));
    queries.push(Query::new("change_log", Keep::Memory, change_log_sql(shape)));
    queries
}
