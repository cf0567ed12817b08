//! Which events are about a person. The journal is gone through once, from where the person registered: what does not name them, and is
//! in no stream of theirs, is passed by unread.

use std::collections::{BTreeMap, BTreeSet};

use domain::{fact::Fact, kernel::AccountId, subject::Subject};
use journal::{JournalError, RawEvent};
use serde::Serialize;
use uuid::Uuid;

use crate::Fault;

/// Why an event is about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Because {
    /// It is in a stream of theirs.
    Own,
    /// They did it.
    Acted,
    /// It names them.
    Named,
}

/// Goes through events in their order, and remembers whose streams are the person's.
pub(super) struct Scan {
    account: AccountId,
    /// The account's id as payloads have it.
    plain: String,
    /// As metadata has it.
    typed: String,
    /// By kind.
    streams: BTreeMap<String, BTreeSet<Uuid>>,
}

impl Scan {
    pub(super) fn of(account: AccountId) -> Self {
        Self { account, plain: account.0.to_string(), typed: account.to_string(), streams: BTreeMap::new() }
    }

    /// Whether the next event is about the person, why, and what it says.
    pub(super) fn look(&mut self, event: &RawEvent) -> Result<Option<(Because, Fact)>, Fault> {
        let stream = Uuid::try_parse(&event.aggregate_id).map_err(|_| corrupt(event, "aggregate_id"))?;
        let owned = self.streams.get(&event.aggregate_type).is_some_and(|streams| streams.contains(&stream));
        let mentions = |text: &str| text.contains(&self.plain) || text.contains(&self.typed);
        let (named, acted) = (stream == self.account.0 || mentions(&event.payload), mentions(&event.metadata));
        if !owned && !named && !acted {
            return Ok(None);
        }
        let version = event.event_version.parse().map_err(|_| corrupt(event, "event_version"))?;
        let fact = Fact::read(&event.aggregate_type, &event.event_type, version, &event.payload)?;
        let own = match fact.subject(stream) {
            Subject::Person(person) => person == self.account,
            Subject::Unchanged => owned,
            Subject::Nobody => false,
        };
        if own != owned {
            let streams = self.streams.entry(event.aggregate_type.clone()).or_default();
            if own {
                streams.insert(stream)
            } else {
                streams.remove(&stream)
            };
        }
        let because = match () {
            () if own => Because::Own,
            () if acted => Because::Acted,
            () if named && fact.is_about_whom_it_names() => Because::Named,
            () => return Ok(None),
        };
        Ok(Some((because, fact)))
    }

    /// The person's streams of a kind, the oldest first where ids go with the time.
    pub(super) fn streams(&self, kind: &str) -> impl Iterator<Item = Uuid> {
        self.streams.get(kind).into_iter().flatten().copied()
    }
}

fn corrupt(event: &RawEvent, column: &str) -> Fault {
    JournalError::Corrupt { at: format!("position {}", event.position), what: format!("malformed {column}") }.into()
}

#[cfg(test)]
mod tests;
