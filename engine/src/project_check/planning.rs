//! Every SQL file of a project planned against empty tables.

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use importer_plans::compile::load::{Image, resolved_sql};
use importer_plans::compile::matching::incoming;
use importer_plans::compile::resolve::apart_queries;
use importer_plans::compile::texts::FileTexts;
use importer_plans::project::{Entity, Mapping, Project, Source, SqlFile};

use super::bench::{Bench, CANONICAL, LANDED};
use super::finding::Finding;
use super::fuzzy::plan_fuzzy;
use crate::catalogue::{QueryError, Span, locate};
use crate::error::Result;

/// Plans every mapping, rule and load file.
pub async fn plan(project: &Project) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for entity in project.entities.values() {
        let source = project.sources.values().find(|s| s.entity == entity.name);
        plan_entity(entity, source, &mut found).await?;
    }
    for finding in &mut found {
        if finding.text.is_empty() {
            finding.text = project.files().get(&finding.path).unwrap_or_default().to_owned();
        }
        if finding.error.span.is_none() {
            finding.error.span = named_place(&finding.error.message, &finding.text);
        }
    }
    Ok(found)
}

/// Where a file speaks of what a message names, else where its own text begins: what was planned is more than the file.
fn named_place(message: &str, text: &str) -> Option<Span> {
    let named = message.split('`').skip(1).step_by(2);
    named.into_iter().find_map(|name| locate::word(text, name)).or_else(|| locate::first_word(text))
}

async fn plan_entity(entity: &Entity, source: Option<&Source>, found: &mut Vec<Finding>) -> Result<()> {
    let bench = Bench::new(entity, source, 0)?;
    let mut staged = None;
    for mapping in entity.mappings.values() {
        let extra = plan_mapping(&bench, mapping, found).await?;
        if let Some(extra) = extra {
            staged = plan_stage(&bench, mapping, &extra, found).await?.or(staged);
        }
    }
    // Without a mapping that can be planned there is nothing to hold the rules against.
    let Some(staged) = staged else { return Ok(()) };
    bench.empty("staged", &staged)?;
    // Rules do not see it in a run either.
    bench.session.deregister_table("landed")?;
    plan_rules(&bench, found).await?;
    plan_matching(&bench, found).await?;
    plan_fuzzy(&bench, found).await?;
    plan_loads(&bench, found).await
}

/// Plans a mapping alone, so that places in its text are right. Gives the columns it reads beside the contract's.
async fn plan_mapping(
    bench: &Bench<'_>,
    mapping: &Mapping,
    found: &mut Vec<Finding>,
) -> Result<Option<Vec<String>>> {
    let mut extra: Vec<String> = Vec::new();
    loop {
        bench.empty("landed", &landed(bench, &extra))?;
        let error = match bench.columns(&mapping.sql.text).await {
            Ok(_) => return Ok(Some(extra)),
            Err(error) => error,
        };
        // A name that is like no field is a column that only this source has.
        let foreign = (error.code == "SQL0003"
            && !error.help.as_deref().unwrap_or("").contains("did you mean"))
        .then(|| error.message.split('`').nth(1).map(str::to_owned))
        .flatten()
        .filter(|name| !extra.contains(name));
        let Some(name) = foreign else {
            found.push(Finding::error(&mapping.sql, error));
            return Ok(None);
        };
        let doubt = QueryError {
            code: "PRJ0108",
            message: format!("the mapping reads `{name}`, which is no field of the contract"),
            help: Some(
                "fine when every file of this source has such a column; a run of a file without it stops"
                    .into(),
            ),
            span: error.span,
        };
        found.push(Finding { is_warning: true, ..Finding::error(&mapping.sql, doubt) });
        extra.push(name);
    }
}

fn landed(bench: &Bench<'_>, extra: &[String]) -> Schema {
    let numbers = ["sequence_number", "line_number"].map(|n| Field::new(n, DataType::Int64, true));
    let names = bench.shape.fields.iter().map(|f| &f.name).chain(extra);
    let texts = names.map(|n| Field::new(n, DataType::Utf8View, true));
    Schema::new(numbers.into_iter().chain(texts).collect::<Vec<_>>())
}

