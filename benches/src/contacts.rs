//! The contact columns of a row: mailboxes and numbers as people write them, and the keys that a correct reader makes of them.

use crate::lists::MISSPELT;
use crate::person::Phone;
use crate::record::{Defect, Row, typo};

impl Row {
    /// Which mailbox the row gives as the main one.
    fn main_mailbox(&self) -> u32 {
        u32::from(self.again(40, 0.27))
    }

    /// The cell, and the key that a correct reader makes of it.
    pub(crate) fn email(&self, defect: Defect) -> (String, String) {
        let mut address = self.person.email(self.main_mailbox());
        if defect == Defect::NoContact || self.chance(42, 0.06) || self.again(47, 0.10) {
            if defect != Defect::BadEmail {
                return (String::new(), String::new());
            }
        } else if self.again(48, 0.09) {
            address = self.misspell(&address);
        }
        if defect == Defect::BadEmail {
            let (local, domain) = address.split_once('@').unwrap_or((&address, "gmail.com"));
            let broken = match self.draw.below(self.row, 62, 10) {
                0 => format!("{local}@"),
                1 => format!("{local}{domain}"),
                2 => format!("{local}@@{domain}"),
                3 => format!("{local} j@{domain}"),
                4 => format!("{local}@gmail"),
                5 => "n/a".to_owned(),
                6 => format!("{local}@gmail,com"),
                7 => format!("@{domain}"),
                8 => format!("{local}@.com"),
                _ => "none".to_owned(),
            };
            return (broken, String::new());
        }
        let canon = address.clone();
        match self.draw.unit(self.row, 43) {
            x if x < 0.07 => address = address.to_uppercase(),
            x if x < 0.14 => address = address[..1].to_uppercase() + &address[1..],
            _ => {}
        }
        if self.chance(44, 0.02) {
            address = address.replacen('@', "+volunteer@", 1);
        }
        if self.chance(45, 0.01) {
            address = format!(" {address} ");
        }
        (address, canon)
    }

    fn misspell(&self, address: &str) -> String {
        let (local, domain) = address.split_once('@').unwrap_or((address, ""));
        let bits = self.draw.bits(self.row, 41);
        let wrong = MISSPELT.iter().find(|(right, _)| *right == domain && bits.is_multiple_of(3));
        match wrong {
            Some((_, wrong)) => format!("{local}@{wrong}"),
            None => format!("{}@{domain}", typo(local, bits / 3)),
        }
    }

    pub(crate) fn phone(&self, defect: Defect, no_email: bool) -> (String, String) {
        let four = 1000 + self.draw.below(self.row, 65, 9000);
        match defect {
            Defect::NoContact => return (String::new(), String::new()),
            Defect::BadPhone => {
                let broken = match self.draw.below(self.row, 63, 8) {
                    0 => format!("555-{four}"),
                    1 => "n/a".to_owned(),
                    2 => "call me".to_owned(),
                    3 => four.to_string(),
                    4 => "000-000-0000".to_owned(),
                    5 => format!("{four}{four}{four}{four}{four}"),
                    6 => "see notes".to_owned(),
                    _ => "12345".to_owned(),
                };
                return (broken, String::new());
            }
            Defect::SoftPhone => {
                return (format!("({}) {}-{four}", 100 + four % 100, 200 + four % 700), String::new());
            }
            Defect::None | Defect::BadEmail => {}
        }
        let missing = self.person.tells(52, 0.22) || self.chance(53, 0.07) || self.again(55, 0.14);
        if missing && !no_email {
            return (String::new(), String::new());
        }
        let mut phone = self.person.phone(u32::from(self.again(50, 0.16)));
        if self.again(51, 0.05)
            && let Phone::Home { line, .. } = &mut phone
        {
            let place = 10_u64.pow(self.draw.below(self.row, 56, 4) as u32);
            let digit = *line / place % 10;
            *line = *line - digit * place + (digit + 1 + self.draw.below(self.row, 57, 9)) % 10 * place;
        }
        let blank = if self.chance(46, 0.01) { " " } else { "" };
        (format!("{blank}{}", self.written(&phone, 61)), phone.e164())
    }

    /// A number as people write it.
    fn written(&self, phone: &Phone, salt: u32) -> String {
        let style = self.draw.unit(self.row, salt);
        match phone {
            Phone::Home { area, exchange, line } => match style {
                x if x < 0.27 => format!("({area}) {exchange}-{line:04}"),
                x if x < 0.47 => format!("{area}-{exchange}-{line:04}"),
                x if x < 0.66 => format!("{area}{exchange}{line:04}"),
                x if x < 0.75 => format!("{area}.{exchange}.{line:04}"),
                x if x < 0.83 => format!("+1 {area} {exchange} {line:04}"),
                x if x < 0.91 => format!("+1{area}{exchange}{line:04}"),
                x if x < 0.95 => format!("1-{area}-{exchange}-{line:04}"),
                x if x < 0.98 => {
                    format!("{area}-{exchange}-{line:04} x{}", 100 + self.draw.below(self.row, salt + 1, 900))
                }
                _ => format!("({area}){exchange}-{line:04}"),
            },
            Phone::Abroad { country, rest } => match style {
                x if x < 0.25 => format!("+{country}{rest}"),
                x if x < 0.5 => format!("+{country} {rest}"),
                x if x < 0.75 => format!("+{country} {} {}", &rest[..3], &rest[3..]),
                _ => format!("+{country}-{}-{}", &rest[..3], &rest[3..]),
            },
        }
    }

    /// Further addresses and numbers: the ones that the main columns do not give.
    pub(crate) fn alternates(&self) -> (String, String) {
        let other = self.person.email(1 - self.main_mailbox());
        let emails = match self.draw.unit(self.row, 70) {
            x if x < 0.09 => other,
            x if x < 0.115 => format!("{other},{}", self.person.email(2)),
            _ => String::new(),
        };
        let number = u32::from(!self.again(50, 0.16));
        let phones =
            if self.chance(71, 0.08) { self.written(&self.person.phone(number), 72) } else { String::new() };
        (emails, phones)
    }
}
