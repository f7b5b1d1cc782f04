//! Keeps `docs/reference/functions.md` equal to the documentation of the functions.
//!
//! To write it anew: `UPDATE_DOCS=1 cargo test -p importer-sql --test it reference`.

use std::fs;
use std::path::Path;

#[test]
fn page_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/functions.md");
    let wanted = importer_sql::functions::reference_markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(page.parent().expect("a folder")).expect("the folder is made");
        fs::write(&page, &wanted).expect("the page is written");
    }
    let found = fs::read_to_string(&page).unwrap_or_default();
    assert!(found == wanted, "docs/reference/functions.md is out of date: run this test with UPDATE_DOCS=1");
}
