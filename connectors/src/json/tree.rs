//! The members of the sample as a tree of names, and the columns made of it.

use std::collections::HashMap;

use jiter::{Jiter, Peek};

use super::value::{self, Fault};
use crate::source::Headers;

/// More columns than any table has.
pub(super) const MAX_COLUMNS: usize = 1 << 16;
/// Members of objects in one another become columns of their own so deep; below that, an object is text.
pub(super) const FLATTEN: usize = 32;
/// All names of columns together, in bytes.
const MAX_NAMES: usize = 16 << 20;
/// From so many members on, they are looked up in a table.
const FEW: usize = 8;

/// A place in the tree.
pub(super) type Id = usize;

/// The object that a record is.
pub(super) const ROOT: Id = 0;

/// How the look at the next record went.
pub(super) enum Look {
    /// So many bytes were looked at.
    Seen(usize),
    /// More text is needed.
    More,
    /// Nothing follows, or nothing that can be read.
    End,
}

#[derive(Debug, Default)]
struct Node {
    parent: Id,
    name: Box<str>,
    members: Vec<Id>,
    /// Places in `members` by their names, where there are many.
    index: HashMap<Box<str>, usize>,
    /// When it was first met with a value that is no object.
    met: Option<usize>,
    /// It was met with a value that needs a column.
    filled: bool,
    /// It was met as an object.
    object: bool,
    /// The record in which it was last met as no object.
    record: usize,
    column: Option<usize>,
    path_bytes: usize,
}

/// The members that were met, and their columns.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    records: usize,
    met: usize,
    name_bytes: usize,
    duplicates: bool,
    full: bool,
}

impl Tree {
    pub(super) fn new() -> Self {
        let nodes = vec![Node { object: true, ..Node::default() }];
        Self { nodes, records: 0, met: 0, name_bytes: 0, duplicates: false, full: false }
    }

    /// Records that were learnt from.
    pub(super) fn records(&self) -> usize {
        self.records
    }

    /// A record of the sample has a member twice.
    pub(super) fn has_duplicates(&self) -> bool {
        self.duplicates
    }

    /// There are more members than there may be.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Takes in the members of a record; gives its length. One that is damaged leaves no trace.
    pub(super) fn learn(&mut self, text: &[u8]) -> Result<usize, Fault> {
        let len = value::length(text)?;
        let mut json = value::reader(text, Vec::new());
        if json.peek()? == Peek::Object {
            self.records += 1;
            self.object(&mut json, ROOT, 0)?;
        }
        Ok(len)
    }

    fn object(&mut self, json: &mut Jiter<'_>, node: Id, depth: usize) -> Result<(), Fault> {
        let mut hint = 0;
        let mut member = match json.known_object()? {
            Some(name) => self.find_or_add(node, name, &mut hint),
            None => return Ok(()),
        };
        loop {
            let peek = json.peek()?;
            match (member, peek) {
                (Some(id), Peek::Object) if depth + 1 < FLATTEN => {
                    if let Some(node) = self.nodes.get_mut(id) {
                        node.object = true;
                    }
                    self.object(json, id, depth + 1)?;
                }
                (member, peek) => {
                    if let Some(id) = member {
                        self.meet(id, peek != Peek::Null);
                    }
                    value::pass(json, peek, depth + 1)?;
                }
            }
            member = match json.next_key()? {
                Some(name) => self.find_or_add(node, name, &mut hint),
                None => return Ok(()),
            };
        }
    }

    /// A member has a value that is no object.
    fn meet(&mut self, id: Id, filled: bool) {
        let Some(node) = self.nodes.get_mut(id) else { return };
        if node.record == self.records {
            self.duplicates = true;
        }
        node.record = self.records;
        node.filled |= filled;
        if node.met.is_none() {
            node.met = Some(self.met);
            self.met += 1;
        }
    }

