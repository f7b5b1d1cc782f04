//! A training as one HTML file that needs nothing beside it: weights, parts, rounds, scores.

use std::fmt::Write as _;

use importer_plans::compile::fuzzy::AT_REST;

use super::charts::{bars, columns, curves, escaped};
use super::trained::Training;

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:right;padding:.25rem .6rem;border-bottom:1px solid #d8dee4;font-variant-numeric:tabular-nums}\
th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}\
svg{width:100%;height:auto}.doubt{border-left:4px solid #bf8700;padding-left:.8rem}\
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}}";

impl Training {
    /// The report. It has labels and numbers, and no value of any record.
    pub fn html(&self) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Model of {entity}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>Model of {entity}</h1>\n",
            entity = escaped(&self.entity)
        );
        self.push_facts(&mut page);
        self.push_weights(&mut page);
        self.push_rounds(&mut page);
        self.push_scores(&mut page);
        page.push_str("</body>\n</html>\n");
        page
    }

    fn push_facts(&self, page: &mut String) {
        let runs: Vec<String> = self.runs.iter().map(i64::to_string).collect();
        let household =
            self.household_prior.map(|bits| format!(", a household {bits:.2}")).unwrap_or_default();
        let _ = writeln!(
            page,
            "<p>Learned from {} records of run {}, with {} pairs of strangers (seed {}). Two records are a match with {:.2} bits before anything is compared{household}. Model {}.</p>",
            self.records,
            runs.join(", "),
            self.pairs_of_strangers,
            self.seed,
            self.prior,
            escaped(&self.hash)
        );
        for doubt in self.doubts() {
            let _ = writeln!(page, "<p class=\"doubt\">{}</p>", escaped(&doubt));
        }
    }

    /// What speaks against using the model as it is.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        doubts.extend(self.rounds.iter().filter(|round| round.change >= AT_REST).map(|round| {
            format!(
                "The round of the rule {} did not come to rest: more rows help, or fewer levels.",
                round.rule
            )
        }));
        doubts.extend(self.untrained.iter().map(|comparison| {
            format!("Nothing was learned of {comparison}, for every rule decides it: its matches are as the kinds of its levels say.")
        }));
        doubts.extend(self.unseen.iter().map(|level| {
            format!(
                "No pair has the level {:?} of {}: perhaps one before it holds wherever it would.",
                level.label, level.comparison
            )
        }));
        doubts
    }

    fn push_weights(&self, page: &mut String) {
        page.push_str("<h2>What levels weigh</h2>\n<p>Bits for a match against strangers.</p>\n");
        let levels = self.comparisons.iter().flat_map(|comparison| {
            comparison.levels.iter().map(|level| (format!("{}: {}", comparison.name, level.label), level))
        });
        let weights: Vec<(String, f64)> = levels.map(|(label, level)| (label, level.weight)).collect();
        page.push_str(&bars(&weights));
        page.push_str("<h2>How often levels are met</h2>\n<table>\n<tr><th>comparison</th><th>level</th><th>matches</th><th>households</th><th>strangers</th><th>bits</th></tr>\n");
        for comparison in &self.comparisons {
            for level in &comparison.levels {
                let _ = writeln!(
                    page,
                    "<tr><td>{}</td><td>{}</td><td>{:.4}</td><td>{:.4}</td><td>{:.6}</td><td>{:+.2}</td></tr>",
                    escaped(&comparison.name),
                    escaped(&level.label),
                    level.m,
                    level.h,
                    level.u,
                    level.weight
                );
            }
        }
        page.push_str("</table>\n");
    }

    fn push_rounds(&self, page: &mut String) {
        page.push_str("<h2>Rounds</h2>\n<table>\n<tr><th>rule</th><th></th><th>iterations</th><th>last change</th></tr>\n");
        for round in &self.rounds {
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td></td><td>{}</td><td>{:.6}</td></tr>",
                escaped(&round.rule),
                round.iterations,
                round.change
            );
        }
        page.push_str("</table>\n");
    }

    fn push_scores(&self, page: &mut String) {
        let outlook = &self.outlook;
        let _ = writeln!(
            page,
            "<h2>Pairs by their probability</h2>\n<p>{} pairs of all rules, {:.0} of them expected to be matches. The height of a bar is the logarithm of its pairs.</p>",
            outlook.pairs, outlook.matches
        );
        page.push_str(&columns(&outlook.histogram));
        page.push_str("<h2>What a threshold gives</h2>\n<p>If the model is right; among the pairs that the rules find.</p>\n");
        let points: Vec<[f64; 3]> =
            outlook.thresholds.iter().map(|at| [at.threshold, at.precision, at.recall]).collect();
        page.push_str(&curves(&points, ["precision", "recall"]));
        page.push_str(
            "<table>\n<tr><th>threshold</th><th></th><th>pairs</th><th>precision</th><th>recall</th></tr>\n",
        );
        for at in &outlook.thresholds {
            let _ = writeln!(
                page,
                "<tr><td>{:.2}</td><td></td><td>{}</td><td>{:.4}</td><td>{:.4}</td></tr>",
                at.threshold, at.pairs, at.precision, at.recall
            );
        }
        page.push_str("</table>\n");
    }
}
