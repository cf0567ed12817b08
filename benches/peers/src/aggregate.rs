//! The counter as a cqrs-es aggregate.

use cqrs_es::{Aggregate, DomainEvent, event_sink::EventSink};
use domain::{Decider, Event};
use load::{Counter, CounterCommand, CounterEvent, CounterRejection};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Counting(pub Counter);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Counted(pub CounterEvent);

impl DomainEvent for Counted {
    fn event_type(&self) -> String {
        self.0.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.0.version().to_string()
    }
}

impl Aggregate for Counting {
    const TYPE: &'static str = Counter::STREAM;
    type Command = CounterCommand;
    type Event = Counted;
    type Error = CounterRejection;
    type Services = ();

    async fn handle(&mut self, command: CounterCommand, (): &(), sink: &EventSink<Self>) -> Result<(), CounterRejection> {
        for event in self.0.decide(command, domain::kernel::Timestamp::default())? {
            sink.write(Counted(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Counted) {
        self.0.evolve(&event.0);
    }
}
