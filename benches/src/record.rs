//! What a list says about a person: one row of the file, and the truth about it.

use crate::draw::Draw;
use crate::lists::{EMPLOYERS, SYSTEMS, weighted};
use crate::person::Person;

/// Columns of the file.
pub const COLUMNS: [&str; 15] = [
    "external_system",
    "external_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "alternate_emails",
    "alternate_phones",
    "source_updated_at",
    "ingest_version",
    "date_of_birth",
    "street",
    "city",
    "postal_code",
    "employer",
];
/// Columns of the truth.
pub const TRUTH_COLUMNS: [&str; 7] =
    ["row", "external_system", "external_id", "true_person_id", "defect", "email_canon", "phone_e164"];

/// What was broken on purpose. The first three fail a rule each; a soft phone looks right and cannot be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    None,
    NoContact,
    BadEmail,
    BadPhone,
    SoftPhone,
}

impl Defect {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::NoContact => "no_contact",
            Self::BadEmail => "bad_email",
            Self::BadPhone => "bad_phone",
            Self::SoftPhone => "soft_phone",
        }
    }
}

/// One row with its truth.
#[derive(Debug)]
pub struct Record {
    pub cells: [String; 15],
    pub truth: [String; 7],
    pub repeated: bool,
    pub defect: Defect,
}

/// The rows in order. Streams: it remembers how many people there are, nothing else.
#[derive(Debug)]
pub struct Records {
    draw: Draw,
    repeats: f64,
    defects: f64,
    row: u64,
    people: u64,
}

impl Records {
    #[must_use]
    pub fn new(seed: u64, repeats: f64, defects: f64) -> Self {
        Self { draw: Draw::new(seed), repeats, defects, row: 0, people: 0 }
    }

    #[must_use]
    pub fn people(&self) -> u64 {
        self.people
    }

    fn whose(&mut self, row: u64) -> (u64, bool) {
        if row < 50 || !self.draw.chance(row, 10, self.repeats) {
            self.people += 1;
            return (self.people - 1, false);
        }
        let any = self.draw.below(row, 12, self.people);
        // A quarter of the repetitions falls on few people: clusters of three and more.
        let one =
            if self.draw.chance(row, 11, 0.25) { (any * 15 / 1000 * 66 + 13) % self.people } else { any };
        (one, true)
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let row = self.row;
        self.row += 1;
        let (id, repeated) = self.whose(row);
        Some(Row { draw: self.draw, row, repeated, person: Person::new(self.draw, id) }.record(self.defects))
    }
}

/// One row while it is made.
pub(crate) struct Row {
    pub(crate) draw: Draw,
    pub(crate) row: u64,
    repeated: bool,
    pub(crate) person: Person,
}

impl Row {
    pub(crate) fn chance(&self, salt: u32, part: f64) -> bool {
        self.draw.chance(self.row, salt, part)
    }

    /// Only another record of a person goes wrong in this way.
    pub(crate) fn again(&self, salt: u32, part: f64) -> bool {
        self.repeated && self.chance(salt, part)
    }

    fn record(&self, defects: f64) -> Record {
        let defect = self.defect(defects);
        let (first, last) = self.names();
        let (email, email_canon) = self.email(defect);
        let (phone, phone_e164) = self.phone(defect, email.is_empty());
        // A row that is otherwise good keeps one contact.
        let (email, email_canon) = if email.is_empty() && phone.is_empty() && defect == Defect::None {
            let mailbox = self.person.email(0);
            (mailbox.clone(), mailbox)
        } else {
            (email, email_canon)
        };
        let (system, id) = self.identity();
        let [street, city, postal_code] = self.address();
        let employer = if self.person.tells(111, 0.62) && !self.chance(112, 0.1) {
            self.draw.pick(self.person.id, 110, 1.8, &EMPLOYERS).to_owned()
        } else {
            String::new()
        };
        let version = 1 + (4.0 * self.draw.unit(self.row, 123) * self.draw.unit(self.row, 124)) as u64;
        let (alternate_emails, alternate_phones) = self.alternates();
        Record {
            truth: [
                self.row.to_string(),
                system.to_owned(),
                id.clone(),
                self.person.id.to_string(),
                defect.name().to_owned(),
                email_canon,
                phone_e164,
            ],
            cells: [
                system.to_owned(),
                id,
                first,
                last,
                email,
                phone,
                alternate_emails,
                alternate_phones,
                self.updated_at(),
                version.to_string(),
                self.born(),
                street,
                city,
                postal_code,
                employer,
            ],
            repeated: self.repeated,
            defect,
        }
    }

