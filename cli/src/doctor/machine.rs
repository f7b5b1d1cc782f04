//! The machine: room on the disk, and memory.

use std::path::Path;
use std::process::Command;

use super::lake::folder;
use super::verdict::Look;
use crate::settings::{Settings, shown};

/// Free bytes below which a large import will not get far.
const LITTLE: u64 = 2 << 30;

/// Looks at disk and memory.
pub fn look(settings: &Settings, looks: &mut Vec<Look>) {
    // Of a lake elsewhere the temporary files of queries are what needs room here.
    let lake = folder(&settings.options.lake).unwrap_or_else(std::env::temp_dir);
    // The nearest folder that is there already.
    let place = std::path::absolute(&lake).unwrap_or(lake);
    if let Some(place) = place.ancestors().find(|folder| folder.exists()) {
        looks.push(disk(place));
    }
    looks.push(memory(settings.options.limits.memory as u64));
}

fn disk(place: &Path) -> Look {
    match free(place) {
        None => Look::warn(
            "disk",
            format!("the room at {} is unknown", place.display()),
            "check it before a large import",
        ),
        Some(bytes) if bytes < LITTLE => Look::warn(
            "disk",
            format!("{} free at {}", shown(bytes), place.display()),
            "make room: the data sets of a run take about twice the size of its file",
        ),
        Some(bytes) => Look::ok("disk", format!("{} free at {}", shown(bytes), place.display())),
    }
}

/// As `df` counts it: kilobytes available, fourth column of the second line.
fn free(place: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(place).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kilobytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn memory(limit: u64) -> Look {
    let Some(there) = there() else {
        return Look::ok("memory", format!("queries may hold {}", shown(limit)));
    };
    let found = format!("queries may hold {} of {}", shown(limit), shown(there));
    if limit > there / 4 * 3 {
        return Look::warn(
            "memory",
            found,
            "lower --memory (IMPORTER_MEMORY): queries spill to disk beyond it",
        );
    }
    Look::ok("memory", found)
}

/// The smaller of the machine's memory and the container's limit.
fn there() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    });
    let container =
        std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    match (machine, container) {
        (Some(m), Some(c)) => Some(m.min(c)),
        (m, c) => m.or(c),
    }
}
