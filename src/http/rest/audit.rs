//! The audit as a file.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use commands::{Request as Known, authorization::reads};
use domain::audit::trail::Verdict;
use futures_util::stream;
use journal::vault::Vault;
use projections::{
    DatabaseConnection,
    audit::{Filter, Order, entries, search, subjects::id_of},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Answer, CSV, attachment, noted,
    personal::{opened, sealed},
    problem::Problem,
    receiver::{self, Receiver},
    recorded, who,
};
use crate::http::Shared;

/// Entries read at once.
const CHUNK: usize = 500;
/// The members of each line, and the columns of a table.
const COLUMNS: [&str; 17] = [
    "id",
    "position",
    "at",
    "actor",
    "via",
    "onBehalfOf",
    "action",
    "outcome",
    "reason",
    "subject",
    "correlation",
    "causation",
    "address",
    "addressDigest",
    "userAgent",
    "times",
    "events",
];

/// Which entries, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Asked {
    #[param(inline)]
    format: Form,
    /// Who: an account's id, `system:` and a name, or `anonymous`.
    #[param(value_type = Option<String>)]
    actor: Option<String>,
    /// The id of what they are about.
    #[param(value_type = Option<String>)]
    subject: Option<String>,
    /// Such as `roleGrant`.
    #[param(value_type = Option<String>)]
    action: Option<String>,
    /// `accepted`, `refused` or `failed`.
    #[param(value_type = Option<String>)]
    outcome: Option<Verdict>,
    /// Recorded then or later.
    from: Option<DateTime<Utc>>,
    /// Recorded before.
    until: Option<DateTime<Utc>>,
    /// The network address that it came from.
    #[param(value_type = Option<String>)]
    address: Option<std::net::IpAddr>,
    #[param(value_type = Option<String>)]
    correlation: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// RFC 4180, with a line of names first.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// The audit, earliest first, in one file however large; it is read within an hour. That it was exported is in the audit before the
/// first byte is sent.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "audit", security(("accessToken" = [])), params(Asked),
    responses(
        (status = 200, description = "The entries", body = String, content_type = "application/x-ndjson"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn export(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let known = who(&shared, &parts).await?;
    noted(&shared, &known, "auditExport", None, exported(&shared, &known, &parts)).await
}

async fn exported(shared: &Arc<Shared>, known: &Known, parts: &Parts) -> Answer {
    known.allowed(&reads::AUDIT_TRAIL).map_err(|fault| Problem::fault(&fault, known.correlation))?;
    let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri).map_err(|error| {
        let expected = "format, actor, subject, action, outcome, from, until, address and correlation";
        Problem::bad("query", format!("query: expected {expected}; {}", error.body_text()))
    })?;
    let form = asked.format;
    let filter = filter(shared, known, asked).await?;
    // Before it is recorded.
    let Some(turn) = shared.audit.take(&known.actor.name()) else {
        return Err(Problem::busy("others are exported already, or one for you"));
    };
    recorded(shared, known, "auditExport", vec![]).await?;
    let receiver = Receiver::known(shared, known, &reads::AUDIT_TRAIL);
    let pages = Pages { shared: shared.clone(), filter, form, from: None, is_first: true };
    let text = stream::try_unfold((Some(pages), receiver, turn), |(pages, receiver, turn)| async move {
        let Some(mut pages) = pages else { return Ok(None) };
        receiver.goes_on(&turn).await?;
        let (text, more) = pages.next().await?;
        Ok::<_, std::io::Error>(Some((text, (more.then_some(pages), receiver, turn))))
    });
    let (media_type, name) = match form {
        Form::Csv => (CSV, "audit.csv"),
        Form::Ndjson => ("application/x-ndjson", "audit.ndjson"),
    };
    Ok(attachment(media_type, name, receiver::body(known, text)))
}

async fn filter(shared: &Shared, known: &Known, asked: Asked) -> Answer<Filter> {
    let Asked { format: _, actor, subject, action, outcome, from, until, address, correlation } = asked;
    let expected = || Problem::bad("subject", "subject: expected an id as the API gives it");
    let subject = subject.map(|id| id_of(&id).ok_or_else(expected)).transpose()?;
    let addresses = match address {
        Some(address) => {
            let digests = shared.services.commands.audit.digests(&address.to_string(), from, until).await;
            Some(digests.map_err(|fault| Problem::fault(&fault, known.correlation))?)
        }
        None => None,
    };
    Ok(Filter { actor, subject, action, verdict: outcome, since: from, until, addresses, correlation })
}

/// What is left of an export.
struct Pages {
    shared: Arc<Shared>,
    filter: Filter,
    form: Form,
    from: Option<i64>,
    is_first: bool,
}

impl Pages {
    /// Some more of it, and whether there is still more.
    async fn next(&mut self) -> std::io::Result<(String, bool)> {
        let (db, vault): (&DatabaseConnection, &dyn Vault) = (self.shared.services.projections.db(), &*self.shared.services.stores.vault);
        let found = search(db, &self.filter, Order::EarliestFirst, self.from, CHUNK).await.map_err(std::io::Error::other)?;
        self.from = found.reached;
        let mut text = String::new();
        if std::mem::take(&mut self.is_first) && self.form == Form::Csv {
            text.push_str(&COLUMNS.join(","));
            text.push_str("\r\n");
        }
        let opened = open(vault, &found.rows).await?;
        for (row, (address, agent)) in found.rows.into_iter().zip(opened) {
            line(self.form, &values(&row, address, agent), &mut text);
        }
        Ok((text, found.more))
    }
}

/// The address and the program of each entry in the clear, where their owner has not been erased.
async fn open(vault: &dyn Vault, rows: &[entries::Model]) -> std::io::Result<Vec<(Value, Value)>> {
    let all = rows.iter().flat_map(|row| [&row.address, &row.user_agent]);
    let all: Vec<_> = all.map(|value| value.as_ref().and_then(|value| sealed(&value.0))).collect();
    let mut found = opened(vault, &all).await?.into_iter();
    let mut next = || found.next().flatten().unwrap_or_default();
    Ok(rows.iter().map(|_| (next(), next())).collect())
}

/// In the order of the columns.
fn values(row: &entries::Model, address: Value, agent: Value) -> [Value; 17] {
    [
        json!(row.entry),
        json!(row.position),
        json!(row.at),
        json!(row.actor),
        json!(row.via),
        json!(row.on_behalf_of),
        json!(row.action),
        json!(row.verdict.0),
        json!(row.reason),
        json!(row.subject),
        json!(row.correlation),
        json!(row.causation),
        address,
        json!(row.address_digest),
        agent,
        json!(row.times),
        json!(row.events),
    ]
}

fn line(form: Form, values: &[Value; 17], text: &mut String) {
    match form {
        Form::Ndjson => {
            let members: serde_json::Map<_, _> = COLUMNS.into_iter().map(Into::into).zip(values.iter().cloned()).collect();
            text.push_str(&Value::Object(members).to_string());
            text.push('\n');
        }
        Form::Csv => {
            text.push_str(&values.iter().map(cell).collect::<Vec<_>>().join(","));
            text.push_str("\r\n");
        }
    }
}

/// A cell, which no program for tables takes for a formula.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => tables::csv::text(text),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
