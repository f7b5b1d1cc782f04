//! Which order do dates have that stand as three numbers?

use importer_sql::functions::reads_as_date;

use super::{Looked, Suggestion, regions};
use crate::project::{Contract, FieldType};

const ORDERS: [(&str, &str); 3] =
    [("dmy", "day-month-year"), ("mdy", "month-day-year"), ("ymd", "year-month-day")];

/// What the dates of a list allow.
#[derive(Default)]
struct Dates {
    all: usize,
    /// Dates that the order decides.
    open: usize,
    /// By order: dates that are possible in it alone.
    only: [usize; 3],
}

impl Dates {
    fn of(files: &[Looked<'_>], contract: &Contract) -> Self {
        let mut dates = Self::default();
        let fields =
            contract.fields.iter().filter(|f| matches!(f.field_type, FieldType::Date | FieldType::Timestamp));
        for field in fields {
            for file in files {
                // Parts in columns of their own have no order to be found.
                let [column] = *file.matched.columns_of(&field.name) else { continue };
                for value in file.samples.values(column) {
                    dates.add(value);
                }
            }
        }
        dates
    }

    fn add(&mut self, value: &str) {
        let fits = ORDERS.map(|(order, _)| reads_as_date(value, order));
        if !fits.contains(&true) {
            return;
        }
        self.all += 1;
        self.open += usize::from(!reads_as_date(value, "auto"));
        for (n, fits_here) in fits.iter().enumerate() {
            self.only[n] += usize::from(*fits_here && fits.iter().filter(|fits| **fits).count() == 1);
        }
    }
}

/// The order that some dates prove for those that have two readings; where none does, the order that is usual in the country.
pub(super) fn suggest(
    files: &[Looked<'_>],
    contract: &Contract,
    country: Option<&str>,
) -> Option<Suggestion> {
    let dates = Dates::of(files, contract);
    if dates.open == 0 {
        return None;
    }
    let proven: Vec<usize> = (0..ORDERS.len()).filter(|n| dates.only[*n] > 0).collect();
    let (value, why) = match proven.as_slice() {
        [one] => {
            let (order, words) = ORDERS[*one];
            (
                order,
                format!(
                    "{} of {} dates can only be {words}, {} can be read in two ways",
                    dates.only[*one], dates.all, dates.open
                ),
            )
        }
        [] => {
            let marks = regions::of(country?)?;
            let (order, words) = *ORDERS.iter().find(|(order, _)| *order == marks.date_order)?;
            (
                order,
                format!(
                    "{} of {} dates can be read in two ways, and {} writes {words}",
                    dates.open, dates.all, marks.region
                ),
            )
        }
        // A column of two orders is for a person.
        _ => return None,
    };
    Some(Suggestion { setting: "date_order".to_owned(), value: value.to_owned(), why, doubtful: false })
}
