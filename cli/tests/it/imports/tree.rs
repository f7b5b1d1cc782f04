//! The modules of a crate, the names that each holds, and the way from a path to the file that defines what it names.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use syn::Item;

use super::untested::without_tests;
use super::uses::{self, Brings, Use, word};

pub struct Tree {
    pub files: Vec<File>,
    pub modules: Vec<Module>,
}

pub struct File {
    /// Below the folder that was read.
    pub name: String,
    /// Those that are not only for tests.
    pub items: Vec<Item>,
    /// The module that the file is.
    pub module: usize,
}

#[derive(Default)]
pub struct Module {
    pub file: usize,
    parent: Option<usize>,
    names: HashMap<String, Vec<Named>>,
    globs: Vec<Vec<String>>,
}

enum Named {
    Item,
    Module(usize),
    Brought(Vec<String>),
}

/// Where a path leads.
pub enum Place {
    Item { file: usize, name: String },
    Module(usize),
}

/// A name is a module on the way and anything at the end, so that one way may meet it twice.
type Trail = HashSet<(usize, String, bool)>;

impl Tree {
    pub fn read(source: &Path) -> Self {
        let mut tree = Self { files: Vec::new(), modules: Vec::new() };
        for root in ["lib.rs", "main.rs"] {
            if source.join(root).exists() {
                tree.file(source, root.to_owned(), "", None);
            }
        }
        assert!(!tree.files.is_empty(), "{} holds no crate", source.display());
        tree
    }

    /// `folder` is where the files of its children lie.
    fn file(&mut self, source: &Path, name: String, folder: &str, parent: Option<usize>) -> usize {
        let text = std::fs::read_to_string(source.join(&name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let items = without_tests(file.items);
        let file = self.files.len();
        self.files.push(File { name, items: Vec::new(), module: self.modules.len() });
        let module = self.module(source, &items, (file, folder), parent);
        self.files[file].items = items;
        module
    }

    fn module(
        &mut self,
        source: &Path,
        items: &[Item],
        (file, folder): (usize, &str),
        parent: Option<usize>,
    ) -> usize {
        let here = self.modules.len();
        self.modules.push(Module { file, parent, ..Module::default() });
        for item in items {
            for Use { path, brings } in uses::within(item) {
                match brings {
                    Brings::Name(name) => self.name(here, name, Named::Brought(path)),
                    Brings::Everything => self.modules[here].globs.push(path),
                    Brings::Nothing => {}
                }
            }
            let Item::Mod(child) = item else {
                if let Some(name) = defined(item) {
                    self.name(here, word(name), Named::Item);
                }
                continue;
            };
            let attribute = child.attrs.iter().find(|attribute| attribute.path().is_ident("path"));
            assert!(attribute.is_none(), "{}: a module with a path of its own", self.files[file].name);
            let name = word(&child.ident);
            let below = format!("{folder}{name}/");
            let module = if let Some((_, items)) = &child.content {
                self.module(source, items, (file, &below), Some(here))
            } else {
                let own = format!("{folder}{name}.rs");
                let own = if source.join(&own).exists() { own } else { format!("{below}mod.rs") };
                self.file(source, own, &below, Some(here))
            };
            self.name(here, name, Named::Module(module));
        }
        here
    }

    fn name(&mut self, module: usize, name: String, named: Named) {
        self.modules[module].names.entry(name).or_default().push(named);
    }

    /// The child that stands written out in the file of its parent.
    pub fn child(&self, module: usize, name: &str) -> Option<usize> {
        self.modules[module].names.get(name)?.iter().find_map(|named| match named {
            Named::Module(child) => Some(*child),
            _ => None,
        })
    }

    /// Nowhere where the path begins with another crate.
    pub fn leads(&self, from: usize, path: &[String]) -> Vec<Place> {
        self.follow(from, path, &mut Trail::new())
    }

    fn follow(&self, from: usize, path: &[String], trail: &mut Trail) -> Vec<Place> {
        let mut here = from;
        let mut rest = path;
        while let [first, others @ ..] = rest {
            here = match first.as_str() {
                "crate" => self.root(here),
                "self" => here,
                "super" => self.modules[here].parent.unwrap_or(here),
                _ => break,
            };
            rest = others;
        }
        let mut inside = rest.len() < path.len();
        while let [first, others @ ..] = rest {
            let found = self.look_up(here, first, !others.is_empty(), trail);
            let module = found.iter().find_map(|place| match place {
                Place::Module(module) => Some(*module),
                Place::Item { .. } => None,
            });
            match module {
                // What a macro makes, or what the module has from another crate, is known by the module alone.
                _ if found.is_empty() && inside => {
                    return vec![Place::Item { file: self.modules[here].file, name: first.clone() }];
                }
                Some(module) if !others.is_empty() => here = module,
                // Behind an item stand only its own: a variant, a function of a type.
                _ => return found,
            }
            inside = true;
            rest = others;
        }
        vec![Place::Module(here)]
    }

    fn root(&self, module: usize) -> usize {
        self.modules[module].parent.map_or(module, |parent| self.root(parent))
    }

    fn look_up(&self, module: usize, name: &str, on_the_way: bool, trail: &mut Trail) -> Vec<Place> {
        let step = (module, name.to_owned(), on_the_way);
        if !trail.insert(step.clone()) {
            return Vec::new();
        }
        let Module { file, names, globs, .. } = &self.modules[module];
        let mut found = Vec::new();
        for named in names.get(name).into_iter().flatten() {
            match named {
                Named::Item => found.push(Place::Item { file: *file, name: name.to_owned() }),
                Named::Module(child) => found.push(Place::Module(*child)),
                Named::Brought(path) => found.extend(self.follow(module, path, trail)),
            }
        }
        if !names.contains_key(name) {
            for glob in globs {
                for place in self.follow(module, glob, trail) {
                    if let Place::Module(of) = place {
                        found.extend(self.look_up(of, name, on_the_way, trail));
                    }
                }
            }
        }
        trail.remove(&step);
        found
    }
}

fn defined(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}
