//! What access tokens are signed with.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

use super::{Opened, other_key};
use crate::vault::{SigningKey, VaultError};

const OLD: &str = "token-signing";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a time")
}

fn key(number: i64, ends_others_at: DateTime<Utc>) -> SigningKey {
    let secret = vec![u8::try_from(number).expect("small"); 32].into();
    SigningKey { number, id: format!("key-{number}"), secret, signs_from: now(), ends_others_at, nameless_until: None }
}

/// What is kept, as it can be compared.
async fn kept(vault: &Opened) -> Vec<(i64, String, Vec<u8>)> {
    let keys = vault.signing_keys().await.expect("read");
    keys.into_iter().map(|key| (key.number, key.id, key.secret.expose_secret().to_vec())).collect()
}

pub(super) async fn a_number_is_one_key_and_is_kept_as_it_was_given(vault: Opened) {
    assert!(kept(&vault).await.is_empty());
    let first = SigningKey { nameless_until: Some(now() + TimeDelta::hours(1)), ..key(1, now()) };
    assert!(vault.add_signing_key(&first).await.expect("added"));
    let all: Vec<_> = (0..20).map(|n| SigningKey { id: format!("raced-{n}"), ..key(2, now()) }).collect();
    let added = join_all(all.iter().map(|key| vault.add_signing_key(key))).await;
    assert_eq!(added.into_iter().filter(|added| *added.as_ref().expect("decided")).count(), 1);
    assert!(!vault.add_signing_key(&SigningKey { id: "key-1".into(), ..key(3, now()) }).await.expect("decided"), "an id is used once");
    let vault = vault.again().await;
    let found = vault.signing_keys().await.expect("read");
    assert_eq!(found.iter().map(|key| key.number).collect::<Vec<_>>(), [1, 2]);
    let times = |key: &SigningKey| (key.signs_from, key.ends_others_at, key.nameless_until);
    assert_eq!((times(&found[0]), found[0].secret.expose_secret()), (times(&first), &[1_u8; 32][..]));
}

pub(super) async fn keys_that_are_worth_nothing_are_removed_with_what_they_were_made_of(vault: Opened) {
    vault.secret(OLD, 32).await.expect("a secret");
    let (past, future) = (now() - TimeDelta::seconds(1), now() + TimeDelta::hours(1));
    vault.add_signing_key(&SigningKey { nameless_until: Some(future), ..key(1, past) }).await.expect("added");
    vault.add_signing_key(&key(2, future)).await.expect("added");
    assert_eq!(vault.purge_signing_keys(now(), OLD).await.expect("purged"), 0, "the first is good for another hour");
    assert!(vault.known_secret(OLD).await.expect("read").is_some());
    assert_eq!(vault.purge_signing_keys(future, OLD).await.expect("purged"), 1);
    assert_eq!(kept(&vault).await, [(2, "key-2".to_owned(), vec![2; 32])], "one is always left");
    let vault = vault.again().await;
    assert!(vault.known_secret(OLD).await.expect("read").is_none());
    assert!(vault.known_secret("never made").await.expect("read").is_none());
}

pub(super) async fn signing_keys_survive_a_new_master_key(vault: Opened) {
    vault.add_signing_key(&key(1, now())).await.expect("added");
    let before = kept(&vault).await;
    vault.rotate_master_key(other_key()).await.expect("rotated");
    vault.close().await;
    let again = vault.with(other_key()).await.expect("the new key");
    let found = again.signing_keys().await.expect("read");
    assert_eq!((found[0].id.as_str(), found[0].secret.expose_secret()), (before[0].1.as_str(), &before[0].2[..]));
    again.close().await;
}

pub(super) async fn a_signing_key_in_the_place_of_another_does_not_open(vault: Opened) {
    vault.add_signing_key(&key(1, now())).await.expect("added");
    match &vault.url {
        None => {
            let url = format!("sqlite://{}", vault.directory.path().join("vault.db").display());
            let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
            connection.execute("UPDATE signing_keys SET id = 'another'").await.expect("forged");
            connection.close().await.expect("closed");
        }
        Some(url) => {
            let mut connection = PgConnection::connect(url).await.expect("a connection");
            connection.execute("UPDATE vault.signing_keys SET id = 'another'").await.expect("forged");
        }
    }
    let refused = vault.signing_keys().await.map(drop);
    assert!(matches!(refused, Err(VaultError::Corrupt { .. })), "{refused:?}");
}
