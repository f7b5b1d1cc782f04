//! Functions that make much out of little: `repeat('x', 2000000000)` asks for gigabytes in one piece, before any operator
//! could count them. These ones are asked first how much they would make.

mod texts;

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::error::DataFusionError;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature,
};
use datafusion::prelude::SessionContext;

use texts::Made;

/// How the size of an answer follows from the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Size {
    /// As many times the first as the second says.
    Times,
    /// So many characters as the second says.
    Width,
    /// So many items as the second says.
    Items,
    /// The numbers from one to another, with a step.
    Range,
    /// Texts that are made of texts.
    Texts(Made),
}

const BOUNDED: [(&str, Size); 12] = [
    ("repeat", Size::Times),
    ("lpad", Size::Width),
    ("rpad", Size::Width),
    ("array_repeat", Size::Items),
    ("array_resize", Size::Items),
    ("range", Size::Range),
    ("generate_series", Size::Range),
    ("replace", Size::Texts(Made::Replaced)),
    ("regexp_replace", Size::Texts(Made::Matched)),
    ("concat", Size::Texts(Made::Joined)),
    ("concat_ws", Size::Texts(Made::Separated)),
    ("translate", Size::Texts(Made::Translated)),
];

/// The part of a session's memory that one answer may take.
const PART: usize = 2;

/// Puts a bound on the functions of a session.
pub fn bound(context: &SessionContext, memory: usize) -> Result<()> {
    for (name, size) in BOUNDED {
        let inner = FunctionRegistry::udf(context, name)?;
        context.register_udf(ScalarUDF::from(Bounded { inner, size, most: (memory / PART) as u64 }));
    }
    Ok(())
}

/// A function with a bound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    size: Size,
    /// Bytes.
    most: u64,
}

impl Bounded {
    fn require_room(&self, args: &ScalarFunctionArgs) -> Result<()> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let bytes = self.size.bytes(&arrays);
        // A constant is repeated for every row.
        let times =
            if arrays.first().is_some_and(|a| a.len() == 1) { args.number_rows.max(1) as u64 } else { 1 };
        let bytes = bytes.saturating_mul(times);
        if bytes <= self.most {
            return Ok(());
        }
        Err(self.too_much(bytes))
    }

    fn too_much(&self, bytes: u64) -> DataFusionError {
        DataFusionError::ResourcesExhausted(format!(
            "{} would make {} MiB in one piece, and {} MiB are the most",
            self.inner.name(),
            bytes >> 20,
            self.most >> 20
        ))
    }

    /// Texts are known only to be no longer than so much. Where that is too much for many rows at once, they are made in
    /// smaller parts, and what came of them is counted: ordinary rows never fail for a bound that they are far below.
    fn texts(&self, made: Made, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if made.bytes(&args) <= self.most {
            return self.inner.invoke_with_args(args);
        }
        let (mut parts, mut have) = (Vec::new(), 0);
        self.in_parts(made, args, &mut parts, &mut have)?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        Ok(ColumnarValue::Array(concat(&parts)?))
    }

    fn in_parts(
        &self,
        made: Made,
        args: ScalarFunctionArgs,
        parts: &mut Vec<ArrayRef>,
        have: &mut u64,
    ) -> Result<()> {
        let (bytes, rows) = (made.bytes(&args), args.number_rows);
        if bytes <= self.most {
            let part = self.inner.invoke_with_args(args)?.into_array(rows)?;
            *have = have.saturating_add(part.get_array_memory_size() as u64);
            parts.push(part);
            let all = self.most.saturating_mul(PART as u64);
            return if *have <= all { Ok(()) } else { Err(self.too_much(*have)) };
        }
        if rows < 2 || texts::are_constant(&args) {
            return Err(self.too_much(bytes));
        }
        let half = rows / 2;
        self.in_parts(made, texts::slice(&args, 0, half), parts, have)?;
        self.in_parts(made, texts::slice(&args, half, rows - half), parts, have)
    }
}

/// The whole numbers of an argument; nothing where it has none.
fn numbers(arrays: &[ArrayRef], at: usize) -> Option<Int64Array> {
    let array = arrays.get(at)?;
    Some(cast(array, &DataType::Int64).ok()?.as_primitive::<Int64Type>().clone())
}