async fn plan_stage(
    bench: &Bench<'_>,
    mapping: &Mapping,
    extra: &[String],
    found: &mut Vec<Finding>,
) -> Result<Option<SchemaRef>> {
    bench.empty(LANDED, &landed(bench, extra))?;
    let fields: Vec<(&str, Vec<&str>)> =
        bench.shape.fields.iter().map(|f| (f.name.as_str(), vec![f.name.as_str()])).collect();
    let unmapped: Vec<&str> = extra.iter().map(String::as_str).collect();
    bench.no_references()?;
    let (stage, canonical) = bench.stage(mapping, &fields, &unmapped, &FileTexts::default());
    match bench.columns(&stage).await {
        Ok(schema) => {
            if let Ok(schema) = bench.columns(&canonical).await {
                bench.empty(CANONICAL, &schema)?;
            }
            Ok(Some(schema))
        }
        Err(error) => {
            let help = "a mapping gives `sequence_number`, and every field of the contract as text";
            found.push(Finding::error(
                &mapping.sql,
                QueryError {
                    message: format!("what the mapping gives cannot be staged: {}", error.message),
                    help: Some(error.help.unwrap_or_else(|| help.to_owned())),
                    span: None,
                    ..error
                },
            ));
            Ok(None)
        }
    }
}

async fn plan_rules(bench: &Bench<'_>, found: &mut Vec<Finding>) -> Result<()> {
    let before = found.len();
    for rule in bench.entity.rules.iter().filter(|rule| !rule.reads_core()) {
        match bench.columns(&rule.sql.text).await {
            Ok(schema) => found.extend(wrong_key(&rule.sql, &schema)),
            Err(error) => found.push(Finding::error(&rule.sql, error)),
        }
    }
    if found.len() > before {
        return Ok(());
    }
    bench.empty_findings()?;
    for query in bench.check(&[], &FileTexts::default(), |_| true, false) {
        match bench.columns(&query.sql).await {
            Ok(schema) => bench.empty(&query.name, &schema)?,
            Err(error) => {
                let path = format!("entities/{}/check", bench.entity.name);
                found.push(Finding {
                    path,
                    text: String::new(),
                    error: QueryError { span: None, ..error },
                    is_warning: false,
                });
                break;
            }
        }
    }
    Ok(())
}

fn wrong_key(file: &SqlFile, schema: &Schema) -> Option<Finding> {
    let key = schema.column_with_name("sequence_number").map(|(_, f)| f.data_type());
    if key == Some(&DataType::Int64) {
        return None;
    }
    let message = match key {
        None => "a rule gives the `sequence_number` of every bad row".to_owned(),
        Some(other) => format!("`sequence_number` comes out as {other}; it is the number of a row of staged"),
    };
    let error = QueryError {
        code: "SQL0006",
        message,
        help: Some("begin with SELECT sequence_number, … FROM staged".into()),
        span: None,
    };
    Some(Finding::error(file, error))
}

/// The rows as match reads them, with the keys of `match.yml`.
async fn plan_matching(bench: &Bench<'_>, found: &mut Vec<Finding>) -> Result<()> {
    bench.empty_of("quarantined", &[("sequence_number", DataType::Int64)])?;
    let queries = incoming(&bench.shape, false);
    let Some(rows) = queries.iter().find(|query| query.name == "incoming") else { return Ok(()) };
    if let Err(error) = bench.columns(&rows.sql).await {
        found.push(Finding {
            path: format!("entities/{}/match.yml", bench.entity.name),
            text: String::new(),
            error: QueryError { span: None, ..error },
            is_warning: false,
        });
    }
    Ok(())
}

/// The load files read `resolved`, a view over changes; changes of new records have all of its columns.
async fn plan_loads(bench: &Bench<'_>, found: &mut Vec<Finding>) -> Result<()> {
    for name in ["quarantined", "not_simple"] {
        bench.empty_of(name, &[("sequence_number", DataType::Int64)])?;
    }
    let queries = apart_queries(&bench.shape, false, false);
    let Some(created) = queries.iter().find(|q| q.name == "changes_created") else { return Ok(()) };
    let planned = match bench.columns(&created.sql).await {
        Ok(chunk) => {
            bench.empty("chunk", &chunk)?;
            bench.columns(&resolved_sql(&bench.shape, Image::Created)).await
        }
        Err(error) => Err(error),
    };
    match planned {
        Ok(resolved) => bench.empty("resolved", &resolved)?,
        Err(error) => {
            let path = format!("entities/{}/resolve.yml", bench.entity.name);
            found.push(Finding {
                path,
                text: String::new(),
                error: QueryError { span: None, ..error },
                is_warning: false,
            });
            return Ok(());
        }
    }
    for load in &bench.entity.loads {
        if let Err(error) = bench.columns(&load.sql.text).await {
            found.push(Finding::error(&load.sql, error));
        }
    }
    Ok(())
}
