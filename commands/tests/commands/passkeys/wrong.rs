//! What a device, or somebody in its place, may say that is not so.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use commands::Request;
use domain::{
    identity::IdentityRejection as No,
    kernel::{AccountId, PasskeyId},
};
use serde_json::Value;
use test_authenticator::Authenticator;
use uuid::Uuid;

use super::{asked, begun, come, register, registered};
use crate::{
    platform::{ORIGIN, PASSWORD, Platform, accepted, account, anonymous, pass, rejected},
    sign_ins::{ada, request, sign_in},
    telephone::EMAIL,
};

fn changed(credential: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut credential = serde_json::from_str(credential).expect("JSON");
    change(&mut credential);
    credential.to_string()
}

/// The bytes of a field, with one of them another.
fn flip(field: &mut Value, at: usize) {
    let mut bytes = URL_SAFE_NO_PAD.decode(field.as_str().expect("a text")).expect("base64url");
    let at = at % bytes.len();
    bytes[at] ^= 1;
    *field = URL_SAFE_NO_PAD.encode(bytes).into();
}

/// What is otherwise about a device.
type Change = fn(&mut Authenticator);

#[tokio::test]
async fn a_device_that_says_something_else_is_not_registered() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let wrong: [(&str, Change); 6] = [
        ("another origin", |device| device.origin = "https://nalabo.example.com".into()),
        ("an origin below", |device| device.origin = "https://evil.nalabo.example.org".into()),
        ("another scheme", |device| device.origin = "http://nalabo.example.org".into()),
        ("another domain", |device| device.domain = Some("example.org".into())),
        ("nobody was asked for a PIN", |device| device.verifies = false),
        ("it is for signing in", |device| device.kind = Some("webauthn.get")),
    ];
    for (what, change) in wrong {
        let ceremony = begun(&platform, &ada).await;
        let mut device = Authenticator::new(ORIGIN);
        change(&mut device);
        let credential = device.create(&ceremony.options);
        assert_eq!(rejected(register(&platform, &ada, &ceremony, &credential).await), No::PasskeyInvalid, "{what}");
        let again = Authenticator::new(ORIGIN).create(&ceremony.options);
        assert_eq!(rejected(register(&platform, &ada, &ceremony, &again).await), No::PasskeyChallengeInvalid, "{what}: it was tried");
    }
    let (one, two) = (begun(&platform, &ada).await, begun(&platform, &ada).await);
    let of_two = Authenticator::new(ORIGIN).create(&two.options);
    assert_eq!(rejected(register(&platform, &ada, &one, &of_two).await), No::PasskeyInvalid, "another challenge");
    assert!(platform.named("PasskeyRegistered").await.is_empty());
}

#[tokio::test]
async fn what_was_begun_is_good_once_for_five_minutes_and_for_who_began() {
    let platform = Platform::init().await;
    let (ada, identity) = (request(&ada(&platform).await), &platform.commands.identity);
    let bob = platform.signed_in("bob@example.org", &[]).await;
    let elsewhere = request(&accepted(sign_in(&platform, EMAIL, PASSWORD).await));
    for by in [&bob, &elsewhere] {
        let ceremony = begun(&platform, &ada).await;
        let credential = Authenticator::new(ORIGIN).create(&ceremony.options);
        assert_eq!(rejected(register(&platform, by, &ceremony, &credential).await), No::PasskeyChallengeInvalid);
        assert_eq!(rejected(register(&platform, &ada, &ceremony, &credential).await), No::PasskeyChallengeInvalid, "it was tried");
    }
    let late = begun(&platform, &ada).await;
    let (_, mut device) = registered(&platform, &ada).await;
    let (once, later) = (asked(&platform).await, asked(&platform).await);
    let credential = device.get(&once.options);
    accepted(identity.sign_in_with_passkey(&anonymous(), &once.challenge, &credential).await);
    let again = identity.sign_in_with_passkey(&anonymous(), &once.challenge, &credential).await;
    assert_eq!(rejected(again), No::PasskeyChallengeInvalid, "played back");
    let registering = identity.sign_in_with_passkey(&anonymous(), &late.challenge, &credential).await;
    assert_eq!(rejected(registering), No::PasskeyChallengeInvalid, "it was for something else");
    let other = asked(&platform).await;
    let elsewhere = identity.sign_in_with_passkey(&anonymous(), &other.challenge, &credential).await;
    assert_eq!(rejected(elsewhere), No::PasskeyInvalid, "played back to another challenge");
    pass(TimeDelta::minutes(5));
    let credential = device.get(&later.options);
    let slow = identity.sign_in_with_passkey(&anonymous(), &later.challenge, &credential).await;
    assert_eq!(rejected(slow), No::PasskeyChallengeInvalid);
    let credential = Authenticator::new(ORIGIN).create(&late.options);
    assert_eq!(rejected(register(&platform, &ada, &late, &credential).await), No::PasskeyChallengeInvalid);
}

