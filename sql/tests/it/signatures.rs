//! Rows behind one key, as match counts them: once per name, however many extensions and spellings the name has.

use std::collections::BTreeMap;

use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use tokio::runtime::Runtime;

type Row = BTreeMap<String, String>;

/// One row behind a number.
struct Member {
    given: &'static str,
    family: &'static str,
    extension: Option<String>,
}

fn member(given: &'static str, family: &'static str, extension: Option<&str>) -> Member {
    Member { given, family, extension: extension.map(str::to_owned) }
}

/// The answer of a step over some rows of one number.
fn ask(members: &[Member], sql: &str) -> Vec<Row> {
    let runtime = Runtime::new().expect("a runtime for the test");
    runtime.block_on(async {
        let context = SessionContext::new();
        for function in importer_sql::functions::all() {
            context.register_udf(function);
        }
        let rows: Vec<String> = members
            .iter()
            .enumerate()
            .map(|(n, row)| {
                let extension = row.extension.as_ref().map_or("NULL".to_owned(), |digits| format!("'{digits}'"));
                format!("({n}, '{}', '{}', {extension})", row.given, row.family)
            })
            .collect();
        for (table, select) in [
            (
                "members",
                format!(
                    "SELECT 'phone' AS key_type, '+12025550143' AS key, 7 AS key_hash, true AS is_primary, false AS weak, CAST(extension AS VARCHAR) AS extension, seq, given_key(given) AS given_key, family_key(family) AS family_key, family AS family_text, CAST(NULL AS BIGINT) AS generation, CAST(NULL AS DATE) AS born, row_hash(given_key(given), family_key(family)) AS who, 'a' AS system, false AS has_id, CAST(NULL AS VARCHAR) AS id, CAST(NULL AS VARCHAR) AS mail FROM (VALUES {}) AS t(seq, given, family, extension)",
                    rows.join(", ")
                ),
            ),
            ("key_crowds", "SELECT 'phone' AS key_type, '' AS key, 0 AS key_hash, true AS idle WHERE false".to_owned()),
            ("signatures", include_str!("../../steps/match/signatures.sql").to_owned()),
        ] {
            let frame = context.sql(&select).await.unwrap_or_else(|e| panic!("{table}: {e}"));
            let made = context.register_table(table, frame.cache().await.expect("rows").into_view());
            made.expect("a table");
        }
        let batches = context.sql(sql).await.expect("a query").collect().await.expect("an answer");
        batches
            .iter()
            .flat_map(|batch| {
                (0..batch.num_rows()).map(move |row| {
                    let columns = batch.schema();
                    let names = columns.fields().iter().map(|field| field.name().clone());
                    let cells = batch.columns().iter().map(|column| array_value_to_string(column, row).expect("a text"));
                    names.zip(cells).collect::<Row>()
                })
            })
            .collect()
    })
}

const SIGNATURES: &str = "SELECT * FROM signatures";
const ALIKE: &str = include_str!("../../steps/match/alike_met.sql");
const PAIRS: &str = include_str!("../../steps/match/pairs_met.sql");

#[test]
fn the_spelling_that_shows_the_words_stands_for_the_name() {
    let spellings = ["DIETZOTT", "Dietz-Ott", "Dietzott", "dietzott"];
    let members = spellings.map(|family| member("Eva", family, None));
    let found = ask(&members, SIGNATURES);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["family_text"], "Dietz-Ott");
    let part =
        [member("Eva", "DIETZOTT", None), member("Eva", "Dietz-Ott", None), member("Eva", "Dietz", None)];
    let pairs = ask(&part, PAIRS);
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    assert_eq!(pairs[0]["other_family"], "false");
}

#[test]
fn extensions_of_one_name_do_not_multiply() {
    let members: Vec<Member> = (0..300)
        .map(|n| Member { given: "Eva", family: "Dietz", extension: Some(format!("{}", 100 + n)) })
        .collect();
    assert_eq!(ask(&members, SIGNATURES).len(), 1);
    assert_eq!(ask(&members, ALIKE).len(), members.len() - 1);
    assert_eq!(ask(&members, PAIRS).len(), 0);
}

#[test]
fn another_extension_makes_the_key_weak() {
    let weak = |members: &[Member], sql: &str| -> Vec<String> {
        ask(members, sql).iter().map(|row| row["weak"].clone()).collect()
    };
    for (own, other, wanted) in [
        (Some("12"), Some("13"), "true"),
        (Some("12"), Some("12"), "false"),
        (Some("12"), None, "false"),
        (None, None, "false"),
    ] {
        let two = [member("Bob", "Amt", own), member("Robert", "Amt", other)];
        assert_eq!(weak(&two, PAIRS), [wanted], "{own:?} {other:?}");
        let alike = [member("Bob", "Amt", own), member("Bob", "Amt", other)];
        // Rows of one name stand behind each extension that one of them has at either end.
        assert_eq!(weak(&alike, ALIKE), ["false"], "{own:?} {other:?}");
    }
    let three = ["11", "12", "13"].map(|extension| member("Bob", "Amt", Some(extension)));
    assert_eq!(weak(&three, &format!("{ALIKE}\nORDER BY left_seq")), ["true", "false"]);
    let shared = [
        member("Bob", "Amt", Some("12")),
        member("Robert", "Amt", Some("12")),
        member("Robert", "Amt", Some("13")),
    ];
    assert_eq!(weak(&shared, PAIRS), ["false"]);
}
