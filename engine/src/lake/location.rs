//! What the name of a lake means: a folder, an S3-compatible bucket, or memory.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use url::Url;

use super::below::Below;
use crate::error::{Error, ErrorKind, Result};

/// An opened object store whose paths are relative to the lake.
pub struct Location {
    pub store: Arc<dyn ObjectStore>,
    /// Its name for people; ends with `/`.
    pub url: Url,
    /// The folder of a local one.
    pub root: Option<PathBuf>,
}

/// Opens what `location` names; a folder is created when it is missing.
pub fn open(location: &str) -> Result<Location> {
    match Url::parse(location) {
        Ok(url) if url.scheme() == "memory" => {
            Ok(Location { store: Arc::new(InMemory::new()), url, root: None })
        }
        Ok(url) if url.scheme() == "s3" => bucket(location, &url),
        Ok(url) if url.scheme() == "file" => {
            let folder = url.to_file_path().map_err(|()| bad_location(location, &"not a local path"))?;
            local(location, folder)
        }
        // A one-letter scheme is a drive of another system, everything else without :// is a folder.
        Ok(url) if location.contains("://") => {
            Err(bad_location(location, &format!("the scheme {:?} is not supported", url.scheme())))
        }
        _ => local(location, PathBuf::from(location)),
    }
}

fn local(location: &str, folder: PathBuf) -> Result<Location> {
    std::fs::create_dir_all(&folder).map_err(|e| {
        Error::new(ErrorKind::Lake, format!("the lake {} cannot be created: {e}", folder.display()))
            .with_help("name a folder that can be written with --lake")
    })?;
    let root = folder.canonicalize()?;
    let store = LocalFileSystem::new_with_prefix(&root)?.with_automatic_cleanup(false);
    let url =
        Url::from_directory_path(&root).map_err(|()| bad_location(location, &"not an absolute path"))?;
    Ok(Location { store: Arc::new(store), url, root: Some(root) })
}

/// `s3://bucket/prefix`. Who may write there, and where the server is, the environment says, as for other programs that
/// speak S3: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ALLOW_HTTP`.
fn bucket(location: &str, url: &Url) -> Result<Location> {
    let unexpected = !url.username().is_empty()
        || url.password().is_some()
        || url.port().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    let name = url.host_str().filter(|name| !name.is_empty() && !unexpected);
    let name = name.ok_or_else(|| {
        // Not repeated as it is: somebody may have written a key into it.
        bad_location(
            "s3://…",
            &"write s3://bucket/folder; keys and the server's address come from AWS_… variables",
        )
    })?;
    let store =
        AmazonS3Builder::from_env().with_bucket_name(name).build().map_err(|e| bad_location(location, &e))?;
    let prefix =
        object_store::path::Path::from_url_path(url.path()).map_err(|e| bad_location(location, &e))?;
    let mut url = url.clone();
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(Location { store: Arc::new(Below::new(store, prefix)), url, root: None })
}

fn bad_location(location: &str, why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Usage, format!("{location:?} is not a lake: {why}"))
        .with_help("name a folder, a file:// URL or s3://bucket/folder with --lake or IMPORTER_LAKE")
}

#[cfg(test)]
mod tests {
    use super::open;

    #[test]
    fn what_is_no_lake_is_refused_without_its_secrets() {
        for (location, says) in [
            ("gs://bucket/x", "gs"),
            ("s3:///x", "s3://bucket/folder"),
            ("s3://key:word@bucket/x", "s3://bucket/folder"),
            ("s3://bucket/x?secret=word", "s3://bucket/folder"),
        ] {
            let error = open(location).err().unwrap().to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("word"), "{error}");
        }
    }

    #[test]
    fn names_end_with_a_slash() {
        let folder = tempfile::tempdir().unwrap();
        let local = open(folder.path().to_str().unwrap()).unwrap();
        assert!(local.root.is_some() && local.url.path().ends_with('/'));
        for name in ["s3://bucket/lakes/one", "s3://bucket/lakes/one/"] {
            assert_eq!(open(name).unwrap().url.as_str(), "s3://bucket/lakes/one/");
        }
        assert_eq!(open("s3://bucket").unwrap().url.as_str(), "s3://bucket/");
    }
}
