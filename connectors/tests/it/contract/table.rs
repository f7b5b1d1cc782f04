//! Tables as they are meant, before a kind of source writes them.

/// A cell. All cells of a column that hold something are of one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Integer(i64),
    Number(f64),
    Truth(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since 1970-01-01T00:00:00.
    Time(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Cell {
    /// The text that every source gives for it, `~` where there is none.
    pub fn text(&self) -> String {
        match self {
            Self::Null => "~".to_owned(),
            Self::Text(text) if text.is_empty() => "~".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Integer(n) => n.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Truth(is) => is.to_string(),
            Self::Date(days) => date(i64::from(*days)),
            Self::Time(seconds) => {
                let of_day = seconds.rem_euclid(86_400);
                let (hours, minutes) = (of_day / 3600, of_day / 60 % 60);
                format!("{}T{hours:02}:{minutes:02}:{:02}", date(seconds.div_euclid(86_400)), of_day % 60)
            }
        }
    }

    /// The same as a writer of text puts it, nothing where there is none.
    pub fn written(&self) -> String {
        if matches!(self, Self::Null) { String::new() } else { self.text().replace('~', "") }
    }
}

/// `1970-01-01` and later.
fn date(days: i64) -> String {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut year, mut left) = (1970, days);
    while left >= 365 + i64::from(leap(year)) {
        left -= 365 + i64::from(leap(year));
        year += 1;
    }
    let february = 28 + i64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", left + 1)
}

/// A header and rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    pub header: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// Where each record names its own members, they come in another order from record to record.
    pub mixed: bool,
}

impl Meant {
    pub fn new(header: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        assert!(rows.iter().all(|row| row.len() == header.len()));
        Self { header, rows, mixed: false }
    }

    /// People with numbers, names, towns and amounts: so many of them.
    pub fn people(n: usize) -> Self {
        let towns = ["Rome", "Oslo", "Bern", "Wien", "Lima"];
        let row = |i: usize| {
            let town = towns.get(i % towns.len()).copied().unwrap_or_default();
            let amount = format!("{}.50", i % 90 + 10);
            vec![format!("{:05}", i + 1).into(), format!("Ann {i}").into(), town.into(), amount.into()]
        };
        Self::new(&["id", "name", "city", "amount"], (0..n).map(row).collect())
    }

    /// What a source should give.
    pub fn texts(&self) -> Vec<Vec<String>> {
        self.rows.iter().map(|row| row.iter().map(Cell::text).collect()).collect()
    }

    /// The same table with its last column first.
    pub fn turned(&self) -> Self {
        let mut turned = Self { mixed: true, ..self.clone() };
        turned.header.rotate_right(1);
        turned.rows.iter_mut().for_each(|row| row.rotate_right(1));
        turned
    }
}

#[test]
fn texts_of_cells() {
    assert_eq!(Cell::Date(0).text(), "1970-01-01");
    assert_eq!(Cell::Date(19_782).text(), "2024-02-29");
    assert_eq!(Cell::Time(1_706_697_000).text(), "2024-01-31T10:30:00");
    assert_eq!((Cell::from("").text(), Cell::Null.text()), ("~".to_owned(), "~".to_owned()));
    assert_eq!(Meant::people(7).turned().texts()[6], ["16.50", "00007", "Ann 6", "Oslo"]);
}
