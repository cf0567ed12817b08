//! Keys of the platform itself that are destroyed.

use std::sync::Arc;

use secrecy::ExposeSecret;

use super::{Opened, VaultError};
use crate::vault::{MasterKey, Vault};

async fn bytes(vault: &dyn Vault, name: &str) -> Vec<u8> {
    vault.secret(name, 32).await.expect("a secret").expose_secret().to_vec()
}

pub(super) async fn a_destroyed_secret_is_gone_and_the_others_stay(vault: Opened) {
    for name in ["month-02", "month-10", "month-01", "months", "Month-01", "other"] {
        vault.secret(name, 32).await.expect("a secret");
    }
    assert_eq!(vault.secret_names("month-").await.expect("names"), ["month-01", "month-02", "month-10"]);
    assert!(vault.secret_names("%").await.expect("names").is_empty(), "a prefix is no pattern");
    let (first, second) = (bytes(&*vault, "month-01").await, bytes(&*vault, "month-02").await);
    assert!(vault.destroy_secret("month-01").await.expect("destroyed"));
    assert!(!vault.destroy_secret("month-01").await.expect("nothing is left to do"));
    assert!(!vault.destroy_secret("month-07").await.expect("there never was one"));
    assert!(vault.known_secret("month-01").await.expect("looked up").is_none());
    assert_eq!(vault.secret_names("month-").await.expect("names"), ["month-02", "month-10"], "looking makes none");
    assert_ne!(bytes(&*vault, "month-01").await, first, "what is made under its name is another");
    vault.destroy_secret("month-01").await.expect("destroyed");
    let vault = vault.again().await;
    assert!(vault.known_secret("month-01").await.expect("looked up").is_none());
    assert_eq!(bytes(&*vault, "month-02").await, second);
}

pub(super) async fn a_secret_that_another_process_destroyed_is_not_found_though_it_was_used(vault: Opened) {
    let (used, kept) = (bytes(&*vault, "month-01").await, bytes(&*vault, "month-02").await);
    let key = MasterKey::from_file(&vault.directory.path().join("master.key"), false).expect("the key");
    let other = vault.look(key).await.expect("a look");
    assert_eq!((bytes(&*other, "month-01").await, bytes(&*other, "month-02").await), (used, kept.clone()), "it remembers both");
    assert!(vault.destroy_secret("month-01").await.expect("destroyed"));
    assert!(other.known_secret("month-01").await.expect("looked up").is_none());
    assert!(matches!(other.secret("month-01", 32).await, Err(VaultError::NoSecret(_))), "nor does it remember it any more");
    assert_eq!(bytes(&*other, "month-02").await, kept);
    other.close().await;
}

pub(super) async fn whoever_reads_a_secret_while_it_is_destroyed_does_not_keep_it(vault: Opened) {
    for _ in 0..20 {
        vault.secret("month-01", 32).await.expect("a secret");
        let vaults: Vec<Arc<dyn Vault>> = (0..8).map(|_| Arc::clone(&vault.vault)).collect();
        let readers: Vec<_> =
            vaults.into_iter().map(|vault| tokio::spawn(async move { vault.known_secret("month-01").await.map(drop) })).collect();
        vault.destroy_secret("month-01").await.expect("destroyed");
        for reader in readers {
            reader.await.expect("no panic").expect("looked up");
        }
        // Whoever has a remembered one would be given that.
        let made = bytes(&*vault, "month-01").await;
        let stored = vault.known_secret("month-01").await.expect("looked up").expect("it was made");
        assert_eq!(stored.expose_secret(), made, "what was destroyed came back");
    }
}
