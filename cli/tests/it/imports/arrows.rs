//! Which file takes what from which: by a `use`, by a path in the code, in a macro's words or in an attribute.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, LitStr, Macro, MetaList, Visibility};

use super::tree::{Place, Tree};
use super::uses::{self, Brings, Use, word};

/// From a file to another, with the names taken.
pub type Arrows = BTreeMap<(usize, usize), BTreeSet<String>>;

pub fn drawn(tree: &Tree) -> Arrows {
    let mut arrows = Arrows::new();
    for file in &tree.files {
        let mut reader = Reader { tree, module: file.module, arrows: &mut arrows };
        file.items.iter().for_each(|item| reader.visit_item(item));
    }
    arrows
}

struct Reader<'t> {
    tree: &'t Tree,
    module: usize,
    arrows: &'t mut Arrows,
}

impl Reader<'_> {
    /// A module alone is no arrow: what is taken of it is.
    fn take(&mut self, path: &[String]) {
        for place in self.tree.leads(self.module, path) {
            if let Place::Item { file, name } = place {
                self.arrow(file, name);
            }
        }
    }

    fn arrow(&mut self, to: usize, name: String) {
        let from = self.tree.modules[self.module].file;
        if from != to {
            self.arrows.entry((from, to)).or_default().insert(name);
        }
    }

    /// A lone word may be any name of the macro's own, so that only longer paths count.
    fn tokens(&mut self, stream: TokenStream) {
        let tokens: Vec<_> = stream.into_iter().collect();
        let mark = |at: usize| match tokens.get(at) {
            Some(TokenTree::Punct(mark)) => mark.as_char(),
            _ => ' ',
        };
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                        self.visit_lit_str(&text);
                    }
                }
                TokenTree::Ident(ident) => {
                    let before = if at > 0 { mark(at - 1) } else { ' ' };
                    let mut path = vec![word(ident)];
                    while (mark(at + 1), mark(at + 2)) == (':', ':')
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        path.push(word(next));
                        at += 3;
                    }
                    let own = match before {
                        '.' | ':' => false,
                        '$' => path[0] == "crate",
                        _ => true,
                    };
                    if own && path.len() > 1 {
                        self.take(&path);
                    }
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item_mod(&mut self, child: &'a ItemMod) {
        let Some((_, items)) = &child.content else { return };
        let outer = self.module;
        self.module = self.tree.child(outer, &word(&child.ident)).expect("a module was read with its parent");
        items.iter().for_each(|item| self.visit_item(item));
        self.module = outer;
    }

    fn visit_item_use(&mut self, line: &'a ItemUse) {
        for Use { path, brings } in uses::names(line) {
            self.take(&path);
            if matches!(brings, Brings::Everything) {
                for place in self.tree.leads(self.module, &path) {
                    if let Place::Module(module) = place {
                        self.arrow(self.tree.modules[module].file, "*".to_owned());
                    }
                }
            }
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            let path: Vec<_> = path.segments.iter().map(|segment| word(&segment.ident)).collect();
            self.take(&path);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'a MetaList) {
        self.tokens(list.tokens.clone());
    }

    /// An attribute may name a path of the crate in quotes.
    fn visit_lit_str(&mut self, text: &'a LitStr) {
        let text = text.value();
        let own = ["crate::", "self::", "super::"].iter().any(|first| text.starts_with(first));
        if own && let Ok(path) = syn::parse_str::<syn::Path>(&text) {
            self.visit_path(&path);
        }
    }

    /// `pub(in crate::room)` takes nothing from the room.
    fn visit_visibility(&mut self, _: &'a Visibility) {}
}
