//! What a run does to the lake only as long as its process has it.

use crate::error::Result;
use crate::store::{Fence, Store};

/// Does a piece of work while the run stays ours: nothing is done once another process has taken it over, and whoever takes it
/// over meanwhile waits for its end. The work asks nothing of the store, which may have a single writer.
///
/// # Errors
/// The run is somebody else's by now; or those of the work.
pub async fn while_ours<T>(store: &Store, fence: &Fence, work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut session = store.begin_fenced(fence).await?;
    let done = work.await;
    let ended = session.rollback().await;
    // What went wrong first is told, also where the end fails after it.
    let done = done?;
    ended?;
    Ok(done)
}
