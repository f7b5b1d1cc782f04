//! Which scored pairs join by themselves: a pure function of the pairs, whatever their order.
//!
//! A pair that is likely enough joins alone. One that is likely, and no more, joins only where a second way leads from one
//! record to the other: where it lies on a cycle of likely pairs. A single such pair that holds two groups together (a
//! bridge of the graph) is cut, for it is how two families become one record. More records only add ways, so what joins does
//! not depend on who came first.
//!
//! What would join is then looked at as a whole: a group that holds two who contradict, or that is too large, is left to a
//! person. Of the rest the likeliest are taken until the expected number of false merges is spent.

use std::collections::{HashMap, HashSet};

use petgraph::unionfind::UnionFind;

/// A pair of records that is at least likely to be one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredEdge {
    /// The ends, whichever is first.
    pub left: i64,
    pub right: i64,
    /// How likely they are one person.
    pub probability: f64,
    /// Decided elsewhere, by a key, a link or a person: it joins, costs nothing, and is not given back.
    pub certain: bool,
}

/// From where on pairs join.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Pairs below are not looked at.
    pub match_at: f64,
    /// From here on a pair joins alone; in a run that is the probability from which on rows are merged by themselves.
    pub bridge: f64,
    /// Expected false merges, at most: the sum of one minus probability over the pairs that join.
    pub budget: f64,
    /// Records of a group, at most.
    pub max_size: usize,
}

/// Why a pair that would join waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Held {
    /// Its group holds two who contradict.
    Incompatible,
    /// Its group has too many records.
    TooLarge,
    /// The expected false merges were spent on likelier ones.
    Budget,
}

impl Held {
    /// The reason of its suggestion.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incompatible => "incompatible_cluster",
            Self::TooLarge => "cluster_too_large",
            Self::Budget => "budget",
        }
    }
}

/// What became of the pairs: each that is likely stands in one of the lists, smaller end first, sorted.
#[derive(Debug, Default, PartialEq)]
pub struct Joined {
    /// They join.
    pub edges: Vec<(i64, i64)>,
    /// Bridges that are not likely enough.
    pub cut: Vec<(i64, i64)>,
    /// Others that wait for a person.
    pub held: Vec<((i64, i64), Held)>,
    /// Expected false merges among those that join.
    pub spent: f64,
}

/// Which pairs join. `against`: pairs, smaller end first, that are two people whatever else speaks for one.
pub fn joined(edges: &[ScoredEdge], bounds: Bounds, against: &HashSet<(i64, i64)>) -> Joined {
    let mut result = Joined::default();
    let mut known = sorted(edges, bounds.match_at);
    // A pair that contradicts is no way from one record to another either.
    known.retain(|edge| {
        let contradicts = !edge.certain && against.contains(&(edge.left, edge.right));
        if contradicts {
            result.held.push(((edge.left, edge.right), Held::Incompatible));
        }
        !contradicts
    });
    let graph = Graph::of(&known);
    let bridges = graph.bridges();
    let mut joins: Vec<(ScoredEdge, (usize, usize))> = Vec::with_capacity(known.len());
    for ((edge, ends), bridge) in known.into_iter().zip(graph.ends.iter().copied()).zip(bridges) {
        match edge.certain || !bridge || edge.probability >= bounds.bridge {
            true => joins.push((edge, ends)),
            false => result.cut.push((edge.left, edge.right)),
        }
    }
    let groups = Groups::of(&graph.nodes, &joins, against, bounds.max_size);
    let mut wanted = Vec::with_capacity(joins.len());
    for (edge, (end, _)) in joins {
        match groups.held(end) {
            _ if edge.certain => {}
            Some(why) => result.held.push(((edge.left, edge.right), why)),
            None => wanted.push(edge),
        }
    }
    spend(wanted, bounds.budget, &mut result);
    result.edges.sort_unstable();
    result.held.sort_unstable();
    result
}

/// The likely pairs, each once, in one order; of one that was told twice the surest word counts.
fn sorted(edges: &[ScoredEdge], match_at: f64) -> Vec<ScoredEdge> {
    let mut known: Vec<ScoredEdge> = edges
        .iter()
        .filter(|edge| edge.left != edge.right && (edge.certain || edge.probability >= match_at))
        .map(|&edge| ScoredEdge { left: edge.left.min(edge.right), right: edge.left.max(edge.right), ..edge })
        .collect();
    known.sort_unstable_by(|a, b| {
        (a.left, a.right)
            .cmp(&(b.left, b.right))
            .then(b.certain.cmp(&a.certain))
            .then(b.probability.total_cmp(&a.probability))
    });
    known.dedup_by_key(|edge| (edge.left, edge.right));
    known
}

