//! Staying signed in, and what a stolen refresh token is worth.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use commands::{Fault, Outcome, identity::SignedIn};
use domain::identity::IdentityRejection::{self, RefreshTokenInvalid};
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use journal::vault::{ExposeSecret, Family};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::{
    platform::{PASSWORD, Platform, accepted, anonymous, now, pass, rejected},
    sign_ins::{ada, sign_in},
};

async fn refresh(platform: &Platform, token: &SecretString) -> Result<Outcome<SignedIn, IdentityRejection>, Fault> {
    platform.commands.identity.refresh(&anonymous(), token).await
}

async fn family(platform: &Platform, of: &SignedIn) -> Option<Family> {
    platform.vault.refresh_families(&[of.sign_in.into()]).await.expect("readable").pop()
}

async fn is_open(platform: &Platform, of: &SignedIn) -> bool {
    platform.commands.identity.standing(of.account, of.sign_in).await.expect("readable").is_some()
}

#[tokio::test]
async fn a_refresh_token_is_traded_for_the_next_and_that_is_no_event() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    let events = platform.events().await.len();
    let second = accepted(refresh(&platform, &first.refresh_token).await);
    assert_eq!((second.account, second.sign_in), (first.account, first.sign_in));
    assert!(platform.commands.identity.verify(second.access_token.expose_secret()).is_ok());
    let third = accepted(refresh(&platform, &second.refresh_token).await);
    assert_ne!(third.refresh_token.expose_secret(), second.refresh_token.expose_secret());
    assert_eq!((family(&platform, &first).await.map(|family| family.generation), platform.events().await.len()), (Some(3), events));
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let platform = Platform::init().await;
    let ada = ada(&platform).await;
    let unknown = URL_SAFE_NO_PAD.encode([7; 32]);
    for token in ["", "x", "\u{e9}", ada.access_token.expose_secret(), &unknown, &ada.refresh_token.expose_secret()[1..]] {
        assert_eq!(rejected(refresh(&platform, &token.to_owned().into()).await), RefreshTokenInvalid, "{token}");
    }
    assert!(is_open(&platform, &ada).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refreshes_with_one_token_at_once_get_siblings_of_one_generation() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    let all = join_all((0..50).map(|_| refresh(&platform, &first.refresh_token))).await;
    let mut tokens: Vec<_> = all.into_iter().map(|one| accepted(one).refresh_token).collect();
    assert_eq!(family(&platform, &first).await.map(|family| family.generation), Some(2), "it was counted once");
    assert!(platform.named("RefreshTokenReused").await.is_empty());
    assert!(is_open(&platform, &first).await);
    tokens.sort_by(|a, b| a.expose_secret().cmp(b.expose_secret()));
    tokens.dedup_by(|a, b| a.expose_secret() == b.expose_secret());
    assert_eq!(tokens.len(), 50, "no token was handed out twice");
    // Whichever of them is kept is good.
    accepted(refresh(&platform, &tokens[17]).await);
    accepted(refresh(&platform, &tokens[42]).await);
}

#[tokio::test]
async fn the_token_before_is_good_for_five_seconds_more() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    let second = accepted(refresh(&platform, &first.refresh_token).await);
    pass(TimeDelta::milliseconds(4500));
    let sibling = accepted(refresh(&platform, &first.refresh_token).await);
    assert_eq!(sibling.refresh_expires_at.timestamp_micros(), second.refresh_expires_at.timestamp_micros(), "it lives no longer");
    pass(TimeDelta::seconds(1));
    assert_eq!(rejected(refresh(&platform, &first.refresh_token).await), RefreshTokenInvalid);
    assert_eq!(platform.named("RefreshTokenReused").await.len(), 1);
}

#[tokio::test]
async fn a_used_token_that_comes_again_ends_the_sign_in_and_no_other() {
    let platform = Platform::init().await;
    let (first, other) = (ada(&platform).await, accepted(sign_in(&platform, "ada@example.org", PASSWORD).await));
    let second = accepted(refresh(&platform, &first.refresh_token).await);
    pass(TimeDelta::minutes(10));
    let before = platform.events().await.len();
    assert_eq!(rejected(refresh(&platform, &first.refresh_token).await), RefreshTokenInvalid);
    assert_eq!(platform.names_after(before).await, ["RefreshTokenReused", "SignedOut"]);
    assert!(!is_open(&platform, &first).await);
    assert_eq!(rejected(refresh(&platform, &second.refresh_token).await), RefreshTokenInvalid, "neither has anything left");
    assert_eq!(family(&platform, &first).await, None);
    assert_eq!(rejected(refresh(&platform, &first.refresh_token).await), RefreshTokenInvalid);
    assert_eq!(platform.named("RefreshTokenReused").await.len(), 1, "it is told once");
    assert!(is_open(&platform, &other).await);
    accepted(refresh(&platform, &other.refresh_token).await);
}