    fn defect(&self, part: f64) -> Defect {
        let step = part / 3.1;
        match self.draw.unit(self.row, 60) / step {
            x if x < 1.0 => Defect::NoContact,
            x if x < 2.0 => Defect::BadEmail,
            x if x < 3.0 => Defect::BadPhone,
            x if x < 3.1 => Defect::SoftPhone,
            _ => Defect::None,
        }
    }

    fn names(&self) -> (String, String) {
        let (given, friends_say) = self.person.given();
        let by_nickname = !friends_say.is_empty() && self.chance(20, if self.repeated { 0.16 } else { 0.03 });
        let mut first =
            if by_nickname { self.draw.pick(self.row, 21, 1.0, friends_say) } else { &given }.to_owned();
        if self.again(22, 0.11) {
            first = typo(&first, self.draw.bits(self.row, 23));
        }
        if self.again(24, 0.03) {
            first.truncate(first.chars().next().map_or(0, char::len_utf8));
        }
        let married = self.person.tells(25, 0.5) && self.again(26, 0.05);
        let mut last = self.person.family(married);
        if self.again(27, 0.10) {
            last = typo(&last, self.draw.bits(self.row, 28));
        }
        match self.draw.unit(self.row, 29) {
            x if x < 0.025 => (first, last) = (first.to_uppercase(), last.to_uppercase()),
            x if x > 0.965 => (first, last) = (first.to_lowercase(), last.to_lowercase()),
            _ => {}
        }
        if self.chance(30, 0.008) {
            first.insert(0, ' ');
        }
        if self.chance(31, 0.008) {
            last.push(' ');
        }
        (first, last)
    }

    fn born(&self) -> String {
        if !self.person.tells(80, 0.66) || self.chance(81, 0.07) || self.again(82, 0.06) {
            return String::new();
        }
        let (mut year, mut month, mut day) = self.person.born();
        match self.draw.unit(self.row, 83) {
            x if self.repeated && x < 0.05 && day <= 12 => (month, day) = (day, month),
            x if self.repeated && x > 0.97 => year += 1,
            x if self.repeated && x > 0.94 && day < 28 => day += 1,
            _ => {}
        }
        if self.chance(84, 0.006) {
            (month, day) = (1, 1);
        }
        format!("{year}-{month:02}-{day:02}")
    }

    fn address(&self) -> [String; 3] {
        let home = self.person.address(self.again(90, 0.13));
        let long = self.chance(91, if self.repeated { 0.4 } else { 0.12 });
        let mut street =
            format!("{} {} {}", home.number, home.street, if long { home.kind.1 } else { home.kind.0 });
        if let Some(flat) = home.flat {
            street += [" Apt ", ", Apt ", " #"][self.draw.below(self.row, 92, 3) as usize];
            street += &flat.to_string();
        }
        if self.again(93, 0.05) {
            street = typo(&street, self.draw.bits(self.row, 94));
        }
        let mut code = home.postal_code;
        if self.chance(97, 0.06) {
            code += &format!("-{}", 1000 + self.draw.below(self.person.id, 98, 9000));
        }
        let given = |salt, part, text| if self.chance(salt, part) { String::new() } else { text };
        [given(95, 0.20, street), given(99, 0.12, home.city.to_owned()), given(96, 0.09, code)]
    }

