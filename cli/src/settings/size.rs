//! Sizes as people write them.

const UNITS: [(&str, u64); 9] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("k", 1 << 10),
    ("m", 1 << 20),
    ("g", 1 << 30),
];

/// The least that a query can work with.
const LEAST: u64 = 16 << 20;

/// `768MiB`, `1.5GiB`, `2g`, or plain bytes.
pub fn bytes(text: &str) -> Result<usize, String> {
    let lower = text.trim().to_ascii_lowercase();
    let (number, unit) = UNITS
        .iter()
        .find_map(|(word, factor)| lower.strip_suffix(word).map(|number| (number.trim(), *factor)))
        .unwrap_or((lower.trim_end_matches('b').trim(), 1));
    let number: f64 = number.parse().map_err(|_| "it is not a number with a unit".to_owned())?;
    let bytes = number * unit as f64;
    if !bytes.is_finite() || bytes < LEAST as f64 {
        return Err("it is less than 16MiB".to_owned());
    }
    Ok(bytes as usize)
}

/// Bytes in a unit that reads well.
pub fn shown(bytes: u64) -> String {
    match bytes {
        n if n >= 1 << 30 => format!("{:.1} GiB", n as f64 / (1_u64 << 30) as f64),
        n if n >= 1 << 20 => format!("{:.0} MiB", n as f64 / (1_u64 << 20) as f64),
        n => format!("{:.0} KiB", n as f64 / 1024.0),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_with_and_without_unit() {
        assert_eq!(bytes("1GiB"), Ok(1 << 30));
        assert_eq!(bytes(" 768 MiB "), Ok(768 << 20));
        assert_eq!(bytes("1.5g"), Ok(3 << 29));
        assert_eq!(bytes("100MB"), Ok(100_000_000));
        assert_eq!(bytes("33554432"), Ok(32 << 20));
        assert!(bytes("lots").is_err());
        assert!(bytes("12").is_err());
        assert!(bytes("-1GiB").is_err());
    }
}
