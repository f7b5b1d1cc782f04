//! Numbers, times and paragraphs as people read them.

use super::cell::line;
use super::terminal::width;

/// `1,234,567`
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Lines of a list on the screen; the rest is counted.
pub const LISTED: usize = 20;

/// The first lines of a list, and how many more there are.
pub fn listed<T>(all: &[T], whole: bool) -> (&[T], usize) {
    let shown = if whole { all.len() } else { all.len().min(LISTED) };
    (&all[..shown], all.len() - shown)
}

/// Milliseconds as people read them.
pub fn duration(milliseconds: u64) -> String {
    match milliseconds {
        ms if ms < 1_000 => format!("{ms} ms"),
        ms if ms < 60_000 => format!("{:.1} s", ms as f64 / 1_000.0),
        ms => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// Bytes as people read them.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        b if b < 1 << 20 => format!("{} KiB", b.div_ceil(1 << 10)),
        b if b < 1 << 30 => format!("{} MiB", b >> 20),
        b => format!("{:.1} GiB", b as f64 / f64::from(1 << 30)),
    }
}

/// Text in lines of the terminal's width, each behind so many blanks.
pub fn paragraph(text: &str, indent: usize) -> String {
    let (mut lines, mut used) = (String::new(), 0);
    let room = width().saturating_sub(indent);
    for word in line(text).split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            lines.push('\n');
            used = 0;
        }
        if used == 0 {
            lines.push_str(&" ".repeat(indent));
        } else {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines.push('\n');
    lines
}

/// Microseconds since 1970 UTC, to the second.
pub fn time(micros: i64) -> String {
    chrono::DateTime::from_timestamp_micros(micros)
        .map_or_else(|| micros.to_string(), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::{count, duration, time};

    #[test]
    fn numbers_and_times() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(duration(12), "12 ms");
        assert_eq!(duration(61_500), "1 min 01 s");
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
    }
}
