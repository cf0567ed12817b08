//! The keys that access tokens are signed with, across an upgrade and a change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use commands::identity::{NotRotated, Takeover};
use domain::kernel::{AccountId, SignInId};
use ed25519_dalek::{Signer, SigningKey};
use journal::vault::{ExposeSecret, Vault};
use serde_json::{Value, json};
use test_stores::Stores;
use uuid::Uuid;

use crate::{platform::Platform, sign_ins::ada};

const OLD: &str = "token-signing";

/// A token that names no key, as builds of before made them.
async fn unnamed(vault: &dyn Vault) -> (String, String) {
    let seed = vault.secret(OLD, 32).await.expect("a secret");
    let key = SigningKey::from_bytes(seed.expose_secret().try_into().expect("32 bytes"));
    let now = Utc::now().timestamp();
    let claims = json!({
        "iss": "nalabo", "aud": "nalabo-api", "sub": AccountId(Uuid::now_v7()).to_string(), "sid": SignInId(Uuid::now_v7()).to_string(), "jti": "x",
        "iat": now, "exp": now + 60
    });
    let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", part(json!({ "typ": "at+jwt", "alg": "EdDSA" })), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    (format!("{signed}.{signature}"), URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes()))
}

#[tokio::test]
async fn what_older_builds_signed_with_is_the_first_key_and_goes_with_it() {
    let (platform, older) = (Platform::init().await, Stores::init().await);
    let (token, public) = unnamed(&*older.vault).await;
    let commands = platform.commands_on(&older.vault).await;
    let keys = commands.identity.public_keys();
    assert_eq!(keys.iter().map(|key| key.x.as_str()).collect::<Vec<_>>(), [public.as_str()]);
    assert!(commands.identity.verify(&token).is_ok());
    assert!(platform.commands.identity.verify(&token).is_err(), "of another installation");

    commands.identity.rotate_signing_key(Takeover::AtOnce).await.expect("written").expect("made");
    assert!(commands.identity.verify(&token).is_err());
    assert_eq!(commands.identity.purge_signing_keys().await.expect("purged"), 1);
    assert!(older.vault.known_secret(OLD).await.expect("read").is_none(), "nobody signs with it any more");
}

#[tokio::test]
async fn a_new_installation_takes_no_token_that_names_no_key() {
    let platform = Platform::init().await;
    assert!(platform.vault.known_secret(OLD).await.expect("read").is_none());
    let (token, _) = unnamed(&*platform.vault).await;
    platform.commands.identity.follow_signing_keys().await.expect("read");
    assert!(platform.commands.identity.verify(&token).is_err(), "not even if there is such a secret later");
}

#[tokio::test]
async fn one_key_waits_at_a_time_and_all_that_have_the_vault_use_it() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let before = ada(&platform).await.access_token;
    let identity = &platform.commands.identity;
    let id = identity.rotate_signing_key(Takeover::After(TimeDelta::hours(1))).await.expect("written").expect("made");
    let again = other.identity.rotate_signing_key(Takeover::After(TimeDelta::zero())).await.expect("written");
    assert!(matches!(again, Err(NotRotated::Waiting { id: waiting, .. }) if waiting == id));
    assert_eq!(identity.public_keys().len(), 2);
    assert_eq!(other.identity.public_keys(), identity.public_keys());
    assert!(other.identity.verify(before.expose_secret()).is_ok());
    assert_eq!(identity.purge_signing_keys().await.expect("purged"), 0, "both are good");
}
