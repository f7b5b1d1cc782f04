//! The story of a row in words, step by step.

use importer_engine::why::{
    Candidate, Check, FieldChange, Hit, Land, Load, LoadState, Match, Resolve, RowStory, RuleVerdict, Stage,
    Verdict, reason_words,
};

use super::page::{Page, by, cell, moment};
use super::since::since;
use crate::screen::{Table, count, counted};
use crate::settings::Settings;

/// The whole page.
pub fn words(settings: &Settings, story: &RowStory, with_sql: bool) -> String {
    let mut page = Page::new(with_sql);
    let what = match story.record.row {
        Some(row) => format!("Row {row} of run {}", story.run.run_id),
        None => format!("A record of run {}", story.run.run_id),
    };
    page.title(&format!("{what} ({}, line {}) {}.", story.record.file, story.record.line, story.summary));
    run(&mut page, story);
    land(&mut page, story, &story.land);
    if let Some(step) = &story.stage {
        stage(&mut page, step);
    }
    if let Some(step) = &story.check {
        check(&mut page, step);
    }
    if let Some(step) = &story.matched {
        matched(&mut page, step);
    }
    if let Some(step) = &story.resolve {
        resolve(&mut page, step, story.record.row);
    }
    if let Some(step) = &story.load {
        load(&mut page, story, step);
    }
    if let Some(why) = &story.stopped {
        page.section("end", &format!("the record went no further: {why}"));
    }
    since(&mut page, story, &story.since);
    next(&mut page, settings, story);
    page.finish()
}

fn run(page: &mut Page, story: &RowStory) {
    let run = &story.run;
    let kind = if run.dry_run { "dry run".to_owned() } else { run.kind.clone() };
    let when = run.started_at.as_deref().map(|t| format!(", begun {}", moment(t))).unwrap_or_default();
    page.say(&format!(
        "{kind} of {} from source {}{when}{}: {}",
        run.entity,
        run.source,
        by(run.triggered_by.as_deref()),
        run.status
    ));
}

fn land(page: &mut Page, story: &RowStory, land: &Land) {
    page.section("land", &format!("{}, line {}, as text", story.record.file, story.record.line));
    if land.is_error_report {
        page.say("an error report of ours: apostrophes that protect a spreadsheet were taken off");
    }
    if let Some(origin) = &land.origin {
        let hand = cell(origin, "manual").trim_matches('|').replace("||", ", ").replace('|', ", ");
        let set = if hand.is_empty() { String::new() } else { format!("; set by a person: {hand}") };
        page.say(&format!(
            "first landed in run {}, line {}{set}",
            cell(origin, "origin_run_id"),
            cell(origin, "origin_line_number")
        ));
    }
    if let Some(reject) = &land.reject {
        page.say(&format!("{}: {}", reject.code, reject.reason));
        page.say(&reject.hint);
        let cut = if reject.raw_truncated { " (cut)" } else { "" };
        if let Some(raw) = &reject.raw {
            page.say(&format!("as it stands{cut}: {raw}"));
        }
    }
    if !land.cells.is_empty() {
        let mut table = Table::new(["column", "text", "read as"]).wrapped(&[1]);
        for one in &land.cells {
            table.row([
                one.column.as_str(),
                one.text.as_deref().unwrap_or_default(),
                one.field.as_deref().unwrap_or("(no field takes it)"),
            ]);
        }
        page.table(table);
    }
    if page.shows_sql() {
        for decision in &land.dialect {
            page.say(&format!("read with {decision}"));
        }
    }
    page.asked(&land.asked);
}

