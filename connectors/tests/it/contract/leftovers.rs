//! What is left behind by a source that is dropped before its end. Files, threads and temporary files belong to a process, and
//! other tests run in this one: so each kind is looked at in a process of its own.

use std::path::Path;
use std::process::Command;

use importer_connectors::connector::Input;
use importer_connectors::source::Source;

use super::table::Meant;
use super::{KINDS, Kind};

const KIND: &str = "IMPORTER_TEST_KIND";

pub fn dropped(kind: &Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let child = Command::new(std::env::current_exe().expect("a test has a path"))
        .args(["--exact", "contract::leftovers::child", "--ignored", "--nocapture"])
        .env(KIND, kind.name)
        .env("TMPDIR", folder.path())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "{said}");
    assert_eq!(files(folder.path()), 0, "temporary files are left");
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map(Iterator::count).unwrap_or(0)
}

/// Open files and threads of this process, where the system tells.
fn held() -> (usize, usize) {
    (files(Path::new("/proc/self/fd")), files(Path::new("/proc/self/task")))
}

/// Opens a table of several batches from a stream, and reads the first of them.
fn begin(kind: &Kind) -> Vec<Box<dyn Source>> {
    let meant = Meant::people(20_000);
    let bytes = zstd::encode_all((kind.write)(&meant).as_slice(), 1).expect("memory");
    let mut sources = kind.open(Input::bytes("test.bin", bytes), &meant, 100, &[]).expect("it is opened");
    let batch = sources[0].next_batch().expect("it is read").expect("there is one");
    assert_eq!(batch.records.num_rows(), 100);
    sources
}

#[test]
#[ignore = "run by the case of dropped sources, in a process of its own"]
fn child() {
    let Ok(name) = std::env::var(KIND) else { return };
    let kind = KINDS.iter().find(|kind| kind.name == name).expect("it is one of them");
    // What is made once and stays is there from now on.
    drop(begin(kind));
    let before = held();
    for _ in 0..3 {
        drop(begin(kind));
    }
    assert_eq!(held(), before, "files or threads are left");
    // A process that ends without dropping anything leaves nothing either.
    std::mem::forget(begin(kind));
}
