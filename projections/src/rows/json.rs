//! Rows as one JSON text, for `PostgreSQL` to take apart by the types of its columns.

use std::fmt::Write;

use chrono::SecondsFormat;
use sea_orm::{DbErr, sea_query::Value};

/// An array of objects.
pub(super) fn array<'a, O>(objects: impl Iterator<Item = O>) -> Result<String, DbErr>
where
    O: IntoIterator<Item = (&'a str, Value)>,
{
    let mut text = String::from("[");
    for (index, object) in objects.enumerate() {
        text.push_str(if index == 0 { "{" } else { ",{" });
        for (index, (name, value)) in object.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\"{name}\":");
            push(&mut text, &value)?;
        }
        text.push('}');
    }
    text.push(']');
    Ok(text)
}

/// Writing to a string does not fail.
fn push(text: &mut String, value: &Value) -> Result<(), DbErr> {
    let _ = match value {
        Value::Bool(Some(value)) => write!(text, "{value}"),
        Value::BigInt(Some(value)) => write!(text, "{value}"),
        Value::Double(Some(value)) => write!(text, "{value}"),
        Value::Uuid(Some(value)) => write!(text, "\"{value}\""),
        Value::ChronoDate(Some(value)) => write!(text, "\"{value}\""),
        Value::ChronoDateTimeUtc(Some(value)) => write!(text, "\"{}\"", value.to_rfc3339_opts(SecondsFormat::Micros, true)),
        Value::Json(Some(value)) => write!(text, "{value}"),
        Value::String(Some(value)) => {
            text.push_str(&serde_json::to_string(value).map_err(|error| DbErr::Json(error.to_string()))?);
            Ok(())
        }
        null if *null == null.as_null() => write!(text, "null"),
        other => return Err(DbErr::Type(format!("no column of a read model holds values of the type {:?}", other.array_type()))),
    };
    Ok(())
}
