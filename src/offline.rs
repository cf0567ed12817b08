//! What stands in for environments where a command of the command line needs none.

use commands::{
    Fault,
    learning::{Laboratory, LaboratoryError, Observation},
    workshops::ScriptParser,
};
use domain::{
    kernel::SessionId,
    workshops::content::{Check, ProvidedFile},
};

/// No environments: whatever asks for one is told so.
pub(crate) struct Offline;

const NONE: &str = "this command works without environments; start the server for that";

#[async_trait::async_trait]
impl Laboratory for Offline {
    async fn check(&self, _session: SessionId, _check: &Check) -> Result<Observation, LaboratoryError> {
        Err(LaboratoryError::Failed(NONE.into()))
    }

    async fn provide(&self, _session: SessionId, _files: &[ProvidedFile]) -> Result<(), LaboratoryError> {
        Err(LaboratoryError::Failed(NONE.into()))
    }
}

#[async_trait::async_trait]
impl ScriptParser for Offline {
    async fn complaint(&self, _script: &str) -> Result<Option<String>, Fault> {
        Err(Fault::Outside(NONE.into()))
    }
}
