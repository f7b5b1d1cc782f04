//! A landed file as queries see it: its columns as the text of the contract's fields, and behind its mapping.

use super::columns::Columns;
use super::ident::{ident, literal};
use super::kinds::FieldKind;
use super::shape::{FieldShape, Shape};
use super::texts::FileTexts;

/// The canonical text view of one landed file: every contract field by its name, unmatched columns by their own. The cells
/// are read as `texts` says; as they stand in the file where it says nothing.
pub fn landed_sql(
    shape: &Shape,
    table: &str,
    columns: &Columns<'_>,
    unmapped: &[&str],
    texts: &FileTexts,
) -> String {
    let mut parts = vec!["l.sequence_number".to_owned(), "l.line_number".to_owned()];
    for field in &shape.fields {
        let sources =
            columns.iter().find(|(name, _)| *name == field.name).map(|(_, c)| c.as_slice()).unwrap_or(&[]);
        parts.push(format!(
            "{} AS {}",
            source_text(shape, field, columns, sources, texts),
            ident(&field.name)
        ));
    }
    for column in unmapped {
        if shape.field(column).is_none() {
            parts.push(format!("l.{0} AS {0}", ident(column)));
        }
    }
    format!("SELECT {}\n  FROM {} l", parts.join(",\n         "), ident(table))
}

/// One column is taken as it is. Of several columns of a set's main field the first that is not blank; the others
/// go to the list field of the same set (`E-Mail`, `E-Mail 2` → `email`, `alternate_emails`). Other fields have several only
/// where their parts stand in columns of their own.
fn source_text(
    shape: &Shape,
    field: &FieldShape,
    columns: &Columns<'_>,
    sources: &[&str],
    texts: &FileTexts,
) -> String {
    let list = field.set.as_ref().filter(|_| field.primary).and_then(|set| shape.list_of(set));
    let cell = |c: &&str| {
        let cell = texts.cell(field, c);
        // A cell says itself what a column beside it says; the main one leaves its place to the next.
        let cell = match texts.nobody_answers(c) {
            Some(fax) if list.is_some() => format!("CASE WHEN {fax} THEN NULL ELSE {cell} END"),
            Some(fax) => format!("CASE WHEN {fax} THEN 'Fax: ' || {cell} ELSE {cell} END"),
            None => cell,
        };
        // What is no sign stays as it is, and is told.
        if field.kind == FieldKind::Country && holds_signs(c) {
            format!("coalesce(country_of_sign({cell}), {cell})")
        } else {
            cell
        }
    };
    let more: Vec<String> = if field.is_list() {
        let primary = field.set.as_ref().and_then(|set| shape.primary_of(set));
        let of_main = primary.and_then(|p| columns.iter().find(|(name, _)| *name == p.name));
        let of_main = of_main.map_or(&[][..], |(_, columns)| columns.as_slice());
        let fax = of_main.first().and_then(|main| {
            let fax = texts.nobody_answers(main)?;
            Some(format!("CASE WHEN {fax} THEN 'Fax: ' || {} END", texts.cell(field, main)))
        });
        let extra = of_main.get(1..).unwrap_or(&[]).iter().map(cell);
        sources.iter().map(cell).chain(fax).chain(extra).collect()
    } else {
        sources.iter().map(cell).collect()
    };
    match more.as_slice() {
        [] => "CAST(NULL AS VARCHAR)".to_owned(),
        [one] => one.clone(),
        several if field.is_list() => {
            let cleaned: Vec<_> = several.iter().map(|c| format!("clean_text({c})")).collect();
            format!("nullif(concat_ws('; ', {}), '')", cleaned.join(", "))
        }
        several if field.kind == FieldKind::List => {
            let separator = texts.how(field).separators.chars().next().unwrap_or(';').to_string();
            let cleaned: Vec<_> = several.iter().map(|c| format!("clean_text({c})")).collect();
            format!("nullif(concat_ws({}, {}), '')", literal(&separator), cleaned.join(", "))
        }
        [year, month, day] if field.kind == FieldKind::Date => date_of_parts(field.past, [year, month, day]),
        // Texts in several columns are one text: "van der" and "Berg", a street and a house number.
        several if matches!(field.kind, FieldKind::Name | FieldKind::Text) => {
            let cleaned: Vec<_> = several.iter().map(|c| format!("clean_text({c})")).collect();
            format!("nullif(concat_ws(' ', {}), '')", cleaned.join(", "))
        }
        several => {
            let cleaned: Vec<_> = several.iter().map(|c| format!("clean_text({c})")).collect();
            format!("coalesce({})", cleaned.join(", "))
        }
    }
}

/// Headers of columns in which a country is written as the sign of its vehicles, compared by letters alone.
const SIGN_HEADERS: [&str; 11] = [
    "land",
    "staat",
    "länderkennzeichen",
    "laenderkennzeichen",
    "länderkürzel",
    "laenderkuerzel",
    "landeskennzeichen",
    "nationalitätszeichen",
    "nationalitaetszeichen",
    "kfzländerkennzeichen",
    "lkz",
];

fn holds_signs(header: &str) -> bool {
    let letters: String = header.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    SIGN_HEADERS.contains(&letters.as_str())
}

/// A date whose year, month and day have columns of their own, in a form that has one reading. What is missing stays so, and
/// then there is no date; a whole date in the first column, alone, is one.
///
/// A year of two digits would have as many readings as a date has orders: it is written in full, the last one that is not
/// behind today for what lies in the past.
fn date_of_parts(past: bool, parts: [&str; 3]) -> String {
    let [y, m, d] = parts.map(|c| format!("clean_text({c})"));
    let last = if past { format!("date_part('year', {LATEST_DAY})") } else { "2068".to_owned() };
    let number = format!("try_cast({y} AS INT)");
    let y = format!(
        "CASE WHEN {number} BETWEEN 0 AND 99 AND length({y}) <= 2 THEN CAST({number} + CASE WHEN {number} + 2000 > {last} THEN 1900 ELSE 2000 END AS VARCHAR) ELSE {y} END"
    );
    let two = |text: &str| format!("lpad({text}, greatest(length({text}), 2), '0')");
    format!(
        "CASE WHEN try_cast({m} AS INT) IS NOT NULL THEN concat_ws('-', {y}, {}, {}) ELSE nullif(concat_ws(' ', {d}, {m}, {y}), '') END",
        two(&m),
        two(&d)
    )
}

/// A landed file behind its mapping, as the table `mapped`.
pub(super) fn mapped(mapping: &str, landed: &str) -> String {
    format!("WITH landed AS (\n  {landed}\n), mapped AS (\n{}\n)", mapping.trim().trim_end_matches(';'))
}

/// Behind it lies the future, wherever on earth the list was made.
pub(super) const LATEST_DAY: &str = "CAST($latest_at AS DATE)";
