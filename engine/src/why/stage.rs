//! stage: the record as the contract reads it, and the mapping asked once more.

use importer_plans::compile::why::{mapped_again_sql, staged_fields_sql, staged_row_sql};
use importer_plans::project::NewColumns;

use super::ask::{Asked, Asker, text};
use super::pinned::Pinned;
use super::story::{Stage, StagedField};
use crate::error::Result;
use crate::steps::land::LandedFile;
use crate::steps::stage::borrowed;

/// What stage made of a row.
pub async fn of_row(asker: &Asker, pinned: &Pinned, file: &LandedFile, row: i64) -> Result<Stage> {
    let (shape, place) = (&pinned.shape, pinned.place);
    let fields = asker.ask("staged fields", staged_fields_sql(shape, place, row)).await?;
    let keys = asker.ask("staged keys", staged_row_sql(shape, place, row)).await?;
    let staged = fields
        .rows
        .iter()
        .map(|found| {
            let field = text(found, "field").unwrap_or_default();
            StagedField {
                columns: columns_of(file, &field),
                value: text(found, "value"),
                unparsed: text(found, "unparsed"),
                sensitive: shape.field(&field).is_some_and(|f| f.sensitive),
                field,
            }
        })
        .collect();
    let mapping = pinned.mapping();
    let again = again(asker, pinned, file, row).await?;
    let mapping_agrees = again.as_ref().map(|again| agree(&fields, again));
    let keys_row = keys.rows.first().cloned().unwrap_or_default();
    Ok(Stage {
        mapping: pinned.run.mapping_version.clone().unwrap_or_default(),
        mapping_path: mapping.map(|m| m.sql.path.clone()).unwrap_or_default(),
        mapping_sql: mapping.map(|m| m.sql.text.clone()).unwrap_or_default(),
        fields: staged,
        keys: keys_row,
        mapping_agrees,
        asked: [fields, keys].into_iter().chain(again).collect(),
    })
}

fn columns_of(file: &LandedFile, field: &str) -> Vec<String> {
    file.assignments.iter().find(|(f, _)| f == field).map(|(_, c)| c.clone()).unwrap_or_default()
}

async fn again(asker: &Asker, pinned: &Pinned, file: &LandedFile, row: i64) -> Result<Option<Asked>> {
    let (Some(params), Some(mapping)) = (pinned.params(), pinned.mapping()) else { return Ok(None) };
    let unmapped: Vec<&str> = match pinned.source.contract.new_columns {
        NewColumns::DiscardValue => Vec::new(),
        NewColumns::Evolve | NewColumns::Freeze => file.unmapped.iter().map(String::as_str).collect(),
    };
    let sql = mapped_again_sql(
        &pinned.shape,
        &mapping.sql.text,
        &borrowed(file),
        (&unmapped, &file.texts),
        pinned.place,
        row,
        &params,
    );
    Ok(Some(asker.ask("mapping", sql).await?))
}

fn agree(staged: &Asked, again: &Asked) -> bool {
    let values = |asked: &Asked| -> Vec<(Option<String>, Option<String>)> {
        asked.rows.iter().map(|row| (text(row, "field"), text(row, "value"))).collect()
    };
    values(staged) == values(again)
}
