//! A function that is asked first how much it would make.

use std::any::Any;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature,
};

use super::made::{Made, are_constant, slice};

/// A function with a bound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bounded {
    inner: Arc<ScalarUDF>,
    made: Made,
    /// Bytes.
    most: u64,
}

/// How many answers of the largest size a batch may hold, which is made of several.
const ANSWERS: u64 = 2;

impl Bounded {
    pub fn new(inner: Arc<ScalarUDF>, made: Made, most: u64) -> Self {
        Self { inner, made, most }
    }

    /// Whether a function has its bound already.
    pub fn is(function: &ScalarUDF) -> bool {
        let inner: &dyn Any = function.inner().as_ref();
        inner.is::<Self>()
    }

    fn too_much(&self, bytes: u64) -> DataFusionError {
        DataFusionError::ResourcesExhausted(format!(
            "{} would make {} MiB in one piece, and {} MiB are the most",
            self.inner.name(),
            bytes >> 20,
            self.most >> 20
        ))
    }

    /// What is made is known only to be no more than so much. Where that is too much for many rows at once, they are made in
    /// smaller parts, and what came of them is counted: ordinary rows never fail for a bound that they are far below.
    fn in_parts(&self, args: ScalarFunctionArgs, parts: &mut Vec<ArrayRef>, have: &mut u64) -> Result<()> {
        let (bytes, rows) = (self.made.bytes(&args), args.number_rows);
        if bytes <= self.most {
            let part = self.inner.invoke_with_args(args)?.into_array(rows)?;
            *have = have.saturating_add(part.get_array_memory_size() as u64);
            parts.push(part);
            let all = self.most.saturating_mul(ANSWERS);
            return if *have <= all { Ok(()) } else { Err(self.too_much(*have)) };
        }
        if rows < 2 || are_constant(&args) {
            return Err(self.too_much(bytes));
        }
        let half = rows / 2;
        self.in_parts(slice(&args, 0, half), parts, have)?;
        self.in_parts(slice(&args, half, rows - half), parts, have)
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.inner.schema_name(args)
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
        Some(ScalarUDF::from(Self::new(Arc::new(inner), self.made, self.most)))
    }

    fn is_strict(&self) -> bool {
        self.inner.is_strict()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if self.made.bytes(&args) <= self.most {
            return self.inner.invoke_with_args(args);
        }
        let (mut parts, mut have) = (Vec::new(), 0);
        self.in_parts(args, &mut parts, &mut have)?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        Ok(ColumnarValue::Array(concat(&parts)?))
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
