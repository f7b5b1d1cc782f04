//! Tables of an organisation's own whose keys are no whole numbers: UUIDs that the database makes, and several columns. Rows
//! that stand there are met, new ones get such keys, other tables refer to them, and all of it can be taken back.

use std::sync::Arc;

use importer_engine::project_check::compare_tables;
use importer_engine::request::RunRequest;
use importer_engine::store::Dialect;
use importer_engine::{RunSummary, Silent};

use super::own_tables::edited_by_the_host;
use super::students::project;
use crate::remedy::ground::texts;
use crate::road::ground::count;
use crate::rollback::stage::{all_of, back, host};
use crate::store::harness::{TestStore, on_both};

on_both!(
    members_keyed_by_uuids,
    pupils_keyed_by_two_columns,
    a_key_that_changes_keeps_its_number,
    what_others_refer_to_stays,
    a_key_that_nothing_makes_is_told,
    numbers_go_with_the_last_migration,
    rows_that_a_trigger_drops_are_missed
);

const HEADER: &str = "Member number,First name,Last name,Email,City,Changed\n";

fn core(summary: &RunSummary, entity: &str) -> [u64; 4] {
    let counts = &summary.counts["core"][entity];
    ["rows_created", "rows_updated", "rows_skipped_no_change", "rows_manual_kept"]
        .map(|name| counts[name].as_u64().unwrap_or(0))
}

const MEMBERS: &str = "SELECT first_name || ' ' || mail || ' ' || city FROM members ORDER BY first_name";

async fn members_keyed_by_uuids(test: &TestStore) {
    let ground = project(test, "members", |_| ()).await;
    let fits = compare_tables(&ground.engine.project, ground.store()).await.expect("the tables");
    assert!(fits.is_empty(), "{fits:#?}");

    let alma = "7,Alma,Alt,alma@example.org,Neu-Ulm,2025-01-01\n";
    let first = ground.file("one.csv", format!("{HEADER}{alma}8,Bea,Bunt,bea@example.org,Bonn,2025-01-01\n"));
    let summary = ground.load(&first).await;
    // What stood there before counts as the club's own word.
    let [created, .., kept] = core(&summary, "members");
    assert_eq!((created, kept), (1, 1), "{:?}", summary.counts);
    assert_eq!(
        texts(ground.store(), MEMBERS).await,
        ["Alma alma@example.org Ulm", "Bea bea@example.org Bonn"]
    );
    let key = "SELECT CAST(member_id AS TEXT) FROM members WHERE first_name = ";
    assert_eq!(
        texts(ground.store(), &format!("{key}'Alma'")).await,
        ["a0000000-0000-4000-8000-000000000001"]
    );
    assert_eq!(
        count(ground.store(), "SELECT count(*) FROM member_mails m JOIN members p ON p.member_id = m.member")
            .await,
        2
    );
    let again = ground.load(&first).await;
    assert_eq!(core(&again, "members"), [0, 0, 2, 0], "{:?}", again.counts);

    // The club puts in a member itself; the list knows her by her address, and gives Bea a second one.
    host(&ground, "INSERT INTO members (first_name, last_name, mail, city) VALUES ('Cid', 'Cor', 'cid@example.org', 'Celle'); INSERT INTO member_mails SELECT member_id, mail, mail, true FROM members WHERE first_name = 'Cid'").await;
    let bea = texts(ground.store(), &format!("{key}'Bea'")).await;
    let second = "8,Bea,Bunt,bea@example.org;b.bunt@example.org,Berlin,2025-02-01\n9,Cid,Cor,cid@example.org,Celle,2025-02-01\n10,Dan,Dorn,dan@example.org,Dorsten,2025-02-01\n";
    let second = ground.file("two.csv", format!("{HEADER}{second}"));
    let changed = ground.load(&second).await;
    let [created, updated, ..] = core(&changed, "members");
    assert_eq!((created, updated), (1, 1), "{:?}", changed.counts);
    assert_eq!(
        texts(ground.store(), MEMBERS).await[1..],
        ["Bea bea@example.org Berlin", "Cid cid@example.org Celle", "Dan dan@example.org Dorsten"]
    );
    assert_eq!(texts(ground.store(), &format!("{key}'Bea'")).await, bea);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM member_mails").await, 5);

    let id = count(ground.store(), "SELECT core_id FROM {external_id_map} WHERE external_id = '8'").await;
    let edit = "UPDATE members SET city = 'Bremen' WHERE first_name = 'Bea'";
    edited_by_the_host(&ground, edit, ("members", id)).await;

    back(&ground, &all_of(changed.run_id)).await;
    assert_eq!(
        texts(ground.store(), MEMBERS).await,
        ["Alma alma@example.org Ulm", "Bea bea@example.org Bremen", "Cid cid@example.org Celle"]
    );
    assert_eq!(texts(ground.store(), &format!("{key}'Bea'")).await, bea);
}

