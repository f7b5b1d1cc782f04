//! Chaos: the binary is killed at every hand-over and at random moments, taken up again, and in the end everything is
//! as if nothing had happened.
//!
//! Two judges. The generator knows what it sent (id, sequence, hash): afterwards the number of records, the sum of the
//! hashes and the highest sequence per id must agree. And an undisturbed run of the same files leaves the same rows in
//! every table, with the same ids.
//!
//! `IMPORTER_CHAOS_N` says how many people the long form sends, `IMPORTER_CHAOS_ROUNDS` how often, `IMPORTER_CHAOS_SEED`
//! repeats one: `scripts/chaos.sh`.

mod crowd;
mod place;

use std::time::Duration;

use crowd::{Crowd, Draw};
use place::{Died, Place};

/// Every hand-over, in the order of the road.
const POINTS: [&str; 17] = [
    "run::begun",
    "lake::finish_file",
    "run::before_manifest",
    "run::after_manifest",
    "run::violations_written",
    "run::before_manifest",
    "load::ids_taken",
    "load::before_copy",
    "load::in_copy",
    "load::after_copy",
    "load::ledger_written",
    "store::before_commit",
    "store::after_commit",
    "run::suggestions_written",
    "run::before_report",
    "run::after_manifest",
    "run::finished",
];

/// Hand-overs that a process comes to several times.
const REPEATED: [&str; 9] = [
    "lake::finish_file",
    "run::before_manifest",
    "run::after_manifest",
    "load::in_copy",
    "load::before_copy",
    "load::after_copy",
    "load::ledger_written",
    "store::before_commit",
    "store::after_commit",
];

/// One run, killed at every hand-over in turn: each time the n-th time it comes there.
fn every_hand_over(place: &Place, crowd: &Crowd, undisturbed: &Place, nth: u64) {
    let points = if nth == 1 { &POINTS[..] } else { &REPEATED[..] };
    let files = crowd.write(&place.folder);
    place.loaded(&files.first);
    let mut deaths = 0;
    for point in points {
        match place.go_on(&files.second, Some((point, nth)), None) {
            Died::Yes => deaths += 1,
            // The rest of its road does not come to this place so often.
            Died::No => break,
        }
    }
    place.finish(&files.second);
    assert!(deaths >= 5, "only {deaths} deaths with n = {nth}");
    crowd.agrees(place);
    place.is_like(undisturbed);
    eprintln!("{} n = {nth}: {deaths} deaths, and nothing to see", place.kind());
}

/// Hand-overs of an application, in the order of its road.
const POINTS_OF_APPLY: [&str; 11] = [
    "run::begun",
    "plan::copied",
    "load::ids_taken",
    "load::before_copy",
    "load::in_copy",
    "load::after_copy",
    "load::ledger_written",
    "store::before_commit",
    "store::after_commit",
    "run::before_report",
    "run::finished",
];

/// One application of a plan of several chunks, killed at every hand-over in turn: what its own chunks have written before
/// is nobody else's move.
fn every_hand_over_of_apply(place: &mut Place, crowd: &Crowd, undisturbed: &Place, nth: u64) {
    let files = crowd.write(&place.folder);
    place.loaded(&files.first);
    place.plans(&files.second);
    let mut deaths = 0;
    for point in POINTS_OF_APPLY {
        if nth > 1 && !REPEATED.contains(&point) {
            continue;
        }
        match place.go_on(&files.second, Some((point, nth)), None) {
            Died::Yes => deaths += 1,
            Died::No => break,
        }
    }
    place.finish(&files.second);
    assert!(deaths >= 5, "only {deaths} deaths with n = {nth}");
    crowd.agrees(place);
    place.is_like(undisturbed);
    eprintln!("{} apply, n = {nth}: {deaths} deaths, and nothing to see", place.kind());
}

