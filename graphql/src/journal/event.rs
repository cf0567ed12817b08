//! One event. Personal values are named, never opened and never handed out sealed.

use std::sync::Arc;

use async_graphql::{ID, Json, Object, Scalar, ScalarType, SimpleObject, Value as Input};
use domain::kernel::Timestamp;
use journal::Recorded;
use serde_json::{Value, json};

use crate::{failure::Result, input::number};

/// A place in the order of all events; the first is at 1.
pub(crate) struct Position(i64);

impl From<journal::Position> for Position {
    fn from(position: journal::Position) -> Self {
        Self(position.0)
    }
}

#[Scalar]
impl ScalarType for Position {
    fn parse(value: Input) -> async_graphql::InputValueResult<Self> {
        match &value {
            Input::Number(number) => number.as_i64().map(Self).ok_or_else(|| async_graphql::InputValueError::expected_type(value)),
            _ => Err(async_graphql::InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Input {
        Input::from(self.0)
    }
}

/// Which stream an event belongs to.
#[derive(SimpleObject)]
pub(crate) struct EventStream {
    /// Such as `session`.
    kind: String,
    /// A UUID.
    id: ID,
}

/// A fact, as it was recorded.
pub(crate) struct Event(Arc<Recorded>);

impl From<Arc<Recorded>> for Event {
    fn from(recorded: Arc<Recorded>) -> Self {
        Self(recorded)
    }
}

/// A fact, as it was recorded.
#[Object]
impl Event {
    async fn id(&self) -> ID {
        self.0.event_id.to_string().into()
    }

    async fn position(&self) -> Position {
        self.0.position.into()
    }

    /// Resumes the subscription `events` after this one.
    async fn cursor(&self) -> String {
        super::scan::cursor(self.0.position).text()
    }

    async fn stream(&self) -> EventStream {
        EventStream { kind: self.0.stream.kind.clone().into_owned(), id: self.0.stream.id.to_string().into() }
    }

    /// Where in its stream, from 1.
    async fn sequence(&self) -> i32 {
        number(self.0.sequence)
    }

    /// Such as `StepCompleted`.
    #[graphql(name = "type")]
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The version of the stored form.
    async fn version(&self) -> i32 {
        i32::from(self.0.version)
    }

    async fn recorded_at(&self) -> Timestamp {
        self.0.recorded_at
    }

    /// Who: an account's id, `system:` and a name, or `anonymous`.
    async fn actor(&self) -> &str {
        &self.0.metadata.actor
    }

    /// What happened. Of a personal value it says only whose it is.
    async fn payload(&self) -> Result<Json<Value>> {
        Ok(Json(without_personal(self.0.payload.to_value()?)))
    }

    /// Where it comes from. Of a personal value it says only whose it is.
    async fn metadata(&self) -> Result<Json<Value>> {
        Ok(Json(without_personal(serde_json::to_value(&self.0.metadata)?)))
    }
}

/// Leaves of each personal value only whose it is.
pub(crate) fn without_personal(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_personal).collect(),
        Value::Object(fields) => {
            let field = |(name, field): (String, Value)| {
                let field = if name == "$personal" { json!({ "subject": field.get("subject") }) } else { without_personal(field) };
                (name, field)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
