//! What a number format says of the cells that have it: how many digits are shown at least, and whether a date has a time.

/// What counts of a number format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Format {
    /// Digits that are shown at least, filled up with zeros; 0 where the format says nothing of that.
    pub pad: u8,
    pub moment: Moment,
}

/// The parts of a date that a format shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Moment {
    /// Not known: the value tells.
    #[default]
    Unknown,
    Date,
    Time,
    Both,
}

impl Format {
    /// Reads a format code such as `00000` or `dd.mm.yyyy hh:mm`. What stands between the digits as decoration is left out.
    pub(super) fn of(code: &str) -> Self {
        if code.eq_ignore_ascii_case("general") {
            return Self::default();
        }
        let (mut zeros, mut only_zeros) = (0_u8, true);
        let (mut date, mut time) = (false, false);
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '\\' | '_' | '*' => only_zeros &= chars.next().is_some(),
                '"' => only_zeros &= chars.any(|c| c == '"'),
                '[' => only_zeros &= chars.any(|c| c == ']'),
                '0' => zeros = zeros.saturating_add(1),
                ' ' | '-' | '(' | ')' => {}
                _ => {
                    only_zeros = false;
                    match c.to_ascii_lowercase() {
                        'y' | 'd' | 'e' | 'g' | 'b' => date = true,
                        'h' | 's' => time = true,
                        _ => {}
                    }
                }
            }
        }
        // `m` alone is a month beside days and years, and minutes beside hours and seconds.
        let moment = match (date, time) {
            (true, true) => Moment::Both,
            (true, false) => Moment::Date,
            (false, true) => Moment::Time,
            (false, false) => Moment::Unknown,
        };
        Self { pad: if only_zeros && zeros > 1 { zeros } else { 0 }, moment }
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Moment};

    #[test]
    fn codes() {
        for (code, pad, moment) in [
            ("General", 0, Moment::Unknown),
            ("00000", 5, Moment::Unknown),
            ("00000\\-0000", 9, Moment::Unknown),
            ("\"Nr. \"000", 3, Moment::Unknown),
            ("0", 0, Moment::Unknown),
            ("0.00", 0, Moment::Unknown),
            ("#,##0", 0, Moment::Unknown),
            ("0%", 0, Moment::Unknown),
            ("[$-407]dd.mm.yyyy;@", 0, Moment::Date),
            ("yyyy\\-mm\\-dd\\ hh:mm:ss", 0, Moment::Both),
            ("h:mm AM/PM", 0, Moment::Time),
            ("mm:ss", 0, Moment::Time),
            ("\"", 0, Moment::Unknown),
            ("0\\", 0, Moment::Unknown),
        ] {
            assert_eq!(Format::of(code), Format { pad, moment }, "{code}");
        }
    }
}
