//! Changing the master key. How it survives being killed is in `tests/rotation.rs` of this crate.

use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{ANN, BOB, EVENT, Opened, VaultError, open_in, other_key};
use crate::vault::MasterKey;

pub(super) async fn everything_opens_under_a_new_master_key_and_nothing_under_the_old(vault: Opened) {
    let mut sealed = Vec::new();
    // More than are read at once.
    for number in 0..1100_u32 {
        let subject = Uuid::from_u128(u128::from(number));
        sealed.push((subject, vault.seal(subject, EVENT, &number.to_be_bytes()).await.expect("sealed")));
    }
    let secret = vault.secret("signing", 32).await.expect("a secret");
    let blind = vault.blind("email", "ann@example.org").await.expect("blind");
    vault.erase_subject(BOB).await.expect("erased");
    let before = vault.wrapped(ANN).await;

    let rotated = vault.rotate_master_key(other_key()).await.expect("rotated");
    assert_eq!((rotated.keys, rotated.master_key), (1099 + 2, other_key().id()), "people and two secrets");
    assert_eq!(rotated.is_clean, vault.url.is_none());
    assert_ne!(vault.wrapped(ANN).await, before);
    let newcomer = vault.seal(Uuid::max(), EVENT, b"new").await.expect("this process goes on under the new key");

    vault.close().await;
    let refused = open_in(vault.directory.path(), vault.url.as_deref()).await.map(drop).expect_err("the old key");
    assert!(matches!(&refused, VaultError::WrongMasterKey { wanted: Some(wanted), .. } if *wanted == other_key().id()), "{refused}");
    let again = vault.with(other_key()).await.expect("the new key");
    let texts: Vec<(Uuid, &str)> = sealed.iter().map(|(subject, text)| (*subject, text.as_str())).collect();
    for (number, opened) in (0_u32..).zip(again.open_many(&texts).await.expect("opened")) {
        let expected = (Uuid::from_u128(u128::from(number)) != BOB).then_some(number.to_be_bytes().to_vec());
        assert_eq!(opened.map(|bytes| bytes.expose_secret().to_vec()), expected);
    }
    assert!(again.open(Uuid::max(), &newcomer).await.expect("opened").is_some());
    assert_eq!(again.secret("signing", 32).await.expect("a secret").expose_secret(), secret.expose_secret());
    assert_eq!(again.blind("email", "ann@example.org").await.expect("blind"), blind);
}

pub(super) async fn a_rotation_that_fails_changes_nothing(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    vault.secret("signing", 32).await.expect("a secret");
    vault.damage_secrets().await;
    let refused = vault.rotate_master_key(other_key()).await.map(drop);
    assert!(matches!(refused, Err(VaultError::Corrupt { .. })), "{refused:?}");
    let vault = vault.again().await;
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_some(), "under the key that it had");
    vault.close().await;
    assert!(matches!(vault.with(other_key()).await, Err(VaultError::WrongMasterKey { .. })));
}

/// Another process has changed the master key: for a file that is this test's own hand, as the file is locked.
pub(super) async fn a_key_of_the_past_adds_nothing_and_opens_nothing(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    let vault = vault.again().await;
    vault.rotate_behind_its_back().await;
    let wrong =
        |error: &VaultError| matches!(error, VaultError::WrongMasterKey { wanted: Some(wanted), .. } if *wanted == other_key().id());
    for outcome in [
        vault.open(ANN, &sealed).await.map(drop),
        vault.seal(BOB, EVENT, b"Bob").await.map(drop),
        vault.secret("new", 32).await.map(drop),
        vault.rotate_master_key(third_key()).await.map(drop),
    ] {
        let refused = outcome.expect_err("a key of the past");
        assert!(wrong(&refused), "{refused:?}");
    }
    assert_eq!(vault.wrapped(BOB).await, None, "nothing was added");
    vault.close().await;
    let again = vault.with(other_key()).await.expect("the new key");
    assert!(again.open(ANN, &sealed).await.expect("opened").is_some());
}

fn third_key() -> MasterKey {
    MasterKey::from_base64("", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=").expect("a key")
}
