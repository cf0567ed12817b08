//! Stands in for what runs scripts.

use std::sync::{Mutex, PoisonError};

use commands::{
    Fault,
    learning::{Laboratory, LaboratoryError, Observation},
    workshops::ScriptParser,
};
use domain::{
    kernel::SessionId,
    learning::session::CheckEnd,
    workshops::content::{Check, ProvidedFile},
};

/// Ends every check as it is told; until it is told, no environment is ready.
#[derive(Default)]
pub(crate) struct Bench(Mutex<Option<CheckEnd>>);

impl Bench {
    pub(crate) fn ends_with(&self, end: CheckEnd) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }
}

#[async_trait::async_trait]
impl Laboratory for Bench {
    async fn check(&self, _session: SessionId, check: &Check) -> Result<Observation, LaboratoryError> {
        let end = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = end.ok_or_else(|| LaboratoryError::NotReady("provisioning".into()))?;
        Ok(Observation { end, output: format!("ran {}", check.name), digest: "0".repeat(64), milliseconds: 7 })
    }

    async fn provide(&self, _session: SessionId, _files: &[ProvidedFile]) -> Result<(), LaboratoryError> {
        Ok(())
    }
}

/// Takes every script but those that begin with `if`.
pub(crate) struct Shell;

#[async_trait::async_trait]
impl ScriptParser for Shell {
    async fn complaint(&self, script: &str) -> Result<Option<String>, Fault> {
        Ok(script.starts_with("if").then(|| "unexpected end of file".into()))
    }
}
