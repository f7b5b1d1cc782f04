//! `person_evidence`: what names, generations and birth dates say on whether two records are one person.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array, Int64Array, StringViewBuilder};
use arrow::datatypes::DataType;
use arrow::temporal_conversions::date32_to_datetime;
use chrono::Datelike;
use datafusion_common::exec_err;
use datafusion_common::types::{logical_date, logical_int64, logical_string};
use datafusion_common::utils::take_function_args;
use datafusion_expr::{Coercion, ColumnarValue, Signature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::arguments::{TextReader, days, finish};
use super::given_key::given_key;
use super::given_names::{Likeness, likeness};
use super::scalar_function::scalar_function;
use super::similarity::{DateSlip, date_slip};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What speaks for or against two records being one person, as one word. For: `equal`, `missing`, `initial`, `nickname`, `beginning`, `slip` say how the first given names agree, where no further ones contradict (see `names_compatible`). Against: `birth_date` (both known, and more than day and month swapped or one digit apart), `generation` (both written, and different), `given_name`. Between: `renamed` (other given names, the same birth date: see `same_birth`), `one_generation` (only one of them is called Jr., Sr. or the like, and the birth dates are not known to be equal). Dates that stand for none (1900-01-01, 1970-01-01, years before 1900) are as good as missing. Never NULL."#,
    syntax_example = "person_evidence(given_a, generation_a, born_a, given_b, generation_b, born_b)",
    sql_example = r#"```sql
> SELECT person_evidence('Bob', NULL, NULL, 'Robert', NULL, NULL), person_evidence('Paul', NULL, NULL, 'Paula', NULL, NULL);
nickname  given_name
```"#,
    argument(name = "given_a", description = "Given names or their key."),
    argument(name = "generation_a", description = "Its generation, as `name_generation` gives it."),
    argument(name = "born_a", description = "Its birth date."),
    argument(name = "given_b", description = "The other's given names or their key."),
    argument(name = "generation_b", description = "Its generation."),
    argument(name = "born_b", description = "Its birth date."),
    related_udf(name = "names_compatible"),
    related_udf(name = "same_birth"),
    related_udf(name = "name_generation"),
    related_udf(name = "given_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PersonEvidence;

scalar_function!(
    PersonEvidence,
    "person_evidence",
    takes(),
    DataType::Utf8View,
    lenient,
    |function, args| {
        let columns: [_; 6] = take_function_args(function, ColumnarValue::values_to_arrays(&args.args)?)?;
        let [given_a, age_a, born_a, given_b, age_b, born_b] = &columns;
        let (a, b) = (TextReader::column(given_a)?, TextReader::column(given_b)?);
        let (Some(age_a), Some(age_b)) = (age_a.as_primitive_opt(), age_b.as_primitive_opt()) else {
            return exec_err!("generations are whole numbers");
        };
        let (born_a, born_b) = (days(born_a)?, days(born_b)?);
        let (mut key_a, mut key_b) = (String::new(), String::new());
        let mut words = StringViewBuilder::with_capacity(args.number_rows);
        for row in 0..given_a.len() {
            let names = (
                a.get(row).and_then(|name| given_key(name, &mut key_a)),
                b.get(row).and_then(|name| given_key(name, &mut key_b)),
            );
            let ages = (whole(age_a, row), whole(age_b, row));
            words.append_value(evidence(names, ages, (day(&born_a, row), day(&born_b, row))));
        }
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        finish(Arc::new(words.finish()), constant)
    }
);

fn takes() -> Signature {
    let exact = |class| Coercion::new_exact(TypeSignatureClass::Native(class));
    let person = [logical_string(), logical_int64(), logical_date()].map(exact);
    let both = person.iter().chain(&person).cloned().collect();
    Signature::coercible(both, Volatility::Immutable)
}

fn whole(column: &Int64Array, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}

pub(super) fn day(column: &Date32Array, row: usize) -> Option<i32> {
    column.is_valid(row).then(|| column.value(row))
}

/// Two values of the same kind, one of each record.
type Pair<T> = (Option<T>, Option<T>);

fn evidence(names: Pair<&str>, generations: Pair<i64>, born: Pair<i32>) -> &'static str {
    let born = (born.0.filter(|day| is_told(*day)), born.1.filter(|day| is_told(*day)));
    let same_birth = match born {
        (Some(a), Some(b)) if a == b => says_who(a),
        (Some(a), Some(b)) if !one_slip_apart(a, b) => return "birth_date",
        _ => false,
    };
    if matches!(generations, (Some(a), Some(b)) if a != b) {
        return "generation";
    }
    let alike = match names {
        (Some(a), Some(b)) => likeness(a, b).map(Likeness::name),
        _ => Some("missing"),
    };
    match alike {
        None if same_birth => "renamed",
        None => "given_name",
        Some(_) if generations.0 != generations.1 && !same_birth => "one_generation",
        Some(word) => word,
    }
}

/// Days that programs write where no date is known: the first ones of spreadsheets, databases and clocks.
const NO_DATES: [(i32, u32, u32); 5] =
    [(1900, 1, 1), (1901, 1, 1), (1904, 1, 1), (1969, 12, 31), (1970, 1, 1)];
/// Nobody was born before or after these years; 1604 and 1 are what contacts without a year have.
const YEARS: std::ops::Range<i32> = 1900..2100;

/// Whether a date is somebody's birth date at all.
fn is_told(day: i32) -> bool {
    date32_to_datetime(day).is_some_and(|at| {
        YEARS.contains(&at.year()) && !NO_DATES.contains(&(at.year(), at.month(), at.day()))
    })
}

/// Whether two who have this date may be known by it: on 1 January of any year are those whose year alone is known.
fn says_who(day: i32) -> bool {
    date32_to_datetime(day).is_some_and(|at| (at.month(), at.day()) != (1, 1))
}

/// Whether two birth dates are one that speaks for one person.
pub(super) fn is_same_birth(a: i32, b: i32) -> bool {
    a == b && is_told(a) && says_who(a)
}

/// Day and month swapped, or one digit another. Two digits that changed places may be another year as well.
fn one_slip_apart(a: i32, b: i32) -> bool {
    matches!(date_slip(a, b), Some(DateSlip::Swapped | DateSlip::Digit))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Option<i32> {
        let day = text.parse::<NaiveDate>().ok()?;
        Some(i32::try_from((day - NaiveDate::default()).num_days()).unwrap())
    }

    fn says(a: (&str, Option<i64>, &str), b: (&str, Option<i64>, &str)) -> &'static str {
        let name = |text: &'static str| (!text.is_empty()).then_some(text);
        let (given_a, given_b) = (a.0.to_lowercase().leak(), b.0.to_lowercase().leak());
        let found = evidence((name(given_a), name(given_b)), (a.1, b.1), (date(a.2), date(b.2)));
        assert_eq!(
            found,
            evidence((name(given_b), name(given_a)), (b.1, a.1), (date(b.2), date(a.2))),
            "{a:?} {b:?}"
        );
        found
    }

    #[test]
    fn weighs_what_speaks_against() {
        for (a, b, wanted) in [
            (("Anna", None, ""), ("Anna", None, "1990-01-02"), "equal"),
            (("", None, ""), ("Anna", None, ""), "missing"),
            (("Bob", None, ""), ("Robert", None, ""), "nickname"),
            (("Paul", None, ""), ("Paula", None, ""), "given_name"),
            (("Paul", None, "1990-01-02"), ("Paula", None, "1990-01-02"), "renamed"),
            (("Paul", None, "1990-01-02"), ("Paula", None, "1990-01-03"), "given_name"),
            (("Anna Maria", None, ""), ("Anna Lena", None, ""), "given_name"),
            (("Anna Maria", None, "1990-01-02"), ("Anna Lena", None, "1990-01-02"), "renamed"),
            (("Anna Maria", None, ""), ("Anna M", None, ""), "equal"),
            (("Otto", None, "1950-05-05"), ("Otto", None, "1981-06-06"), "birth_date"),
            (("Otto", None, "1950-05-04"), ("Otto", None, "1950-04-05"), "equal"),
            (("Otto", None, "1950-05-05"), ("Otto", None, "1951-05-05"), "equal"),
            (("Otto", None, "1949-05-05"), ("Otto", None, "1950-05-05"), "birth_date"),
            (("John", Some(1), ""), ("John", Some(2), ""), "generation"),
            (("John", None, ""), ("John", Some(2), ""), "one_generation"),
            (("John", None, "1980-02-03"), ("John", Some(2), "1980-02-03"), "equal"),
            (("John", None, ""), ("Mary", Some(2), ""), "given_name"),
            (("John", Some(2), ""), ("John", Some(2), ""), "equal"),
            (("J", None, ""), ("J", None, ""), "initial"),
            (("Tom", None, "1900-01-01"), ("Sue", None, "1900-01-01"), "given_name"),
            (("Tom", None, "1970-01-01"), ("Sue", None, "1970-01-01"), "given_name"),
            (("Tom", None, "1899-12-30"), ("Sue", None, "1899-12-30"), "given_name"),
            (("Tom", None, "1604-03-04"), ("Sue", None, "1604-03-04"), "given_name"),
            (("Tom", None, "1980-01-01"), ("Sue", None, "1980-01-01"), "given_name"),
            (("Tom", None, "1980-01-02"), ("Sue", None, "1980-01-02"), "renamed"),
            (("Tom", None, "1900-01-01"), ("Tom", None, "1984-05-06"), "equal"),
            (("Tom", None, "0001-01-01"), ("Tom", None, "1984-05-06"), "equal"),
            (("Tom", None, "1950-01-01"), ("Tom", None, "1984-05-06"), "birth_date"),
        ] {
            assert_eq!(says(a, b), wanted, "{a:?} {b:?}");
        }
    }

    proptest! {
        #[test]
        fn dates_never_panic(a in any::<i32>(), b in any::<i32>()) {
            one_slip_apart(a, b);
        }

        #[test]
        fn a_year_is_one_digit_or_two(year in 1900_i32..2020, month in 1_u32..13, day in 1_u32..29) {
            let at = |year| date(&format!("{year}-{month:02}-{day:02}")).unwrap();
            prop_assert_eq!(one_slip_apart(at(year), at(year + 1)), year % 10 != 9);
        }
    }
}
