//! Times as clocks on the wall show them.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDateTime};

/// A date and a time as a clock on the wall shows them; which one, something beside it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalDateTime(pub(super) NaiveDateTime);

/// Far enough for what anybody plans, and near enough for everything that reckons with it.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

/// A date and a time as a clock on the wall shows them, such as `2026-12-01T09:30` or `2026-12-01T09:30:00`.
#[Scalar]
impl ScalarType for LocalDateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => local(text).map(Self).ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    /// Found out before anything is done, so that it is said where the value is.
    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if local(text).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%dT%H:%M:%S").to_string())
    }
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let read = |format: &str| NaiveDateTime::parse_from_str(text, format).ok();
    read("%Y-%m-%dT%H:%M:%S").or_else(|| read("%Y-%m-%dT%H:%M")).filter(|time| YEARS.contains(&time.year()))
}

#[cfg(test)]
mod tests;
