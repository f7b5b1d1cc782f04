//! Lengths of time as people write them.

use std::time::Duration;

const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

/// `90s`, `10m`, `2h`, `1d`; `none` for a limit that is not there.
pub fn limit(text: &str) -> Result<Option<Duration>, String> {
    let text = text.trim().to_ascii_lowercase();
    if text == "none" {
        return Ok(None);
    }
    let unit = text.chars().last().and_then(|last| UNITS.into_iter().find(|(unit, _)| *unit == last));
    let Some((unit, seconds)) = unit else { return Err("its unit is missing".to_owned()) };
    let number = text.strip_suffix(unit).unwrap_or_default().trim();
    if number.starts_with('-') {
        return Err("it is below zero".to_owned());
    }
    let number: u64 = number.parse().map_err(|_| "it is no whole number with a unit")?;
    match number.checked_mul(seconds) {
        Some(0) => Err("nothing is done in no time".to_owned()),
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err("it is too long".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::limit;

    #[test]
    fn lengths_with_their_unit() {
        let seconds = |text: &str| limit(text).map(|limit| limit.map(|limit| limit.as_secs()));
        assert_eq!(seconds("90s"), Ok(Some(90)));
        assert_eq!(seconds(" 10 M "), Ok(Some(600)));
        assert_eq!(seconds("2h"), Ok(Some(7_200)));
        assert_eq!(seconds("1d"), Ok(Some(86_400)));
        assert_eq!(seconds("none"), Ok(None));
        for wrong in ["", "10", "0s", "-1s", "1.5h", "h", "10ss", "999999999999999999d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(seconds("-5s"), Err("it is below zero".to_owned()));
    }
}
