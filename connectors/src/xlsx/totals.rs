//! Rows that sum others up.

use super::cell::Kind;

/// What stands in the first cell of such a row, in the languages in which most sheets come.
const WORDS: &[&str] = &[
    "total",
    "totals",
    "grand total",
    "overall total",
    "sum",
    "subtotal",
    "sub total",
    "sub-total",
    "summe",
    "summen",
    "gesamt",
    "gesamtsumme",
    "gesamtergebnis",
    "endsumme",
    "zwischensumme",
    "insgesamt",
    "total general",
    "total général",
    "total geral",
    "sous-total",
    "somme",
    "totale",
    "totale complessivo",
    "somma",
    "suma",
    "suma total",
    "suma końcowa",
    "razem",
    "totaal",
    "eindtotaal",
    "subtotaal",
    "totalt",
    "summa",
    "celkem",
    "összesen",
    "yhteensä",
    "i alt",
    "toplam",
    "genel toplam",
    "итого",
    "всего",
    "合計",
    "总计",
    "合计",
    "總計",
];

/// What a row is among records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Total {
    No,
    /// It has the word, and something else beside numbers.
    Doubtful,
    /// It has the word in its first cell, and only numbers beside it.
    Plain,
}

/// Looks at the cells of a row in the order of the columns.
pub(super) fn total<'a>(cells: impl Iterator<Item = (Kind, &'a str)>) -> Total {
    let mut filled = cells.filter(|(kind, text)| *kind != Kind::Text || !text.trim().is_empty());
    let Some((Kind::Text, first)) = filled.next() else { return Total::No };
    if first.len() > 40 {
        return Total::No;
    }
    let word = first.trim().trim_end_matches([':', '=']).trim_end().to_lowercase();
    if !WORDS.contains(&word.as_str()) {
        return Total::No;
    }
    let mut numbers = 0_usize;
    for (kind, _) in filled {
        // The sum itself may be without result.
        if !(kind.is_number() || kind == Kind::NoResult) {
            return Total::Doubtful;
        }
        numbers += 1;
    }
    if numbers > 0 { Total::Plain } else { Total::Doubtful }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Total, total};

    #[test]
    fn rows() {
        use Kind::{Date, Number, Text};
        let of = |cells: &[(Kind, &str)]| total(cells.iter().copied());
        assert_eq!(of(&[(Text, "Total"), (Number, "5")]), Total::Plain);
        assert_eq!(of(&[(Text, " "), (Text, "Summe:"), (Number, "5"), (Kind::NoResult, "")]), Total::Plain);
        assert_eq!(of(&[(Text, "Total"), (Text, "Smith"), (Number, "5")]), Total::Doubtful);
        assert_eq!(of(&[(Text, "Total"), (Date, "2024-01-31")]), Total::Doubtful);
        assert_eq!(of(&[(Text, "Total")]), Total::Doubtful);
        assert_eq!(of(&[(Text, "Totally"), (Number, "5")]), Total::No);
        assert_eq!(of(&[(Number, "5"), (Text, "Total")]), Total::No);
        assert_eq!(of(&[]), Total::No);
    }
}
