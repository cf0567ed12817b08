//! What every vault does.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use uuid::Uuid;

pub(super) use super::credentials::{
    credentials_are_kept_until_they_are_superseded_or_discarded, credentials_open_for_their_owner_and_version_alone,
    credentials_survive_a_new_master_key,
};
pub(super) use super::passing::{
    what_is_kept_for_somebody_is_taken_once, what_is_kept_for_somebody_outlives_a_new_master_key, what_nobody_came_for_in_time_is_gone,
};
pub(super) use super::rotation::{
    a_key_of_the_past_adds_nothing_and_opens_nothing, a_process_goes_on_once_it_finds_the_new_key,
    a_rotation_that_ended_half_way_opens_by_both_keys_and_goes_on, a_rotation_that_fails_changes_nothing,
    everybody_is_served_while_keys_are_wrapped_anew, everything_opens_under_a_new_master_key_and_nothing_under_the_old,
};
pub(super) use super::secrets::{
    a_destroyed_secret_is_gone_and_the_others_stay, a_secret_that_another_process_destroyed_is_not_found_though_it_was_used,
    whoever_reads_a_secret_while_it_is_destroyed_does_not_keep_it,
};
pub(super) use super::signing::{
    a_number_is_one_key_and_is_kept_as_it_was_given, a_signing_key_in_the_place_of_another_does_not_open,
    keys_that_are_worth_nothing_are_removed_with_what_they_were_made_of, signing_keys_survive_a_new_master_key,
};
pub(super) use super::tries::{what_is_tried_is_counted_once, what_was_tried_long_ago_is_forgotten};
use super::{ANN, BOB, EVENT, Opened, VaultError, other_key};
use crate::{
    Position,
    vault::{Family, MasterKey, Rotation, reapply},
};

pub(super) async fn what_is_sealed_opens_after_a_restart(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    assert!(sealed.starts_with("v1.0000000000000000000000000000000e."), "{sealed}");
    assert_ne!(sealed, vault.seal(ANN, EVENT, b"Ann").await.expect("sealed"), "equal values must not look equal");
    let vault = vault.again().await;
    let opened = vault.open(ANN, &sealed).await.expect("opened").expect("not erased");
    assert_eq!(opened.expose_secret(), b"Ann");
}

pub(super) async fn many_open_in_order(vault: Opened) {
    let mut sealed = Vec::new();
    for number in 0..20_u8 {
        let subject = Uuid::from_u128(u128::from(number % 7));
        sealed.push((subject, vault.seal(subject, EVENT, &[number]).await.expect("sealed")));
    }
    let vault = vault.again().await;
    vault.erase_subject(Uuid::from_u128(3)).await.expect("erased");
    let texts: Vec<(Uuid, &str)> = sealed.iter().map(|(subject, text)| (*subject, text.as_str())).collect();
    for (number, opened) in (0..).zip(vault.open_many(&texts).await.expect("opened")) {
        let expected = (number % 7 != 3).then_some(vec![number]);
        assert_eq!(opened.map(|bytes| bytes.expose_secret().to_vec()), expected);
    }
}

pub(super) async fn an_altered_text_does_not_open(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    vault.seal(BOB, EVENT, b"Bob").await.expect("sealed");
    let other_event = sealed.replacen("00e.", "00f.", 1);
    let (start, last) = sealed.split_at(sealed.len() - 3);
    let other_byte = format!("{start}{}", if last == "AAA" { "BBB" } else { "AAA" });
    for forged in [&other_event, &other_byte] {
        assert!(matches!(vault.open(ANN, forged).await, Err(VaultError::Forged(ANN))), "{forged}");
    }
    assert!(matches!(vault.open(BOB, &sealed).await, Err(VaultError::Forged(BOB))));
    for malformed in ["", "v1", "v2.0.0", "v1.x.AAAA", &sealed[..30], &format!("{sealed}=")] {
        assert!(matches!(vault.open(ANN, malformed).await, Err(VaultError::Malformed)), "{malformed}");
    }
    assert!(matches!(vault.open(Uuid::from_u128(3), &sealed).await, Err(VaultError::NoKey(_))));
}

