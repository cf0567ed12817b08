//! Columns as arrays, for `PostgreSQL` to read as rows.

use sea_orm::sea_query::{ArrayType, Value};

/// An array for each column; none if a column has no value somewhere, or values that arrays are not made of.
pub(super) fn of(columns: impl Iterator<Item = Vec<Value>>) -> Option<Vec<Value>> {
    columns.map(array).collect()
}

fn array(values: Vec<Value>) -> Option<Value> {
    let kind = values.first()?.array_type();
    let simple = [
        ArrayType::Bool,
        ArrayType::BigInt,
        ArrayType::Double,
        ArrayType::String,
        ArrayType::Uuid,
        ArrayType::ChronoDate,
        ArrayType::ChronoDateTimeUtc,
    ];
    let fits = |value: &Value| value.array_type() == kind && *value != value.as_null();
    (simple.contains(&kind) && values.iter().all(fits)).then(|| Value::Array(kind, Some(Box::new(values))))
}

/// `$1, $2`, and so on.
pub(super) fn placeholders(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}
