//! What is personal in many rows, opened at once.

use domain::kernel::Personal;
use journal::vault::{ExposeSecret, Vault};
use serde_json::Value;
use uuid::Uuid;

/// What is sealed, and under whose key.
pub(super) fn sealed<T>(value: &Personal<T>) -> Option<(Uuid, &str)> {
    value.as_sealed().map(|text| (value.subject().into(), text))
}

/// All of it in the clear, in the same order; none where there is nothing, or its owner has been erased.
pub(super) async fn opened(vault: &dyn Vault, sealed: &[Option<(Uuid, &str)>]) -> std::io::Result<Vec<Option<Value>>> {
    let asked: Vec<(Uuid, &str)> = sealed.iter().flatten().copied().collect();
    let mut found = vault.open_many(&asked).await.map_err(std::io::Error::other)?.into_iter();
    let values = sealed.iter().map(|wanted| {
        let bytes = wanted.and_then(|_| found.next().flatten())?;
        serde_json::from_slice(bytes.expose_secret()).ok()
    });
    Ok(values.collect())
}