impl Size {
    fn bytes(self, arrays: &[ArrayRef]) -> u64 {
        let sum = |sizes: &mut dyn Iterator<Item = u64>| sizes.fold(0_u64, u64::saturating_add);
        let positive = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        match self {
            Self::Times => {
                let (Some(first), Some(times)) = (arrays.first(), numbers(arrays, 1)) else { return 0 };
                let Ok(text) = cast(first, &DataType::Utf8) else { return 0 };
                let text = text.as_string::<i32>();
                let lengths =
                    (0..text.len()).map(|n| if text.is_null(n) { 0 } else { text.value(n).len() as u64 });
                sum(&mut lengths.zip(times.iter()).map(|(length, n)| length.saturating_mul(positive(n))))
            }
            Self::Width => {
                let Some(width) = numbers(arrays, 1) else { return 0 };
                sum(&mut width.iter().map(positive))
            }
            Self::Items => {
                let Some(items) = numbers(arrays, 1) else { return 0 };
                sum(&mut items.iter().map(|n| positive(n).saturating_mul(8)))
            }
            Self::Range => {
                // A step of times is an interval, which is no number.
                let counted = |a: &ArrayRef| {
                    a.data_type().is_integer() || matches!(a.data_type(), DataType::Date32 | DataType::Null)
                };
                if !arrays.iter().take(2).all(counted) {
                    return 0;
                }
                let (start, stop) = match arrays.len() {
                    1 => (None, numbers(arrays, 0)),
                    _ => (numbers(arrays, 0), numbers(arrays, 1)),
                };
                let Some(stop) = stop else { return 0 };
                let step = if arrays.len() > 2 { numbers(arrays, 2) } else { None };
                let at = |array: &Option<Int64Array>, n: usize, other: i64| match array {
                    Some(array) if array.is_valid(n) => array.value(n),
                    Some(_) => other,
                    None => other,
                };
                let items = |n: usize| {
                    if stop.is_null(n) {
                        return 0;
                    }
                    let length = stop.value(n).abs_diff(at(&start, n, 0));
                    length.checked_div(at(&step, n, 1).unsigned_abs()).unwrap_or(0).saturating_mul(8)
                };
                sum(&mut (0..stop.len()).map(items))
            }
            // They are measured without making arrays of constants.
            Self::Texts(_) => 0,
        }
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        let inner = self.inner.inner().with_updated_config(config)?;
        let (size, most) = (self.size, self.most);
        Some(ScalarUDF::from(Self { inner: Arc::new(inner), size, most }))
    }

    fn is_strict(&self) -> bool {
        self.inner.is_strict()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let Size::Texts(made) = self.size {
            return self.texts(made, args);
        }
        self.require_room(&args)?;
        self.inner.invoke_with_args(args)
    }

    /// What is simplified to the same function stays bounded; what becomes another one is left as it was.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let before = args.clone();
        Ok(match self.inner.inner().simplify(args, info)? {
            ExprSimplifyResult::Simplified(Expr::ScalarFunction(mut call)) => {
                if call.func.name() == self.inner.name() {
                    call.func = Arc::new(ScalarUDF::from(self.clone()));
                    ExprSimplifyResult::Simplified(Expr::ScalarFunction(call))
                } else {
                    ExprSimplifyResult::Original(before)
                }
            }
            other => other,
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(sql: &str) -> Result<usize, String> {
        let context = SessionContext::new();
        bound(&context, 16 << 20).unwrap();
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
            "SELECT repeat(s, 1000000000) FROM (VALUES ('a'), ('b')) AS t (s)",
            "SELECT length(replace(repeat('x', 100000), 'x', repeat('y', 100000)))",
            "SELECT length(replace(s, 'x', repeat('y', 100000))) FROM (VALUES (repeat('x', 100000)), ('b')) AS t (s)",
            "SELECT length(regexp_replace(repeat('x', 100000), 'x', repeat('y', 100000), 'g'))",
            "SELECT length(regexp_replace(repeat('x', 1000000), '(x+)', '\\1\\1\\1\\1\\1\\1\\1\\1\\1'))",
            "SELECT length(concat(repeat('x', 4000000), repeat('x', 4000000), repeat('x', 4000000)))",
            "SELECT length(concat_ws(repeat('-', 4000000), 'a', 'b', 'c', 'd'))",
        ] {
            let error = asked(sql).await.expect_err(sql);
            assert!(error.contains("in one piece"), "{sql}: {error}");
        }
    }

    #[tokio::test]
    async fn what_fits_is_answered_as_before() {
        for sql in [
            "SELECT repeat('x', 20), repeat(NULL, 3), repeat('x', -1), lpad('x', 5, 'yz'), rpad('x', 5)",
            "SELECT range(5), range(1, 9, 2), generate_series(1, 3), array_repeat('a', 3), array_resize([1], 3, 0)",
            "SELECT range(DATE '2020-01-01', DATE '2020-02-01', INTERVAL '1' DAY)",
        ] {
            assert_eq!(asked(sql).await, Ok(1), "{sql}");
        }
    }

    #[tokio::test]
    async fn texts_of_many_rows_are_made_in_parts_and_stay_what_they_are() {
        // So many rows at once could be more than the most, and are far less.
        let context = SessionContext::new();
        let plain = SessionContext::new();
        bound(&context, 4 << 20).unwrap();
        let rows = "(SELECT concat('row ', CAST(n AS VARCHAR), ' of many') AS s, CASE WHEN n % 7 = 0 THEN NULL ELSE 'o' END AS o, n FROM (SELECT unnest(range(0, 5000)) AS n))";
        for made in [
            "replace(s, 'w ', repeat('long', 40))",
            "replace(s, o, repeat('long', 40))",
            "regexp_replace(s, '([0-9])', concat('<\\1>', repeat('y', 30)), 'g')",
            "concat(s, o, NULL, s)",
            "concat_ws(', ', s, o, 'x')",
            "translate(s, 'row', 'äöü')",
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
