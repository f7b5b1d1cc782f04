//! "Did you mean": the known word most like a written one.

/// The choice most like what was written, when one is close enough to be meant.
pub fn nearest<'a>(written: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written: Vec<char> = written.to_lowercase().chars().collect();
    choices
        .into_iter()
        .map(|choice| {
            let lower: Vec<char> = choice.to_lowercase().chars().collect();
            (distance(&written, &lower), written.len().max(lower.len()), choice)
        })
        .filter(|(distance, longest, _)| distance * 5 <= longest * 2)
        .min_by_key(|(distance, _, choice)| (*distance, *choice))
        .map(|(_, _, choice)| choice)
}

/// Insertions, deletions, replacements, and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_was_meant() {
        let tables = ["landed", "links", "changes", "import_runs"];
        assert_eq!(nearest("lnaded", tables), Some("landed"));
        assert_eq!(nearest("Change", tables), Some("changes"));
        assert_eq!(nearest("volunteers", tables), None);
        assert_eq!(nearest("", tables), None);
    }
}