#[tokio::test]
async fn the_grace_is_for_the_immediate_predecessor_alone() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    let second = accepted(refresh(&platform, &first.refresh_token).await);
    accepted(refresh(&platform, &second.refresh_token).await);
    assert_eq!(rejected(refresh(&platform, &first.refresh_token).await), RefreshTokenInvalid);
    assert!(!is_open(&platform, &first).await);
}

#[tokio::test]
async fn a_refresh_token_expires() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    pass(TimeDelta::days(6));
    let second = accepted(refresh(&platform, &first.refresh_token).await);
    pass(TimeDelta::days(6));
    let third = accepted(refresh(&platform, &second.refresh_token).await);
    pass(TimeDelta::days(8));
    for late in [third, second, first] {
        assert_eq!(rejected(refresh(&platform, &late.refresh_token).await), RefreshTokenInvalid);
    }
    assert!(platform.named("RefreshTokenReused").await.is_empty(), "being late is no theft");
}

#[tokio::test]
async fn a_sign_in_ends_however_often_it_was_refreshed() {
    let platform = Platform::init().await;
    let mut last = ada(&platform).await;
    let end = now() + TimeDelta::days(90);
    for _ in 0..14 {
        pass(TimeDelta::days(6));
        last = accepted(refresh(&platform, &last.refresh_token).await);
    }
    pass(TimeDelta::days(5));
    let latest = accepted(refresh(&platform, &last.refresh_token).await);
    assert!(latest.refresh_expires_at <= end, "{} is after {end}", latest.refresh_expires_at);
    pass(TimeDelta::days(1));
    assert_eq!(rejected(refresh(&platform, &latest.refresh_token).await), RefreshTokenInvalid);
    assert!(platform.named("RefreshTokenReused").await.is_empty(), "being late is no theft");
}

#[tokio::test]
async fn a_token_of_an_older_build_is_traded_once() {
    let platform = Platform::init().await;
    let ada = ada(&platform).await;
    let old = URL_SAFE_NO_PAD.encode([7; 32]);
    platform.vault.refresh_revoke(ada.sign_in.into()).await.expect("revoked");
    let expires_at = now() + TimeDelta::days(1);
    platform.vault.refresh_issue(ada.sign_in.into(), &Sha256::digest(&old), expires_at).await.expect("as an older build did");
    let old = SecretString::from(old);
    let fresh = accepted(refresh(&platform, &old).await);
    assert_eq!(rejected(refresh(&platform, &old).await), RefreshTokenInvalid);
    accepted(refresh(&platform, &fresh.refresh_token).await);
}

#[tokio::test]
async fn a_token_that_the_vault_does_not_know_yet_is_refused_and_no_theft() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    let second = accepted(refresh(&platform, &first.refresh_token).await);
    // As after restoring the vault from a backup of before.
    platform.vault.refresh_revoke(first.sign_in.into()).await.expect("revoked");
    platform.vault.refresh_issue(first.sign_in.into(), b"first", now() + TimeDelta::days(1)).await.expect("issued");
    assert_eq!(rejected(refresh(&platform, &second.refresh_token).await), RefreshTokenInvalid);
    assert!(is_open(&platform, &first).await);
}

/// The token, of another generation, as only who has the vault's key can make it.
async fn forged(platform: &Platform, token: &SecretString, generation: i64) -> SecretString {
    let mut body = URL_SAFE_NO_PAD.decode(token.expose_secret()).expect("base64");
    body.truncate(40);
    body[16..24].copy_from_slice(&generation.to_be_bytes());
    let key = platform.vault.secret("refresh-tokens", 32).await.expect("a key");
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret()).expect("a key");
    mac.update(b"nalabo refresh v1\0");
    mac.update(&body);
    URL_SAFE_NO_PAD.encode([body, mac.finalize().into_bytes().to_vec()].concat()).into()
}

#[tokio::test]
async fn the_farthest_generations_are_refused_as_any_other() {
    let platform = Platform::init().await;
    let ada = ada(&platform).await;
    let latest = forged(&platform, &ada.refresh_token, i64::MAX).await;
    assert_eq!(rejected(refresh(&platform, &latest).await), RefreshTokenInvalid);
    assert!(is_open(&platform, &ada).await, "it is not known yet");
    let earliest = forged(&platform, &ada.refresh_token, i64::MIN).await;
    assert_eq!(rejected(refresh(&platform, &earliest).await), RefreshTokenInvalid);
    assert!(!is_open(&platform, &ada).await, "it was used long ago");
    assert_eq!(platform.named("RefreshTokenReused").await.len(), 1);
}
