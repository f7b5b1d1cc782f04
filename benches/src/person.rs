//! What is true about a person, as a function of the person's number.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::draw::Draw;
use crate::lists::{
    ABROAD, AREAS, CITIES, DOMAINS, FAMILY, FAMILY_END, FAMILY_START, FRIENDS_SAY, GIVEN, GIVEN_END,
    GIVEN_START, STREET_KINDS, STREETS, ascii, weighted,
};

/// A telephone number in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phone {
    /// Area code, exchange and line of a North American number.
    Home { area: &'static str, exchange: u64, line: u64 },
    /// Country code and the rest.
    Abroad { country: &'static str, rest: String },
}

impl Phone {
    #[must_use]
    pub fn e164(&self) -> String {
        match self {
            Self::Home { area, exchange, line } => format!("+1{area}{exchange}{line:04}"),
            Self::Abroad { country, rest } => format!("+{country}{rest}"),
        }
    }
}

/// Where somebody lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub number: u64,
    pub street: &'static str,
    /// Short and long form.
    pub kind: (&'static str, &'static str),
    pub flat: Option<u64>,
    pub city: &'static str,
    pub postal_code: String,
}

/// A person: nothing is stored but the number.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    draw: Draw,
    pub id: u64,
    /// The person whose family name and address this one shares; itself, mostly.
    head: u64,
}

/// The people that the list of given names speaks of.
const PEOPLE: u32 = 100_000;

/// Common given names, each with the people who have it or one before it.
static COMMON: LazyLock<Vec<(u32, &str)>> = LazyLock::new(|| {
    let lines = GIVEN.lines().skip(1).filter_map(|line| line.split_once(','));
    let names = lines.filter_map(|(name, count)| Some((count.parse::<u32>().ok()?, name)));
    names
        .scan(0, |up_to, (count, name)| {
            *up_to += count;
            Some((*up_to, name))
        })
        .collect()
});

fn lives_with_previous(draw: Draw, id: u64) -> bool {
    id > 0 && draw.chance(id, 1, 0.053) && !draw.chance(id - 1, 1, 0.053)
}

impl Person {
    #[must_use]
    pub fn new(draw: Draw, id: u64) -> Self {
        Self { draw, id, head: if lives_with_previous(draw, id) { id - 1 } else { id } }
    }

    fn shares(self, salt: u32, part: f64) -> bool {
        self.head != self.id && self.draw.chance(self.id, salt, part)
    }