async fn pupils_keyed_by_two_columns(test: &TestStore) {
    let ground = project(test, "pupils", |_| ()).await;
    let fits = compare_tables(&ground.engine.project, ground.store()).await.expect("the tables");
    assert!(fits.is_empty(), "{fits:#?}");
    let header = "School,Number,Name,Class,Changed\n";
    let list =
        "North,1,Ann Lee,5a,2025-01-01\nSouth,2,Cy Hill,6b,2025-01-01\nNorth,2,Di Vale,5b,2025-01-01\n";
    let file = ground.file("one.csv", format!("{header}{list}"));
    let summary = ground.load(&file).await;
    let [created, updated, ..] = core(&summary, "pupils");
    assert_eq!((created, updated), (2, 0), "{:?}", summary.counts);
    let pupils = "SELECT school || ' ' || CAST(nr AS TEXT) || ' ' || full_name || ' ' || class FROM pupils ORDER BY school, nr";
    let now = ["North 1 Ann Lee 5a", "North 2 Di Vale 5b", "South 1 Bo Moss 6b", "South 2 Cy Hill 6b"];
    assert_eq!(texts(ground.store(), pupils).await, now);
    let again = ground.load(&file).await;
    assert_eq!(core(&again, "pupils"), [0, 0, 3, 0], "{:?}", again.counts);
    let moved = ground.file("two.csv", format!("{header}North,2,Di Vale,6b,2025-02-01\n"));
    let changed = ground.load(&moved).await;
    assert_eq!(core(&changed, "pupils")[1], 1, "{:?}", changed.counts);
    assert_eq!(texts(ground.store(), pupils).await[1], "North 2 Di Vale 6b");
    for (run, left) in [(changed.run_id, 4), (summary.run_id, 2)] {
        back(&ground, &all_of(run)).await;
        assert_eq!(texts(ground.store(), pupils).await.len(), left);
    }
    // What was taken back comes again.
    let back = ground.load(&file).await;
    assert_eq!(core(&back, "pupils")[0], 2, "{:?}", back.counts);
    assert_eq!(texts(ground.store(), pupils).await, now);
}

/// Through the view a pupil gets another key: the number goes along, and the number of a pupil who is gone makes way.
async fn a_key_that_changes_keeps_its_number(test: &TestStore) {
    let ground = project(test, "pupils", |_| ()).await;
    let header = "School,Number,Name,Class,Changed\n";
    ground.load(&ground.file("one.csv", format!("{header}North,2,Di Vale,5b,2025-01-01\n"))).await;
    let of = |table: &str| match test.store.dialect() {
        Dialect::Postgres => format!("importer.importer_{table}_pupils"),
        Dialect::Sqlite => format!("importer_{table}_pupils"),
    };
    let (view, numbers) = (of("numbered"), of("numbers"));
    let store = ground.store();
    let number = |school: &str, nr: i64| {
        let sql = format!("SELECT core_id FROM {view} WHERE school = '{school}' AND nr = {nr}");
        async move { count(store, &sql).await }
    };
    let (ann, bo) = (number("North", 1).await, number("South", 1).await);
    host(&ground, &format!("UPDATE {view} SET nr = 7 WHERE core_id = {ann}")).await;
    assert_eq!(number("North", 7).await, ann);
    assert_eq!(texts(store, "SELECT full_name FROM pupils WHERE nr = 7").await, ["Ann Lee"]);
    host(&ground, "DELETE FROM pupils WHERE full_name = 'Bo Moss'").await;
    host(&ground, &format!("UPDATE {view} SET school = 'South', nr = 1 WHERE core_id = {ann}")).await;
    assert_eq!(number("South", 1).await, ann);
    let left = format!("SELECT count(*) FROM {numbers} WHERE core_id = {bo}");
    assert_eq!(count(store, &left).await, 0);
    // A row that is put in through the view takes the number that it says, and the key that it has.
    let new = format!(
        "INSERT INTO {view} (core_id, school, nr, full_name, class) VALUES (99, 'North', 1, 'Eve Oak', '5a')"
    );
    host(&ground, &new).await;
    assert_eq!(number("North", 1).await, 99);
}

/// A payment of a member, and a card that the club wrote on another: both stay when their run is taken back.
async fn what_others_refer_to_stays(test: &TestStore) {
    let ground = project(test, "members", |_| ()).await;
    let list = "1,Eva,Ems,eva@example.org,Ems,2025-01-01\n2,Flo,Fell,flo@example.org,Fulda,2025-01-01\n3,Gil,Gut,gil@example.org,Gera,2025-01-01\n";
    let summary = ground.load(&ground.file("one.csv", format!("{HEADER}{list}"))).await;
    assert_eq!(core(&summary, "members")[0], 3, "{:?}", summary.counts);
    host(&ground, "INSERT INTO payments SELECT member_id, 5 FROM members WHERE first_name = 'Eva'; UPDATE members SET card = 'C-1' WHERE first_name = 'Flo'").await;
    let report = back(&ground, &all_of(summary.run_id)).await;
    let names = "SELECT first_name FROM members ORDER BY 1";
    assert_eq!(texts(ground.store(), names).await, ["Alma", "Eva", "Flo"], "{report:#?}");
}