/// Takes the likeliest as long as the budget has room for them. The first that does not fit ends it: a likelier pair never
/// waits while a less likely one joins.
fn spend(mut wanted: Vec<ScoredEdge>, budget: f64, result: &mut Joined) {
    wanted.sort_unstable_by(|a, b| {
        b.probability.total_cmp(&a.probability).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let mut spent_up = false;
    for edge in wanted {
        let after = result.spent + (1.0 - edge.probability).max(0.0);
        spent_up |= after > budget;
        if spent_up {
            result.held.push(((edge.left, edge.right), Held::Budget));
        } else {
            result.spent = after;
            result.edges.push((edge.left, edge.right));
        }
    }
}

/// The records under numbers without gaps, and for each the edges that it is an end of.
struct Graph {
    /// The records, sorted; a record's place is its number.
    nodes: Vec<i64>,
    /// The ends of the edges, as numbers.
    ends: Vec<(usize, usize)>,
    /// Where the edges of each record begin in `around`, and the end of the last.
    begins: Vec<usize>,
    /// The edges of each record, with their other ends.
    around: Vec<(usize, usize)>,
}

/// The time at which no record is met.
const NEVER: usize = usize::MAX;

impl Graph {
    fn of(edges: &[ScoredEdge]) -> Self {
        let mut nodes: Vec<i64> = edges.iter().flat_map(|edge| [edge.left, edge.right]).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let number = |node: i64| nodes.partition_point(|&other| other < node);
        let ends: Vec<(usize, usize)> =
            edges.iter().map(|edge| (number(edge.left), number(edge.right))).collect();
        let mut begins = vec![0; nodes.len() + 1];
        for &(a, b) in &ends {
            begins[a + 1] += 1;
            begins[b + 1] += 1;
        }
        for node in 1..begins.len() {
            begins[node] += begins[node - 1];
        }
        let mut next = begins.clone();
        let mut around = vec![(0, 0); ends.len() * 2];
        for (edge, &(a, b)) in ends.iter().enumerate() {
            for (from, to) in [(a, b), (b, a)] {
                around[next[from]] = (edge, to);
                next[from] += 1;
            }
        }
        Self { nodes, ends, begins, around }
    }

    /// Which edges are the only way between their ends. A depth-first walk (Tarjan, 1974) without recursion: a chain of
    /// a million records is no deeper than the memory for its path.
    fn bridges(&self) -> Vec<bool> {
        let count = self.nodes.len();
        let mut bridges = vec![false; self.ends.len()];
        let (mut met, mut low) = (vec![NEVER; count], vec![NEVER; count]);
        let mut next = self.begins.clone();
        let mut clock = 0;
        // Each record of the path with the edge by which it was reached.
        let mut path: Vec<(usize, usize)> = Vec::new();
        for root in 0..count {
            if met[root] != NEVER {
                continue;
            }
            path.push((root, NEVER));
            while let Some(&(node, by)) = path.last() {
                if met[node] == NEVER {
                    (met[node], low[node]) = (clock, clock);
                    clock += 1;
                }
                if next[node] < self.begins[node + 1] {
                    let (edge, other) = self.around[next[node]];
                    next[node] += 1;
                    if met[other] == NEVER {
                        path.push((other, edge));
                    } else if edge != by {
                        low[node] = low[node].min(met[other]);
                    }
                    continue;
                }
                path.pop();
                if let Some(&(above, _)) = path.last() {
                    low[above] = low[above].min(low[node]);
                    bridges[by] = low[node] > met[above];
                }
            }
        }
        bridges
    }
}

/// The groups that would come of the edges that join.
struct Groups {
    group_of: Vec<usize>,
    /// By the number that stands for a group.
    held: Vec<Option<Held>>,
}

impl Groups {
    fn of(
        nodes: &[i64],
        joins: &[(ScoredEdge, (usize, usize))],
        against: &HashSet<(i64, i64)>,
        max_size: usize,
    ) -> Self {
        let mut groups = UnionFind::<usize>::new(nodes.len());
        for &(_, (a, b)) in joins {
            groups.union(a, b);
        }
        let group_of = groups.into_labeling();
        let mut sizes = vec![0_usize; nodes.len()];
        for &group in &group_of {
            sizes[group] += 1;
        }
        let mut held: Vec<Option<Held>> =
            sizes.iter().map(|&size| (size > max_size).then_some(Held::TooLarge)).collect();
        // What contradicts is told before what is large.
        for (one, other) in against {
            if let (Ok(one), Ok(other)) = (nodes.binary_search(one), nodes.binary_search(other))
                && group_of[one] == group_of[other]
            {
                held[group_of[one]] = Some(Held::Incompatible);
            }
        }
        Self { group_of, held }
    }

    fn held(&self, node: usize) -> Option<Held> {
        self.held[self.group_of[node]]
    }
}

/// The groups that pairs that join make together with what is certain: each record with the smallest one of its group. Groups
/// of certain pairs alone are left out.
pub fn groups(certain: &[(i64, i64)], joined: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let edges = || certain.iter().chain(joined).copied();
    let mut nodes: Vec<i64> = edges().flat_map(|(a, b)| [a, b]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let number = |node: i64| nodes.partition_point(|&other| other < node);
    let mut union = UnionFind::<usize>::new(nodes.len());
    for (a, b) in edges() {
        union.union(number(a), number(b));
    }
    let group_of = union.into_labeling();
    let told: HashSet<usize> = joined.iter().map(|(a, _)| group_of[number(*a)]).collect();
    let mut smallest: HashMap<usize, i64> = HashMap::new();
    let members = nodes.iter().zip(&group_of).filter(|(_, group)| told.contains(group));
    // Nodes come in their order, so that the first of a group is its smallest.
    members.map(|(node, group)| (*node, *smallest.entry(*group).or_insert(*node))).collect()
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
