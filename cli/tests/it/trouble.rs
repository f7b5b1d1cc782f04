//! What breaks around the importer while it works: disks that are full, lakes and databases that go away. It says so,
//! leaves nothing half visible, and goes on once the trouble is over.
//!
//! The disks are small file systems in a mount namespace of their own; where the system does not grant one, these tests
//! say that they were left out.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::harness::Folder;
use importer_engine::store::{Session, Store, StoreOptions};

/// Exit code of a script that could not have its file system.
const NO_MOUNT: i32 = 77;

/// A list of so many people.
fn people(rows: usize) -> String {
    let mut text = "external_id,first_name,last_name,email,phone,city\n".to_owned();
    for n in 0..rows {
        text.push_str(&format!(
            "P-{n},Given{n:05},Family{n:05},person{n}@example.org,+1202555{:04},City {}\n",
            n % 10_000,
            n % 97
        ));
    }
    text
}

/// How the commands of a script ended, by the name that the script gives them, and what they said.
struct Played {
    said: String,
}

impl Played {
    fn code(&self, name: &str) -> i32 {
        let line = self.said.lines().find_map(|l| l.strip_prefix(&format!("== {name} ")));
        line.unwrap_or_else(|| panic!("no {name} in\n{}", self.said)).trim().parse().unwrap()
    }
}