fn stage(page: &mut Page, stage: &Stage) {
    page.section("stage", &format!("mapping {} ({})", stage.mapping, stage.mapping_path));
    let mut table = Table::new(["field", "value", ""]).wrapped(&[1]);
    for field in stage.fields.iter().filter(|f| f.value.is_some() || f.unparsed.is_some()) {
        let unparsed = field.unparsed.as_ref().map(|u| format!("cannot be read: {u}")).unwrap_or_default();
        table.row([field.field.as_str(), field.value.as_deref().unwrap_or_default(), &unparsed]);
    }
    page.table(table);
    let key = |name: &str| cell(&stage.keys, name);
    let id = match (key("link_id").as_str(), key("is_synthetic") == "true") {
        ("", _) => "it has no id and no key to be known by".to_owned(),
        (id, true) => format!("it has no external id; {} {id} stands for it", key("link_system")),
        (id, false) => format!("its external id is {id} of {}", key("link_system")),
    };
    page.say(&id);
    page.say(&format!(
        "as new as {}; checksum {}; names compared as \"{}\", \"{}\"",
        moment(&key("effective_at")),
        key("checksum"),
        key("given_key"),
        key("family_key")
    ));
    match stage.mapping_agrees {
        Some(true) => page.say("the mapping, run once more over the landed text, gives the same values"),
        Some(false) => {
            page.say("the mapping, run once more by this version of the program, gives other values")
        }
        None => {}
    }
    if page.shows_sql() {
        page.say("the mapping:");
        page.sql(&stage.mapping_sql);
    }
    page.asked(&stage.asked);
}

fn check(page: &mut Page, check: &Check) {
    let failed: Vec<&RuleVerdict> = check.rules.iter().filter(|r| r.verdict == Verdict::Failed).collect();
    let passed: Vec<&RuleVerdict> = check.rules.iter().filter(|r| r.verdict == Verdict::Passed).collect();
    let state = if check.quarantined { "; the row is quarantined" } else { "" };
    page.section(
        "check",
        &format!(
            "{} failed, {} passed{state}",
            counted(failed.len() as u64, "rule", "rules"),
            count(passed.len() as u64)
        ),
    );
    for rule in failed {
        spoke(page, rule);
    }
    let names = by_code(&passed);
    if !names.is_empty() {
        page.say(&format!("passed: {}", names.join(", ")));
    }
    let not_asked: Vec<&str> =
        check.rules.iter().filter(|r| r.verdict == Verdict::NotAsked).map(|r| r.rule_code.as_str()).collect();
    if !not_asked.is_empty() {
        page.say(&format!("not asked, by the policy of the source: {}", not_asked.join(", ")));
    }
    if page.shows_sql() {
        for rule in check.rules.iter().filter(|r| r.verdict != Verdict::Failed) {
            if let Some(sql) = &rule.sql {
                page.say(&format!("-- {} gives no row", rule.rule_code));
                page.sql(sql);
            }
        }
    }
    page.asked(&check.asked);
}

/// Each code once, a built-in check with its fields.
fn by_code(rules: &[&RuleVerdict]) -> Vec<String> {
    let mut codes: Vec<(&str, Vec<&str>)> = Vec::new();
    for rule in rules {
        let field = rule.field.as_deref();
        match codes.iter_mut().find(|(code, _)| *code == rule.rule_code) {
            Some((_, fields)) => fields.extend(field),
            None => codes.push((&rule.rule_code, field.into_iter().collect())),
        }
    }
    codes
        .into_iter()
        .map(
            |(code, fields)| {
                if fields.is_empty() { code.to_owned() } else { format!("{code} ({})", fields.join(", ")) }
            },
        )
        .collect()
}

fn spoke(page: &mut Page, rule: &RuleVerdict) {
    let mode = if rule.mode == "warn" { ", only reports" } else { "" };
    page.say(&format!("FAILED {} ({}{mode}): {}", rule.rule_code, rule.severity, rule.message));
    let quoted = |text: &Option<String>| text.as_ref().map_or("nothing".to_owned(), |t| format!("\"{t}\""));
    if let Some(field) = &rule.field {
        let seen = rule.normalised_value.as_ref().map_or_else(String::new, |v| format!(", seen as \"{v}\""));
        page.below(&format!("{field}: the file says {}{seen}", quoted(&rule.original_value)));
    }
    page.below(&rule.hint);
    if let Some(status) = &rule.status {
        let how = rule.resolution.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
        let run = rule.resolved_run_id.map(|r| format!(" in run {r}")).unwrap_or_default();
        page.below(&format!("now {status}{how}{run}{}", by(rule.resolved_by.as_deref())));
    }
    if let Some(sql) = &rule.sql {
        page.sql(sql);
    }
}

