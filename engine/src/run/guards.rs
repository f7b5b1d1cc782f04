//! What makes a run stop before the load.

use std::collections::BTreeMap;

use importer_plans::project::{BadRows, ImportMode};

use super::attempt::Attempt;
use super::suggested::perhaps;
use crate::error::{ALL_OR_NOTHING, Error, ErrorKind, Result, TOO_MANY_BAD, UNREADABLE_ROWS};

impl Attempt<'_> {
    /// Too many bad rows are a bad file, not bad rows.
    pub(super) fn breaker(&self) -> Result<()> {
        let (Some(landed), Some(checked)) = (&self.parts.landed, &self.parts.checked) else { return Ok(()) };
        let bad = landed.rejected() + checked.quarantined;
        let all = landed.records() + landed.rejected();
        if bad == 0 {
            return Ok(());
        }
        if self.cx.settings.mode == ImportMode::AllOrNothing {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{bad} of {all} rows are bad, and this run takes all or nothing"),
            )
            .with_code(ALL_OR_NOTHING)
            .with_help(self.without_them("fix the rows in the error report")));
        }
        // Lines that were never meant as records say nothing about the others.
        let bad = bad.saturating_sub(checked.set_aside);
        let all = all.saturating_sub(checked.set_aside);
        // Divided and not multiplied: 29 of 100 is exactly the number that 0.29 is read as.
        if landed.rejected() > 0 && self.cx.source.contract.bad_rows == BadRows::Freeze {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} records cannot be read, and this source takes none such", landed.rejected()),
            )
            .with_code(UNREADABLE_ROWS)
            .with_help("look at the error report, or write bad_rows: discard_row in the source file"));
        }
        if self.cx.settings.accept_bad || bad == 0 || bad as f64 / all as f64 <= self.cx.settings.max_bad {
            return Ok(());
        }
        // A rule may say what it found in several sentences; it counts as one.
        let mut spoke: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for rule in checked.rules.iter().filter(|c| c.severity == "error" && c.mode == "enforce") {
            spoke.entry(&rule.rule_code).or_insert((0, &rule.message)).0 += rule.violations;
        }
        // Of equally frequent ones the first by its code.
        let top = spoke
            .iter()
            .rev()
            .max_by_key(|(_, (times, _))| *times)
            .map(|(code, (times, message))| format!("; most often {code} ({times} times): {message}"))
            .unwrap_or_default();
        Err(Error::new(
            ErrorKind::Refused,
            format!("{bad} of {all} rows are bad, more than {:.0} %{top}", self.cx.settings.max_bad * 100.0),
        )
        .with_code(TOO_MANY_BAD)
        .with_help(format!(
            "{}look at the error report; {}",
            perhaps(&self.cx.suggestions),
            match bad < all {
                true => "--accept-bad loads the good rows all the same, --max-bad sets the limit",
                false => "there is no good row that could be loaded",
            }
        )))
    }

    /// A row that waits for a person is not loaded, so nothing is.
    pub(super) fn all_or_nothing(&self, review: u64) -> Result<()> {
        if review == 0 || self.cx.settings.mode != ImportMode::AllOrNothing {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!("{review} rows wait for a person, and this run takes all or nothing"),
        )
        .with_code(ALL_OR_NOTHING)
        .with_help(self.without_them("look at them in dedupe_pairs and mend their rows")))
    }

    fn without_them(&self, first: &str) -> String {
        format!(
            "{first}, or load the others without them: `importer resume {} --mode valid_only`",
            self.cx.run_id
        )
    }
}
