//! Who may know what: the store alone asks which database it is on. Everybody else asks it for what is meant.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Macro, MetaList};

use crate::imports::{Tree, word};

/// How the databases are called in code, wherever the name comes from.
const DATABASES: [&str; 2] = ["Postgres", "Sqlite"];

/// Files outside the store that name a database, with the names.
fn named_outside(source: &Path) -> Vec<String> {
    let mut told = Vec::new();
    for file in Tree::read(source).files {
        if file.name.starts_with("store/") || file.name == "store.rs" {
            continue;
        }
        let mut names = Names::default();
        file.items.iter().for_each(|item| names.visit_item(item));
        told.extend(names.0.iter().map(|name| format!("{} names {name}", file.name)));
    }
    told.sort();
    told
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn tokens(&mut self, stream: TokenStream) {
        for token in stream {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => self.visit_ident(&ident),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_ident(&mut self, ident: &'a Ident) {
        let name = word(ident);
        if DATABASES.contains(&name.as_str()) {
            self.0.insert(name);
        }
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        visit::visit_macro(self, called);
        self.tokens(called.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'a MetaList) {
        visit::visit_meta_list(self, list);
        self.tokens(list.tokens.clone());
    }
}

#[test]
fn the_store_alone_knows_its_database() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src");
    let told = named_outside(&engine);
    assert!(told.is_empty(), "ask the store for what is meant:\n{}", told.join("\n"));
}

#[test]
fn whoever_names_a_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("lib.rs", "mod by_macro; mod by_use; mod match_on; mod store; mod told; mod tried;"),
        ("by_macro.rs", "fn run(d: Dialect) -> bool { matches!(d, Dialect::Sqlite) }"),
        ("by_use.rs", "use crate::store::Dialect::{Postgres as Server, Sqlite as File};"),
        ("match_on.rs", "fn run(d: Dialect) -> u8 { match d { Dialect::Postgres => 2, _ => 1 } }"),
        ("store/mod.rs", "mod dialect; pub use dialect::Dialect;"),
        ("store/dialect.rs", "pub enum Dialect { Postgres, Sqlite }"),
        (
            "told.rs",
            r#"//! Of Postgres and Sqlite.
            fn run(d: Dialect) -> &'static str { if d.locks_rows() { "Postgres" } else { "Sqlite" } }"#,
        ),
        ("tried.rs", "#[cfg(test)] mod tests { #[test] fn run() { asked(Dialect::Postgres); } }"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    assert_eq!(
        named_outside(folder.path()),
        [
            "by_macro.rs names Sqlite",
            "by_use.rs names Postgres",
            "by_use.rs names Sqlite",
            "match_on.rs names Postgres"
        ]
    );
}
