//! What of the journal is an alert, and how it is told.

use domain::{
    Decider,
    environments::cluster::{Cluster, ClusterEvent},
    fact::Fact,
    kernel::ClusterId,
};
use journal::Recorded;
use serde_json::{Value, json};

/// The alert that an event is: of what type, and what is said of it.
pub(super) fn read(event: &Recorded) -> Option<(&'static str, ClusterId, Value)> {
    if event.stream.kind != Cluster::STREAM {
        return None;
    }
    let fact = match Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str()) {
        Ok(Fact::Cluster(fact)) => fact,
        Ok(_) => return None,
        Err(error) => {
            tracing::error!(position = %event.position, %error, "receivers are not told of an event that cannot be read");
            return None;
        }
    };
    let (kind, data) = match fact {
        ClusterEvent::Unreachable { reason, since } => ("cluster.unreachable", json!({ "reason": reason, "since": since })),
        ClusterEvent::Degraded { reason, since } => ("cluster.degraded", json!({ "reason": reason, "since": since })),
        ClusterEvent::Recovered { since } => ("cluster.recovered", json!({ "since": since })),
        ClusterEvent::CapacityShort { resource, percent } => {
            ("cluster.capacity_short", json!({ "resource": resource.name(), "percent": percent }))
        }
        ClusterEvent::CapacityRegained { resource, percent } => {
            ("cluster.capacity_regained", json!({ "resource": resource.name(), "percent": percent }))
        }
        _ => return None,
    };
    Some((kind, ClusterId(event.stream.id), data))
}

/// The body of the message.
pub(super) fn body(kind: &str, event: &Recorded, cluster: ClusterId, name: Option<&str>, mut data: Value) -> String {
    data["cluster"] = json!({ "id": cluster.to_string(), "name": name });
    json!({ "type": kind, "timestamp": event.recorded_at, "data": data }).to_string()
}
