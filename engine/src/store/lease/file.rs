//! Liveness on SQLite: an operating system's lock on a file beside the database.
//!
//! A heartbeat row would wait behind another run's load, which holds the database's only write lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::store::{Result, StoreError, StoreErrorKind};

#[derive(Debug)]
pub(super) struct FileLease {
    file: File,
    path: PathBuf,
}

impl FileLease {
    /// None when another process has it.
    pub(super) fn acquire(database: &Path, tenant: &str, run_id: i64) -> Result<Option<Self>> {
        let path = lock_path(database, tenant, run_id);
        // The holder removes the file before it lets go, so the file locked here may be one that is gone already.
        for _ in 0..100 {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(|error| failed(&error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(failed(&error)),
            }
            if same_file(&file, &path) {
                return Ok(Some(Self { file, path }));
            }
        }
        Err(StoreError::internal("the lock file of the run keeps vanishing"))
    }

    pub(super) fn release(self) {
        // Removed while still locked; a failure leaves an empty file that the next owner uses.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

pub(super) fn is_held(database: &Path, tenant: &str, run_id: i64) -> Result<bool> {
    let path = lock_path(database, tenant, run_id);
    match OpenOptions::new().write(true).open(&path) {
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(failed(&error)),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

/// `<db>.run-<id>.lock`; other tenants than the default one get their name's hash in between.
fn lock_path(database: &Path, tenant: &str, run_id: i64) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    match tenant {
        "default" => name.push(format!(".run-{run_id}.lock")),
        _ => name.push(format!(".run-{:016x}-{run_id}.lock", xxhash_rust::xxh3::xxh3_64(tenant.as_bytes()))),
    }
    PathBuf::from(name)
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(named)) => held.ino() == named.ino() && held.dev() == named.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(_: &File, path: &Path) -> bool {
    // An open file cannot be removed there.
    path.exists()
}

fn failed(error: &std::io::Error) -> StoreError {
    StoreError::new(
        StoreErrorKind::Storage,
        format!("the lock file beside the database cannot be used: {}", error.kind()),
    )
}
