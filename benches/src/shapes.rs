//! Lists in which many rows share what tells people apart: one address, one number, one namespace each. Real ones are made
//! by placeholders, wrong columns and joins gone wrong; no step may take longer for them than for ordinary lists.

use clap::ValueEnum;

use crate::record::COLUMNS;

/// What the rows of a list share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// One e-mail address for all, names as they are.
    OneEmail,
    /// One phone number for all, names as they are.
    OnePhone,
    /// One e-mail address for each 20,000 rows.
    CrowdedEmail,
    /// One external id for each 100,000 rows.
    OneId,
    /// 100,000 namespaces.
    Namespaces,
    /// One name for all; each row shares its e-mail with the row before it or its phone with the row after it.
    Chain,
    /// One record again and again.
    SameRow,
    /// Ids with leading zeros in the one half, the same ids without them in the other.
    Zeros,
}

const PER_EMAIL: u64 = 20_000;
const PER_ID: u64 = 100_000;
const NAMESPACES: u64 = 100_000;

impl Shape {
    /// Makes the row of an ordinary list one of this shape.
    pub fn apply(self, row: u64, cells: &mut [String; COLUMNS.len()]) {
        let mut set = |column: &str, value: String| {
            if let Some(place) = COLUMNS.iter().position(|name| *name == column) {
                cells[place] = value;
            }
        };
        match self {
            Self::OneEmail => set("email", "one@example.org".to_owned()),
            Self::OnePhone => set("phone", "+1 202 555 0143".to_owned()),
            Self::CrowdedEmail => set("email", format!("crowd{}@example.org", row / PER_EMAIL)),
            Self::OneId => {
                set("external_system", "crm".to_owned());
                set("external_id", format!("F-{}", row / PER_ID));
            }
            Self::Namespaces => set("external_system", format!("space-{}", row % NAMESPACES)),
            Self::Chain => {
                set("first_name", "Anna".to_owned());
                set("last_name", "Lang".to_owned());
                set("date_of_birth", String::new());
                set("email", format!("link{}@example.org", row / 2));
                set("phone", phone(row.div_ceil(2)));
                set("alternate_emails", String::new());
                set("alternate_phones", String::new());
            }
            Self::SameRow => {
                for (column, value) in [
                    ("first_name", "Anna"),
                    ("last_name", "Lang"),
                    ("email", "anna@example.org"),
                    ("phone", ""),
                ] {
                    set(column, value.to_owned());
                }
                set("external_id", String::new());
            }
            Self::Zeros => {
                set("external_system", "crm".to_owned());
                set(
                    "external_id",
                    if row.is_multiple_of(2) {
                        format!("{:09}", row / 2 + 1)
                    } else {
                        (row / 2 + 1).to_string()
                    },
                );
            }
        }
    }
}

/// Valid numbers by the million: area codes and exchanges from 200 on, of which none ends in 11.
fn phone(number: u64) -> String {
    const LINES: u64 = 10_000;
    let exchange = 212 + number / LINES % 88;
    let area = [202, 212, 312, 415, 617][usize::try_from(number / LINES / 88 % 5).unwrap_or(0)];
    format!("+1 {area} {exchange} {:04}", number % LINES)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::record::Records;

    fn column(shape: Shape, rows: usize, name: &str) -> Vec<String> {
        let place = COLUMNS.iter().position(|column| *column == name).unwrap();
        let all = (0..).zip(Records::new(1, 0.0, 0.0)).take(rows).map(|(row, mut record)| {
            shape.apply(row, &mut record.cells);
            record.cells[place].clone()
        });
        all.collect()
    }

    #[test]
    fn rows_share_what_they_should() {
        let different = |shape, name| column(shape, 1000, name).into_iter().collect::<HashSet<_>>().len();
        assert_eq!(different(Shape::OneEmail, "email"), 1);
        assert_eq!(different(Shape::OneId, "external_id"), 1);
        assert_eq!(different(Shape::Namespaces, "external_system"), 1000);
        assert_eq!(different(Shape::Zeros, "external_id"), 1000);
        assert!(different(Shape::OneEmail, "first_name") > 200);
    }

    #[test]
    fn a_chain_holds_row_by_row() {
        let (emails, phones) = (column(Shape::Chain, 1000, "email"), column(Shape::Chain, 1000, "phone"));
        for row in 1..emails.len() {
            let by_email = emails[row] == emails[row - 1];
            let by_phone = phones[row] == phones[row - 1];
            assert!(by_email != by_phone, "row {row} hangs on the one before by one key");
        }
    }
}
