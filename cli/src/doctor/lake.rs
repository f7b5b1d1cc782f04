//! The lake: can it be written, and does it belong to this store?

use std::path::{Path, PathBuf};

use importer_engine::store::Store;

use super::Look;
use crate::settings::Settings;

/// Looks at the lake. What is not there yet is not made.
pub async fn look(settings: &Settings, store: Option<&Store>, looks: &mut Vec<Look>) {
    let Some(folder) = folder(&settings.options.lake) else {
        looks.push(Look::fail(
            "lake",
            format!("{} is not a lake", settings.options.lake),
            "name a folder or a file:// URL with --lake",
        ));
        return;
    };
    if !folder.exists() {
        looks.push(Look::ok("lake", format!("none at {} yet; the first run makes it", folder.display())));
        return;
    }
    looks.push(writable(&folder));
    if let Some(store) = store {
        looks.push(binding(&folder, store).await);
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

fn writable(folder: &Path) -> Look {
    let probe = folder.join(format!("_doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"importer").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Look::ok("lake", format!("{} can be written", folder.display())),
        Err(error) => Look::fail(
            "lake",
            format!("{} cannot be written: {error}", folder.display()),
            "give the user of the importer rights on the folder, or name another with --lake",
        ),
    }
}

async fn binding(folder: &Path, store: &Store) -> Look {
    let Ok(bytes) = std::fs::read(folder.join("_store.json")) else {
        return Look::ok("binding", "the lake belongs to no store yet; the first run binds it");
    };
    let found: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    match store.store_info().await {
        Ok(info) if found["store_id"].as_str() == Some(info.store_id.as_str()) => {
            Look::ok("binding", "the lake belongs to this store")
        }
        Ok(_) => Look::fail(
            "binding",
            "the lake belongs to another store",
            "use the store that this lake was made with, or name another lake with --lake",
        ),
        Err(error) => Look::warn("binding", error.to_string(), error.advice()),
    }
}