    /// Given name and what friends say. Two people in three hundred who are drawn at random have the same one, as in the
    /// United States.
    #[must_use]
    pub fn given(self) -> (Cow<'static, str>, &'static [&'static str]) {
        let of_all = (self.draw.unit(self.id, 4) * f64::from(PEOPLE)) as u32;
        let at = COMMON.partition_point(|(up_to, _)| *up_to <= of_all);
        let Some((_, name)) = COMMON.get(at) else {
            let (start, end) =
                (self.draw.pick(self.id, 5, 1.0, &GIVEN_START), self.draw.pick(self.id, 13, 1.0, &GIVEN_END));
            return (Cow::Owned(format!("{start}{end}")), &[]);
        };
        let said = FRIENDS_SAY.iter().find(|(given, _)| given == name);
        (Cow::Borrowed(name), said.map_or(&[], |(_, said)| said))
    }

    /// The family name; the second one is that after a marriage.
    #[must_use]
    pub fn family(self, second: bool) -> String {
        let (owner, salt) = if second { (self.id, 17) } else { (self.head, 6) };
        if self.draw.chance(owner, salt, 0.35) {
            return self.draw.pick(owner, salt + 1, 1.4, &FAMILY).to_owned();
        }
        format!(
            "{}{}",
            self.draw.pick(owner, salt + 2, 1.2, &FAMILY_START),
            self.draw.pick(owner, salt + 3, 1.2, &FAMILY_END)
        )
    }

    /// The first, second or third mailbox; the first may be that of the household's head.
    #[must_use]
    pub fn email(self, which: u32) -> String {
        let owner = if which == 0 && self.shares(3, 0.05) { Self::new(self.draw, self.head) } else { self };
        let (id, salt) = (owner.id, 100 + 10 * which);
        let (given, family) = (ascii(&owner.given().0), ascii(&owner.family(false)));
        let tail = self.draw.below(id, salt + 1, 1_000_000);
        let (two, four) = (tail % 100, tail % 10_000);
        let local = match self.draw.below(id, salt + 2, 7) {
            0 | 1 => format!("{given}.{family}{four}"),
            2 => format!("{given}{family}{four}"),
            3 => format!("{}{family}{tail}", &given[..given.len().min(1)]),
            4 => format!("{given}_{family}{four}"),
            5 => format!("{given}{tail}"),
            _ => format!("{family}.{given}.{two}{four}"),
        };
        format!("{local}@{}", weighted(&DOMAINS, self.draw.unit(id, salt + 3)))
    }

    /// The first or second number; the first may be that of the household's head.
    #[must_use]
    pub fn phone(self, which: u32) -> Phone {
        let id = if which == 0 && self.shares(2, 0.25) { self.head } else { self.id };
        let salt = 200 + 10 * which;
        if self.draw.chance(id, salt, 0.02) {
            let (country, start, digits) =
                ABROAD[self.draw.below(id, salt + 1, ABROAD.len() as u64) as usize];
            // A leading 1 keeps the number at its full length.
            let rest = 10_u64.pow(digits - 1) + self.draw.below(id, salt + 2, 8 * 10_u64.pow(digits - 1));
            return Phone::Abroad { country, rest: format!("{start}{rest}") };
        }
        let mut exchange = 220 + self.draw.below(id, salt + 3, 778);
        if exchange % 100 == 11 || exchange == 555 {
            exchange += 1;
        }
        Phone::Home {
            area: self.draw.pick(id, salt + 4, 1.2, &AREAS),
            exchange,
            line: self.draw.below(id, salt + 5, 10_000),
        }
    }

    /// The address, or the one after moving house.
    #[must_use]
    pub fn address(self, moved: bool) -> Address {
        let (id, salt) = if moved { (self.id, 330) } else { (self.head, 300) };
        let (city, zone) = CITIES[(self.draw.unit(id, salt).powf(1.5) * CITIES.len() as f64) as usize];
        Address {
            number: 1 + (24.0 * (5.5 * self.draw.unit(id, salt + 1)).exp()) as u64,
            street: self.draw.pick(id, salt + 2, 1.3, &STREETS),
            kind: STREET_KINDS[self.draw.below(id, salt + 3, STREET_KINDS.len() as u64) as usize],
            flat: self.draw.chance(id, salt + 4, 0.17).then(|| 1 + self.draw.below(id, salt + 5, 60)),
            city,
            postal_code: format!("{zone:03}{:02}", self.draw.below(id, salt + 6, 60)),
        }
    }

    /// Year, month and day of birth; days stop at 28, so that every date exists.
    #[must_use]
    pub fn born(self) -> (u64, u64, u64) {
        let age = 17.0 + 68.0 * 0.5 * (self.draw.unit(self.id, 400) + self.draw.unit(self.id, 401));
        (2024 - age as u64, 1 + self.draw.below(self.id, 402, 12), 1 + self.draw.below(self.id, 403, 28))
    }

    /// Whether the person has a phone, tells the date of birth, tells the employer.
    #[must_use]
    pub fn tells(self, salt: u32, part: f64) -> bool {
        self.draw.chance(self.id, salt, part)
    }
}

#[cfg(test)]
mod tests {
    use super::Person;
    use crate::draw::Draw;
    use std::collections::HashMap;

    /// Two neighbours with one given name and one phone look like one person: how often that happens decides how many
    /// households a list invites to join.
    #[test]
    fn strangers_share_a_given_name_as_often_as_people_do() {
        const PEOPLE: u64 = 200_000;
        let mut names: HashMap<String, u64> = HashMap::new();
        for id in 0..PEOPLE {
            *names.entry(Person::new(Draw::new(1), id).given().0.into_owned()).or_default() += 1;
        }
        assert!(names.len() > 1_000, "{}", names.len());
        let all = PEOPLE as f64;
        let alike: f64 = names.values().map(|n| (*n as f64 / all).powi(2)).sum();
        assert!((0.0030..0.0040).contains(&alike), "{alike}");
    }
}
