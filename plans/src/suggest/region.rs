//! Which country do telephone numbers fit that are written without its code? Numbers of one country are often possible in
//! another, so everything else that a list shows of its country counts as well.

use std::collections::HashMap;

use importer_sql::functions::{country_of, country_of_phone, phone_of, reads_as_country};

use super::asked::{Looked, Suggestion};
use super::regions::{ALL, RegionMarks, language_of, of};
use crate::project::{Contract, Field, FieldType};

/// Numbers that are tried in every country; more of one list say nothing new.
const NUMBERS: usize = 200;
/// Share of the numbers, in per cent, that must be valid.
const MOST: usize = 80;
/// Share, in per cent, from which numbers or addresses of other countries make a proposal doubtful.
const MANY_NUMBERS: usize = 10;
const MANY_ADDRESSES: usize = 20;
/// Fewer numbers are possible in a dozen countries.
const FEW: usize = 3;

/// The numbers of a list.
#[derive(Default)]
struct Numbers {
    /// Without a country code, in rows without a country.
    national: Vec<String>,
    /// Countries that numbers with a country code are of.
    coded: HashMap<String, usize>,
}

/// The numbers of the first rows.
fn numbers(files: &[Looked<'_>], contract: &Contract) -> Numbers {
    let mut found = Numbers::default();
    for file in files {
        for field in contract.fields.iter().filter(|field| field.field_type == FieldType::Phone) {
            let country =
                field.region.as_deref().and_then(|country| file.matched.columns_of(country).first());
            let columns = file.matched.columns_of(&field.name).iter();
            for column in columns.take(1) {
                for row in 0..file.samples.rows() {
                    if found.national.len() == NUMBERS {
                        return found;
                    }
                    let Some(number) = file.samples.cell(*column, row) else { continue };
                    let has_country = country
                        .and_then(|country| file.samples.cell(*country, row))
                        .is_some_and(reads_as_country);
                    if has_country {
                        continue;
                    }
                    if is_national(number) {
                        found.national.push(number.to_owned());
                    } else if let Some(country) = country_of_phone(number) {
                        *found.coded.entry(country).or_default() += 1;
                    }
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
    /// Rows or numbers name this country themselves.
    named: bool,
    /// What speaks against it and still leaves it possible.
    against: Vec<String>,
}

/// The country that the numbers fit, where they do not fit the one given.
pub(super) fn suggest(files: &[Looked<'_>], contract: &Contract, region: Option<&str>) -> Option<Suggestion> {
    let found = numbers(files, contract);
    let numbers = &found.national;
    let valid_in = |region: &str| numbers.iter().filter(|number| phone_of(number, region).is_some()).count();
    let own = region.map_or(0, valid_in);
    if numbers.is_empty() || own * 100 >= numbers.len() * MOST {
        return None;
    }
    let evidence = Evidence::of(files, contract, found.coded.clone());
    let mut candidates: Vec<Candidate> = ALL
        .iter()
        .filter(|marks| region != Some(marks.region))
        .map(|marks| (marks, valid_in(marks.region)))
        .filter(|(_, valid)| valid * 100 >= numbers.len() * MOST)
        .map(|(marks, valid)| evidence.weigh(marks, valid, numbers.len()))
        .collect();
    candidates.sort_by_key(|candidate| std::cmp::Reverse((candidate.points, candidate.valid)));
    let best = candidates.first()?;
    // One number alone is possible in a dozen countries; a country that the list speaks against is none.
    if best.points < 0 || (best.points == 0 && numbers.len() < FEW) {
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
    // Unless the list itself says which country it is of.
    let few = numbers.len() < FEW && !best.named;
    if few {
        why.push_str("; so few are possible in many countries");
    }
    if best.points == 0 {
        why.push_str("; nothing but the numbers speaks for it");
    }
    for against in &best.against {
        why.push_str("; ");
        why.push_str(against);
    }
    if !rivals.is_empty() {
        why.push_str(&format!("; as much speaks for {}", rivals.join(", ")));
    }
    Some(Suggestion {
        setting: "default_region".to_owned(),
        value: best.marks.region.to_owned(),
        why,
        doubtful: few || best.points == 0 || !best.against.is_empty() || !rivals.is_empty(),
    })
}

/// Whether a list is of a country, as its numbers and something else show.
pub(super) fn fits(files: &[Looked<'_>], contract: &Contract, region: &str) -> bool {
    let found = numbers(files, contract);
    let numbers = &found.national;
    let valid = numbers.iter().filter(|number| phone_of(number, region).is_some()).count();
    let evidence = Evidence::of(files, contract, found.coded.clone());
    let known = of(region).map(|marks| evidence.weigh(marks, valid, numbers.len()));
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
    /// Countries that numbers with a country code are of.
    coded: HashMap<String, usize>,
}

impl Evidence {
    fn of(files: &[Looked<'_>], contract: &Contract, coded: HashMap<String, usize>) -> Self {
        let headers = files.iter().flat_map(|file| file.headers).map(String::as_str);
        let language = language_of(headers);
        let mut evidence = Self {
            language,
            postal_codes: Vec::new(),
            domains: HashMap::new(),
            countries: HashMap::new(),
            coded,
        };
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

    fn weigh(&self, marks: &'static RegionMarks, valid: usize, numbers: usize) -> Candidate {
        let (mut points, mut because) = (0, Vec::new());
        let (mut named, mut against) = (false, Vec::new());
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
                named = true;
                because.push(format!("{own} of {rows} rows with a country name it"));
            } else {
                points -= 2;
            }
        }
        let coded: usize = self.coded.values().sum();
        let own = self.coded.get(marks.region).copied().unwrap_or(0);
        let abroad = coded - own;
        if own > abroad {
            points += 2;
            named = true;
            because.push(format!("{own} of {coded} numbers with a country code are its own"));
        } else if abroad > 0 && abroad * 100 >= numbers * MANY_NUMBERS {
            points -= 1;
            against.push(format!("{abroad} of {coded} numbers with a country code are of other countries"));
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
        let addresses: usize = self.domains.values().sum();
        if foreign > 0 && foreign * 100 >= addresses * MANY_ADDRESSES {
            against.push(format!(
                "{foreign} of {addresses} e-mail addresses end as those of other countries do"
            ));
        }
        Candidate { marks, valid, points, because, named, against }
    }
}

/// The field whose values have a form of their own in each country, known by its sample: `62704`.
fn is_postal_code(field: &Field) -> bool {
    field.field_type == FieldType::Text
        && field.role.is_none()
        && field.sample.as_deref().is_some_and(|sample| ALL.iter().any(|marks| marks.has_postal_code(sample)))
}
