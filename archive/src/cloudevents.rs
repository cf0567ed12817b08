//! `CloudEvents` 1.0, the JSON form. Names of extensions are lower-case letters and digits; numbers that may pass 32 bits are
//! text.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat};
use journal::RawEvent;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::line;

#[derive(Debug, Serialize)]
pub(crate) struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    #[serde(rename = "type")]
    name: &'a str,
    subject: String,
    time: String,
    datacontenttype: &'static str,
    position: String,
    sequence: String,
    eventversion: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commandid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    hash: String,
    data: &'a RawValue,
}

impl<'a> CloudEvent<'a> {
    /// `None`: a column is not what the journal writes.
    pub(crate) fn of(event: &'a RawEvent, journal: Uuid) -> Option<Self> {
        let mut metadata: HashMap<&str, serde_json::Value> = serde_json::from_str(&event.metadata).ok()?;
        let mut take = |name| match metadata.remove(name) {
            Some(serde_json::Value::String(text)) => Some(text),
            _ => None,
        };
        Some(Self {
            specversion: "1.0",
            id: &event.event_id,
            source: format!("urn:uuid:{journal}"),
            name: &event.event_type,
            subject: format!("{}/{}", event.aggregate_type, event.aggregate_id),
            time: DateTime::from_timestamp_micros(event.recorded_at)?.to_rfc3339_opts(SecondsFormat::Micros, true),
            datacontenttype: "application/json",
            position: event.position.to_string(),
            sequence: event.sequence.to_string(),
            eventversion: &event.event_version,
            actor: take("actor"),
            commandid: take("command"),
            correlationid: take("correlation"),
            causationid: take("causation"),
            traceparent: take("traceparent"),
            hash: hex::encode(&event.hash),
            data: line::raw(&event.payload)?,
        })
    }
}
