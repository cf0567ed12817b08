//! Names and labels. Both follow from ids, so that whoever comes after a crash finds the same.

use std::collections::BTreeMap;

use domain::kernel::{EnvironmentId, SessionId};
use uuid::Uuid;

/// Our name as a field manager, and the value of [`MANAGED_BY`].
pub const MANAGER: &str = "nalabo";
/// Who made an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Which environment an object belongs to.
pub const ENVIRONMENT: &str = "nalabo.dev/environment";
/// Which session it was made for.
const SESSION: &str = "nalabo.dev/session";
/// Which installation it belongs to: several may share a cluster.
pub const INSTANCE: &str = "nalabo.dev/instance";

/// Where the workbench is.
#[must_use]
pub fn workbench_namespace(environment: EnvironmentId) -> String {
    format!("nalabo-{}", environment.0.simple())
}

/// What the learner's rights are for.
#[must_use]
pub fn learner_namespace(environment: EnvironmentId) -> String {
    format!("nalabo-{}-k", environment.0.simple())
}

/// The environment whose namespace this is, either of the two.
pub(crate) fn environment_in(namespace: &str) -> Option<EnvironmentId> {
    let id = namespace.strip_prefix("nalabo-")?;
    Uuid::try_parse(id.strip_suffix("-k").unwrap_or(id)).ok().map(EnvironmentId)
}

/// The environment an object says it belongs to.
#[must_use]
pub fn environment_of(labels: &BTreeMap<String, String>) -> Option<EnvironmentId> {
    Uuid::try_parse(labels.get(ENVIRONMENT)?).ok().map(EnvironmentId)
}

pub(super) fn labels(environment: EnvironmentId, session: SessionId, instance: &str) -> BTreeMap<String, String> {
    let labels = [
        (MANAGED_BY, MANAGER.to_owned()),
        (ENVIRONMENT, environment.0.simple().to_string()),
        (SESSION, session.0.simple().to_string()),
        (INSTANCE, instance.to_owned()),
    ];
    labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
