//! The key above all keys.

use std::path::Path;

use journal::vault::MasterKey;

use super::{Answer, OperatorError, Parts};

/// The new key is the one in the file, which is never made here: whoever asks has made it, and need not see the files that a server
/// sees.
pub(super) async fn rotate(parts: &Parts, file: &Path, id: &str) -> Result<Answer, OperatorError> {
    let key = MasterKey::from_file(file, false).map_err(OperatorError::failed)?;
    if key.id() != id {
        return Err(OperatorError::Failed(format!("the server finds another key in {}; nothing was changed", file.display())));
    }
    let rotated = parts.stores.vault.rotate_master_key(key).await.map_err(OperatorError::failed)?;
    tracing::info!(keys = rotated.keys, master_key = rotated.master_key, "an operator changed the master key");
    Ok(Answer::MasterKey { id: rotated.master_key, keys: rotated.keys, is_clean: rotated.is_clean })
}
