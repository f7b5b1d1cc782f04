//! How deep calls and operators may stand in each other. The planner looks for the type and the name of each of them through
//! all that stand in it: a chain of thousands takes minutes, and more of the stack than there is.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, plan_datafusion_err};
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};

/// Calls and operators in each other. Conditions joined by AND and OR are not among them: they have one type, and lists of
/// thousands are ordinary.
const DEEPEST: usize = 400;

/// Refuses a plan with an expression that is too deep to be planned.
///
/// # Errors
/// An error of planning that says how it is written otherwise.
pub fn check_depth(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| match is_deeper(expr, DEEPEST) {
            true => Err(plan_datafusion_err!(
                "an expression has more than {DEEPEST} calls or operators in each other: cut it into parts, or write concat(a, b, …) for a || b || …"
            )),
            false => Ok(TreeNodeRecursion::Continue),
        })
    })?;
    Ok(())
}

/// With a stack of its own, for the expression may be deeper than the thread's.
fn is_deeper(expr: &Expr, most: usize) -> bool {
    let mut waiting = vec![(expr, 0)];
    while let Some((expr, above)) = waiting.pop() {
        let depth = above + usize::from(!joins_conditions(expr));
        if depth > most {
            return true;
        }
        // Looking at the parts of one expression does not fail.
        let _ = expr.apply_children(|part| {
            waiting.push((part, depth));
            Ok(TreeNodeRecursion::Continue)
        });
    }
    false
}

fn joins_conditions(expr: &Expr) -> bool {
    matches!(expr, Expr::BinaryExpr(binary) if matches!(binary.op, Operator::And | Operator::Or))
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::SessionContext;

    use super::*;

    async fn checked(sql: &str) -> Result<()> {
        let state = SessionContext::new().state();
        check_depth(&state.create_logical_plan(sql).await?)
    }

    #[tokio::test]
    async fn chains_end_somewhere() {
        let chain = |of: &str, times: usize| of.repeat(times);
        let error = checked(&format!("SELECT 'a'{}", chain(" || 'b'", 500))).await.unwrap_err().to_string();
        assert!(error.contains("more than 400 calls or operators"), "{error}");
        assert!(checked(&format!("SELECT 1{}", chain(" + 1", 500))).await.is_err());
        assert!(checked(&format!("SELECT (SELECT 1{})", chain(" + 1", 500))).await.is_err());
        checked(&format!("SELECT 'a'{}", chain(" || 'b'", 300))).await.unwrap();
        let conditions =
            format!("SELECT n FROM (VALUES (1)) AS t (n) WHERE n = 0{}", chain(" OR n = 1", 1500));
        checked(&conditions).await.unwrap();
    }
}
