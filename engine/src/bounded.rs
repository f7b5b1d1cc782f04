//! Functions that make much out of little: `repeat('x', 2000000000)` asks for gigabytes in one piece, before any operator
//! could count them. What SQL of people calls is asked first how much it would make.
//!
//! - here: which functions, and their bounds put into a session
//! - [`function`]: a function with a bound; [`joined`]: the same of `||`, and of calls that the planner makes by itself
//! - [`constants`]: large constants, which are repeated for every row; [`depth`]: calls in calls
//! - [`made`]: how much a function makes; [`range`]: of its ranges; [`amount`]: how much its arguments are

mod amount;
mod constants;
mod depth;
mod function;
mod joined;
mod made;
mod range;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

pub use constants::BOUNDED_CONSTANTS;
use constants::BoundedConstants;
pub use depth::check_depth;
use function::Bounded;
use joined::{BoundedCalls, Concatenation};
use made::Made;

const BOUNDED: [(&str, Made); 23] = [
    ("repeat", Made::Repeated),
    ("lpad", Made::Padded),
    ("rpad", Made::Padded),
    ("range", Made::Range),
    ("generate_series", Made::Range),
    ("concat", Made::Joined),
    ("concat_ws", Made::Separated),
    ("overlay", Made::Joined),
    ("replace", Made::Replaced),
    ("regexp_replace", Made::Matched),
    ("regexp_match", Made::Captured),
    ("translate", Made::Translated),
    ("encode", Made::Encoded),
    ("to_char", Made::Formatted),
    ("array_repeat", Made::Listed),
    ("array_resize", Made::Resized),
    ("array_concat", Made::Joined),
    ("array_append", Made::Joined),
    ("array_prepend", Made::Joined),
    ("array_replace", Made::Exchanged),
    ("array_replace_n", Made::Exchanged),
    ("array_replace_all", Made::Exchanged),
    ("array_to_string", Made::Written),
];

/// The part of a session's memory that one answer may take.
const PART: usize = 2;
/// How often a batch may have the memory of a session, where a constant is repeated in it: most are not, but read where they
/// are.
const REPEATED: usize = 2;

