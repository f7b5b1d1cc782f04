//! From files to a project: what each path is, and in which order it is read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::across;
use super::diagnostics::{ProjectError, ProjectErrors, SourceFile, nearest};
use super::entity::Entity;
use super::files::FileSet;
use super::mapping::Mapping;
use super::place::{PLACES, Place, better, entity_of};
use super::reading::Loader;
use super::settings::{Defaults, Settings};
use super::source::Source;
use super::sql_text;
use super::yaml;

/// A whole project, read and cross-checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    pub settings: Settings,
    /// By name.
    pub sources: BTreeMap<String, Source>,
    /// By name.
    pub entities: BTreeMap<String, Entity>,
    pub(super) files: FileSet,
}

impl Project {
    /// Reads a project; errors of all files are collected.
    pub fn load(files: &FileSet) -> Result<Self, ProjectErrors> {
        Self::load_unless(files, false, |_| true)
    }

    /// Reads a project without its trained models, which are about to be made anew: one that no longer belongs to
    /// `match.yml`, or is named there and not written yet, is no error.
    pub fn load_untrained(files: &FileSet) -> Result<Self, ProjectErrors> {
        Self::load_unless(files, true, |_| true)
    }

    /// Reads the project that a run was pinned to: what is refused today and was not then stays as it was.
    pub(super) fn load_pinned(files: &FileSet) -> Result<Self, ProjectErrors> {
        Self::load_unless(files, false, |error| !error.is_lately())
    }

    fn load_unless(
        files: &FileSet,
        untrained: bool,
        counts: impl Fn(&ProjectError) -> bool,
    ) -> Result<Self, ProjectErrors> {
        let files = &across::used(files);
        let loader = Loader { files, untrained, errors: RefCell::default() };
        let project = loader.project();
        let mut errors = loader.errors.into_inner();
        errors.retain(counts);
        if errors.is_empty() { Ok(project) } else { Err(ProjectErrors::new(errors)) }
    }

    /// Whether a file of a project's folder is one of the project, or was meant to be. All others are nobody's business.
    pub fn reads(path: &str) -> bool {
        !matches!(Place::of(path), Place::Other)
    }

    /// The files that the project was read from.
    pub fn files(&self) -> &FileSet {
        &self.files
    }

    /// A source and its entity.
    pub fn source(&self, name: &str) -> Option<(&Source, &Entity)> {
        let source = self.sources.get(name)?;
        Some((source, self.entities.get(&source.entity)?))
    }

    /// The mapping that a source uses.
    pub fn mapping_of(&self, source: &Source) -> Option<&Mapping> {
        self.entities.get(&source.entity)?.mappings.get(&source.mapping)
    }

    /// An error at a word of one of the project's files, for checks that need more than the files: the last of these
    /// words, each looked for behind the one before.
    pub fn error_at(
        &self,
        path: &str,
        words: &[&str],
        code: &'static str,
        message: String,
        help: &str,
    ) -> ProjectError {
        let error = match self.files.shared(path) {
            Some(text) => {
                let span = sql_text::behind_each_other(&text, words);
                ProjectError::at(&SourceFile { path: path.to_owned(), text }, span, code, message)
            }
            None => ProjectError::about(path, code, message),
        };
        error.help(help)
    }

    /// The name most like one that does not exist, for "did you mean".
    pub fn nearest_source(&self, name: &str) -> Option<&str> {
        nearest(name, self.sources.keys().map(String::as_str))
    }
}

impl Loader<'_> {
    fn project(&self) -> Project {
        self.refuse_strays();
        let shipped = self.shipped();
        let settings = self
            .yaml("project.yml", |file, node| {
                Some(Settings::read(self.reader(file, node, "project.yml")?, &shipped))
            })
            .unwrap_or_else(|| {
                if self.files.get("project.yml").is_none() {
                    self.report(
                        ProjectError::about("project.yml", "PRJ0012", "the project has no project.yml")
                            .help("write one with a line such as `name: my_project`"),
                    );
                }
                Settings::nothing()
            });
        let folders: BTreeSet<&str> = self.files.paths().filter_map(entity_of).collect();
        let mut entities: BTreeMap<String, Entity> = folders
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), self.entity(name, &settings.defaults)?)))
            .collect();
        self.named_entities(&settings, &entities);
        self.find_references(&mut entities);
        self.find_lists(&mut entities);
        let sources = self.sources(&settings.defaults, &entities);
        self.default_source(&settings, &sources);
        self.unique_rules(&entities);
        self.whole_entities(&entities, &sources);
        Project { settings, sources, entities, files: self.files.clone() }
    }

    fn refuse_strays(&self) {
        for path in self.files.paths().filter(|path| matches!(Place::of(path), Place::Unknown)) {
            let help = match better(path) {
                Some(other) => format!("rename it to `{other}`"),
                None => PLACES.to_owned(),
            };
            let error = ProjectError::about(path, "PRJ0006", "nothing reads this file").help(help);
            // Files with such endings were not seen at all, and are in no bundle.
            self.report(error);
        }
    }

    /// What the shipped `project.yml` says: it holds where the project's own says nothing else.
    fn shipped(&self) -> Settings {
        let nothing = Settings::nothing();
        let text = importer_sql::project::files().into_iter().find(|(path, _)| *path == "project.yml");
        let Some((path, text)) = text else { return nothing };
        let file = SourceFile { path: path.to_owned(), text: Arc::new(text.to_owned()) };
        let Ok(node) = yaml::parse(&file, 0, file.text.len()) else { return nothing };
        let settings =
            self.reader(&file, &node, "project.yml").map(|reader| Settings::read(reader, &nothing));
        let mut settings = settings.unwrap_or(nothing);
        let is_there = |name: &String| self.files.get(&format!("sources/{name}.yml")).is_some();
        settings.source = settings.source.filter(is_there);
        settings
    }

    fn sources(&self, defaults: &Defaults, entities: &BTreeMap<String, Entity>) -> BTreeMap<String, Source> {
        self.files
            .paths()
            .filter_map(|path| match Place::of(path) {
                Place::Source(stem) => Some((path, stem)),
                _ => None,
            })
            .filter_map(|(path, stem)| {
                let source = self.yaml(path, |file, node| {
                    Some(Source::read(self.reader(file, node, "a source")?, stem, defaults, entities))
                })?;
                Some((stem.to_owned(), source))
            })
            .collect()
    }
}
