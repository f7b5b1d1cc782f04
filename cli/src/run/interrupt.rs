//! Ctrl-C and SIGTERM. The run finishes the chunk at hand, or drops the step at hand, and is paused; asked twice, the
//! process ends where it stands, and the run can be resumed all the same.

use importer_engine::Engine;

use crate::screen;

/// As a shell counts a process that SIGINT ended.
pub const INTERRUPTED: u8 = 130;

/// Waits for a run, and makes it stop when somebody asks the process to.
pub async fn heeded<T>(
    engine: &Engine,
    run: impl Future<Output = importer_engine::Result<T>>,
) -> importer_engine::Result<T> {
    let stop = engine.stop.clone();
    let watch = tokio::spawn(async move {
        signal().await;
        screen::say("stopping: the chunk at hand is finished first; ask again to stop at once");
        stop.cancel();
        signal().await;
        std::process::exit(i32::from(INTERRUPTED));
    });
    let summary = run.await;
    watch.abort();
    summary
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => ctrl_c().await,
    }
}

#[cfg(not(unix))]
async fn signal() {
    ctrl_c().await;
}

async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the process ends by itself when it is asked to.
        std::future::pending::<()>().await;
    }
}