fn matched(page: &mut Page, step: &Match) {
    page.section("match", &format!("{}: {}", step.outcome, step.because));
    if step.round > 0 {
        page.say(&format!("decided in round {}, for core had moved under the rounds before", step.round + 1));
    }
    for key in &step.keys {
        let kind =
            if key.is_primary { "" } else { " (a further one: counts with an equal family name only)" };
        page.say(&format!("looked up {} {}{kind}", key.key_type, key.key));
        for hit in step.hits.iter().filter(|h| h.key_type == key.key_type && h.key == key.key) {
            page.below(&hit_words(step, hit));
        }
        if !step.hits.iter().any(|h| h.key_type == key.key_type && h.key == key.key) {
            page.below("nobody else has it");
        }
    }
    for hit in step.hits.iter().filter(|h| h.key_type == "link") {
        page.say(&format!("external id {}", hit.key));
        page.below(&hit_words(step, hit));
    }
    if step.member_count > 1 {
        let shown: Vec<String> = step.members.iter().map(i64::to_string).collect();
        let more = if step.member_count > step.members.len() as i64 { ", …" } else { "" };
        page.say(&format!(
            "{} of this run are this person: {}{more}",
            counted(u64::try_from(step.member_count).unwrap_or_default(), "row", "rows"),
            shown.join(", ")
        ));
    }
    page.asked(&step.asked);
}

fn hit_words(step: &Match, hit: &Hit) -> String {
    let who = match (hit.core_id, hit.row) {
        (Some(core), _) => format!("core row {core}"),
        (None, Some(row)) => format!("row {row}"),
        (None, None) => "somebody".to_owned(),
    };
    let seen = if hit.seen == "now" { " (as core stands now)" } else { "" };
    format!(
        "{who}: {}{} beside {}: {}{seen}",
        person(&step.given, &step.family, &step.born),
        if step.born.is_some() { "," } else { "" },
        person(&hit.given, &hit.family, &hit.born),
        held(hit)
    )
}

/// What match decided, and what it saw.
fn held(hit: &Hit) -> String {
    let said = hit.evidence.as_deref().map(evidence_words);
    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
    match (hit.joined, hit.verdict.as_deref()) {
        (Some(true), _) => format!("held to be the same person{said}"),
        (Some(false), Some("weak_key")) => {
            "held to be another person: many share this value, or two extensions stand behind it, so that only equal full names count".to_owned()
        }
        (Some(false), Some("two_ids")) => {
            "held to be another person: one namespace has both under ids of their own, and neither family name nor birth date is the same".to_owned()
        }
        (Some(false), Some("other_family")) => {
            "held to be another person: the family names differ, and a telephone number alone does not outweigh that"
                .to_owned()
        }
        (Some(false), Some("weaker")) => "not enough: this value counts only with an equal family name".to_owned(),
        (Some(false), _) => format!("held to be another person{said}"),
        (None, _) => "not decided".to_owned(),
    }
}

/// The words of `person_evidence`, in a sentence.
fn evidence_words(evidence: &str) -> &str {
    match evidence {
        "equal" => "the given names are equal",
        "missing" => "a given name is missing, nothing speaks against it",
        "initial" => "one given name is the initial of the other",
        "nickname" => "one given name is short for the other",
        "beginning" => "one given name begins with the other",
        "slip" => "the given names are one slip apart",
        "renamed" => "other given names, the same birth date",
        "birth_date" => "the birth dates differ",
        "generation" => "one is called senior, the other junior or the like",
        "one_generation" => "only one is called junior, senior or the like",
        "given_name" => "the given names are those of two people",
        "nothing_agrees" => "neither the names nor any key agree",
        other => other,
    }
}

/// A name, with the birth date where it is known.
fn person(given: &Option<String>, family: &Option<String>, born: &Option<String>) -> String {
    let name: Vec<&str> = [given, family].into_iter().filter_map(|n| n.as_deref()).collect();
    let name = if name.is_empty() { "nobody's name".to_owned() } else { format!("\"{}\"", name.join(" ")) };
    born.as_ref().map_or(name.clone(), |born| format!("{name}, born {born}"))
}