async fn a_key_that_nothing_makes_is_told(test: &TestStore) {
    let ground = project(test, "members", |_| ()).await;
    let tables = match test.store.dialect() {
        Dialect::Postgres => {
            "ALTER TABLE members ALTER COLUMN member_id DROP DEFAULT; ALTER TABLE member_mails DROP CONSTRAINT member_mails_member_fkey; ALTER TABLE payments DROP CONSTRAINT payments_member_fkey; ALTER TABLE members ALTER COLUMN member_id TYPE text; "
        }
        Dialect::Sqlite => {
            "DROP TABLE payments; DROP TABLE member_mails; DROP TABLE members; CREATE TABLE members (member_id TEXT PRIMARY KEY NOT NULL, first_name TEXT, last_name TEXT NOT NULL, mail TEXT, city TEXT); CREATE TABLE member_mails (member TEXT, key TEXT, address TEXT, is_main INTEGER, PRIMARY KEY (member, key));"
        }
    };
    host(&ground, tables).await;
    let fits = compare_tables(&ground.engine.project, ground.store()).await.expect("the tables");
    let messages: Vec<&str> = fits.iter().map(|found| found.error.message.as_str()).collect();
    assert!(messages.iter().any(|m| m.contains("has no default that makes the key")), "{messages:#?}");
    let file = ground.file("one.csv", format!("{HEADER}1,Eva,Ems,eva@example.org,Ems,2025-01-01\n"));
    let request = RunRequest::files([&file]);
    let run = ground.engine.run(&request, Arc::new(Silent));
    let error = Box::pin(run).await.expect_err("refused");
    assert!(error.to_string().contains("has no default that makes the key"), "{error}");
}

async fn numbers_go_with_the_last_migration(test: &TestStore) {
    let ground = project(test, "members", |_| ()).await;
    ground.load(&ground.file("one.csv", format!("{HEADER}1,Eva,Ems,eva@example.org,Ems,2025-01-01\n"))).await;
    ground.store().downgrade(0).await.expect("it goes down");
    assert_eq!(texts(ground.store(), "SELECT first_name FROM members ORDER BY 1").await, ["Alma", "Eva"]);
    let left = match test.store.dialect() {
        Dialect::Postgres => "SELECT relname::text FROM pg_class WHERE relname LIKE 'importer\\_%'",
        Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE name LIKE 'importer\\_%' ESCAPE '\\'",
    };
    assert_eq!(texts(ground.store(), left).await, [""; 0]);
}

/// The counts of a view say nothing of what the triggers of its table drop.
async fn rows_that_a_trigger_drops_are_missed(test: &TestStore) {
    let ground = project(test, "members", |_| ()).await;
    let quiet = match ground.store().dialect() {
        Dialect::Sqlite => {
            "CREATE TRIGGER quiet BEFORE INSERT ON members WHEN NEW.last_name = 'Ignore' BEGIN SELECT RAISE(IGNORE); END; CREATE TRIGGER quiet_later BEFORE UPDATE ON members WHEN NEW.city = 'Nowhere' BEGIN SELECT RAISE(IGNORE); END;"
        }
        Dialect::Postgres => {
            "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.last_name = 'Ignore' OR NEW.city = 'Nowhere' THEN RETURN NULL; END IF; RETURN NEW; END $$; CREATE TRIGGER quiet BEFORE INSERT OR UPDATE ON members FOR EACH ROW EXECUTE FUNCTION quiet();"
        }
    };
    host(&ground, quiet).await;
    let lines = "8,Bea,Bunt,bea@example.org,Bonn,2025-01-01\n9,Bob,Ignore,bob@example.org,Bonn,2025-01-01\n10,Dan,Dorn,dan@example.org,Dorsten,2025-01-01\n";
    let summary = ground.load(&ground.file("one.csv", format!("{HEADER}{lines}"))).await;
    assert_eq!(core(&summary, "members")[0], 2, "{:?}", summary.counts);
    assert_eq!(summary.counts["dq"]["members"]["rows_quarantined"], 1, "{:#?}", summary.rules);
    let lines =
        "8,Bea,Bunt,bea@example.org,Nowhere,2025-02-01\n10,Dan,Dorn,dan@example.org,Deal,2025-02-01\n";
    let later = ground.load(&ground.file("two.csv", format!("{HEADER}{lines}"))).await;
    assert_eq!(core(&later, "members")[1], 1, "{:?}", later.counts);
    assert_eq!(later.counts["dq"]["members"]["rows_quarantined"], 1, "{:#?}", later.rules);
}
