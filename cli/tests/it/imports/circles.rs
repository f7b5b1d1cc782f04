//! Files that the arrows lead back to.

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::arrows::Arrows;
use super::tree::Tree;

pub fn told(tree: &Tree, arrows: &Arrows) -> Vec<String> {
    let graph = DiGraph::<(), (), usize>::from_edges(arrows.keys());
    let mut told: Vec<String> = tarjan_scc(&graph)
        .into_iter()
        .map(|files| files.into_iter().map(|file| file.index()).collect::<Vec<_>>())
        .filter(|files| files.len() > 1)
        .map(|files| {
            let mut lines: Vec<String> = arrows
                .iter()
                .filter(|((from, to), _)| files.contains(from) && files.contains(to))
                .map(|((from, to), names)| {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    format!(
                        "  {} -> {}: {}\n",
                        tree.files[*from].name,
                        tree.files[*to].name,
                        names.join(", ")
                    )
                })
                .collect();
            lines.sort();
            format!("{} files\n{}", files.len(), lines.concat())
        })
        .collect();
    told.sort();
    told
}
