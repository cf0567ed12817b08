//! Makes any decider a cqrs-es aggregate, and offers the journal as a cqrs-es event store. The only file that knows
//! cqrs-es.

use std::{collections::HashMap, sync::Arc};

use cqrs_es::{
    Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore,
    event_sink::EventSink,
    persist::{EventUpcaster, SerializedEvent},
};
use domain::{Decider, Event, upcast::Upcast};
use journal::{Append, Journal, JournalError, NewEvent, Recorded, StreamId, StreamWrite};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Fault, Request};

/// A decider as an aggregate.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(bound = "D: Decider", transparent)]
pub struct Stored<D>(pub D);

/// A decider's event as an aggregate's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "E: Event", transparent)]
pub struct StoredEvent<E>(pub E);

impl<E: Event> DomainEvent for StoredEvent<E> {
    fn event_type(&self) -> String {
        self.0.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.0.version().to_string()
    }
}

impl<D: Decider> Aggregate for Stored<D> {
    const TYPE: &'static str = D::STREAM;
    type Command = D::Command;
    type Event = StoredEvent<D::Event>;
    type Error = D::Rejection;
    type Services = Clock;

    async fn handle(&mut self, command: D::Command, now: &Clock, sink: &EventSink<Self>) -> Result<(), D::Rejection> {
        for event in self.0.decide(command, now())? {
            sink.write(StoredEvent(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: StoredEvent<D::Event>) {
        self.0.evolve(&event.0);
    }
}

/// The state of a stream, and how many events it rests on.
pub struct Loaded<D: Decider> {
    /// Which stream.
    pub stream: StreamId,
    /// The sequence of its last event; 0 if there is none.
    pub version: i64,
    /// What the events add up to.
    pub aggregate: Stored<D>,
}

impl<D: Decider> AggregateContext<Stored<D>> for Loaded<D> {
    fn aggregate(&mut self) -> &mut Stored<D> {
        &mut self.aggregate
    }
}

/// The journal as a cqrs-es event store of one kind of aggregate.
#[derive(Clone)]
pub struct JournalStore(pub Arc<dyn Journal>);

impl JournalStore {
    /// The state of a stream.
    ///
    /// # Errors
    /// The journal could not be read, or holds what this build cannot read.
    pub async fn load<D: Decider>(&self, id: Uuid) -> Result<Loaded<D>, Fault> {
        let stream = StreamId::new(D::STREAM, id);
        let mut aggregate = Stored::<D>::default();
        let mut version = 0;
        for recorded in self.0.load(&stream, 0).await? {
            version = recorded.sequence;
            aggregate.apply(StoredEvent(read::<D>(&recorded)?));
        }
        Ok(Loaded { stream, version, aggregate })
    }
}

/// A stored event of a kind of stream, in its newest form.
///
/// # Errors
/// It is of a newer build, or damaged: nothing can be decided on a stream that holds it.
pub(crate) fn read<D: Decider>(recorded: &Recorded) -> Result<D::Event, Fault> {
    let newer = || Fault::Newer { stream: recorded.stream.to_string(), event: recorded.name.clone(), version: recorded.version };
    domain::fact::read::<D>(&recorded.name, recorded.version, recorded.payload.as_str())?.ok_or_else(newer)
}

/// A decider's steps from old forms of its events to the newest, for cqrs-es's own event stores. This one takes them where
/// it decodes.
#[must_use]
pub fn upcasters<D: Decider>() -> Vec<Box<dyn EventUpcaster>> {
    let mut steps = D::UPCASTS.to_vec();
    steps.sort_by_key(|step| step.from);
    steps.into_iter().map(|step| Box::new(Step(step)) as Box<dyn EventUpcaster>).collect()
}

struct Step(Upcast);

impl EventUpcaster for Step {
    fn can_upcast(&self, event_type: &str, event_version: &str) -> bool {
        event_type == self.0.event && event_version == self.0.from.to_string()
    }

    fn upcast(&self, event: SerializedEvent) -> SerializedEvent {
        SerializedEvent { payload: (self.0.change)(event.payload), event_version: (self.0.from + 1).to_string(), ..event }
    }
}

/// Events as the journal takes them.
///
/// # Errors
/// An event that is not JSON.
pub fn to_new_events<E: Event>(events: &[E]) -> Result<Vec<NewEvent>, serde_json::Error> {
    let each = |event: &E| {
        Ok(NewEvent { id: Uuid::now_v7(), name: event.name().to_owned(), version: event.version(), payload: serde_json::to_value(event)? })
    };
    events.iter().map(each).collect()
}

fn failed<E: std::error::Error>(fault: Fault) -> AggregateError<E> {
    match fault {
        Fault::Journal(JournalError::Conflict { .. }) => AggregateError::AggregateConflict,
        Fault::Undecodable(_) | Fault::Newer { .. } | Fault::Json(_) => AggregateError::DeserializationError(Box::new(fault)),
        fault => AggregateError::DatabaseConnectionError(Box::new(fault)),
    }
}

fn id<E: std::error::Error>(text: &str) -> Result<Uuid, AggregateError<E>> {
    text.parse().map_err(|error: uuid::Error| AggregateError::UnexpectedError(Box::new(error)))
}

fn envelope<D: Decider>(id: &str, sequence: i64, event: D::Event) -> EventEnvelope<Stored<D>> {
    let sequence = usize::try_from(sequence).unwrap_or_default();
    EventEnvelope { aggregate_id: id.to_owned(), sequence, payload: StoredEvent(event), metadata: HashMap::new() }
}

impl<D: Decider> EventStore<Stored<D>> for JournalStore {
    type AC = Loaded<D>;

    async fn load_events(&self, aggregate_id: &str) -> Result<Vec<EventEnvelope<Stored<D>>>, AggregateError<D::Rejection>> {
        let stream = StreamId::new(D::STREAM, id(aggregate_id)?);
        let recorded = self.0.load(&stream, 0).await.map_err(|error| failed(error.into()))?;
        let each = |recorded: &Recorded| Ok(envelope(aggregate_id, recorded.sequence, read::<D>(recorded).map_err(failed)?));
        recorded.iter().map(each).collect()
    }

    async fn load_aggregate(&self, aggregate_id: &str) -> Result<Loaded<D>, AggregateError<D::Rejection>> {
        self.load(id(aggregate_id)?).await.map_err(failed)
    }

    async fn commit(
        &self,
        events: Vec<StoredEvent<D::Event>>,
        context: Loaded<D>,
        _metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Stored<D>>>, AggregateError<D::Rejection>> {
        if events.is_empty() {
            return Ok(vec![]);
        }
        let events: Vec<D::Event> = events.into_iter().map(|event| event.0).collect();
        let id = context.stream.id.to_string();
        let new = to_new_events(&events).map_err(|error| failed(error.into()))?;
        let write = StreamWrite { stream: context.stream, expected: context.version, events: new };
        let metadata = Request::system("cqrs-es").metadata("cqrs-es", None, None);
        let append = Append { writes: vec![write], metadata, receipt: None, fence: None };
        self.0.append(append).await.map_err(|error| failed(error.into()))?;
        Ok((context.version + 1..).zip(events).map(|(sequence, event)| envelope(&id, sequence, event)).collect())
    }
}
