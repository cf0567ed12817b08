//! What is done to an append before it queues: checked, sealed, measured, written as text.

use std::{collections::HashSet, sync::Arc};

use crate::{
    Append, Fence, JournalError, NewEvent, NewReceipt, StreamId, StreamWrite, Succession, seal, stored::metadata_text, vault::Vault,
};

/// The most bytes that payload and metadata of an event may have together, as stored.
const EVENT_LIMIT: usize = 64 * 1024;

/// An append that only needs its place.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) writes: Vec<PreparedWrite>,
    pub(crate) receipt: Option<NewReceipt>,
    pub(crate) fence: Option<Fence>,
    pub(crate) succession: Option<Succession>,
}

#[derive(Debug)]
pub(crate) struct PreparedWrite {
    pub(crate) stream: StreamId,
    /// The stream's id as stored.
    pub(crate) id: String,
    pub(crate) expected: i64,
    pub(crate) events: Vec<PreparedEvent>,
}

#[derive(Debug)]
pub(crate) struct PreparedEvent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) payload: String,
    pub(crate) metadata: Arc<str>,
}

impl Prepared {
    /// What it is refused with, if one that it was decided on was not written.
    pub(crate) fn cut_off(&self) -> Option<JournalError> {
        let has_failed = self.succession.as_ref().is_some_and(Succession::has_failed);
        let write = self.writes.first().filter(|_| has_failed)?;
        Some(JournalError::Conflict { stream: write.stream.clone(), expected: write.expected, actual: write.expected })
    }

    /// Takes note that it was not written.
    pub(crate) fn was_not_written(&self) {
        if let Some(succession) = &self.succession {
            succession.fail();
        }
    }
}

pub(crate) async fn prepare(vault: &dyn Vault, append: Append) -> Result<Prepared, JournalError> {
    check(&append)?;
    let Append { writes, mut metadata, receipt, fence } = append;
    // All events of an append share their metadata, so the address is sealed once, for the first of them.
    if let (Some(address), Some(first)) = (&mut metadata.address, writes.iter().flat_map(|write| &write.events).next()) {
        seal::seal(vault, first.id, address).await?;
    }
    let metadata: Arc<str> = metadata_text(metadata).map_err(|error| JournalError::Malformed(error.to_string()))?.into();
    let mut prepared = Vec::with_capacity(writes.len());
    for StreamWrite { stream, expected, events } in writes {
        let mut texts = Vec::with_capacity(events.len());
        for event in events {
            texts.push(prepare_event(vault, event, &metadata).await?);
        }
        prepared.push(PreparedWrite { id: stream.id.to_string(), stream, expected, events: texts });
    }
    Ok(Prepared { writes: prepared, receipt, fence, succession: None })
}

async fn prepare_event(vault: &dyn Vault, mut event: NewEvent, metadata: &Arc<str>) -> Result<PreparedEvent, JournalError> {
    seal::seal(vault, event.id, &mut event.payload).await?;
    let payload = event.payload.to_string();
    let bytes = payload.len() + metadata.len();
    if bytes > EVENT_LIMIT {
        return Err(JournalError::TooLarge { name: event.name, bytes, limit: EVENT_LIMIT });
    }
    let (id, version) = (event.id.to_string(), event.version.to_string());
    Ok(PreparedEvent { id, name: event.name, version, payload, metadata: metadata.clone() })
}

fn check(append: &Append) -> Result<(), JournalError> {
    let malformed = |what: String| Err(JournalError::Malformed(what));
    if append.receipt.is_none() && append.writes.iter().all(|write| write.events.is_empty()) {
        return malformed("neither an event nor a receipt".into());
    }
    let mut streams = HashSet::new();
    let mut ids = HashSet::new();
    for write in &append.writes {
        if !streams.insert(&write.stream) {
            return malformed(format!("stream {} is written twice", write.stream));
        }
        if write.expected < 0 {
            return malformed(format!("stream {} cannot be at {}", write.stream, write.expected));
        }
        if let Some(twice) = write.events.iter().find(|event| !ids.insert(event.id)) {
            return malformed(format!("event id {} is used twice", twice.id));
        }
    }
    Ok(())
}
