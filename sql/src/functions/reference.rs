//! The reference page of the SQL functions, made from the documentation that each of them carries.

use std::collections::BTreeMap;

use datafusion_expr::{Documentation, ScalarUDF};

use super::registry::{aggregates, all};

/// Heads the page.
const INTRODUCTION: &str = "\
# SQL functions

<!-- Made from sql/src/functions by `UPDATE_DOCS=1 cargo test -p importer-sql --test it`; do not edit. -->

These functions are there in mappings, rules and `importer sql`, besides those of
[DataFusion](https://datafusion.apache.org/user-guide/sql/scalar_functions.html). NULL gives NULL unless it says
otherwise below.
";

/// The page in Markdown, sections and functions in alphabetical order.
pub fn reference_markdown() -> String {
    let (functions, aggregates) = (all(), aggregates());
    let mut sections: BTreeMap<&str, BTreeMap<&str, &Documentation>> = BTreeMap::new();
    let documented = functions.iter().map(|f| (ScalarUDF::name(f), f.documentation()));
    for (name, documentation) in documented.chain(aggregates.iter().map(|f| (f.name(), f.documentation()))) {
        if let Some(documentation) = documentation {
            sections.entry(documentation.doc_section.label).or_default().insert(name, documentation);
        }
    }
    let mut page = INTRODUCTION.to_owned();
    for (label, functions) in sections {
        page.push_str(&format!("\n## {label}\n"));
        for (name, documentation) in functions {
            push_function(name, documentation, &mut page);
        }
    }
    page
}

fn push_function(name: &str, documentation: &Documentation, page: &mut String) {
    page.push_str(&format!(
        "\n### {name}\n\n`{}`\n\n{}\n",
        documentation.syntax_example, documentation.description
    ));
    let arguments = documentation.arguments.as_deref().unwrap_or_default();
    if !arguments.is_empty() {
        page.push('\n');
    }
    for (argument, meaning) in arguments {
        page.push_str(&format!("- `{argument}`: {meaning}\n"));
    }
    if let Some(example) = &documentation.sql_example {
        page.push_str(&format!("\n{example}\n"));
    }
    let related = documentation.related_udfs.as_deref().unwrap_or_default();
    if !related.is_empty() {
        let links: Vec<_> = related.iter().map(|name| format!("[{name}](#{name})")).collect();
        page.push_str(&format!("\nSee also {}.\n", links.join(", ")));
    }
}
