//! What the first rows of the files say about how they are to be read: told, and taken on where the request asks for it.

use importer_plans::project::Entity;
use importer_plans::suggest::{Habits, Looked, suggest};

use crate::context::Suggested;
use crate::request::RunRequest;
use crate::steps::land::OpenedFile;

/// Looks at the files as they would be read, and decides which proposals the request takes on: those that are beyond doubt,
/// where it says nothing itself.
pub fn look(
    files: &[OpenedFile],
    entity: &Entity,
    request: &RunRequest,
    so_far: Habits<'_>,
) -> Vec<Suggested> {
    let looked: Vec<Looked<'_>> = files
        .iter()
        .map(|file| Looked { headers: file.headers(), matched: &file.matched, samples: &file.samples })
        .collect();
    let stated = |setting: &str| match setting {
        "default_region" => request.default_region.is_some(),
        "number_format" => request.number_format.is_some(),
        _ => request.date_order.is_some(),
    };
    suggest(&looked, &entity.contract, so_far)
        .into_iter()
        .map(|suggestion| Suggested {
            accepted: request.suggested && !suggestion.doubtful && !stated(&suggestion.setting),
            suggestion,
        })
        .collect()
}

/// The value that was taken on for a setting.
pub fn accepted<'s>(all: &'s [Suggested], setting: &str) -> Option<&'s str> {
    let found = all.iter().find(|s| s.accepted && s.suggestion.setting == setting);
    found.map(|s| s.suggestion.value.as_str())
}

/// What may be the cause where many rows are bad.
pub(super) fn perhaps(suggestions: &[Suggested]) -> String {
    let open: Vec<String> = suggestions
        .iter()
        .filter(|s| !s.accepted)
        .map(|s| format!("{} ({})", s.suggestion.flag(), s.suggestion.why))
        .collect();
    match open.as_slice() {
        [] => String::new(),
        open => format!("perhaps the file is to be read with {}; ", open.join(" and ")),
    }
}
