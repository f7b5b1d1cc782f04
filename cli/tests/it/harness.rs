//! A folder of its own per test, and the binary in it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// A folder in which the importer works.
pub struct Folder {
    dir: tempfile::TempDir,
}

/// How a command ended.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder with one run of the valid golden file.
    pub fn with_run() -> Self {
        let folder = Self::new();
        folder.summary(&["run", "--file", &golden("volunteers_valid.csv")]);
        folder
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file in the folder.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Runs the binary with an environment that says nothing.
    pub fn importer(&self, args: &[&str]) -> Said {
        self.with(args, &[], "")
    }

    /// Runs the binary with variables and standard input.
    pub fn with(&self, args: &[&str], variables: &[(&str, &str)], input: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_importer"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IMPORTER_")) {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1").envs(variables.iter().copied());
        let output = command.current_dir(self.dir.path()).args(args).write_stdin(input).output().unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs an import with a summary, which must be the only thing on stdout.
    pub fn summary(&self, args: &[&str]) -> Value {
        let said = self.importer(&[args, &["--summary-json", "-q"]].concat());
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        said.json()
    }

    /// The rows of a query.
    pub fn rows(&self, sql: &str) -> Vec<Value> {
        let said = self.importer(&["sql", sql, "--format", "json"]);
        assert_eq!(said.code, 0, "{sql}\n{}{}", said.out, said.err);
        said.json().as_array().unwrap().clone()
    }
}

impl Said {
    /// Stdout as one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}\n{}\n{}", self.out, self.err))
    }
}

/// A golden file.
pub fn golden(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/golden").join(name);
    root.canonicalize().unwrap().display().to_string()
}