/// Puts a bound on the functions of a session.
pub fn bound(context: &mut SessionContext, memory: usize, batch_rows: usize) -> Result<()> {
    let most = (memory / PART) as u64;
    let bounded = |inner, made| Arc::new(ScalarUDF::from(Bounded::new(inner, made, most)));
    let mut functions = BTreeMap::new();
    for (name, made) in BOUNDED {
        let function = bounded(FunctionRegistry::udf(&*context, name)?, made);
        context.register_udf(Arc::clone(&function))?;
        functions.insert(name.to_owned(), function);
    }
    let concatenation = bounded(Arc::new(ScalarUDF::from(Concatenation::new())), Made::Joined);
    let calls = BoundedCalls { concatenation, functions };
    context.register_function_rewrite(Arc::new(calls))?;
    let most = memory.saturating_mul(REPEATED);
    let small = (most / batch_rows.max(1)) as u64;
    context.add_optimizer_rule(Arc::new(BoundedConstants { most: most as u64, small }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use datafusion::error::DataFusionError;

    use super::*;

    fn bounded(memory: usize) -> SessionContext {
        let mut context = SessionContext::new();
        bound(&mut context, memory, 8192).unwrap();
        context
    }

    async fn asked(sql: &str) -> Result<usize, String> {
        let context = bounded(16 << 20);
        let rows = async { context.sql(sql).await?.collect().await };
        rows.await.map(|b| b.iter().map(|b| b.num_rows()).sum()).map_err(|e| e.strip_backtrace())
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused_before_it_is_made() {
        for sql in [
            "SELECT repeat('x', 2000000000)",
            "SELECT lpad('x', 2000000000)",
            "SELECT range(1, 100000000000)",
            "SELECT range(0, 100000000000, 7)",
            "SELECT generate_series(100000000000, 1, -1)",
            "SELECT array_repeat(1, 2000000000)",
            "SELECT array_repeat('', 2000000000)",
            "SELECT array_repeat(NULL, 2000000000)",
            "SELECT array_repeat(s, 1000000000) FROM (VALUES (''), (NULL)) AS t (s)",
            "SELECT array_repeat(array_repeat('', 1000000), 2000)",
            // Each of both is within the bound alone.
            "SELECT array_repeat(array_repeat('', 100000), 2000)",
            "SELECT array_repeat(array_repeat(array_repeat('', 100), 1000), 2000)",
            "SELECT array_repeat(l, 2000) FROM (SELECT array_repeat(s, 100000) AS l FROM (VALUES (''), (NULL)) AS t (s))",
            "SELECT array_repeat(named_struct('a', repeat('x', 100000)), 1000)",
            "SELECT array_repeat(named_struct('a', repeat(s, 100000)), 1000) FROM (VALUES ('x'), ('y')) AS t (s)",
            "SELECT array_resize([''], 1000000, '')",
            "SELECT repeat(s, 1000000000) FROM (VALUES ('a'), ('b')) AS t (s)",
            "SELECT length(replace(repeat('x', 100000), 'x', repeat('y', 100000)))",
            "SELECT length(replace(s, 'x', repeat('y', 100000))) FROM (VALUES (repeat('x', 100000)), ('b')) AS t (s)",
            "SELECT length(regexp_replace(repeat('x', 100000), 'x', repeat('y', 100000), 'g'))",
            "SELECT length(regexp_replace(repeat('x', 1000000), '(x+)', '\\1\\1\\1\\1\\1\\1\\1\\1\\1'))",
            "SELECT length(concat(repeat('x', 4000000), repeat('x', 4000000), repeat('x', 4000000)))",
            "SELECT length(concat_ws(repeat('-', 4000000), 'a', 'b', 'c', 'd'))",
            "SELECT length(repeat('x', 5000000) || repeat('y', 5000000))",
            "SELECT length(s || s) FROM (SELECT s || s AS s FROM (SELECT s || s AS s FROM (VALUES (repeat('x', 2000000))) AS t (s)))",
            "SELECT length(overlay(repeat('x', 5000000) PLACING repeat('y', 5000000) FROM 2))",
            "SELECT length(encode(encode(encode(repeat('x', 2000000), 'hex'), 'hex'), 'hex'))",
            "SELECT length(lpad('x', 3000000, 'ä'))",
            "SELECT length(array_to_string(range(0, 1000), repeat('-', 100000)))",
            "SELECT length(array_repeat(repeat('x', 100000), 1000)[1])",
            "SELECT length(array_resize([repeat('x', 10)], 1000, repeat('x', 100000))[1])",
            "SELECT array_length(range(0, 600000) || range(0, 600000))",
            "SELECT array_length(array_concat(range(0, 600000), range(0, 600000)))",
            "SELECT array_replace_all(array_repeat('a', 1000), 'a', repeat('x', 100000))",
            "SELECT regexp_match(repeat('x', 2000000), '((((x+))))')",
            "SELECT to_char(DATE '2020-01-01', repeat('%Y', 1000000))",
            "SELECT range(TIMESTAMP '2020-01-01', TIMESTAMP '2021-01-01', INTERVAL '1' SECOND)",
            "SELECT range(DATE '2020-01-31', DATE '2021-01-01', INTERVAL '1 month -31 days')",
        ] {
            let error = asked(sql).await.expect_err(sql);
            assert!(error.contains("in one piece"), "{sql}: {error}");
        }
    }

    #[tokio::test]
    async fn constants_are_not_repeated_for_all_rows() {
        let rows = "generate_series(1, 5000) AS t (n)";
        for sql in [
            format!("SELECT repeat('x', 1000000) AS s, n FROM {rows}"),
            format!("SELECT CASE WHEN n > 7 THEN repeat('x', 1000000) ELSE 'y' END AS s FROM {rows}"),
            format!("SELECT range(1, 100000) AS s, n FROM {rows}"),
            format!("SELECT length(string_agg(CAST(n AS VARCHAR), repeat('x', 100000))) FROM {rows}"),
        ] {
            let error = asked(&sql).await.expect_err(&sql);
            assert!(error.contains("a constant of "), "{sql}: {error}");
        }
        // One row has room for it, and a text is read where it is.
        assert_eq!(asked("SELECT repeat('x', 1000000) AS s, range(1, 100000) AS n").await, Ok(1));
        assert_eq!(asked(&format!("SELECT n FROM {rows} WHERE repeat('x', 1000) <> 'y'")).await, Ok(5000));
    }

    #[tokio::test]
    async fn the_operator_is_what_it_was() {
        let (context, plain) = (bounded(64 << 20), SessionContext::new());
        let rows = "(VALUES ('a', 1, arrow_cast('v', 'Utf8View')), (NULL, 2, 'w'), ('c', NULL, NULL)) AS t (s, n, v)";
        for sql in [
            "SELECT s || 'x', s || n, n || s, s || v, 'a' || 'b', s || NULL, 'ä' || s || '-' || v FROM {rows}",
            "SELECT s || v AS k, count(*) FROM {rows} WHERE s || 'x' = 'ax' OR s || v IS NULL GROUP BY s || v ORDER BY s || v",
            "SELECT max(s || v), length(s || 'x') FROM {rows} GROUP BY length(s || 'x') ORDER BY 2",
            "SELECT [1, 2] || [3], [1] || 2, 1 || [2], X'01' || X'02'",
        ] {
            let sql = sql.replace("{rows}", rows);
            let of = async |context: &SessionContext| {
                let batches = context.sql(&sql).await?.collect().await?;
                datafusion::arrow::util::pretty::pretty_format_batches(&batches)
                    .map(|table| table.to_string())
                    .map_err(DataFusionError::from)
            };
            assert_eq!(of(&context).await.unwrap(), of(&plain).await.unwrap(), "{sql}");
        }
    }

    #[tokio::test]
    async fn what_fits_is_answered_as_before() {
        for sql in [
            "SELECT repeat('x', 20), repeat(NULL, 3), repeat('x', -1), lpad('x', 5, 'yz'), rpad('x', 5)",
            "SELECT range(5), range(1, 9, 2), generate_series(1, 3), array_repeat('a', 3), array_resize([1], 3, 0)",
            "SELECT range(DATE '2020-01-01', DATE '2020-02-01', INTERVAL '1' DAY)",
            "SELECT range(100000000000, 1), generate_series(TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-02', INTERVAL '1' HOUR)",
            "SELECT overlay('abc' PLACING 'x' FROM 2), encode('a', 'hex'), array_to_string([1, NULL], ',', '-')",
            "SELECT array_append([1], 2), array_prepend(1, [2]), array_replace_all(['a'], 'a', 'b'), array_concat([1], [2])",
            "SELECT regexp_match('ab', '(a)(b)'), to_char(DATE '2020-01-01', '%d.%m.%Y'), array_repeat(repeat('x', 100), 1000)",
        ] {
            assert_eq!(asked(sql).await, Ok(1), "{sql}");
        }
    }

    #[tokio::test]
    async fn texts_of_many_rows_are_made_in_parts_and_stay_what_they_are() {
        // So many rows at once could be more than the most, and are far less.
        let (context, plain) = (bounded(4 << 20), SessionContext::new());
        let rows = "(SELECT concat('row ', CAST(n AS VARCHAR), ' of many') AS s, CASE WHEN n % 7 = 0 THEN NULL ELSE 'o' END AS o, n FROM (SELECT unnest(range(0, 5000)) AS n))";
        for made in [
            "replace(s, 'w ', repeat('long', 40))",
            "replace(s, o, repeat('long', 40))",
            "regexp_replace(s, '([0-9])', concat('<\\1>', repeat('y', 30)), 'g')",
            "concat(s, o, NULL, s)",
            "concat_ws(', ', s, o, 'x')",
            "translate(s, 'row', 'äöü')",
            "s || o || s",
            "array_to_string([s, o], ', ')",
            "lpad(s, 150, 'ä')",
            "array_to_string(array_repeat(s, 6), ', ')",
        ] {
            let sql = format!(
                "SELECT sum(length({made})) AS n, max(md5({made})) AS m, count({made}) AS c FROM {rows}"
            );
            let of = async |context: &SessionContext| {
                let batches = context.sql(&sql).await?.collect().await?;
                datafusion::arrow::util::pretty::pretty_format_batches(&batches)
                    .map(|table| table.to_string())
                    .map_err(DataFusionError::from)
            };
            assert_eq!(of(&context).await.unwrap(), of(&plain).await.unwrap(), "{made}");
        }
    }
}
