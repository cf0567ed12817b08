//! The key above all keys.

use std::path::Path;

use journal::vault::MasterKey;

use super::{Answer, OperatorError, Parts};

/// The new key is the one in the file, which is made if it is not there.
pub(super) async fn rotate(parts: &Parts, file: &Path) -> Result<Answer, OperatorError> {
    let key = MasterKey::from_file(file, true).map_err(OperatorError::failed)?;
    let rotated = parts.stores.vault.rotate_master_key(key).await.map_err(OperatorError::failed)?;
    tracing::info!(keys = rotated.keys, master_key = rotated.master_key, "an operator changed the master key");
    Ok(Answer::MasterKey { id: rotated.master_key, keys: rotated.keys, is_clean: rotated.is_clean })
}
