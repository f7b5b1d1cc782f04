//! Which country do telephone numbers fit that are written without its code? Numbers of one country are often possible in
//! another, so everything else that a list shows of its country counts as well.

use std::collections::HashMap;

use importer_sql::functions::{country_of, phone_of, reads_as_country};

use super::asked::{Looked, Suggestion};
use super::regions::{ALL, RegionMarks, language_of, of};
use crate::project::{Contract, Field, FieldType};

/// Numbers that are tried in every country; more of one list say nothing new.
const NUMBERS: usize = 200;
/// Share of the numbers, in per cent, that must be valid.
const MOST: usize = 80;

/// Numbers without a country code, in rows without a country.
fn numbers(files: &[Looked<'_>], contract: &Contract) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for field in contract.fields.iter().filter(|field| field.field_type == FieldType::Phone) {
            let country =
                field.region.as_deref().and_then(|country| file.matched.columns_of(country).first());
            let columns = file.matched.columns_of(&field.name).iter();
            for column in columns.take(1) {
                for row in 0..file.samples.rows() {
                    if found.len() == NUMBERS {
                        return found;
                    }
                    let has_country = country
                        .and_then(|country| file.samples.cell(*country, row))
                        .is_some_and(reads_as_country);
                    let number = file.samples.cell(*column, row).filter(|_| !has_country);
                    found.extend(number.filter(|number| is_national(number)).map(str::to_owned));
                }
            }
        }
    }
    found
}

/// A number to be read in some country, not one that names its own, and no word.
fn is_national(text: &str) -> bool {
    let text = text.trim_start_matches(['(', ' ', '\'']);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 6 && !text.starts_with('+') && !text.starts_with('\u{ff0b}') && !text.starts_with("00")
}

/// What a country would make of the numbers, and what else the list shows of it.
struct Candidate {
    marks: &'static RegionMarks,
    valid: usize,
    points: i32,
    because: Vec<String>,
}

