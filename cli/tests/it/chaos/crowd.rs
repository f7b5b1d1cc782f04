//! The people that chaos sends, and what has to be there afterwards.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::place::Place;

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

/// Every id with the last sequence that was sent of it and the hash of that version.
pub struct Crowd {
    last: BTreeMap<u64, (u64, u64)>,
    first: String,
    second: String,
}

/// The files of a crowd.
pub struct Files {
    pub first: PathBuf,
    pub second: PathBuf,
}

const HEADER: &str = "external_system,external_id,first_name,last_name,email,phone,city,employer,ingest_version,source_updated_at\n";

impl Crowd {
    /// People of whom half are there before; some of these come again, newer or as they were, some are refused.
    pub fn new(people: u64, seed: u64) -> Self {
        let mut draw = Draw::new(seed ^ 0xC0FF_EE00);
        let mut crowd = Self { last: BTreeMap::new(), first: HEADER.to_owned(), second: HEADER.to_owned() };
        for id in 1..=people {
            let there = id <= people / 2;
            if there {
                crowd.first.push_str(&row(id, 1, "Before", true));
                crowd.last.insert(id, (1, hash(id, 1)));
            }
            match draw.below(5) {
                0 if there => crowd.second.push_str(&row(id, 1, "Before", true)),
                // A newer version that is refused changes nothing.
                1 if there => crowd.second.push_str(&row(id, 9, "Refused", false)),
                _ => {
                    crowd.second.push_str(&row(id, 2, "After", true));
                    crowd.last.insert(id, (2, hash(id, 2)));
                }
            }
        }
        crowd
    }

    /// Writes both files into a folder.
    pub fn write(&self, folder: &Path) -> Files {
        let files = Files { first: folder.join("first.csv"), second: folder.join("second.csv") };
        std::fs::write(&files.first, &self.first).unwrap();
        std::fs::write(&files.second, &self.second).unwrap();
        files
    }

    /// Count, sum of hashes and the highest sequence of every id are those that were sent.
    pub fn agrees(&self, place: &Place) {
        let sum: u64 = self.last.values().map(|(_, hash)| hash).sum();
        let found = place.number("SELECT count(*) FROM {contacts}");
        assert_eq!(found, i64::try_from(self.last.len()).unwrap(), "records");
        let found = place.number("SELECT CAST(sum(CAST(employer AS BIGINT)) AS BIGINT) FROM {contacts}");
        assert_eq!(found, i64::try_from(sum).unwrap(), "sum of the hashes");
        let mut sequences: Vec<String> =
            self.last.iter().map(|(id, (seq, _))| format!("C-{id} {seq}")).collect();
        sequences.sort();
        assert_eq!(place.sequences(), sequences, "the highest sequence of every id");
    }
}

fn hash(id: u64, sequence: u64) -> u64 {
    Draw::new(id.wrapping_mul(1_000_003) ^ sequence).next() >> 24
}

fn row(id: u64, sequence: u64, city: &str, good: bool) -> String {
    let letters = letters(id);
    let email = if good { format!("cara{id}@example.org") } else { "no address".to_owned() };
    let mut text = String::new();
    writeln!(
        text,
        "crm,C-{id},Cara{letters},Crowd{letters},{email},312-{:03}-{:04},{city},{},{sequence},2025-01-{:02}T00:00:00Z",
        200 + id / 10_000 % 700,
        id % 10_000,
        hash(id, sequence),
        sequence
    )
    .unwrap();
    text
}

/// A number as letters, for names hold no digits.
fn letters(mut n: u64) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
        if n == 0 {
            return text;
        }
    }
}
