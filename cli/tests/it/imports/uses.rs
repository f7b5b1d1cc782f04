//! The `use` lines: each name that one brings.

use syn::visit::Visit;
use syn::{Item, ItemMod, ItemUse, UseTree};

/// One name of a `use` line.
pub struct Use {
    pub path: Vec<String>,
    pub brings: Brings,
}

pub enum Brings {
    Name(String),
    Nothing,
    Everything,
}

pub fn word(ident: &syn::Ident) -> String {
    let word = ident.to_string();
    word.strip_prefix("r#").map(str::to_owned).unwrap_or(word)
}

/// A line with leading colons names another crate and brings nothing of this one.
pub fn names(line: &ItemUse) -> Vec<Use> {
    let mut found = Vec::new();
    if line.leading_colon.is_none() {
        spread(&line.tree, Vec::new(), &mut found);
    }
    found
}

fn spread(tree: &UseTree, mut path: Vec<String>, found: &mut Vec<Use>) {
    match tree {
        UseTree::Path(step) => {
            path.push(word(&step.ident));
            spread(&step.tree, path, found);
        }
        UseTree::Name(name) => {
            if name.ident != "self" {
                path.push(word(&name.ident));
            }
            let brings = path.last().cloned().map_or(Brings::Nothing, Brings::Name);
            found.push(Use { path, brings });
        }
        UseTree::Rename(name) => {
            if name.ident != "self" {
                path.push(word(&name.ident));
            }
            let brings = if name.rename == "_" { Brings::Nothing } else { Brings::Name(word(&name.rename)) };
            found.push(Use { path, brings });
        }
        UseTree::Glob(_) => found.push(Use { path, brings: Brings::Everything }),
        UseTree::Group(group) => {
            for tree in &group.items {
                spread(tree, path.clone(), found);
            }
        }
    }
}

/// Every `use` of an item, those inside its bodies too: a name brought in a function counts for the whole module.
pub fn within(item: &Item) -> Vec<Use> {
    struct Lines(Vec<Use>);
    impl<'a> Visit<'a> for Lines {
        fn visit_item_mod(&mut self, _: &'a ItemMod) {}
        fn visit_item_use(&mut self, line: &'a ItemUse) {
            self.0.extend(names(line));
        }
    }
    let mut lines = Lines(Vec::new());
    lines.visit_item(item);
    lines.0
}