fn applied(make: fn(&str) -> Place) {
    let mut calm = make("apply");
    if !calm.has_failpoints() {
        eprintln!(
            "left out: this binary has no failpoints (cargo test --features importer-engine/failpoints)"
        );
        return;
    }
    let crowd = Crowd::new(60, 7);
    let files = crowd.write(&calm.folder);
    calm.loaded(&files.first);
    calm.plans(&files.second);
    calm.finish(&files.second);
    for nth in 1..=2 {
        every_hand_over_of_apply(&mut make(&format!("apply{nth}")), &crowd, &calm, nth);
    }
}

/// Killed at random moments and random hand-overs, until it is through.
fn at_random(place: &Place, undisturbed: &Place, people: u64, seed: u64) {
    let crowd = Crowd::new(people, seed);
    let mut draw = Draw::new(seed);
    let files = crowd.write(&place.folder);
    place.loaded(&files.first);
    let files_too = crowd.write(&undisturbed.folder);
    undisturbed.loaded(&files_too.first);
    let whole = undisturbed.loaded(&files_too.second);
    let mut deaths = 0;
    for _ in 0..12 {
        let point = if place.has_failpoints() && draw.below(2) == 0 {
            let n = usize::try_from(draw.below(POINTS.len() as u64)).unwrap();
            Some((POINTS[n], 1 + draw.below(3)))
        } else {
            None
        };
        let after = Duration::from_millis(draw.below(u64::try_from(whole.as_millis()).unwrap().max(50)));
        match place.go_on(&files.second, point, point.is_none().then_some(after)) {
            Died::Yes => deaths += 1,
            Died::No => break,
        }
    }
    place.finish(&files.second);
    crowd.agrees(place);
    place.is_like(undisturbed);
    eprintln!("{} seed {seed}: {deaths} deaths, {people} people, and nothing to see", place.kind());
}

fn quick(make: fn(&str) -> Place) {
    let first = make("probe");
    if !first.has_failpoints() {
        eprintln!(
            "left out: this binary has no failpoints (cargo test --features importer-engine/failpoints)"
        );
        return;
    }
    let (crowd, calm) = (Crowd::new(60, 7), make("whole"));
    let files = crowd.write(&calm.folder);
    calm.loaded(&files.first);
    calm.loaded(&files.second);
    for nth in 1..=3 {
        every_hand_over(&make(&format!("killed{nth}")), &crowd, &calm, nth);
    }
    at_random(&make("random"), &make("calm"), 40, 11);
}

fn long(make: fn(&str) -> Place) {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap_or_else(|e| panic!("{name}: {e}")))
    };
    let (people, rounds) = (number("IMPORTER_CHAOS_N", 2_000), number("IMPORTER_CHAOS_ROUNDS", 20));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = number("IMPORTER_CHAOS_SEED", now.as_secs());
    println!("chaos: N = {people}, rounds = {rounds}, seed = {seed}");
    for round in 0..rounds {
        let (killed, calm) = (make(&format!("killed{round}")), make(&format!("calm{round}")));
        at_random(&killed, &calm, people, seed + round);
    }
}

#[test]
fn killed_at_every_hand_over_on_sqlite() {
    quick(place::on_sqlite);
}

#[test]
fn killed_at_every_hand_over_on_postgres() {
    if place::postgres().is_some() {
        quick(place::on_postgres);
    }
}

#[test]
fn an_application_killed_at_every_hand_over_on_sqlite() {
    applied(place::on_sqlite);
}

#[test]
fn an_application_killed_at_every_hand_over_on_postgres() {
    if place::postgres().is_some() {
        applied(place::on_postgres);
    }
}

#[test]
#[ignore = "long: scripts/chaos.sh"]
fn killed_at_random_on_sqlite() {
    long(place::on_sqlite);
}

#[test]
#[ignore = "long: scripts/chaos.sh"]
fn killed_at_random_on_postgres() {
    if place::postgres().is_some() {
        long(place::on_postgres);
    }
}