pub(super) async fn an_erased_subject_stays_erased(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    for _ in 0..2 {
        vault.erase_subject(ANN).await.expect("erased");
        assert!(vault.open(ANN, &sealed).await.expect("opened").is_none(), "the cache still has the key");
        assert!(matches!(vault.seal(ANN, EVENT, b"Ann").await, Err(VaultError::Erased(ANN))));
    }
    let vault = vault.again().await;
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_none());
    assert!(matches!(vault.seal(ANN, EVENT, b"Ann").await, Err(VaultError::Erased(ANN))));
}

pub(super) async fn first_use_races_to_one_key(vault: Opened) {
    let sealed = join_all((0..30).map(|_| vault.seal(ANN, EVENT, b"Ann"))).await;
    let secrets = join_all((0..30).map(|_| vault.secret("signing", 32))).await;
    let secrets: Vec<Vec<u8>> = secrets.into_iter().map(|secret| secret.expect("a secret").expose_secret().to_vec()).collect();
    assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 32));
    let vault = vault.again().await;
    for sealed in sealed {
        assert!(vault.open(ANN, &sealed.expect("sealed")).await.expect("opened").is_some());
    }
    assert_eq!(vault.secret("signing", 32).await.expect("a secret").expose_secret(), secrets[0]);
    assert_ne!(vault.secret("other", 32).await.expect("a secret").expose_secret(), secrets[0]);
    let refused = vault.secret("signing", 16).await;
    assert!(matches!(refused, Err(VaultError::SecretLength { has: 32, wanted: 16, .. })));
}

pub(super) async fn a_blind_index_depends_on_purpose_value_and_vault(vault: Opened) {
    let blind = vault.blind("email", "ann@example.org").await.expect("blind");
    assert_ne!(blind, vault.blind("email", "bob@example.org").await.expect("blind"));
    assert_ne!(blind, vault.blind("phone", "ann@example.org").await.expect("blind"));
    assert_ne!(blind, vault.blind("emaila", "nn@example.org").await.expect("blind"));
    let vault = vault.again().await;
    assert_eq!(blind, vault.blind("email", "ann@example.org").await.expect("blind"));
    assert_ne!(blind, vault.other().await.blind("email", "ann@example.org").await.expect("blind"));
}

pub(super) async fn a_refresh_token_rotates_once(vault: Opened) {
    let stored = |time: chrono::DateTime<Utc>| chrono::DateTime::from_timestamp_micros(time.timestamp_micros()).expect("a time");
    let (sign_in, now) = (Uuid::now_v7(), stored(Utc::now()));
    let (expires_at, later) = (now + TimeDelta::days(1), now + TimeDelta::days(2));
    vault.refresh_issue(sign_in, b"first", expires_at).await.expect("issued");
    let first = Family { sign_in, generation: 1, rotated_at: None, expires_at };
    assert_eq!(vault.refresh_find(b"first").await.expect("found"), Some(first));
    assert_eq!(vault.refresh_families(&[sign_in, ANN]).await.expect("found"), [first]);
    let new: Vec<[u8; 1]> = (0..50).map(|number| [number]).collect();
    let rotation = |token_hash, expected| Rotation { expected, token_hash, at: now, expires_at: later };
    let rotated = join_all(new.iter().map(|new| vault.refresh_rotate(sign_in, rotation(new, 1)))).await;
    let winners: Vec<usize> = (0..50).filter(|&at| matches!(rotated[at], Ok(true))).collect();
    assert_eq!((winners.len(), rotated.iter().filter(|rotated| rotated.is_ok()).count()), (1, 50));
    assert_eq!(vault.refresh_find(b"first").await.expect("found"), None);
    let second = Family { sign_in, generation: 2, rotated_at: Some(now), expires_at: later };
    assert_eq!(vault.refresh_find(&new[winners[0]]).await.expect("found"), Some(second));
    assert_eq!(vault.refresh_families(&[ANN, sign_in]).await.expect("found"), [second]);
    vault.refresh_revoke(sign_in).await.expect("revoked");
    assert_eq!(vault.refresh_families(&[sign_in]).await.expect("found"), []);
    assert!(!vault.refresh_rotate(sign_in, rotation(b"next", 2)).await.expect("rotated"));
}

