//! The result does not depend on how the bytes arrive or how large batches are, and no garbage
//! makes the reader panic or lose a line.

use importer_connectors::csv::{CsvEncoding, CsvOptions, Delimiter, Limits, LineEnding, Ragged};
use proptest::prelude::*;

use crate::support::{Drip, Whole, options, try_read, try_read_from};

/// Bytes that mean something, text, and noise.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b",".to_vec()),
        3 => Just(b"\"".to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"\"\"".to_vec()),
        1 => Just(b",\"".to_vec()),
        1 => Just(b"\",".to_vec()),
        1 => Just(b"\\\"".to_vec()),
        1 => Just("é".as_bytes().to_vec()),
        1 => Just(b"\xE9".to_vec()),
        1 => Just(b"\0".to_vec()),
        1 => Just(b" ".to_vec()),
        4 => "[a-z0-9]{1,6}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(piece, 0..300).prop_map(|pieces| pieces.concat())
}

fn some_options() -> impl Strategy<Value = CsvOptions> {
    (any::<bool>(), any::<bool>(), 0..4_u8, 0..3_u8, any::<bool>()).prop_map(
        |(pad, header, ending, encoding, small)| {
            options(|o| {
                o.header = Some(header);
                o.delimiter = Delimiter::new(b',').ok();
                o.skip_lines = Some(0);
                o.ragged = Some(if pad { Ragged::Pad } else { Ragged::Reject });
                o.line_ending = [None, Some(LineEnding::Lf), Some(LineEnding::Cr), Some(LineEnding::Mixed)]
                    [usize::from(ending)];
                o.encoding =
                    [None, Some(CsvEncoding::Windows1252), Some(CsvEncoding::Utf16Le)][usize::from(encoding)];
                if small {
                    o.limits = Limits {
                        line_bytes: 60,
                        field_bytes: 40,
                        field_lines: 4,
                        raw_bytes: 20,
                        ..Limits::default()
                    };
                }
            })
        },
    )
}

/// Physical lines by the simplest definition.
fn physical_lines(text: &[u8], lone_cr: bool) -> u64 {
    let mut lines = 0;
    let mut open = false;
    for (i, b) in text.iter().enumerate() {
        let ends = match b {
            b'\n' => true,
            b'\r' => lone_cr && text.get(i + 1) != Some(&b'\n'),
            _ => false,
        };
        lines += u64::from(ends);
        open = !ends;
    }
    lines + u64::from(open)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn garbage_with_options(body in garbage(), o in some_options(), step in 1..7_usize, rows in 1..5_usize) {
        let mut data = b"a,b\n".to_vec();
        data.extend(body);
        check(&data, &o, step, rows)?;
    }

    #[test]
    fn garbage_alone(data in garbage(), step in 1..7_usize, rows in 1..5_usize) {
        check(&data, &CsvOptions::default(), step, rows)?;
    }

    #[test]
    fn bytes(data in proptest::collection::vec(any::<u8>(), 0..400), o in some_options()) {
        let _ = try_read(&data, &o);
        let _ = try_read(&data, &CsvOptions::default());
    }
}

fn check(data: &[u8], o: &CsvOptions, step: usize, rows: usize) -> Result<(), TestCaseError> {
    let Ok(whole) = try_read(data, o) else { return Ok(()) };
    let utf16 = matches!(whole.dialect.encoding, CsvEncoding::Utf16Le | CsvEncoding::Utf16Be);
    if !utf16 {
        let lone_cr = matches!(whole.dialect.line_ending, LineEnding::Cr | LineEnding::Mixed);
        let text = data.strip_prefix(b"\xEF\xBB\xBF").filter(|_| whole.dialect.bom).unwrap_or(data);
        prop_assert_eq!(whole.counts.lines, physical_lines(text, lone_cr), "{}", whole.dialect.evidence);
    }
    for reject in &whole.rejects {
        if reject.raw_truncated {
            continue;
        }
        let at = reject.byte_offset as usize;
        prop_assert_eq!(&data[at..at + reject.raw.len()], &reject.raw[..]);
    }
    let dripped = Drip { data: data.to_vec(), at: 0, step };
    let small = CsvOptions { batch_rows: rows, ..o.clone() };
    match try_read_from(Box::new(dripped), &small) {
        Ok(other) => prop_assert_eq!(whole, other),
        Err(e) => prop_assert!(false, "{}", e),
    }
    Ok(())
}

/// A file larger than the sample and the window, with trouble all over it.
fn large(end: &str) -> Vec<u8> {
    let mut data = format!("id,name,note{end}").into_bytes();
    for i in 0..30_000_u32 {
        let line = match i % 1000 {
            7 => format!("{i},\"multi{end}line\",é{end}"),
            13 => format!("{i},too few{end}"),
            77 => format!("{i},\"open,x{end}"),
            113 => format!("{i},\"a \"b\" c\",x{end}"),
            211 => format!("{i},{},x{end}", "long".repeat(3000)),
            300 => end.to_owned(),
            400 => format!("{i},nul\0,x{end}"),
            _ => format!("{i},Ann Lee,some ordinary text{end}"),
        };
        data.extend_from_slice(line.as_bytes());
        if i % 5000 == 77 {
            data.extend_from_slice(b"x,\xFF\xFE,y");
            data.extend_from_slice(end.as_bytes());
        }
    }
    data
}

fn same(data: &[u8], o: &CsvOptions) -> Whole {
    let whole = try_read(data, o).expect("readable");
    for (step, rows, sample) in
        [(1000, 10, 1 << 20), (1 << 20, 100_000, 1 << 20), (7, 777, 1 << 16), (65_537, 8192, 1 << 18)]
    {
        let mut small = CsvOptions { batch_rows: rows, ..o.clone() };
        small.limits.sample_bytes = sample;
        let other =
            try_read_from(Box::new(Drip { data: data.to_vec(), at: 0, step }), &small).expect("readable");
        assert!(whole.rows == other.rows && whole.lines == other.lines, "rows differ at step {step}");
        assert_eq!(whole.rejects, other.rejects);
        assert_eq!(whole.findings, other.findings);
        assert_eq!(whole.counts, other.counts);
    }
    whole
}

#[test]
fn large_files_in_pieces() {
    for end in ["\n", "\r"] {
        let data = large(end);
        let whole = same(&data, &CsvOptions::default());
        assert_eq!(whole.counts.repaired, 30);
        assert_eq!(whole.counts.blank, 30);
        assert_eq!(whole.counts.rejected, 30 + 30 + 30 + 6);
        for reject in &whole.rejects {
            let at = reject.byte_offset as usize;
            assert_eq!(&data[at..at + reject.raw.len()], &reject.raw[..]);
        }
    }
}

#[test]
fn large_utf16_in_pieces() {
    let text = String::from_utf8_lossy(&large("\r\n")).replace('\u{FFFD}', "😀");
    let data: Vec<u8> = format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let whole = same(&data, &CsvOptions::default());
    assert_eq!(whole.counts.rejected, 90);
    for reject in &whole.rejects {
        let at = reject.byte_offset as usize;
        assert_eq!(&data[at..at + reject.raw.len()], &reject.raw[..]);
    }
}

#[test]
fn many_rejects_end_a_batch() {
    let mut data = b"a,b\n".to_vec();
    for _ in 0..1000 {
        data.extend_from_slice(b"x\n");
    }
    let o = options(|o| o.batch_rows = 100);
    let whole = try_read(&data, &o).expect("readable");
    assert_eq!(whole.counts.rejected, 1000);
}
