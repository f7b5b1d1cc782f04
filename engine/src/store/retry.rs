//! Trying again what failed for a passing reason.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::{Result, StoreError};

/// Runs a whole transaction again, up to six times over about six seconds, while its error is transient.
///
/// Only for work that starts and ends its own transaction and is idempotent: after a connection lost during COMMIT
/// nobody knows whether it happened.
pub(super) async fn transient<T, F, Fut>(work: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let backoff = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(6)
        .with_jitter();
    work.retry(backoff)
        .when(StoreError::is_transient)
        .notify(|error, delay| {
            tracing::warn!(kind = ?error.kind(), delay_ms = delay.as_millis() as u64, "store call is tried again");
        })
        .await
}
