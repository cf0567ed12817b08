//! What events make of a cluster's row.

use domain::{
    environments::cluster::{Assessment, ClusterEvent, Credentials, Endpoint, Health, Profile, Registration, Resource, Schedule},
    kernel::Timestamp,
};
use sea_orm::entity::prelude::Uuid;

use super::Model;
use crate::{
    column::{Json, Word},
    read_model::MissingRow,
};

pub(super) fn cluster(id: Uuid, row: Option<Model>, fact: &ClusterEvent, at: Timestamp) -> Result<Model, MissingRow> {
    if let ClusterEvent::Registered(registration) = fact {
        return Ok(registered(id, registration, at));
    }
    let row = row.ok_or(MissingRow)?;
    Ok(match fact {
        ClusterEvent::Registered(_) | ClusterEvent::Drained | ClusterEvent::LeftoversRemoved { .. } => row,
        ClusterEvent::Revised { profile } => row.with_profile(profile),
        ClusterEvent::CredentialsRotated { endpoint, credentials, assessment } => {
            row.with_endpoint(endpoint).with_credentials(credentials, at).with_assessment(assessment, at)
        }
        ClusterEvent::Assessed { assessment } => row.with_assessment(assessment, at),
        ClusterEvent::Cordoned => Model { schedule: Word(Schedule::Cordoned), ..row },
        ClusterEvent::Uncordoned => Model { schedule: Word(Schedule::Open), ..row },
        ClusterEvent::DrainStarted { .. } => Model { schedule: Word(Schedule::Draining), ..row },
        ClusterEvent::RemovalStarted { .. } => Model { schedule: Word(Schedule::Removing), ..row },
        ClusterEvent::Removed => Model { removed_at: Some(at), ..row },
        ClusterEvent::PlaceReserved { taken, .. } | ClusterEvent::PlaceReleased { taken, .. } => Model { taken: i64::from(*taken), ..row },
        ClusterEvent::Unreachable { reason, since } => row.with_health(Health::Unreachable, Some(reason), *since),
        ClusterEvent::Degraded { reason, since } => row.with_health(Health::Degraded, Some(reason), *since),
        ClusterEvent::Recovered { since } => row.with_health(Health::Healthy, None, *since),
        ClusterEvent::CapacityShort { resource, .. } => row.with_shortage(*resource, true),
        ClusterEvent::CapacityRegained { resource, .. } => row.with_shortage(*resource, false),
    })
}

fn registered(cluster: Uuid, registration: &Registration, at: Timestamp) -> Model {
    let Registration { profile, endpoint, credentials, assessment } = registration;
    Model {
        cluster,
        name: String::new(),
        server: String::new(),
        context: None,
        labels: Json::default(),
        weight: 0,
        place_limit: None,
        taken: 0,
        is_default: false,
        schedule: Word(Schedule::Open),
        health: Word(Health::Healthy),
        health_reason: None,
        health_since: at,
        credentials_kind: Word(credentials.kind),
        credentials_version: 0,
        credentials_fingerprint: String::new(),
        credentials_at: at,
        credentials_expire_at: None,
        version: String::new(),
        nodes: 0,
        cpu: 0,
        memory: 0,
        storage: 0,
        pods: 0,
        has_metrics: false,
        warnings: Json::default(),
        short_of: Json::default(),
        assessed_at: at,
        registered_at: at,
        removed_at: None,
    }
    .with_profile(profile)
    .with_endpoint(endpoint)
    .with_credentials(credentials, at)
    .with_assessment(assessment, at)
}

impl Model {
    fn with_profile(self, profile: &Profile) -> Self {
        Self {
            name: profile.name.as_str().to_owned(),
            labels: Json(profile.labels.clone()),
            weight: i64::from(profile.weight),
            place_limit: profile.limit.map(i64::from),
            ..self
        }
    }

    fn with_endpoint(self, endpoint: &Endpoint) -> Self {
        Self { server: endpoint.server.clone(), context: endpoint.context.clone(), ..self }
    }

    fn with_credentials(self, credentials: &Credentials, at: Timestamp) -> Self {
        Self {
            credentials_kind: Word(credentials.kind),
            credentials_version: i64::from(credentials.version),
            credentials_fingerprint: credentials.fingerprint.clone(),
            credentials_at: at,
            credentials_expire_at: credentials.expires_at,
            ..self
        }
    }

    fn with_assessment(self, assessment: &Assessment, at: Timestamp) -> Self {
        let capacity = &assessment.capacity;
        Self {
            version: assessment.version.clone(),
            nodes: i64::from(capacity.nodes),
            cpu: i64::from(capacity.cpu.0),
            memory: i64::from(capacity.memory.0),
            storage: i64::from(capacity.storage.0),
            pods: i64::from(capacity.pods),
            has_metrics: assessment.has_metrics,
            warnings: Json(assessment.warnings.clone()),
            assessed_at: at,
            ..self
        }
    }

    fn with_shortage(mut self, resource: Resource, is_short: bool) -> Self {
        if is_short {
            self.short_of.0.insert(resource);
        } else {
            self.short_of.0.remove(&resource);
        }
        self
    }

    fn with_health(self, health: Health, reason: Option<&String>, since: Timestamp) -> Self {
        Self { health: Word(health), health_reason: reason.cloned(), health_since: since, ..self }
    }
}
