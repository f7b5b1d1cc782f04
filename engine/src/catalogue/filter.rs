//! Filters that the database can apply: comparisons of one column with values, IS NULL, IN, truth values, AND.
//! Values travel as parameters. Text is compared for equality only: databases sort text by their own rules.

use datafusion::arrow::datatypes::{DataType, Schema, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};

use crate::store::{Dialect, TableSource, Value};

/// Most values of an IN that are sent along.
const MOST_VALUES: usize = 100;

/// Whether a filter goes to the database, and whether that is enough. Text is checked once more afterwards: a column
/// may compare without case.
pub fn support(schema: &Schema, filter: &Expr) -> TableProviderFilterPushDown {
    match trust(schema, filter) {
        None => TableProviderFilterPushDown::Unsupported,
        Some(true) => TableProviderFilterPushDown::Exact,
        Some(false) => TableProviderFilterPushDown::Inexact,
    }
}

/// None: cannot be sent. True: the answer of the database is exact.
fn trust(schema: &Schema, filter: &Expr) -> Option<bool> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            Some(trust(schema, left)? && trust(schema, right)?)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let (column, op, value) = oriented(left, *op, right)?;
            let data_type = type_of(schema, column)?;
            symbol(op, data_type)?;
            value_of(value, data_type)?;
            Some(is_exact(data_type))
        }
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => type_of(schema, name(inner)?).map(|_| true),
        Expr::InList(list) => {
            let data_type = type_of(schema, name(&list.expr)?)?;
            let known = list.list.iter().all(|e| literal(e).and_then(|v| value_of(v, data_type)).is_some());
            let fits = !list.negated && !list.list.is_empty() && list.list.len() <= MOST_VALUES;
            (known && fits).then(|| is_exact(data_type))
        }
        Expr::Column(column) => (type_of(schema, &column.name)? == &DataType::Boolean).then_some(true),
        Expr::Not(inner) => (type_of(schema, name(inner)?)? == &DataType::Boolean).then_some(true),
        _ => None,
    }
}

fn is_exact(data_type: &DataType) -> bool {
    !data_type.is_string()
}

fn name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Column(column) => Some(&column.name),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

fn type_of<'a>(schema: &'a Schema, column: &str) -> Option<&'a DataType> {
    schema.column_with_name(column).map(|(_, field)| field.data_type())
}

/// The comparison with its column on the left.
fn oriented<'a>(
    left: &'a Expr,
    op: Operator,
    right: &'a Expr,
) -> Option<(&'a str, Operator, &'a ScalarValue)> {
    match (name(left), literal(right)) {
        (Some(column), Some(value)) => Some((column, op, value)),
        _ => Some((name(right)?, op.swap()?, literal(left)?)),
    }
}

fn symbol(op: Operator, data_type: &DataType) -> Option<&'static str> {
    let ordered = matches!(
        data_type,
        DataType::Int32 | DataType::Int64 | DataType::Date32 | DataType::Timestamp(TimeUnit::Microsecond, _)
    );
    match op {
        Operator::Eq if ordered || data_type.is_string() || data_type == &DataType::Boolean => Some("="),
        Operator::Lt if ordered => Some("<"),
        Operator::LtEq if ordered => Some("<="),
        Operator::Gt if ordered => Some(">"),
        Operator::GtEq if ordered => Some(">="),
        _ => None,
    }
}

/// A value of exactly the column's type.
fn value_of(value: &ScalarValue, data_type: &DataType) -> Option<Value> {
    Some(match (value, data_type) {
        (ScalarValue::Int64(Some(v)), DataType::Int64 | DataType::Int32) => Value::Int(*v),
        (ScalarValue::Int32(Some(v)), DataType::Int64 | DataType::Int32) => Value::Int(i64::from(*v)),
        (ScalarValue::Boolean(Some(v)), DataType::Boolean) => Value::Bool(*v),
        (ScalarValue::Date32(Some(v)), DataType::Date32) => Value::Date(*v),
        (ScalarValue::TimestampMicrosecond(Some(v), _), DataType::Timestamp(TimeUnit::Microsecond, _)) => {
            Value::Timestamp(*v)
        }
        (
            ScalarValue::Utf8(Some(v)) | ScalarValue::Utf8View(Some(v)) | ScalarValue::LargeUtf8(Some(v)),
            text,
        ) if text.is_string() && !v.contains('\0') => Value::Text(v.clone()),
        _ => return None,
    })
}

/// The WHERE of one statement, and its parameters.
pub struct Conditions<'a> {
    source: &'a TableSource,
    dialect: Dialect,
    parts: Vec<String>,
    params: Vec<Value>,
}

impl<'a> Conditions<'a> {
    /// No condition yet.
    pub fn new(source: &'a TableSource, dialect: Dialect) -> Self {
        Self { source, dialect, parts: Vec::new(), params: Vec::new() }
    }

    /// A condition that ends with a value.
    pub fn add_text(&mut self, left: &str, value: Value) {
        let placeholder = self.param(value);
        self.parts.push(format!("{left}{placeholder}"));
    }

