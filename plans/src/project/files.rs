//! The files of a project, by path relative to its root.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Text files of a project by relative path, with `/` between folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    files: BTreeMap<String, Arc<String>>,
}

impl FileSet {
    /// Takes the files; paths may use `\` and a leading `./`. A byte order mark and the line ends of Windows editors are
    /// dropped, so that the same project has the same name on every machine.
    pub fn new<P: AsRef<str>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let files = files
            .into_iter()
            .map(|(path, text)| {
                let path = path.as_ref().replace('\\', "/");
                let text: String = text.into();
                let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
                (path.trim_start_matches("./").to_owned(), Arc::new(text))
            })
            .collect();
        Self { files }
    }

    /// These files with `folder`'s laid over them: a file of the folder replaces the file of the same path.
    pub fn overlaid_with(mut self, folder: FileSet) -> Self {
        self.files.extend(folder.files);
        self
    }

    /// The text of one file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|text| text.as_str())
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(super) fn shared(&self, path: &str) -> Option<Arc<String>> {
        self.files.get(path).cloned()
    }
}

impl From<BTreeMap<String, String>> for FileSet {
    fn from(files: BTreeMap<String, String>) -> Self {
        Self::new(files)
    }
}
