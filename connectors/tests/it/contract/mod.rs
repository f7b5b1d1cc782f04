//! One contract for all sources: every case below is tried with every kind of source, through what is public only.
//!
//! A kind says which cases it leaves out, and why; it may leave out [`MOST_LEFT_OUT`]. Cases of bytes are those of a connector:
//! batches in memory are opened by their caller and have only the others.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the cases, the kinds, and how they come together |
//! | `table`, `kind` | a table as it is meant; how a kind writes and reads it |
//! | `text`, `columnar`, `packed` | the kinds |
//! | `content`, `names` | what is in tables: cells, rows, names of columns |
//! | `order` | batches, places, counts, two readings |
//! | `damage` | files that are cut off, damaged, or of another format |
//! | `bytes` | slow, failing, compressed and huge inputs; files under any name |
//! | `options` | options that are not there or cannot be |
//! | `leftovers` | what a dropped source leaves behind: seen from outside of its process |
//! | `settled` | single doubts that were settled |

mod bytes;
mod columnar;
mod content;
mod damage;
mod kind;
mod leftovers;
mod names;
mod options;
mod order;
mod packed;
mod settled;
mod table;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

use importer_connectors::connector::CONNECTORS;

use kind::Kind;

/// Every kind of source.
const KINDS: &[Kind] = &[
    text::CSV,
    packed::XLSX,
    text::JSON,
    text::NDJSON,
    columnar::PARQUET,
    columnar::IPC,
    columnar::IPC_STREAM,
    columnar::AVRO,
    text::VCARD,
    text::FIXED_WIDTH,
    packed::ARCHIVE,
    columnar::IN_MEMORY,
];

/// Cases that a kind may leave out.
const MOST_LEFT_OUT: usize = 4;

/// Why a kind leaves out a case of names.
const NO_NAMES: &str =
    "no names of columns stand in the file: without records it is empty, which is another case";
const NO_MARK: &str = "its columns are those of the format, whatever stands in the file";

/// Whether a case needs bytes that a connector opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Table,
    Bytes,
}

macro_rules! cases {
    ($($case:ident $test:ident $of:ident $check:path;)*) => {
        /// What every kind of source has to pass.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Case { $($case),* }

        const CASES: &[Case] = &[$(Case::$case),*];

        $(
            #[test]
            fn $test() {
                run(Case::$case, Of::$of, $check);
            }
        )*
    };
}

cases! {
    Empty an_empty_file Bytes content::empty;
    HeaderOnly a_header_and_nothing_else Table content::header_only;
    OneRow one_row Table content::one_row;
    Wide two_thousand_columns Table content::wide;
    HugeCell a_cell_of_a_mebibyte Table content::huge_cell;
    Unicode text_of_all_scripts Table content::unicode;
    Nulls nothing_and_empty_texts Table content::nulls;
    Digits digits_stay_digits Table content::digits;
    Types values_of_types Table content::types;
    DuplicateNames names_that_come_twice Table names::duplicates;
    BlankNames names_that_are_blank Table names::blank;
    UnicodeNames names_of_all_scripts Table names::unicode;
    OtherOrder columns_in_another_order Table names::other_order;
    BatchSize batches_of_any_size Table order::batch_size;
    Places places_ascend_and_print Table order::places;
    Counts counts_add_up Table order::counts;
    Twice two_readings_are_one Table order::twice;
    Threads read_by_other_threads Table order::threads;
    AfterTheEnd the_end_stays_the_end Table order::after_the_end;
    CutOff cut_off_anywhere Bytes damage::cut_off;
    CutOffPacked compression_that_is_cut_off Bytes damage::cut_off_packed;
    Flips damaged_in_the_middle Bytes damage::flips;
    OtherFormat a_file_of_another_format Bytes damage::other_format;
    Slow readers_that_give_little Bytes bytes::slow;
    Failing readers_that_fail Bytes bytes::failing;
    Folder a_folder Bytes bytes::folder;
    Packed compressed_as_a_whole Bytes bytes::packed;
    Bomb small_files_that_unfold Bytes bytes::bomb;
    Recognised recognised_under_any_name Bytes bytes::recognised;
    FileName names_that_are_no_text Bytes bytes::file_name;
    UnknownOption options_that_are_not_there Bytes options::unknown;
    BadOption options_that_cannot_be Bytes options::bad;
    Dropped dropped_in_the_middle Bytes leftovers::dropped;
}

fn run(case: Case, of: Of, check: fn(&Kind)) {
    let takes = |kind: &&Kind| (of == Of::Table || kind.is_file()) && kind.why_not(case).is_none();
    let failed = |kind: &&Kind| {
        eprintln!("{case:?}: {}", kind.name);
        catch_unwind(AssertUnwindSafe(|| check(kind))).is_err()
    };
    let failed: Vec<&str> = KINDS.iter().filter(takes).filter(failed).map(|kind| kind.name).collect();
    assert!(failed.is_empty(), "{case:?} does not hold for {}", failed.join(", "));
}

#[test]
fn every_connector_takes_part() {
    // Those that take no bytes have cases of their own: `database`, `database_postgres`.
    for connector in CONNECTORS.iter().filter(|connector| !connector.is_own()) {
        assert!(KINDS.iter().any(|kind| kind.connector == connector.name()), "{}", connector.name());
    }
    assert!(KINDS.iter().any(|kind| !kind.is_file()));
}

#[test]
fn little_is_left_out_and_with_a_reason() {
    assert!(CASES.len() >= 20);
    for kind in KINDS {
        assert!(kind.leaves_out.len() <= MOST_LEFT_OUT, "{} leaves out too much", kind.name);
        for (n, (case, why)) in kind.leaves_out.iter().enumerate() {
            assert!(why.len() > 20, "{}: why not {case:?}?", kind.name);
            assert!(kind.leaves_out.iter().skip(n + 1).all(|(other, _)| other != case));
        }
    }
}