fn resolve(page: &mut Page, step: &Resolve, row: Option<i64>) {
    let target = step.core_id.map_or_else(|| "a new core row".to_owned(), |id| format!("core row {id}"));
    let lead = match step.lead_row {
        Some(lead) if Some(lead) != row => format!("; row {lead} is the strongest of its rows"),
        _ => String::new(),
    };
    page.section("resolve", &format!("{target}: {}{lead}", step.action));
    let told: Vec<&FieldChange> = step.fields.iter().filter(|f| f.changed || is_contested(f)).collect();
    if told.is_empty() {
        page.say("no field changes");
    } else if step.core_id.is_none() && !told.iter().any(|f| is_contested(f)) {
        page.say(&format!(
            "nobody else offers a value, so all are those of row {}:",
            step.lead_row.unwrap_or_default()
        ));
        let mut table = Table::new(["field", "value"]);
        for field in told {
            table.row([field.field.as_str(), field.after.as_deref().unwrap_or_default()]);
        }
        page.table(table);
    } else {
        page.table(decisions(&told));
    }
    page.asked(&step.asked);
}

/// Somebody offered another value.
fn is_contested(field: &FieldChange) -> bool {
    field.losers.iter().any(|l| l.reason != "missing" && l.reason != "same_value")
}

fn decisions(fields: &[&FieldChange]) -> Table {
    let mut table = Table::new(["field", "before", "after", "won by", "lost"]).wrapped(&[1, 2, 3, 4]);
    for field in fields {
        let lost: Vec<String> = field
            .losers
            .iter()
            .filter(|l| l.reason != "missing" && l.reason != "same_value")
            .map(|l| {
                let why = match l.reason {
                    "says_nothing" => format!(" ({})", reason_words(l.reason)),
                    _ => String::new(),
                };
                format!("{} \"{}\"{why}", who(l), l.value.as_deref().unwrap_or_default())
            })
            .collect();
        table.row([
            field.field.clone(),
            field.before.clone().unwrap_or_default(),
            if field.changed { field.after.clone().unwrap_or_default() } else { "(stays)".to_owned() },
            winner_words(field),
            lost.join("; "),
        ]);
    }
    table
}

fn winner_words(field: &FieldChange) -> String {
    let Some(winner) = &field.winner else {
        // What is not decided by preferences.
        return if field.field == "is_active" { "its external ids" } else { "values are only added" }
            .to_owned();
    };
    let at = winner.at.as_deref().map(|t| format!(" of {}", moment(t))).unwrap_or_default();
    format!("{}{at}: {}", who(winner), reason_words(winner.reason))
}

fn who(candidate: &Candidate) -> String {
    match (candidate.row, candidate.from) {
        (Some(row), _) => format!("row {row}"),
        (None, "manual") => "core (a person's edit)".to_owned(),
        (None, _) => "core".to_owned(),
    }
}

fn load(page: &mut Page, story: &RowStory, load: &Load) {
    let core = load.core_id.map_or_else(|| "core".to_owned(), |id| format!("core row {id}"));
    let chunk = load.chunk.map(|c| format!("chunk {}", c + 1)).unwrap_or_default();
    let what = match load.state {
        LoadState::Loaded => format!(
            "{core} written with {chunk} of run {}{}{}",
            story.run.run_id,
            load.committed_at.as_deref().map(|t| format!(", committed {}", moment(t))).unwrap_or_default(),
            by(load.loaded_by.as_deref())
        ),
        LoadState::WouldBe => "a dry run: core was not touched".to_owned(),
        LoadState::NotLoaded => "not loaded".to_owned(),
        LoadState::Unknown => {
            "not known: the run broke off and did not keep how it cut its chunks".to_owned()
        }
        LoadState::Refused => "refused: core had moved in every round".to_owned(),
        LoadState::NothingToWrite => format!(
            "{core} stays as it is; with {chunk} of run {} its external id was noted as seen again",
            story.run.run_id
        ),
    };
    page.section("load", &what);
    page.asked(&load.asked);
}

fn next(page: &mut Page, settings: &Settings, story: &RowStory) {
    page.section("next", "");
    if let Some(core) = story.core_id {
        page.say(&settings.command(&format!("why core {} {core}", story.run.entity)));
    }
    let row = story.record.row.map(|r| r.to_string());
    let same =
        row.unwrap_or_else(|| format!("--line {} --file {}", story.record.line, story.record.file_number));
    page.say(&settings.command(&format!("why {} {same} --sql", story.run.run_id)));
    page.say(&settings.command(&format!("explain {}", story.run.run_id)));
}
