//! `||` as a function, and functions that the planner takes from elsewhere than from the session.
//!
//! An operator has no place where it could be asked first, so a call of a function takes its place before a query is
//! analysed. It has the types, the NULLs and the name of the operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::compute::kernels::concat_elements::concat_elements_dyn;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::utils::take_function_args;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use datafusion::logical_expr_common::type_coercion::binary::BinaryTypeCoercer;

use super::function::Bounded;

/// Puts functions with a bound in the place of those without.
#[derive(Debug)]
pub struct BoundedCalls {
    pub concatenation: Arc<ScalarUDF>,
    /// By their names.
    pub functions: BTreeMap<String, Arc<ScalarUDF>>,
}

impl FunctionRewrite for BoundedCalls {
    fn name(&self) -> &str {
        "bounded_calls"
    }

    fn rewrite(&self, expr: Expr, _schema: &DFSchema, _config: &ConfigOptions) -> Result<Transformed<Expr>> {
        Ok(match expr {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right }) => {
                let function = Arc::clone(&self.concatenation);
                let call = ScalarFunction::new_udf(function, vec![*left, *right]);
                Transformed::yes(Expr::ScalarFunction(call))
            }
            Expr::ScalarFunction(mut call) if !Bounded::is(&call.func) => {
                match self.functions.get(call.func.name()) {
                    Some(bounded) => {
                        call.func = Arc::clone(bounded);
                        Transformed::yes(Expr::ScalarFunction(call))
                    }
                    None => Transformed::no(Expr::ScalarFunction(call)),
                }
            }
            other => Transformed::no(other),
        })
    }
}

/// What `||` does with texts and bytes. Lists have functions of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Concatenation {
    signature: Signature,
}

impl Concatenation {
    pub fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Concatenation {
    fn name(&self) -> &str {
        "||"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [left, right] = take_function_args(self.name(), args)?;
        Ok(format!("{} || {}", left.schema_name(), right.schema_name()))
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let [left, right] = take_function_args(self.name(), arg_types)?;
        let (left, right) = BinaryTypeCoercer::new(left, &Operator::StringConcat, right).get_input_types()?;
        Ok(vec![left, right])
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let [left, right] = take_function_args(self.name(), arg_types)?;
        BinaryTypeCoercer::new(left, &Operator::StringConcat, right).get_result_type()
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let is_nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.return_type(&types)?, is_nullable)))
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [left, right] = take_function_args(self.name(), arrays)?;
        Ok(ColumnarValue::Array(concat_elements_dyn(&left, &right)?))
    }
}
