//! Credentials of what is outside.

use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{ANN, BOB, Opened, VaultError, other_key};
use crate::vault::{CredentialsKey, Vault};

const fn key(owner: Uuid, version: u32, id: u128) -> CredentialsKey {
    CredentialsKey { owner, version, id: Uuid::from_u128(id) }
}

/// What is kept under a key, if anything is.
async fn kept(vault: &dyn Vault, key: CredentialsKey) -> Option<Vec<u8>> {
    vault.credentials_open(key).await.expect("opened").map(|secret| secret.expose_secret().to_vec())
}

pub(super) async fn credentials_open_for_their_owner_and_version_alone(vault: Opened) {
    let first = key(ANN, 1, 10);
    vault.credentials_keep(first, b"token").await.expect("kept");
    let vault = vault.again().await;
    assert_eq!(kept(&*vault, first).await, Some(b"token".to_vec()));
    for other in [key(BOB, 1, 10), key(ANN, 2, 10)] {
        let refused = vault.credentials_open(other).await.map(drop).expect_err("sealed for another");
        assert!(matches!(refused, VaultError::Corrupt { .. }), "{refused}");
    }
    assert_eq!(kept(&*vault, key(ANN, 1, 11)).await, None);
    assert!(vault.credentials_keep(first, b"other").await.is_err(), "an id is used once");
    assert_eq!(kept(&*vault, first).await, Some(b"token".to_vec()));
}

pub(super) async fn credentials_are_kept_until_they_are_superseded_or_discarded(vault: Opened) {
    let all = [key(ANN, 1, 10), key(ANN, 2, 20), key(ANN, 2, 21), key(ANN, 3, 30), key(BOB, 1, 40)];
    for key in all {
        vault.credentials_keep(key, b"token").await.expect("kept");
    }
    let left = async || {
        let mut left = Vec::new();
        for key in all {
            left.extend(kept(&*vault, key).await.map(|_| key.id.as_u128()));
        }
        left
    };
    vault.credentials_supersede(key(ANN, 2, 21)).await.expect("superseded");
    assert_eq!(left().await, [21, 30, 40], "one of a later version is on its way in");
    vault.credentials_discard(key(ANN, 3, 30)).await.expect("discarded");
    assert_eq!(left().await, [21, 40]);
    for _ in 0..2 {
        vault.credentials_discard_all(ANN).await.expect("discarded");
        assert_eq!(left().await, [40]);
    }
}

pub(super) async fn credentials_survive_a_new_master_key(vault: Opened) {
    let all = [key(ANN, 1, 10), key(BOB, 7, 20)];
    // As much as a kubeconfig may have.
    let secret = vec![b's'; 64 << 10];
    for key in all {
        vault.credentials_keep(key, &secret).await.expect("kept");
    }
    let rotated = vault.rotate_master_key(other_key()).await.expect("rotated");
    assert_eq!(rotated.keys, 2);
    vault.close().await;
    let again = vault.with(other_key()).await.expect("the new key");
    for key in all {
        assert!(kept(&*again, key).await.as_ref() == Some(&secret));
    }
}