    /// Source and id; the pair is unique.
    fn identity(&self) -> (&'static str, String) {
        let system = weighted(&SYSTEMS, self.draw.unit(self.row, 120));
        let row = self.row;
        let id = match system {
            "van" => (row * 7 + 100_003).to_string(),
            "actionnetwork" => format!("{:08x}-{row:09}", self.draw.bits(row, 121) >> 32),
            "mobilize" => format!("mob_{row}"),
            "salesforce" => format!("003A{row:09}QAK"),
            "eventbrite" => format!("eb-{row}"),
            _ => format!("row{row}"),
        };
        (system, id)
    }

    /// A second between 2021 and early 2024, later ones more often.
    fn updated_at(&self) -> String {
        let seconds = (self.draw.unit(self.row, 122).sqrt() * 1150.0 * 86_400.0) as u64;
        let (day, second) = (seconds / 86_400, seconds % 86_400);
        let mut left = day;
        let mut year = 2021;
        loop {
            let length = if year == 2024 { 366 } else { 365 };
            if left < length {
                break;
            }
            left -= length;
            year += 1;
        }
        let february = if year == 2024 { 29 } else { 28 };
        let mut month = 1;
        for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if left < length {
                break;
            }
            left -= length;
            month += 1;
        }
        format!(
            "{year}-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
            left + 1,
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }
}

/// A slip of the finger after the first letter: one left out, another one, one too many, two swapped.
pub(crate) fn typo(text: &str, bits: u64) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = 1 + (bits >> 8) as usize % (letters.len() - 1);
    let letter = char::from(b'a' + ((bits >> 40) % 26) as u8);
    match bits % 4 {
        0 => {
            letters.remove(at);
        }
        1 => letters[at] = letter,
        2 => letters.insert(at, letter),
        _ => letters.swap(at - 1, at),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Defect, Records, typo};

    #[test]
    fn the_same_seed_gives_the_same_rows() {
        let cells = |seed, rows| {
            Records::new(seed, 0.08, 0.05).take(rows).map(|r| (r.cells, r.truth)).collect::<Vec<_>>()
        };
        assert_eq!(cells(1, 500), cells(1, 500));
        assert_eq!(cells(1, 500), cells(1, 800)[..500]);
        assert_ne!(cells(1, 500), cells(2, 500));
    }

    #[test]
    fn shares_are_as_asked() {
        let rows: Vec<_> = Records::new(3, 0.08, 0.05).take(50_000).collect();
        let part = |n: usize| n as f64 / rows.len() as f64;
        assert!((0.075..0.085).contains(&part(rows.iter().filter(|r| r.repeated).count())));
        assert!((0.045..0.055).contains(&part(rows.iter().filter(|r| r.defect != Defect::None).count())));
        let ids: HashSet<_> = rows.iter().map(|r| (&r.cells[0], &r.cells[1])).collect();
        assert_eq!(ids.len(), rows.len(), "external ids are unique");
    }

    #[test]
    fn good_rows_have_a_contact_and_canonical_keys() {
        for record in Records::new(5, 0.08, 0.05).take(20_000).filter(|r| r.defect == Defect::None) {
            let [email, phone] = [&record.cells[4], &record.cells[5]];
            assert!(!email.is_empty() || !phone.is_empty(), "{:?}", record.cells);
            assert_eq!(email.is_empty(), record.truth[5].is_empty());
            assert_eq!(phone.is_empty(), record.truth[6].is_empty());
            assert_eq!(email.trim().to_lowercase().replace("+volunteer@", "@"), record.truth[5]);
            let digits: String =
                phone.split(" x").next().unwrap_or("").chars().filter(char::is_ascii_digit).collect();
            assert!(record.truth[6].ends_with(&digits), "{phone} {}", record.truth[6]);
        }
    }

    #[test]
    fn typos_differ_by_a_little() {
        assert_eq!(typo("Jo", 0), "Jo");
        assert_eq!(typo("Anna", 0), "Ana");
    }
}
