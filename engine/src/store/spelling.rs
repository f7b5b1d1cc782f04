//! What spellings of one external id have in common, as the databases compute it: `external_id_form` of the SQL functions.
//!
//! The index `external_id_map_form` is made of these expressions; a question finds it by the same text.

use super::{Dialect, Statement, statement};

const FORM: Statement = statement!("id_form");
const BARE: Statement = statement!("id_bare");
const SPELT: Statement = statement!("id_spelt");

/// The form of the id in a column.
pub fn id_form(dialect: Dialect, column: &str) -> String {
    let bare = BARE.text(dialect).trim().replace("{id}", column);
    FORM.text(dialect).trim().replace("{id}", &bare)
}

/// Whether the id in a column may not be its own form.
pub fn id_spelt(dialect: Dialect, column: &str) -> String {
    SPELT.text(dialect).trim().replace("{id}", column)
}

#[cfg(test)]
mod tests {
    use importer_sql::migrations;

    use super::{Dialect, id_form, id_spelt};

    #[test]
    fn the_index_has_the_same_expressions() {
        for (dialect, list) in
            [(Dialect::Postgres, migrations::POSTGRES), (Dialect::Sqlite, migrations::SQLITE)]
        {
            let made = list.iter().find(|m| m.name == "number_signs").unwrap();
            assert!(made.up.contains(&id_form(dialect, "external_id")), "{dialect:?}");
            assert!(
                made.up.contains(&format!("NOT is_synthetic AND {}", id_spelt(dialect, "external_id"))),
                "{dialect:?}"
            );
        }
    }
}
