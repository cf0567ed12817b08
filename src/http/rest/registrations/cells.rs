//! What stands in a row.

use std::collections::HashMap;

use domain::{
    booking::{Answer, Answers},
    kernel::{Currency, RegistrationId, RunId},
};
use journal::vault::Vault;
use projections::booking::{registrants, registrations, runs};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tables::Cell;
use uuid::Uuid;

use super::super::{
    personal::{self, sealed},
    sheets::word,
};

/// The names of the columns.
pub(super) const COLUMNS: [&str; 23] = [
    "registration",
    "run",
    "title",
    "startsAt",
    "number",
    "state",
    "ticket",
    "seats",
    "name",
    "email",
    "attendees",
    "answers",
    "code",
    "currency",
    "total",
    "tax",
    "paid",
    "refunded",
    "due",
    "owed",
    "requestedAt",
    "updatedAt",
    "checkedInAt",
];

/// What is known of somebody, in the clear; nothing of who has been erased.
pub(super) struct Opened {
    name: Option<String>,
    email: Option<String>,
    attendees: Option<Vec<String>>,
    answers: Option<Answers>,
}

/// What is known of who is behind registrations, by their ids.
pub(super) async fn opened(vault: &dyn Vault, rows: &[registrants::Model]) -> std::io::Result<HashMap<Uuid, Opened>> {
    let all = rows.iter().flat_map(|row| {
        [
            row.name.as_ref().and_then(|name| sealed(&name.0)),
            sealed(&row.email.0),
            row.attendees.as_ref().and_then(|attendees| sealed(&attendees.0)),
            row.answers.as_ref().and_then(|answers| sealed(&answers.0)),
        ]
    });
    let all: Vec<_> = all.collect();
    let mut values = personal::opened(vault, &all).await?.into_iter();
    let person = |row: &registrants::Model| {
        // In the order in which they were asked for.
        let [name, email, attendees, answers] = std::array::from_fn(|_| values.next().flatten());
        (row.registration, Opened { name: read(name), email: read(email), attendees: read(attendees), answers: read(answers) })
    };
    Ok(rows.iter().map(person).collect())
}

fn read<T: DeserializeOwned>(value: Option<Value>) -> Option<T> {
    value.and_then(|value| serde_json::from_value(value).ok())
}

/// In the order of the columns.
pub(super) fn cells(row: &registrations::Model, run: Option<&runs::Model>, person: Option<&Opened>) -> Vec<Cell> {
    let scale = Currency::scale_of(&row.currency);
    let amount = |units| Cell::Decimal { units, scale };
    let text = |text: String| Cell::Text(text);
    let Opened { name, email, attendees, answers } = person.unwrap_or(&NOBODY);
    vec![
        text(RegistrationId(row.registration).to_string()),
        text(RunId(row.run).to_string()),
        Cell::text(run.map(|run| run.plan.title.as_str())),
        Cell::text(run.map(|run| run.starts_at.to_rfc3339())),
        Cell::Number(row.number),
        word(row.state.0),
        text(row.ticket.clone()),
        Cell::Number(row.seats),
        Cell::text(name.as_deref()),
        Cell::text(email.as_deref()),
        Cell::text(attendees.as_ref().map(|attendees| attendees.join("; "))),
        Cell::text(answers.as_ref().map(told)),
        Cell::text(row.code.as_deref()),
        text(row.currency.clone()),
        amount(row.total),
        amount(row.quote.tax.amount),
        amount(row.kept),
        amount(row.refunded()),
        amount(row.due()),
        amount(row.owed),
        text(row.requested_at.to_rfc3339()),
        text(row.updated_at.to_rfc3339()),
        Cell::text(row.checked_in_at.map(|at| at.to_rfc3339())),
    ]
}

static NOBODY: Opened = Opened { name: None, email: None, attendees: None, answers: None };

/// Answers with what their questions go by.
fn told(answers: &Answers) -> String {
    let answer = |answer: &Answer| match answer {
        Answer::Text(text) => text.clone(),
        Answer::Number(number) => number.to_string(),
        Answer::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Answer::Choices(choices) => choices.join(", "),
    };
    answers.iter().map(|(key, given)| format!("{key}: {}", answer(given))).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