    /// The member of this name. `hint`: where it stands if the members come in the usual order.
    #[inline]
    pub(super) fn find(&self, node: Id, name: &str, hint: &mut usize) -> Option<Id> {
        let members = &self.nodes.get(node)?.members;
        if let Some(id) = members.get(*hint)
            && self.nodes.get(*id).is_some_and(|node| *node.name == *name)
        {
            *hint += 1;
            return Some(*id);
        }
        let place = self.place(node, name)?;
        *hint = place + 1;
        members.get(place).copied()
    }

    fn place(&self, node: Id, name: &str) -> Option<usize> {
        let node = self.nodes.get(node)?;
        if node.members.len() > FEW {
            return node.index.get(name).copied();
        }
        node.members.iter().position(|id| self.nodes.get(*id).is_some_and(|node| *node.name == *name))
    }

    fn find_or_add(&mut self, node: Id, name: &str, hint: &mut usize) -> Option<Id> {
        if let Some(id) = self.find(node, name, hint) {
            return Some(id);
        }
        let id = self.nodes.len();
        let parent = self.nodes.get_mut(node)?;
        let path_bytes = parent.path_bytes + name.len() + 1;
        if id > MAX_COLUMNS * 2 || self.name_bytes + path_bytes > MAX_NAMES {
            self.full = true;
            return None;
        }
        self.name_bytes += path_bytes;
        parent.members.push(id);
        *hint = parent.members.len();
        if parent.members.len() == FEW + 1 {
            let members = parent.members.clone();
            let names: Vec<Box<str>> =
                members.iter().map(|m| self.nodes.get(*m).map_or(name.into(), |n| n.name.clone())).collect();
            if let Some(parent) = self.nodes.get_mut(node) {
                parent.index = names.into_iter().enumerate().map(|(i, name)| (name, i)).collect();
            }
        } else if parent.members.len() > FEW {
            parent.index.insert(name.into(), parent.members.len() - 1);
        }
        self.nodes.push(Node { parent: node, name: name.into(), path_bytes, ..Node::default() });
        Some(id)
    }

    /// The paths of the columns, in the order in which they were met, each with its column. `None`: there are too many.
    pub(super) fn settle(&mut self) -> Option<Vec<String>> {
        let mut leaves: Vec<(usize, Id)> = Vec::new();
        for (id, node) in self.nodes.iter().enumerate() {
            // A member that is null here and an object there is that object.
            if let Some(met) = node.met.filter(|_| node.filled || !node.object) {
                leaves.push((met, id));
            }
        }
        if self.full || leaves.len() > MAX_COLUMNS {
            return None;
        }
        leaves.sort_unstable();
        for (column, (_, id)) in leaves.iter().enumerate() {
            if let Some(node) = self.nodes.get_mut(*id) {
                node.column = Some(column);
            }
        }
        Some(leaves.iter().map(|(_, id)| self.path(*id, None)).collect())
    }

    /// The column of a member's values that are no objects.
    #[inline]
    pub(super) fn column(&self, id: Id) -> Option<usize> {
        self.nodes.get(id).and_then(|node| node.column)
    }

    /// The path to a member, or to one below it, with dots.
    pub(super) fn path(&self, id: Id, below: Option<&str>) -> String {
        let mut names: Vec<&str> = below.into_iter().collect();
        let mut at = id;
        while at != ROOT {
            let Some(node) = self.nodes.get(at) else { break };
            names.push(&node.name);
            at = node.parent;
        }
        names.reverse();
        names.join(".")
    }

    /// The length of the path to a member.
    pub(super) fn path_bytes(&self, id: Id) -> usize {
        self.nodes.get(id).map_or(0, |node| node.path_bytes)
    }
}

/// The names of the columns made of paths, with one more for members that have no column.
pub(super) fn headers(mut paths: Vec<String>, more: bool) -> Headers {
    if more {
        paths.push("_more".to_owned());
    }
    Headers::from_cells(paths)
}