    /// A filter that [`support`] took. Others are left to DataFusion.
    pub fn add(&mut self, filter: &Expr) {
        if trust(&self.source.schema, filter).is_some()
            && let Some(sql) = self.sql(filter)
        {
            self.parts.push(sql);
        }
    }

    /// The clause, empty without conditions.
    pub fn finish(self) -> (String, Vec<Value>) {
        let place = if self.parts.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.parts.join(" AND "))
        };
        (place, self.params)
    }

    fn param(&mut self, value: Value) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }

    fn sql(&mut self, filter: &Expr) -> Option<String> {
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                Some(format!("{} AND {}", self.sql(left)?, self.sql(right)?))
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let (column, op, value) = oriented(left, *op, right)?;
                let (sql, data_type) = self.column(column)?;
                let (symbol, value) = (symbol(op, &data_type)?, value_of(value, &data_type)?);
                Some(format!("{sql} {symbol} {}", self.param(value)))
            }
            Expr::IsNull(inner) => Some(format!("{} IS NULL", self.column(name(inner)?)?.0)),
            Expr::IsNotNull(inner) => Some(format!("{} IS NOT NULL", self.column(name(inner)?)?.0)),
            Expr::InList(list) => {
                let (sql, data_type) = self.column(name(&list.expr)?)?;
                let values: Option<Vec<Value>> =
                    list.list.iter().map(|e| literal(e).and_then(|v| value_of(v, &data_type))).collect();
                let places: Vec<String> = values?.into_iter().map(|value| self.param(value)).collect();
                Some(format!("{sql} IN ({})", places.join(", ")))
            }
            Expr::Column(column) => Some(self.column(&column.name)?.0),
            Expr::Not(inner) => Some(format!("NOT {}", self.column(name(inner)?)?.0)),
            _ => None,
        }
    }

    /// A column as it is compared: what is shown as text is compared as such.
    fn column(&self, name: &str) -> Option<(String, DataType)> {
        let (index, field) = self.source.schema.column_with_name(name)?;
        let plain = &self.source.expressions[index];
        let sql = match field.data_type().is_string() {
            true => self.dialect.as_text(plain),
            false => plain.clone(),
        };
        Some((sql, field.data_type().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::datatypes::Field;
    use datafusion::logical_expr::{col, lit};
    use std::sync::Arc;

    fn source() -> TableSource {
        let fields = [("id", DataType::Int64), ("status", DataType::Utf8), ("is_active", DataType::Boolean)];
        let names = fields.iter().map(|(n, _)| format!("\"{n}\"")).collect();
        let fields: Vec<Field> = fields.iter().map(|(n, t)| Field::new(*n, t.clone(), true)).collect();
        TableSource { schema: Arc::new(Schema::new(fields)), expressions: names, from: "t".into() }
    }

    fn sent(filter: &Expr, dialect: Dialect) -> (String, Vec<Value>) {
        let source = source();
        let mut conditions = Conditions::new(&source, dialect);
        conditions.add(filter);
        conditions.finish()
    }

    #[test]
    fn comparisons_go_along_as_parameters() {
        let filter = col("id").gt(lit(5_i64)).and(col("status").eq(lit("failed")));
        let (sql, params) = sent(&filter, Dialect::Sqlite);
        assert_eq!(sql, " WHERE \"id\" > $1 AND \"status\" = $2");
        assert_eq!(params, [Value::Int(5), Value::Text("failed".into())]);
        assert_eq!(support(&source().schema, &filter), TableProviderFilterPushDown::Inexact);
        assert_eq!(
            sent(&filter, Dialect::Postgres).0,
            " WHERE \"id\" > $1 AND CAST(\"status\" AS text) = $2"
        );
    }

    #[test]
    fn the_column_may_stand_on_the_right() {
        let filter = lit(5_i64).gt(col("id"));
        assert_eq!(sent(&filter, Dialect::Sqlite).0, " WHERE \"id\" < $1");
        assert_eq!(support(&source().schema, &filter), TableProviderFilterPushDown::Exact);
    }

    #[test]
    fn sets_nulls_and_truth() {
        let filter = col("id").in_list(vec![lit(1_i64), lit(2_i64)], false);
        assert_eq!(sent(&filter, Dialect::Sqlite).0, " WHERE \"id\" IN ($1, $2)");
        assert_eq!(sent(&col("status").is_null(), Dialect::Sqlite).0, " WHERE \"status\" IS NULL");
        assert_eq!(sent(&!col("is_active"), Dialect::Sqlite).0, " WHERE NOT \"is_active\"");
    }

    #[test]
    fn what_databases_judge_otherwise_stays_here() {
        for filter in [
            col("status").gt(lit("a")),
            col("id").eq(lit(1.5)),
            col("id").eq(lit("1")),
            col("id").gt(lit(1_i64)).or(col("id").is_null()),
            col("status").like(lit("a%")),
        ] {
            assert_eq!(support(&source().schema, &filter), TableProviderFilterPushDown::Unsupported);
            assert!(sent(&filter, Dialect::Sqlite).0.is_empty());
        }
    }
}