/// The country that the numbers fit, where they do not fit the one given.
pub(super) fn suggest(files: &[Looked<'_>], contract: &Contract, region: Option<&str>) -> Option<Suggestion> {
    let numbers = numbers(files, contract);
    let valid_in = |region: &str| numbers.iter().filter(|number| phone_of(number, region).is_some()).count();
    let own = region.map_or(0, valid_in);
    if numbers.is_empty() || own * 100 >= numbers.len() * MOST {
        return None;
    }
    let evidence = Evidence::of(files, contract);
    let mut candidates: Vec<Candidate> = ALL
        .iter()
        .filter(|marks| region != Some(marks.region))
        .map(|marks| (marks, valid_in(marks.region)))
        .filter(|(_, valid)| valid * 100 >= numbers.len() * MOST)
        .map(|(marks, valid)| evidence.weigh(marks, valid))
        .collect();
    candidates.sort_by_key(|candidate| std::cmp::Reverse((candidate.points, candidate.valid)));
    let best = candidates.first()?;
    // One number alone is possible in a dozen countries; a country that the list speaks against is none.
    if best.points < 0 || (best.points == 0 && numbers.len() < 3) {
        return None;
    }
    let rivals: Vec<&str> = candidates
        .iter()
        .skip(1)
        .filter(|other| (other.points, other.valid) == (best.points, best.valid))
        .map(|other| other.marks.region)
        .collect();
    let told = region.map_or(String::new(), |region| format!(", {own} are in {region}"));
    let of = if best.valid == numbers.len() {
        format!("all {}", numbers.len())
    } else {
        format!("{} of {}", best.valid, numbers.len())
    };
    let mut why = format!("{of} numbers without country code would be valid in {}{told}", best.marks.region);
    for because in &best.because {
        why.push_str("; ");
        why.push_str(because);
    }
    if !rivals.is_empty() {
        why.push_str(&format!("; as much speaks for {}", rivals.join(", ")));
    }
    Some(Suggestion {
        setting: "default_region".to_owned(),
        value: best.marks.region.to_owned(),
        why,
        doubtful: !rivals.is_empty(),
    })
}

/// Whether a list is of a country, as its numbers and something else show.
pub(super) fn fits(files: &[Looked<'_>], contract: &Contract, region: &str) -> bool {
    let numbers = numbers(files, contract);
    let valid = numbers.iter().filter(|number| phone_of(number, region).is_some()).count();
    let known = of(region).map(|marks| Evidence::of(files, contract).weigh(marks, valid));
    !numbers.is_empty() && valid * 100 >= numbers.len() * MOST && known.is_some_and(|known| known.points > 0)
}

/// What a list shows of its country, beside its numbers.
struct Evidence {
    language: Option<&'static str>,
    postal_codes: Vec<String>,
    /// The ends of the domain names of e-mail addresses, with their number.
    domains: HashMap<String, usize>,
    /// Countries that rows name themselves, with their number.
    countries: HashMap<String, usize>,
}

impl Evidence {
    fn of(files: &[Looked<'_>], contract: &Contract) -> Self {
        let headers = files.iter().flat_map(|file| file.headers).map(String::as_str);
        let language = language_of(headers);
        let mut evidence =
            Self { language, postal_codes: Vec::new(), domains: HashMap::new(), countries: HashMap::new() };
        for file in files {
            for field in &contract.fields {
                for column in file.matched.columns_of(&field.name) {
                    let values = file.samples.values(*column).take(NUMBERS);
                    if field.field_type == FieldType::Email {
                        for value in values {
                            let end = value.rsplit_once('.').map(|(_, end)| end.trim().to_lowercase());
                            *evidence.domains.entry(end.unwrap_or_default()).or_default() += 1;
                        }
                    } else if field.field_type == FieldType::Country {
                        for country in values.filter_map(country_of) {
                            *evidence.countries.entry(country).or_default() += 1;
                        }
                    } else if is_postal_code(field) {
                        evidence.postal_codes.extend(values.map(str::to_owned));
                    }
                }
            }
        }
        evidence
    }

    fn weigh(&self, marks: &'static RegionMarks, valid: usize) -> Candidate {
        let (mut points, mut because) = (0, Vec::new());
        if let Some(language) = self.language {
            let speaks = marks.languages.iter().position(|known| *known == language);
            points += match speaks {
                Some(0) => 2,
                Some(_) => 1,
                None => -2,
            };
            if speaks.is_some() {
                because.push("its headers are in a language of that country".to_owned());
            }
        }
        let rows: usize = self.countries.values().sum();
        if rows > 0 {
            let own = self.countries.get(marks.region).copied().unwrap_or(0);
            if own * 2 > rows {
                points += 4;
                because.push(format!("{own} of {rows} rows with a country name it"));
            } else {
                points -= 2;
            }
        }
        let codes = self.postal_codes.len();
        if codes > 0 {
            let fitting = self.postal_codes.iter().filter(|code| marks.has_postal_code(code)).count();
            if fitting * 100 >= codes * MOST {
                points += 2;
                because.push(format!("{fitting} of {codes} postal codes have its form"));
            } else {
                points -= 2;
            }
        }
        let national: usize = marks.domains.iter().filter_map(|domain| self.domains.get(*domain)).sum();
        let foreign: usize = ALL
            .iter()
            .filter(|other| other.region != marks.region)
            .flat_map(|other| &other.domains)
            .filter_map(|domain| self.domains.get(*domain))
            .sum();
        if national > foreign {
            points += 2;
            because.push(format!(
                "{national} e-mail addresses end in .{}",
                marks.domains.first().unwrap_or(&"")
            ));
        } else if foreign > national {
            points -= 1;
        }
        Candidate { marks, valid, points, because }
    }
}

/// The field whose values have a form of their own in each country, known by its sample: `62704`.
fn is_postal_code(field: &Field) -> bool {
    field.field_type == FieldType::Text
        && field.role.is_none()
        && field.sample.as_deref().is_some_and(|sample| ALL.iter().any(|marks| marks.has_postal_code(sample)))
}
