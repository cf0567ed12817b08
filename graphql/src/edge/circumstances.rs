//! What a request says of where it comes from.

use std::net::IpAddr;

use axum::http::{HeaderMap, request::Parts};
use commands::Actor;
use domain::identity::Language;
use uuid::Uuid;

use super::client::Client;
use crate::{caller::Caller, notes::Outcomes};

/// What a request says of where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    pub(super) correlation: Uuid,
    /// From where it comes; none, if nobody knows.
    pub(super) address: Option<IpAddr>,
    /// Whether it came encrypted.
    pub(super) secure: bool,
    user_agent: Option<String>,
    language: Option<Language>,
    traceparent: Option<String>,
}

impl Circumstances {
    pub(super) fn of(parts: &Parts) -> Self {
        let client = Client::of(&parts.extensions);
        Self {
            correlation: header(&parts.headers, "x-request-id").and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_else(Uuid::now_v7),
            address: client.map(|client| client.address),
            secure: client.is_some_and(|client| client.secure),
            // What is kept of it is cut where it is kept.
            user_agent: header(&parts.headers, "user-agent").map(Into::into),
            language: header(&parts.headers, "accept-language").and_then(Language::preferred),
            traceparent: header(&parts.headers, "traceparent").filter(|text| is_traceparent(text)).map(Into::into),
        }
    }

    /// The same for another operation on the same socket.
    pub(super) fn anew(&self) -> Self {
        Self { correlation: Uuid::now_v7(), ..self.clone() }
    }

    pub(super) fn caller(&self, actor: Actor) -> Caller {
        Caller {
            actor,
            correlation: self.correlation,
            address: self.address.map(|address| address.to_string()),
            user_agent: self.user_agent.clone(),
            language: self.language,
            traceparent: self.traceparent.clone(),
            cookie: None,
            outcomes: Outcomes::default(),
        }
    }
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether it is of version 00 of W3C Trace Context. It is recorded with events, so nothing else gets through.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_hex = |part: &&str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([2, 32, 16, 2]) && parts[0] == "00" && parts.iter().all(is_hex)
}

#[cfg(test)]
mod tests;
