//! Whose fault it was: an error of a query that people have written, told with the file, the line and what stands there.
//!
//! Rules that are plain filters run as one scan, and mappings inside a query of ours. Where such a query fails, the files
//! behind it are tried one by one, each as it stands, until one fails in the same way.

use std::time::Duration;

use datafusion::common::ParamValues;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use importer_plans::project::{Rule, SqlFile};

use super::run::{RunContext, plan_with};
use super::settings::Settings;
use crate::catalogue::{QueryError, Span, locate};
use crate::error::{Error, ErrorKind, Result};
use crate::watch::{Excess, within};

/// How long one file is tried for. The error is known by then; only its place is looked for.
const TRIED_FOR: Duration = Duration::from_secs(30);

/// An error at a place of a file of the project.
pub fn at(file: &SqlFile, span: Option<Span>, message: &str) -> Error {
    let place = span.or_else(|| locate::first_word(&file.text));
    let message = match place.map(|span| locate::line_of(&file.text, span.offset)) {
        Some((line, column, text)) => {
            format!("{}:{line}:{column}: {message}; the line is: {text}", file.path)
        }
        None => format!("{}: {message}", file.path),
    };
    Error::new(ErrorKind::Project, message)
}

/// An error of the query that a file holds.
pub fn of_file(error: Error, file: &SqlFile, session: &SessionContext) -> Error {
    let Some(cause) = query_failure(&error) else { return error };
    let read = QueryError::read(cause, &file.text, session);
    let span = read.span.or_else(|| locate::place_of(&read.message, &file.text));
    let message = locate::without_values(&read.message, &file.text);
    let help = match read.message.contains("no table `landed`") {
        true => "a rule reads `staged`: what was landed, mapped and in the types of the contract".to_owned(),
        false => read.help.unwrap_or_else(|| HELP.to_owned()),
    };
    at(file, span, &message).with_code(read.code).with_help(help).with_source(error)
}

const HELP: &str = "mend the file, check it with `importer project check`, and run again";

/// What a query failed for; nothing where it was stopped, or something around it failed.
fn query_failure(error: &Error) -> Option<&DataFusionError> {
    let cause = std::error::Error::source(error)?.downcast_ref::<DataFusionError>()?;
    let outside = matches!(error.kind(), ErrorKind::Lake | ErrorKind::Interrupted | ErrorKind::Lease);
    (!outside && error.code().is_none()).then_some(cause)
}

/// A query of the project that took longer than it may.
pub fn too_long(file: &SqlFile, limit: Duration) -> Error {
    at(
        file,
        locate::place_of("memory limit", &file.text),
        &Excess::Time(limit).to_string(),
    )
    .with_code(TOO_LONG)
    .with_help("look for a recursion without end or a join without a condition; `max_query_time` in project.yml sets the limit")
}

/// Rules that one query looks at together, and that took longer than it may. What it always looks at is the contract.
fn too_long_together<'r>(rules: impl Iterator<Item = &'r Rule>, limit: Duration) -> Error {
    let rules: Vec<&Rule> = rules.collect();
    let what = match rules.as_slice() {
        [] => "the checks of the contract".to_owned(),
        [rule] => return too_long(&rule.sql, limit),
        several => several.iter().map(|rule| rule.sql.path.as_str()).collect::<Vec<_>>().join(", "),
    };
    let message = format!("{what}: {}; they are looked at together", Excess::Time(limit));
    Error::new(ErrorKind::Project, message)
        .with_code(TOO_LONG)
        .with_help("look for a function that has much to do for each row; `max_query_time` in project.yml sets the limit")
}

/// The code of a query that took longer than it may.
const TOO_LONG: &str = "SQL0009";

impl RunContext {
    /// Does the work of one of the project's queries, for as long as it may take.
    pub async fn in_time<T>(&self, file: &SqlFile, work: impl Future<Output = Result<T>>) -> Result<T> {
        match within(self.max_query_time, work).await {
            Ok(done) => done,
            Err(limit) => Err(too_long(file, limit)),
        }
    }

    /// Does the work of rules that were put together into one query, for as long as that may take. None of them is tried
    /// alone where it takes too long: what was ended may still be at work on its rows.
    pub async fn in_time_of<'r, T>(
        &self,
        rules: impl Iterator<Item = &'r Rule>,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match within(self.max_query_time, work).await {
            Ok(done) => done,
            Err(limit) => Err(too_long_together(rules, limit)),
        }
    }

    /// The error of a query that holds many rules, as that of the rule that fails.
    pub async fn blame_rules<'r>(&self, error: Error, rules: impl Iterator<Item = &'r Rule>) -> Error {
        if query_failure(&error).is_none() {
            return error;
        }
        for rule in rules {
            if let Some(found) = self.try_file(&rule.sql, self.params()).await {
                return found;
            }
        }
        error
    }

    /// The error of a query around a file, as that of the file where it fails alone.
    pub async fn blame_file(&self, error: Error, file: &SqlFile, settings: &Settings) -> Error {
        if query_failure(&error).is_none() {
            return error;
        }
        match self.try_file(file, self.params_of(settings)).await {
            Some(found) => found,
            None => {
                let message = match query_failure(&error) {
                    Some(cause) => QueryError::read(cause, "", &self.session).message,
                    None => error.to_string(),
                };
                let message = locate::without_values(&message, "");
                at(file, None, &format!("what it gives cannot be read on: {message}"))
                    .with_help(HELP)
                    .with_source(error)
            }
        }
    }

    /// Runs a file as it stands, for its error alone.
    async fn try_file(&self, file: &SqlFile, params: ParamValues) -> Option<Error> {
        let (session, text) = (self.session.clone(), file.text.clone());
        let tried = SpawnedTask::spawn(async move {
            let frame = plan_with(&session, &text, params).await?;
            let mut rows = frame.execute_stream().await?;
            while let Some(batch) = rows.next().await {
                batch?;
            }
            Ok::<_, Error>(())
        });
        match within(TRIED_FOR, tried.join_unwind()).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(of_file(error, file, &self.session)),
            Ok(Err(ended)) => Some(ended.into()),
            Err(limit) => Some(too_long(file, limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_without_rules_are_those_of_the_contract() {
        let error = too_long_together(std::iter::empty(), Duration::from_secs(2));
        let told = error.to_string();
        assert!(told.contains("the checks of the contract: the query was not done after 2 s"), "{told}");
        assert_eq!(error.code(), Some(TOO_LONG));
    }
}