/// Plays a script in a mount namespace of its own; `None` where the system grants none. In it `small NAME SIZE` makes a
/// small file system, `resize NAME SIZE` changes it, and `try NAME ARGUMENTS` runs the importer.
fn play(folder: &Folder, script: &str) -> Option<Played> {
    let root = folder.path("");
    let text = format!(
        "set -u
small() {{ mkdir -p \"$1\" && mount -t tmpfs -o size=\"$2\" tmpfs \"$1\" 2>/dev/null || exit {NO_MOUNT}; }}
resize() {{ mount -o remount,\"$2\" \"$1\"; }}
try() {{ name=$1; shift; '{}' \"$@\" 2>&1; echo \"== $name $?\"; }}
{script}",
        env!("CARGO_BIN_EXE_importer")
    );
    let mut command = Command::new("unshare");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IMPORTER_")) {
        command.env_remove(name);
    }
    command.args(["-r", "-m", "sh", "-c", &text]).current_dir(root).env("NO_COLOR", "1");
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("left out: unshare: {error}");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let denied = !output.status.success() && said.is_empty() && complaint.contains("unshare");
    if output.status.code() == Some(NO_MOUNT) || denied {
        eprintln!("left out: no file system of one's own here: {complaint}");
        return None;
    }
    assert!(output.status.success(), "{said}\n{complaint}");
    Some(Played { said })
}

/// How many people are in core.
const LOOK: &str = "try look sql \"SELECT count(*) AS n FROM contacts\" --format csv";

fn people_in_core(played: &Played) -> u64 {
    assert_eq!(played.code("look"), 0, "{}", played.said);
    let mut lines = played.said.lines().rev().skip_while(|line| !line.starts_with("== look"));
    lines.nth(1).and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{}", played.said))
}

/// Plays a script whose command `first` breaks, saying why, and whose command `again` ends well with everybody in core.
fn breaks_and_goes_on(rows: usize, script: &str, place: &str, why: &str) {
    let folder = Folder::new();
    folder.write("people.csv", &people(rows));
    let Some(played) = play(&folder, &format!("{script}\n{LOOK} {place}")) else { return };
    assert_eq!(played.code("first"), 1, "{}", played.said);
    assert!(why.split('|').any(|why| played.said.contains(why)), "{why:?} is not in\n{}", played.said);
    assert_eq!(played.code("again"), 0, "{}", played.said);
    assert_eq!(people_in_core(&played), rows as u64);
}

#[test]
fn the_lake_is_full() {
    let script = "small lake 300k
try first run --file people.csv --lake lake -q
resize lake size=100m
try again resume 1 --lake lake -q";
    breaks_and_goes_on(6_000, script, "--lake lake", "No space left");
}

#[test]
fn the_database_is_full() {
    let script = "small db 2m
try upgrade db upgrade --store sqlite://db/i.db
try first run --file people.csv --store sqlite://db/i.db --chunk-rows 500 -q
resize db size=100m
try again resume 1 --store sqlite://db/i.db -q";
    breaks_and_goes_on(6_000, script, "--store sqlite://db/i.db", "full");
}

#[test]
fn the_disk_for_spilled_rows_is_full() {
    let script = "small spill 300k
export TMPDIR=$PWD/spill
try first run --file people.csv --memory 24MB --partitions 2 -q
resize spill size=500m
try again resume 1 -q";
    // What cannot be spilled is told as such, or as memory that is wanting, with the temporary disk as a way out.
    breaks_and_goes_on(60_000, script, "", "No space left|more temporary disk");
}

#[test]
fn the_lake_may_only_be_read() {
    let script = "small lake 20m
try upgrade db upgrade
resize lake ro
try first run --file people.csv --lake lake -q
resize lake rw
try again run --file people.csv --lake lake -q";
    breaks_and_goes_on(20, script, "--lake lake", "Read-only");
}

#[test]
fn the_lake_is_gone_and_comes_back() {
    let folder = Folder::new();
    folder.write("people.csv", &people(40));
    folder.write("more.csv", &people(60));
    let run = folder.importer(&["run", "--file", "people.csv", "--lake", "lake", "-q"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let (here, away) = (folder.path("lake"), folder.path("away"));
    std::fs::rename(&here, &away).unwrap();
    let told = folder.importer(&["why", "1", "1", "--lake", "lake"]);
    assert_ne!(told.code, 0, "{}{}", told.out, told.err);
    std::fs::remove_dir_all(&here).ok();
    std::fs::rename(&away, &here).unwrap();
    let told = folder.importer(&["why", "1", "1", "--lake", "lake"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    let run = folder.importer(&["run", "--file", "more.csv", "--lake", "lake", "-q"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

/// A PostgreSQL server of the test's own.
struct Server {
    folder: tempfile::TempDir,
    url: String,
}

impl Server {
    /// `None` where the tests run against a server that somebody else gave them.
    fn start() -> Option<Self> {
        if std::env::var_os("IMPORTER_TEST_CLUSTERS").is_none() {
            eprintln!(
                "left out: no servers of one's own here (./test without IMPORTER_TEST_POSTGRES has them)"
            );
            return None;
        }
        // The server runs as another user where the tests run as root.
        let folder = tempfile::Builder::new().prefix("imp").tempdir_in("/tmp").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut server = Self { folder, url: String::new() };
        server.url = server.script(&["start", "durable"]);
        Some(server)
    }

    fn script(&self, what: &[&str]) -> String {
        let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/postgres.sh");
        let mut command = Command::new(script);
        command.args(what).env("IMPORTER_PG_DIR", self.folder.path().join("pg"));
        let output = command.env("IMPORTER_PG_BUFFERS", "64MB").output().unwrap();
        assert!(output.status.success(), "{what:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A query that gives one number; `None` while there is no such table, or no server.
    fn number(&self, sql: &str) -> Option<i64> {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = Store::connect(StoreOptions::new(self.url.parse().unwrap())).await.ok()?;
            let row = store.session().await.ok()?.fetch_one(sql, &[]).await.ok();
            store.close().await;
            row?.int(0).ok()
        })
    }

    /// Does something while a transaction of the importer, after others were committed, has written to core and not to
    /// the ledger: it waits for a lock that we hold.
    fn in_the_middle_of_a_chunk(&self, trouble: impl FnOnce() + Send) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = Store::connect(StoreOptions::new(self.url.parse().unwrap())).await.unwrap();
            let mut session = store.begin().await.unwrap();
            let until = Instant::now() + Duration::from_secs(60);
            let wait_for = async |sql: &str, session: &mut Session| {
                while session.fetch_one(sql, &[]).await.unwrap().int(0).unwrap() < 2 {
                    assert!(Instant::now() < until, "{sql}");
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            wait_for("SELECT count(*) FROM importer.load_ledger", &mut session).await;
            session.execute_script("LOCK TABLE importer.load_ledger IN ACCESS EXCLUSIVE MODE").await.unwrap();
            let waiting = "SELECT 2 * count(*) FROM pg_locks WHERE NOT granted AND relation = 'importer.load_ledger'::regclass";
            wait_for(waiting, &mut session).await;
            // It may drive a runtime of its own.
            std::thread::scope(|scope| scope.spawn(trouble).join().unwrap());
            // Its connection may be gone by now.
            let _ = session.rollback().await;
            drop(session);
            store.close().await;
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script(&["stop"]);
    }
}

const PEOPLE: usize = 4_000;

/// Loads a list, and once some chunks are in, something happens to the server; afterwards the run goes on. In the end
/// everything is there once.
fn through(trouble: impl FnOnce(&Server) + Send) {
    let Some(server) = Server::start() else { return };
    let folder = Folder::new();
    folder.write("people.csv", &people(PEOPLE));
    let upgraded = folder.importer(&["db", "upgrade", "--store", &server.url]);
    assert_eq!(upgraded.code, 0, "{}{}", upgraded.out, upgraded.err);
    let more = ["--store", &server.url, "--chunk-rows", "500", "-q"];
    let run = start(&folder, &[&["run", "--file", "people.csv"], &more[..]].concat());
    server.in_the_middle_of_a_chunk(|| trouble(&server));
    let output = run.wait_with_output().unwrap();
    let said = text(&output);
    let half = "SELECT count(*) FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM importer.external_id_map m WHERE m.core_id = c.id) OR NOT EXISTS (SELECT 1 FROM contact_emails e WHERE e.contact_id = c.id)";
    assert_eq!(server.number(half), Some(0), "nothing is half there");
    assert_eq!(output.status.code(), Some(1), "it ended by itself: {said}");
    assert!(said.contains("resume 1"), "it says how to go on: {said}");
    let again = folder.importer(&[&["resume", "1"], &more[..2], &["-q"]].concat());
    assert_eq!(again.code, 0, "{}{}\nbefore: {said}", again.out, again.err);
    assert!(!said.contains("rows that were read back differ"), "{said}");
    for table in ["contacts", "volunteers", "contact_emails", "contact_phones", "importer.external_id_map"] {
        let rows = server.number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(rows, Some(i64::try_from(PEOPLE).unwrap()), "{table}");
    }
    assert_eq!(server.number("SELECT count(*) FROM importer.load_ledger"), Some(8));
}

fn start(folder: &Folder, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_importer"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IMPORTER_")) {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").args(args).current_dir(folder.path(""));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_server_falls_down_while_a_run_loads() {
    through(|server| drop(server.script(&["restart"])));
}

#[test]
fn all_sessions_are_cut_while_a_run_loads() {
    through(|server| {
        // All but the one that holds the lock: were it cut first, a chunk might be through before its own session is.
        let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity a WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.mode = 'AccessExclusiveLock' AND l.relation = 'importer.load_ledger'::regclass)";
        assert!(server.number(others).unwrap_or(0) > 0);
    });
}
