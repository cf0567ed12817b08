use chrono::TimeDelta;
use domain::{
    environments::cluster::ClusterEvent,
    fact::Fact,
    identity::{
        mail::{MailEvent, Occasion},
        whereabouts::WhereaboutsEvent,
    },
    kernel::{ClusterId, MailId, Timestamp},
};
use journal::{Recorded, TimerChange};
use uuid::Uuid;

use super::Reaction;
use crate::{Commands, Fault, Request, identity::About};

/// What is older is no news, such as what happened before there was anybody to tell.
const NEWS: TimeDelta = TimeDelta::days(1);

/// Operators whose addresses are configured are written to where something is wrong that they can do something about: each time that a
/// cluster changes for the worse or is well again, and once an hour at the most where something happens that may happen often.
pub(super) struct MailOperatorsWhenSomethingIsWrong;

/// What is wrong.
struct Alert {
    occasion: Occasion,
    /// Since when.
    at: Timestamp,
    cluster: Option<ClusterId>,
    /// Whoever has been told of this is not told again.
    once: Uuid,
}

#[async_trait::async_trait]
impl Reaction for MailOperatorsWhenSomethingIsWrong {
    fn name(&self) -> &'static str {
        "mail_operators_when_something_is_wrong"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let identity = &commands.identity;
        if identity.now() - event.recorded_at > NEWS {
            return Ok(vec![]);
        }
        let Some(Alert { occasion, at, cluster, once }) = alert(event, fact) else { return Ok(vec![]) };
        // What is parked may be what tells them of something, and telling them of that would be parked in turn.
        let parked = if occasion == Occasion::MailsParked { identity.parked_about(MailId(event.stream.id)).await? } else { None };
        if parked.is_some_and(Occasion::is_for_operators) {
            return Ok(vec![]);
        }
        let request = Request::because_of(self.name(), event);
        for operator in identity.operators().await? {
            let mail = MailId(Uuid::new_v5(&once, operator.0.as_bytes()));
            let about = About { occasion, language: None, request: None, at, cluster };
            identity.queue_to(&request, mail, operator, about).await?;
        }
        Ok(vec![])
    }
}

fn alert(event: &Recorded, fact: &Fact) -> Option<Alert> {
    let now = event.recorded_at;
    let of_cluster = |occasion, at| {
        let cluster = Some(ClusterId(event.stream.id));
        Some(Alert { occasion, at, cluster, once: event.event_id })
    };
    let hourly = |occasion, at: Timestamp, of: &str| {
        let hour = at.timestamp().div_euclid(3600);
        let once = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{of} in hour {hour}").as_bytes());
        Some(Alert { occasion, at, cluster: None, once })
    };
    match fact {
        Fact::Cluster(ClusterEvent::Unreachable { since, .. }) => of_cluster(Occasion::ClusterUnreachable, *since),
        Fact::Cluster(ClusterEvent::Degraded { since, .. }) => of_cluster(Occasion::ClusterDegraded, *since),
        Fact::Cluster(ClusterEvent::Recovered { since }) => of_cluster(Occasion::ClusterRecovered, *since),
        Fact::Cluster(ClusterEvent::CapacityShort { .. }) => of_cluster(Occasion::ClusterShort, now),
        Fact::Whereabouts(WhereaboutsEvent::FoundUnusual { at, .. }) => hourly(Occasion::UnusualSignIns, *at, "unusual sign-ins"),
        Fact::Mail(MailEvent::Parked { .. }) => hourly(Occasion::MailsParked, now, "parked mails"),
        _ => None,
    }
}
