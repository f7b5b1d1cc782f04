//! Tables of the organisation's own whose key is no whole number: a UUID, a text, several columns.
//!
//! Everything else knows a core row by a number. Importer keeps these numbers in a table of its own beside such a table,
//! and sees the table, and those of its sets and states, through views in which the number stands where the key stood. What
//! a load file says of the table is turned into what it says of the view, here, once.

use super::contract::Contract;
use super::load_file::{LoadFile, LoadMode, NumberedTable, TENANT};

/// What Importer's views of such tables begin with, and its tables of numbers.
pub const NUMBERED_VIEW: &str = "importer_numbered_";
/// See [`NUMBERED_VIEW`].
pub const NUMBERS: &str = "importer_numbers_";

/// What every load file of such an entity gives.
const CORE_ID: &str = "core_id";

/// What is wrong with a load file: the file, a word in it, what is wrong, and what helps.
pub(super) struct Unfit {
    pub(super) path: String,
    pub(super) word: &'static str,
    pub(super) message: String,
    pub(super) help: String,
}

/// Puts views in the place of the tables of an entity whose core table is numbered.
pub(super) fn number(contract: &mut Contract, loads: &mut [LoadFile]) -> Vec<Unfit> {
    let mut unfit = Vec::new();
    for load in loads.iter().filter(|load| load.is_numbered && load.mode != LoadMode::Core) {
        let message = "`numbered` is said of the core table alone".to_owned();
        unfit.push(unfit_at(
            load,
            "numbered",
            message,
            "take it out here: tables that belong to a numbered one are seen so, too",
        ));
    }
    let Some(core) = loads.iter().find(|load| load.mode == LoadMode::Core && load.is_numbered).cloned()
    else {
        return unfit;
    };
    if contract.field("id").is_some_and(|field| field.core) {
        let message = "a field called `id` cannot be told from the number of a row".to_owned();
        let help = "call the field otherwise and write `<field> AS id` in the SELECT";
        return vec![unfit_at(&core, "numbered", message, help)];
    }
    let own_key: Vec<&String> = core.key.iter().filter(|column| *column != TENANT).collect();
    if let Err(wrong) = Numbering::of(&core, &core, &own_key) {
        return vec![wrong];
    }
    let numbers = format!("{NUMBERS}{}", core.table);
    for load in loads.iter_mut() {
        match Numbering::of(load, &core, &own_key) {
            Ok(numbering) => numbering.apply(load, &core, &numbers),
            Err(wrong) => unfit.push(wrong),
        }
    }
    contract.core.table = format!("{NUMBERED_VIEW}{}", contract.core.table);
    unfit
}

fn unfit_at(load: &LoadFile, word: &'static str, message: String, help: &str) -> Unfit {
    Unfit { path: load.sql.path.clone(), word, message, help: help.to_owned() }
}

/// How the rows of one table find their numbers.
struct Numbering {
    number: String,
    joined: Vec<(String, String)>,
    is_made: bool,
}

impl Numbering {
    fn of(load: &LoadFile, core: &LoadFile, own_key: &[&String]) -> Result<Self, Unfit> {
        let columns = load.columns.as_deref().unwrap_or_default();
        let Some(number) = load.column_of(CORE_ID).map(str::to_owned) else {
            let message = format!("the SELECT gives no `{CORE_ID}`, by which a numbered table is written");
            let help = "add `core_id AS <key>` where the database makes the key, or `core_id` where fields are the key";
            return Err(unfit_at(load, "select", message, help));
        };
        let tenant = || {
            let has = load.has_tenant() && core.has_tenant();
            has.then(|| (TENANT.to_owned(), TENANT.to_owned()))
        };
        if load.key.contains(&number) {
            let [key] = own_key else {
                let message = format!(
                    "`{number}` stands for the key of `{}`, which has {} columns",
                    core.table,
                    own_key.len()
                );
                return Err(unfit_at(load, "key", message, "give `core_id` beside the columns of the key"));
            };
            let joined = tenant().into_iter().chain([(number.clone(), (*key).clone())]).collect();
            return Ok(Self { number, joined, is_made: true });
        }
        if let Some(missing) = own_key.iter().find(|key| !columns.contains(key)) {
            let message = format!("the SELECT gives no `{missing}`, which is in the key of `{}`", core.table);
            let help = "the table has the columns of that key under their names; the SELECT gives them";
            return Err(unfit_at(load, "select", message, help));
        }
        let same = own_key.iter().map(|key| ((*key).clone(), (*key).clone()));
        Ok(Self { number, joined: tenant().into_iter().chain(same).collect(), is_made: false })
    }

    fn apply(self, load: &mut LoadFile, core: &LoadFile, numbers: &str) {
        let replaced = |column: &String| self.joined.iter().any(|(own, _)| own == column);
        let rest: Vec<String> = load.key.iter().filter(|column| !replaced(column)).cloned().collect();
        let tenant = load.has_tenant().then(|| TENANT.to_owned());
        let rest = rest.into_iter().filter(|column| column != TENANT);
        let key = tenant.into_iter().chain([self.number.clone()]).chain(rest).collect();
        let view = format!("{NUMBERED_VIEW}{}", load.table);
        load.numbered = Some(NumberedTable {
            table: std::mem::replace(&mut load.table, view),
            key: std::mem::replace(&mut load.key, key),
            numbers: numbers.to_owned(),
            number: self.number,
            joined: self.joined,
            is_made: self.is_made,
            is_core: load.sql.path == core.sql.path,
        });
        load.after.iter_mut().for_each(|table| *table = format!("{NUMBERED_VIEW}{table}"));
    }
}

/// The name that people know a table by, of one or of Importer's view of it.
pub fn own_name(table: &str) -> &str {
    table.strip_prefix(NUMBERED_VIEW).unwrap_or(table)
}
