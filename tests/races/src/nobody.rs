//! What commands of other contexts would ask, and those of this one never do.

use commands::{
    Fault,
    environments::{AccessError, ClusterAccess, ClusterReport, Connection, Fleet},
    learning::{Laboratory, LaboratoryError, Observation},
    workshops::ScriptParser,
};
use domain::{
    kernel::SessionId,
    workshops::content::{Check, ProvidedFile},
};

/// There is nobody who would do it.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

#[async_trait::async_trait]
impl ScriptParser for Nobody {
    async fn complaint(&self, _script: &str) -> Result<Option<String>, Fault> {
        Err(Fault::Outside("there is no shell".to_owned()))
    }
}

#[async_trait::async_trait]
impl Laboratory for Nobody {
    async fn check(&self, _session: SessionId, _check: &Check) -> Result<Observation, LaboratoryError> {
        Err(LaboratoryError::NotReady("not there".to_owned()))
    }

    async fn provide(&self, _session: SessionId, _files: &[ProvidedFile]) -> Result<(), LaboratoryError> {
        Err(LaboratoryError::NotReady("not there".to_owned()))
    }
}

#[async_trait::async_trait]
impl Fleet for Nobody {
    fn parse(&self, _access: &ClusterAccess) -> Result<Connection, AccessError> {
        Err(AccessError { at: "fleet".to_owned(), problem: "there is none".to_owned() })
    }

    async fn test(&self, _connection: &Connection) -> ClusterReport {
        ClusterReport::default()
    }
}