#[tokio::test]
async fn a_device_that_says_something_else_signs_nobody_in() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let (_, good) = registered(&platform, &ada).await;
    let wrong: [(&str, Change); 8] = [
        ("another origin", |device| device.origin = "https://nalabo.example.com".into()),
        ("another port", |device| device.origin = "https://nalabo.example.org:8443".into()),
        ("another domain", |device| device.domain = Some("example.org".into())),
        ("nobody was asked for a PIN", |device| device.verifies = false),
        ("it is for registering", |device| device.kind = Some("webauthn.create")),
        ("there are copies all of a sudden", |device| device.is_backup_eligible = true),
        ("nobody's", |device| device.user = Uuid::from_u128(7).as_bytes().to_vec()),
        ("no account at all", |device| device.user = b"ada@example.org".to_vec()),
    ];
    for (what, change) in wrong {
        let mut device = good.clone();
        change(&mut device);
        assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyInvalid, "{what}");
        accepted(come(&platform, &mut good.clone()).await);
    }
    // Another key under the same id.
    let mut forged = Authenticator::new(ORIGIN);
    (forged.id, forged.user) = (good.id.clone(), good.user.clone());
    assert_eq!(rejected(come(&platform, &mut forged).await), No::PasskeyInvalid);
}

#[tokio::test]
async fn somebody_elses_passkey_is_nothing_to_an_account() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    let bob = platform.signed_in("bob@example.org", &[]).await;
    let (_, mut hers) = registered(&platform, &ada).await;
    let (his_id, his) = registered(&platform, &bob).await;
    let mut as_her = his.clone();
    as_her.user.clone_from(&hers.user);
    assert_eq!(rejected(come(&platform, &mut as_her).await), No::PasskeyInvalid, "his key, her account");
    as_her.id.clone_from(&hers.id);
    assert_eq!(rejected(come(&platform, &mut as_her).await), No::PasskeyInvalid, "and her key's name");
    let ceremony = asked(&platform).await;
    let credential = hers.get(&ceremony.options);
    let stepped = identity.step_up_with_passkey(&bob, &ceremony.challenge, &credential).await;
    assert_eq!(rejected(stepped), No::PasskeyInvalid, "her key, his sign-in");
    assert_eq!(rejected(identity.remove_passkey(&ada, his_id).await), No::PasskeyNotFound);
    assert_eq!(rejected(identity.remove_passkey(&ada, PasskeyId(Uuid::from_u128(1))).await), No::PasskeyNotFound);
    assert_eq!(accepted(come(&platform, &mut his.clone()).await).account, account(&bob));
}