pub(super) async fn expired_refresh_tokens_are_purged(vault: Opened) {
    let now = Utc::now();
    vault.refresh_issue(ANN, b"old", now - TimeDelta::seconds(1)).await.expect("issued");
    vault.refresh_issue(BOB, b"new", now + TimeDelta::days(1)).await.expect("issued");
    assert_eq!(vault.purge_refresh_tokens(now).await.expect("purged"), 1);
    assert_eq!(vault.refresh_find(b"old").await.expect("found"), None);
    assert!(vault.refresh_find(b"new").await.expect("found").is_some());
}

/// As after restoring a backup that is older than the erasure.
pub(super) async fn erasures_that_a_restored_vault_has_not_seen_are_applied_again(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    vault.seal(BOB, EVENT, b"Bob").await.expect("sealed");
    let never = Uuid::from_u128(3);
    vault.erase_subject(BOB).await.expect("erased");
    assert_eq!(vault.erased(&[ANN, BOB, never]).await.expect("looked up"), [BOB]);
    assert_eq!(reapply(&*vault, &[ANN, BOB, never]).await.expect("applied"), 2);
    assert_eq!(reapply(&*vault, &[ANN, BOB, never]).await.expect("applied"), 0, "the second time there is nothing to do");
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_none());
    assert!(matches!(vault.seal(never, EVENT, b"Cid").await, Err(VaultError::Erased(_))));

    assert_eq!(vault.erasures_applied().await.expect("read"), Position(0));
    vault.set_erasures_applied(Position(7)).await.expect("written");
    let vault = vault.again().await;
    assert_eq!(vault.erasures_applied().await.expect("read"), Position(7));
}

pub(super) async fn a_wrong_master_key_is_told_from_the_one_that_is_wanted(vault: Opened) {
    vault.close().await;
    let right = MasterKey::from_file(&vault.directory.path().join("master.key"), false).expect("a key").id();
    let refused = vault.with(other_key()).await.map(drop).expect_err("a wrong key");
    let VaultError::WrongMasterKey { given, wanted, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!((given, wanted), (&other_key().id(), &Some(right)));
    assert!(!refused.to_string().contains("password"), "{refused}");
}

pub(super) async fn a_look_beside_a_process_reads_and_changes_nothing(vault: Opened) {
    let sealed = vault.seal(ANN, EVENT, b"Ann").await.expect("sealed");
    vault.seal(BOB, EVENT, b"Bob").await.expect("sealed");
    vault.erase_subject(BOB).await.expect("erased");
    let signing = vault.secret("signing", 32).await.expect("a secret");
    let look = vault.look(MasterKey::from_file(&vault.directory.path().join("master.key"), false).expect("the key")).await.expect("a look");
    assert_eq!(look.open(ANN, &sealed).await.expect("opened").expect("not erased").expose_secret(), b"Ann");
    assert_eq!(look.erased(&[ANN, BOB]).await.expect("known"), [BOB]);
    assert_eq!(look.secret("signing", 32).await.expect("a secret").expose_secret(), signing.expose_secret());
    assert!(matches!(look.secret("other", 32).await, Err(VaultError::NoSecret(name)) if name == "other"));
    look.seal(Uuid::from_u128(3), EVENT, b"Cid").await.expect_err("that needs a new key");
    look.erase_subject(ANN).await.expect_err("that changes something");
    look.refresh_issue(ANN, b"first", Utc::now()).await.expect_err("that changes something");
    look.rotate_master_key(other_key()).await.expect_err("that changes everything");
    assert!(look.open(ANN, &sealed).await.expect("opened").is_some());
    look.close().await;
    assert!(vault.open(ANN, &sealed).await.expect("opened").is_some());
    assert!(matches!(vault.look(other_key()).await.map(drop), Err(VaultError::WrongMasterKey { wanted: Some(_), .. })));
}
