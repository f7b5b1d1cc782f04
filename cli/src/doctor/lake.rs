//! The lake: can it be written, and does it belong to this store?

use std::path::PathBuf;

use importer_engine::lake::Lake;
use importer_engine::store::Store;

use super::verdict::Look;
use crate::settings::Settings;

/// Looks at the lake. A folder that is not there yet is not made.
pub async fn look(settings: &Settings, store: Option<&Store>, looks: &mut Vec<Look>) {
    let name = &settings.options.lake;
    if let Some(folder) = folder(name).filter(|folder| !folder.exists()) {
        looks.push(Look::ok("lake", format!("none at {} yet; the first run makes it", folder.display())));
        return;
    }
    let failed = |error: &importer_engine::Error, help: &str| {
        Look::fail("lake", format!("{name} cannot be written: {error}"), error.help().unwrap_or(help))
    };
    let lake = match Lake::open(name) {
        Ok(lake) => lake,
        Err(error) => {
            let help = error.help().unwrap_or("name another with --lake");
            looks.push(Look::fail("lake", error.to_string(), help));
            return;
        }
    };
    match lake.probe().await {
        Ok(()) => looks.push(Look::ok("lake", format!("{name} can be written"))),
        Err(error) => {
            looks.push(failed(&error, "give the user of the importer rights, or name another with --lake"));
            return;
        }
    }
    if let Some(store) = store {
        looks.push(binding(&lake, store).await);
    }
}

/// The folder of a local lake.
pub fn folder(lake: &str) -> Option<PathBuf> {
    match lake.split_once("://") {
        Some(("file", path)) => Some(PathBuf::from(path)),
        Some(_) => None,
        None => Some(PathBuf::from(lake)),
    }
}

async fn binding(lake: &Lake, store: &Store) -> Look {
    let found = match lake.bound_to().await {
        Ok(Some(found)) => found,
        Ok(None) => return Look::ok("binding", "the lake belongs to no store yet; the first run binds it"),
        Err(error) => {
            let help = error.help().unwrap_or("restore the lake from a backup");
            return Look::fail("binding", error.to_string(), help);
        }
    };
    match store.store_info().await {
        Ok(info) if found == info.store_id => Look::ok("binding", "the lake belongs to this store"),
        Ok(_) => Look::fail(
            "binding",
            "the lake belongs to another store",
            "use the store that this lake was made with, or name another lake with --lake",
        ),
        Err(error) => Look::warn("binding", error.to_string(), error.advice()),
    }
}
