//! Logs on stderr. Never a cell value, never a password: store URLs print without theirs, and the database driver,
//! which could log statements, is kept quiet.

use tracing_subscriber::EnvFilter;

/// Level `warn`, `error` with `-q`, `info` with `-v`, `debug` with `-vv`; `IMPORTER_LOG` wins.
pub fn start(quiet: bool, verbose: u8) {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    let ours = ["importer", "importer_engine", "importer_connectors", "importer_plans"];
    let own: Vec<String> = ours.iter().map(|target| format!("{target}={level}")).collect();
    let filter = std::env::var("IMPORTER_LOG").ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(format!("error,sqlx=off,{}", own.join(","))));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .log_internal_errors(false);
    // A second subscriber can only be a test's.
    let _ = log.with_ansi(crate::screen::colours(&std::io::stderr())).try_init();
}
