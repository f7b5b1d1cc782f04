//! Numbers of `match.yml` with decimals.

use crate::project::decode::Reader;

/// A number of at least `least`.
pub(super) fn number(map: &Reader<'_>, key: &'static str, least: f64) -> Option<f64> {
    let (text, span) = map.spanned_text(key)?;
    match text.replace('_', "").parse::<f64>() {
        Ok(number) if number.is_finite() && number >= least => Some(number),
        _ => {
            let bound = if least.is_finite() { format!(" of at least {least}") } else { String::new() };
            map.report(
                map.error(span, "PRJ0004", format!("`{key}` is a number{bound}, not `{text}`"))
                    .help(format!("write for example `{key}: {}`", least.max(2.5))),
            );
            None
        }
    }
}

/// A part of the whole that is neither nothing nor all.
pub(super) fn part(map: &Reader<'_>, key: &'static str) -> Option<f64> {
    let part = map.share(key)?;
    if part > 0.0 && part < 1.0 {
        return Some(part);
    }
    map.report(
        map.error(
            map.span_of(key),
            "PRJ0004",
            format!("`{key}` is a part between 0 and 1, and neither of them"),
        )
        .help("what never or always happens cannot be weighed; write for example 0.0001 or 0.9999"),
    );
    None
}
