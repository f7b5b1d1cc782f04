//! No two files of a crate need each other, straight or by way of others: whoever reads a file can read what it
//! stands on first.
//!
//! `tree` reads the modules of a crate and follows a path to the file that defines its name, `untested` leaves out what
//! only tests see, `uses` reads the `use` lines, `arrows` draws which file takes what from which, `circles` finds where
//! the arrows lead back.

mod arrows;
mod circles;
mod tree;
mod untested;
mod uses;

use std::path::Path;

pub use tree::Tree;
pub use uses::word;

/// Every circle below the folder, told with the names that tie it.
pub fn circles_of(source: &Path) -> Vec<String> {
    let tree = tree::Tree::read(source);
    circles::told(&tree, &arrows::drawn(&tree))
}

fn assert_none(of: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of).join("src");
    let circles = circles_of(&source);
    assert!(circles.is_empty(), "files of {of} need each other in a circle:\n{}", circles.join("\n"));
}

#[test]
fn sql_has_no_circle() {
    assert_none("sql");
}

#[test]
fn plans_has_no_circle() {
    assert_none("plans");
}

#[test]
fn connectors_has_no_circle() {
    assert_none("connectors");
}

#[test]
fn engine_has_no_circle() {
    assert_none("engine");
}

#[test]
fn cli_has_no_circle() {
    assert_none("cli");
}

/// Writes a small crate and tells its circles.
fn made_up(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    circles_of(folder.path())
}

#[test]
fn a_parent_whose_child_takes_an_item_of_it_is_a_circle() {
    let parent = "mod child; pub use child::Made; pub const MOST: usize = 3;";
    let child = "use super::MOST; pub struct Made([u8; MOST]);";
    let circles = made_up(&[("lib.rs", "mod room;"), ("room/mod.rs", parent), ("room/child.rs", child)]);
    assert_eq!(
        circles,
        ["2 files\n  room/child.rs -> room/mod.rs: MOST\n  room/mod.rs -> room/child.rs: Made\n"]
    );
}

#[test]
fn a_name_handed_on_by_the_parent_leads_to_the_file_that_defines_it() {
    let parent = "mod above; mod below; pub use above::Above; pub use below::*;";
    let above = "use super::Below; pub struct Above(Below, super::Other);";
    let below = "pub struct Below; pub enum Other { One }";
    assert!(
        made_up(&[("lib.rs", parent), ("above.rs", above), ("below.rs", below)]).is_empty(),
        "neither child takes anything of the parent's own"
    );
}

#[test]
fn a_path_written_out_ties_as_a_use_does() {
    let lib = "mod a; mod b; mod c;";
    let by_module = "use super::b; fn run() { b::run(); }";
    let in_macro = r#"use crate::c as third; pub fn run() { println!("{}", third::Word::One) }"#;
    let in_attribute = r#"pub enum Word { One } struct Held { #[serde(with = "super::a::run")] held: u8 }"#;
    let circles =
        made_up(&[("lib.rs", lib), ("a.rs", by_module), ("b.rs", in_macro), ("c.rs", in_attribute)]);
    assert_eq!(circles, ["3 files\n  a.rs -> b.rs: run\n  b.rs -> c.rs: Word\n  c.rs -> a.rs: run\n"]);
}

#[test]
fn what_only_tests_take_ties_nothing() {
    let above = "use crate::below::Below; pub struct Above(Below);";
    let below = "pub struct Below; impl Below { #[cfg(test)] fn above() -> crate::above::Above { todo!() } }
        #[cfg(test)] mod tests { use crate::above::Above; fn made() -> Above { todo!() } }";
    let circles =
        made_up(&[("lib.rs", "mod above; mod below;"), ("above.rs", above), ("below/mod.rs", below)]);
    assert!(circles.is_empty(), "{circles:?}");
}