#[tokio::test]
async fn what_was_altered_on_its_way_is_worth_nothing() {
    let platform = Platform::init().await;
    let (ada, identity) = (request(&ada(&platform).await), &platform.commands.identity);
    let (_, mut device) = registered(&platform, &ada).await;
    let from = |number: usize| Request { address: Some(format!("192.0.2.{number}")), ..anonymous() };
    for (number, name) in ["signature", "authenticatorData", "clientDataJSON"].into_iter().cycle().take(48).enumerate() {
        let ceremony = asked(&platform).await;
        let credential = changed(&device.get(&ceremony.options), |it| flip(&mut it["response"][name], number * 7));
        let outcome = identity.sign_in_with_passkey(&from(number), &ceremony.challenge, &credential).await;
        assert_eq!(rejected(outcome), No::PasskeyInvalid, "{name} {number}");
    }
    // What is no answer at all does not even use the challenge.
    let ceremony = asked(&platform).await;
    let good = device.get(&ceremony.options);
    let nested = format!("{{\"id\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    let mut garbage: Vec<String> = ["", "null", "[]", "{}", "\u{0}", "🗝", &nested, &good[..good.len() / 2]].map(str::to_owned).into();
    garbage.push(changed(&good, |it| it["rawId"] = 7.into()));
    garbage.push(changed(&good, |it| it["response"]["signature"] = "not base64!".into()));
    garbage.push(changed(&good, |it| it["response"]["clientDataJSON"] = Value::Null));
    garbage.push(good.clone() + &" ".repeat(17_000));
    for credential in &garbage {
        let outcome = identity.sign_in_with_passkey(&from(99), &ceremony.challenge, credential).await;
        assert_eq!(rejected(outcome), No::PasskeyInvalid, "{credential}");
    }
    accepted(identity.sign_in_with_passkey(&anonymous(), &ceremony.challenge, &good).await);
}

#[tokio::test]
async fn no_bytes_in_the_place_of_a_device_do_more_than_be_refused() {
    let platform = Platform::init().await;
    let (ada, identity) = (request(&ada(&platform).await), &platform.commands.identity);
    let (_, mut device) = registered(&platform, &ada).await;
    let deep = [vec![0x81; 4000], vec![0]].concat();
    let endless = vec![0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let listed = [vec![0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], vec![0; 20]].concat();
    for (number, bytes) in
        [vec![], vec![0], vec![0xff; 37], vec![0xff; 300], vec![0xbf; 200], deep, endless, listed].into_iter().enumerate()
    {
        let bytes = URL_SAFE_NO_PAD.encode(bytes);
        let from = Request { address: Some(format!("192.0.2.{number}")), ..anonymous() };
        for name in ["signature", "authenticatorData", "clientDataJSON", "userHandle"] {
            let ceremony = asked(&platform).await;
            let credential = changed(&device.get(&ceremony.options), |it| it["response"][name] = bytes.clone().into());
            let outcome = identity.sign_in_with_passkey(&from, &ceremony.challenge, &credential).await;
            assert_eq!(rejected(outcome), No::PasskeyInvalid, "{name} {number}");
        }
        for name in ["attestationObject", "clientDataJSON"] {
            let ceremony = begun(&platform, &ada).await;
            let credential = Authenticator::new(ORIGIN).create(&ceremony.options);
            let credential = changed(&credential, |it| it["response"][name] = bytes.clone().into());
            assert_eq!(rejected(register(&platform, &ada, &ceremony, &credential).await), No::PasskeyInvalid, "{name} {number}");
        }
    }
}

#[tokio::test]
async fn wrong_tries_count_as_those_of_passwords_do() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let (_, device) = registered(&platform, &ada).await;
    let mut wrong = device.clone();
    wrong.verifies = false;
    for _ in 0..5 {
        assert_eq!(rejected(come(&platform, &mut wrong).await), No::PasskeyInvalid);
    }
    assert_eq!(rejected(come(&platform, &mut wrong).await), No::TooManyTries);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::TooManyTries, "they are counted together");
    // What is right was not guessed.
    accepted(come(&platform, &mut device.clone()).await);
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    let mut nobodys = Authenticator::new(ORIGIN);
    nobodys.user = AccountId(Uuid::from_u128(9)).0.as_bytes().to_vec();
    for _ in 0..5 {
        assert_eq!(rejected(come(&platform, &mut nobodys).await), No::PasskeyInvalid);
    }
    assert_eq!(rejected(come(&platform, &mut nobodys).await), No::TooManyTries, "as those at somebody");
}

#[tokio::test]
async fn without_a_site_there_are_none() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let identity = platform.commands.identity.clone().with_passkeys(None);
    assert!(matches!(identity.begin_passkey(&ada).await, Ok(Err(No::PasskeysOff))));
    assert!(matches!(identity.begin_passkey_sign_in().await, Ok(Err(No::PasskeysOff))));
    let none = || "x".to_owned().into();
    assert_eq!(rejected(identity.register_passkey(&ada, &none(), "{}", "key").await), No::PasskeysOff);
    assert_eq!(rejected(identity.sign_in_with_passkey(&anonymous(), &none(), "{}").await), No::PasskeysOff);
    assert_eq!(rejected(identity.step_up_with_passkey(&ada, &none(), "{}").await), No::PasskeysOff);
}
