//! Trained models: read with the project, and held against what they were trained for.

use super::diagnostics::{ProjectError, SourceFile};
use super::matching::{MatchSpec, ModelFile, Unfit};
use super::place::Place;
use super::reading::Loader;
use super::sql_text::{behind_each_other, offset_of};

/// What helps against any model that cannot be used.
const TRAIN: &str = "train again (`importer match train`), or restore";

impl Loader<'_> {
    /// Reads the model of an entity, and refuses files of models that nobody reads.
    pub(super) fn models(&self, entity: &str, matching: &mut MatchSpec) {
        if self.untrained {
            return;
        }
        let file = |name: &str| format!("entities/{entity}/{name}");
        let mut read: Vec<String> = Vec::new();
        if let Some(fuzzy) = &mut matching.fuzzy {
            let path = file(&fuzzy.model_file);
            read.extend(fuzzy.term_values().map(|value| file(&fuzzy.terms_file(&value.name))));
            match self.file(&path) {
                Some(text) => {
                    let beside = |name: &str| self.files.get(&file(name)).map(str::to_owned);
                    match ModelFile::read(fuzzy, &text.text, beside) {
                        Ok(found) => fuzzy.model = Some(found.model),
                        Err(unfit) => self.report(unfit_error(&text, unfit)),
                    }
                }
                None if fuzzy.is_model_named => {
                    let message = format!("there is no `{}` beside match.yml", fuzzy.model_file);
                    let error = self.error_behind(&file("match.yml"), &["model:"], "PRJ0012", message);
                    self.report(error.help("`importer match train` writes it; without the line `model:` the weights of the kinds of levels hold"));
                }
                None => {}
            }
            read.push(path);
        }
        let models =
            self.files.paths().filter(|path| matches!(Place::of(path), Place::Model(of) if of == entity));
        for path in models.filter(|path| !read.iter().any(|known| known == path)) {
            let error = ProjectError::about(path, "PRJ0006", "nothing reads this file");
            self.report(error.help("match.yml compares nothing that it belongs to: take the file out, or name the model in `model`"));
        }
    }
}

fn unfit_error(file: &SourceFile, unfit: Unfit) -> ProjectError {
    let at = |word: &str, message: String| {
        ProjectError::at(file, behind_each_other(&file.text, &[word]), "PRJ0020", message)
    };
    match unfit {
        Unfit::Unreadable(message, place) => {
            let span = place.and_then(|(line, column)| offset_of(&file.text, line, column)).unwrap_or_default();
            ProjectError::at(file, span, "PRJ0020", format!("the model cannot be read: {message}")).help(format!("{TRAIN} the file"))
        }
        Unfit::Changed => at("\"hash\"", "the model was changed after it was trained".to_owned())
            .help(format!("{TRAIN} the file; weights by hand stand in match.yml, as `weight`, or `m` and `u`, of a level")),
        Unfit::Version(version) => at("\"version\"", format!("the model has version {version}, this program reads 1"))
            .help("train again with this program (`importer match train`), or use the program that wrote it"),
        Unfit::OtherProject => {
            at("\"compiled\"", "the model was trained for other values, rules or levels than match.yml has".to_owned())
                .help(format!("{TRAIN} `compare`, `blocking` and `comparisons` of that time"))
        }
        Unfit::Terms(name) => {
            at(&name, format!("the frequencies of values in `{name}` are not those of the model, or not there"))
                .help(format!("{TRAIN} the file"))
        }
    }
}
