//! Files that are cut off, damaged, or of another format: told, never fewer rows in silence, and never without an end.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use importer_connectors::connector::Input;

use super::order::{essence, sound};
use super::table::Meant;
use super::{KINDS, Kind};
use crate::tables::drain;

/// What became of a file that was opened as this kind.
struct Outcome {
    /// Records and rejects.
    seen: usize,
    /// An error, or a reject.
    told: bool,
    essence: String,
}

fn read(kind: &Kind, meant: &Meant, bytes: Vec<u8>, rows: usize) -> Outcome {
    match kind.open(Input::bytes("test.bin", bytes), meant, rows, &[]) {
        Err(error) => {
            assert!(error.help().len() > 10, "{error}");
            Outcome { seen: 0, told: true, essence: format!("{} {error}", error.code()) }
        }
        Ok(mut sources) => {
            let mut outcome = Outcome { seen: 0, told: false, essence: String::new() };
            for source in &mut sources {
                let table = drain(source.as_mut(), rows);
                sound(&table);
                outcome.seen += table.lines.len() + table.rejects.len();
                outcome.told |= table.stopped.is_some() || !table.rejects.is_empty();
                outcome.essence.push_str(&essence(&table));
            }
            outcome
        }
    }
}

/// The kind with this name: threads need what lives for ever.
fn lasting(kind: &Kind) -> &'static Kind {
    KINDS.iter().find(|k| k.name == kind.name).expect("it is one of them")
}

/// Does the work, which may take a minute and no more.
fn within_time<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, done) = channel();
    std::thread::spawn(move || {
        // Nobody waits any more where it took too long.
        let _ = sender.send(work());
    });
    match done.recv_timeout(Duration::from_secs(60)) {
        Ok(result) => result,
        Err(RecvTimeoutError::Disconnected) => panic!("{what} panics"),
        Err(RecvTimeoutError::Timeout) => panic!("{what} does not end"),
    }
}

pub fn cut_off(kind: &Kind) {
    let kind = lasting(kind);
    let meant = Meant::people(60);
    let bytes = (kind.write)(&meant);
    let len = bytes.len();
    let parts = (1..40).map(|n| len * n / 40);
    let ends = [1, 2, 3, 4, 5, 8, 9, 10, 21].into_iter().map(|n| len - n);
    for at in (1..9).chain(parts).chain(ends) {
        let cut = bytes[..at].to_vec();
        // Where nothing marks the end of a file, records that begin are there.
        let begun = kind.begun.map_or(meant.rows.len(), |count| count(&cut));
        let meant = meant.clone();
        let outcome = within_time(&format!("byte {at} of {len}"), move || {
            let large = read(kind, &meant, cut.clone(), 8192);
            assert_eq!(large.essence, read(kind, &meant, cut, 7).essence);
            large
        });
        assert!(
            outcome.told || outcome.seen >= begun,
            "cut off at byte {at} of {len}: {} of {begun} records, and nothing is told",
            outcome.seen
        );
    }
}

pub fn cut_off_packed(kind: &Kind) {
    let meant = Meant::people(200);
    let plain = (kind.write)(&meant);
    for packed in [gzip(&plain), zstd::encode_all(plain.as_slice(), 1).expect("memory")] {
        for at in [packed.len() / 4, packed.len() / 2, packed.len() - 9, packed.len() - 1] {
            let outcome = read(kind, &meant, packed[..at].to_vec(), 8192);
            assert!(outcome.told, "cut off at byte {at} of {}", packed.len());
        }
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut writer, bytes).expect("memory");
    writer.finish().expect("memory")
}

/// Numbers that are always the same.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// It ends, without a panic, and what comes of it does not depend on the size of batches.
pub fn flips(kind: &Kind) {
    let kind = lasting(kind);
    let meant = Meant::people(60);
    let bytes = (kind.write)(&meant);
    let mut random = Seeded(32);
    for seed in 0..120 {
        let mut damaged = bytes.clone();
        for _ in 0..=random.below(4) {
            let at = bytes.len() / 20 + random.below(bytes.len() * 9 / 10);
            damaged[at] ^= 1 << random.below(8);
        }
        let again = (meant.clone(), damaged.clone());
        let meant = meant.clone();
        let large = within_time(&format!("damage {seed}"), move || read(kind, &meant, damaged, 8192));
        let small = within_time(&format!("damage {seed}"), move || read(kind, &again.0, again.1, 7));
        assert_eq!(large.essence, small.essence, "damage {seed}");
    }
}

/// The error says what the file is.
pub fn other_format(kind: &Kind) {
    let meant = Meant::people(30);
    for other in KINDS.iter().filter(|other| other.is_file() && other.connector != kind.connector) {
        // Text at fixed places is any text; delimited text is as well, where it has no marks of another format.
        let text = ["csv", "json", "ndjson", "vcard", "fixed_width"];
        if kind.name == "fixed_width" && text.contains(&other.name)
            || kind.name == "csv" && other.name == "fixed_width"
        {
            continue;
        }
        let input = Input::bytes("people.bin", (other.write)(&meant));
        let Err(error) = kind.open(input, &meant, 10, &[]) else {
            panic!("{} was read", other.name);
        };
        let said = format!("{error} {}", error.help());
        assert!(error.to_string().contains("people.bin"), "{}: {said}", other.name);
        assert!(said.contains(other.word), "{}: {said}", other.name);
    }
}
