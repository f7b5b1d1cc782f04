//! A large constant is one value as long as nobody asks for it row by row: `repeat('x', 100000000)` beside a thousand rows is
//! a hundred gigabytes. Such a constant becomes a call that knows for how many rows it is asked.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::amount::of_constant;

/// The name of the rule.
pub const BOUNDED_CONSTANTS: &str = "bounded_constants";

/// Finds large constants. It stands behind the rules that compute constants.
#[derive(Debug)]
pub struct BoundedConstants {
    /// Bytes that a batch may have of one constant.
    pub most: u64,
    /// Bytes up to which every batch has room for a constant.
    pub small: u64,
}

impl BoundedConstants {
    fn is_large(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Literal(value, None) if of_constant(value) > self.small)
    }

    fn bounded(&self, expr: Expr) -> Result<Transformed<Expr>> {
        expr.transform_down(|expr| {
            self.require_small_parameters(&expr)?;
            Ok(match expr {
                Expr::Literal(value, None) if of_constant(&value) > self.small => {
                    let function = ScalarUDF::from(Constant::new(value, self.most));
                    let call = ScalarFunction::new_udf(Arc::new(function), Vec::new());
                    Transformed::yes(Expr::ScalarFunction(call))
                }
                other => Transformed::no(other),
            })
        })
    }

    /// What aggregates take beside their values, such as a separator, they want as a constant.
    fn require_small_parameters(&self, expr: &Expr) -> Result<()> {
        let parameters = match expr {
            Expr::AggregateFunction(call) => call.params.args.get(1..),
            Expr::WindowFunction(call) => call.params.args.get(1..),
            _ => None,
        };
        match parameters.unwrap_or_default().iter().find(|argument| self.is_large(argument)) {
            Some(Expr::Literal(value, _)) => Err(DataFusionError::ResourcesExhausted(format!(
                "a constant of {} KiB would stand beside each value of an aggregate, and {} KiB are the most",
                of_constant(value) >> 10,
                self.small >> 10
            ))),
            _ => Ok(()),
        }
    }
}

impl OptimizerRule for BoundedConstants {
    fn name(&self) -> &str {
        BOUNDED_CONSTANTS
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let makes_rows = matches!(
            plan,
            LogicalPlan::Projection(_)
                | LogicalPlan::Filter(_)
                | LogicalPlan::Aggregate(_)
                | LogicalPlan::Window(_)
        );
        let mut found = false;
        if makes_rows {
            plan.apply_expressions(|expr| {
                found = found || expr.exists(|expr| Ok(self.is_large(expr)))?;
                Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
            })?;
        }
        if !found {
            return Ok(Transformed::no(plan));
        }
        let names = NamePreserver::new(&plan);
        plan.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(self.bounded(expr)?.update_data(|expr| name.restore(expr)))
        })
    }
}

/// A constant that is asked first for how many rows.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Constant {
    value: ScalarValue,
    most: u64,
    signature: Signature,
}

impl Constant {
    /// Volatile, so that nobody makes it a literal again.
    fn new(value: ScalarValue, most: u64) -> Self {
        Self { value, most, signature: Signature::nullary(Volatility::Volatile) }
    }
}

impl fmt::Debug for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Constant of {} bytes", of_constant(&self.value))
    }
}

impl ScalarUDFImpl for Constant {
    fn name(&self) -> &str {
        "large_constant"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.value.data_type())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name(), self.value.data_type(), self.value.is_null())))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let bytes = of_constant(&self.value);
        if bytes.saturating_mul(args.number_rows as u64) <= self.most {
            return Ok(ColumnarValue::Scalar(self.value.clone()));
        }
        Err(DataFusionError::ResourcesExhausted(format!(
            "a constant of {} KiB would be repeated for {} rows, and {} MiB are the most",
            bytes >> 10,
            args.number_rows,
            self.most >> 20
        )))
    }
}
