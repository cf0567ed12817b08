//! Passkeys: registering them, signing in by them, and all that may be wrong with what a device says.

mod enrolling;
mod wrong;

use chrono::TimeDelta;
use commands::{
    Fault, Outcome, Request,
    identity::{Ceremony, SignedIn},
};
use domain::{
    identity::{IdentityRejection as No, Method, Role, mail::Occasion, sign_in::SignInEvent},
    kernel::PasskeyId,
};
use futures_util::future::join_all;
use test_authenticator::Authenticator;

use crate::{
    mailbag::Mailbag,
    platform::{ORIGIN, PASSWORD, Platform, accepted, account, anonymous, fault, pass, rejected},
    sign_ins::{ada, request, sign_in},
    telephone::{EMAIL, Telephone},
};

async fn begun(platform: &Platform, by: &Request) -> Ceremony {
    platform.commands.identity.begin_passkey(by).await.expect("decided").expect("begun")
}

async fn asked(platform: &Platform) -> Ceremony {
    platform.commands.identity.begin_passkey_sign_in().await.expect("kept").expect("begun")
}

async fn register(platform: &Platform, by: &Request, ceremony: &Ceremony, credential: &str) -> Result<Outcome<PasskeyId, No>, Fault> {
    platform.commands.identity.register_passkey(by, &ceremony.challenge, credential, "My key").await
}

async fn registered_on(platform: &Platform, by: &Request, device: &mut Authenticator) -> PasskeyId {
    let ceremony = begun(platform, by).await;
    let credential = device.create(&ceremony.options);
    accepted(register(platform, by, &ceremony, &credential).await)
}

/// A device with a passkey of whoever asks.
pub(crate) async fn registered(platform: &Platform, by: &Request) -> (PasskeyId, Authenticator) {
    let mut device = Authenticator::new(ORIGIN);
    (registered_on(platform, by, &mut device).await, device)
}

pub(crate) async fn come(platform: &Platform, device: &mut Authenticator) -> Result<Outcome<SignedIn, No>, Fault> {
    let ceremony = asked(platform).await;
    let credential = device.get(&ceremony.options);
    platform.commands.identity.sign_in_with_passkey(&anonymous(), &ceremony.challenge, &credential).await
}

#[tokio::test]
async fn whoever_has_a_passkey_signs_in_by_it_alone() {
    let platform = Platform::init().await;
    let (ada, identity) = (request(&ada(&platform).await), &platform.commands.identity);
    let before = platform.events().await.len();
    let (id, mut device) = registered(&platform, &ada).await;
    assert_eq!(platform.names_after(before).await, ["PasskeyRegistered"]);
    let before = platform.events().await.len();
    let signed_in = accepted(come(&platform, &mut device).await);
    assert_eq!(signed_in.account, account(&ada));
    assert_eq!(platform.names_after(before).await, ["PasskeyUsed", "SignedIn"], "in one append");
    let opened = platform.named("SignedIn").await.pop().expect("opened");
    let opened: SignInEvent = serde_json::from_str(opened.payload.as_str()).expect("an event");
    let SignInEvent::Opened { method, proof, .. } = opened else { panic!("{opened:?}") };
    assert_eq!((method, proof.map(|proof| proof.second_factor)), (Some(Method::Passkey), Some(true)));
    assert!(identity.standing(signed_in.account, signed_in.sign_in).await.expect("readable").is_some());
    accepted(identity.refresh(&anonymous(), &signed_in.refresh_token).await);
    let ways = identity.ways_in(account(&ada)).await.expect("readable");
    assert!(ways.passkey(id).is_some_and(|kept| kept.last_used_at.is_some()));
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(!stored.contains("My key") && !stored.contains("cred_id"), "what is known of one person alone is sealed");
}

#[tokio::test]
async fn a_code_is_not_asked_of_who_shows_a_passkey() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let (_, mut device) = registered(&platform, &ada).await;
    let identity = &platform.commands.identity;
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&ada, PASSWORD.into()).await).secret);
    accepted(identity.confirm_totp(&ada, &telephone.shows(0)).await);
    assert!(matches!(fault(identity.disable_totp(&ada).await), Fault::StepUpRequired), "by a password alone");
    let hers = request(&accepted(come(&platform, &mut device).await));
    accepted(identity.disable_totp(&hers).await);
}

#[tokio::test]
async fn dangerous_acts_are_permitted_anew_by_a_passkey() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let identity = &platform.commands.identity;
    let (id, mut device) = registered(&platform, &ada).await;
    pass(TimeDelta::minutes(10));
    assert!(matches!(fault(identity.remove_passkey(&ada, id).await), Fault::StepUpRequired));
    assert!(matches!(identity.begin_passkey(&ada).await, Err(Fault::StepUpRequired)));
    let ceremony = asked(&platform).await;
    let credential = device.get(&ceremony.options);
    assert!(matches!(fault(identity.step_up_with_passkey(&anonymous(), &ceremony.challenge, &credential).await), Fault::Unauthenticated));
    let before = platform.events().await.len();
    accepted(identity.step_up_with_passkey(&ada, &ceremony.challenge, &credential).await);
    assert_eq!(platform.names_after(before).await, ["PasskeyUsed", "SignInProven"]);
    accepted(identity.remove_passkey(&ada, id).await);
    assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyInvalid, "it was removed");
    assert_eq!(rejected(identity.remove_passkey(&ada, id).await), No::PasskeyNotFound);
}

#[tokio::test]
async fn ten_are_enough_and_none_is_there_twice() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let mut device = Authenticator::new(ORIGIN);
    registered_on(&platform, &ada, &mut device).await;
    let ceremony = begun(&platform, &ada).await;
    assert!(ceremony.options.contains("excludeCredentials"), "devices are told: {}", ceremony.options);
    let again = device.create(&ceremony.options);
    assert_eq!(rejected(register(&platform, &ada, &ceremony, &again).await), No::PasskeyTaken);
    let open = begun(&platform, &ada).await;
    for _ in 1..10 {
        registered(&platform, &ada).await;
    }
    assert!(matches!(platform.commands.identity.begin_passkey(&ada).await, Ok(Err(No::TooManyPasskeys))));
    let eleventh = Authenticator::new(ORIGIN).create(&open.options);
    assert_eq!(rejected(register(&platform, &ada, &open, &eleventh).await), No::TooManyPasskeys);
}

#[tokio::test]
async fn of_many_who_come_at_once_with_a_counter_one_is_first() {
    let platform = Platform::init().await;
    let ada = request(&ada(&platform).await);
    let mut device = Authenticator::new(ORIGIN);
    device.counter = 1;
    registered_on(&platform, &ada, &mut device).await;
    // All say the same counter, as copies would.
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push((asked(&platform).await, device.clone()));
    }
    let identity = &platform.commands.identity;
    let all = all.into_iter().map(|(ceremony, mut device)| async move {
        let credential = device.get(&ceremony.options);
        identity.sign_in_with_passkey(&anonymous(), &ceremony.challenge, &credential).await
    });
    let outcomes = join_all(all).await;
    let accepted = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count();
    assert_eq!(accepted, 1);
    assert_eq!(platform.named("PasskeyUsed").await.len(), 1);
    assert_eq!(platform.named("PasskeyCounterWentBack").await.len(), 1);
}

#[tokio::test]
async fn a_copy_is_found_out_and_its_owner_is_told() {
    let (platform, mailbag) = Mailbag::platform().await;
    let ada = request(&ada(&platform).await);
    let mut device = Authenticator::new(ORIGIN);
    device.counter = 5;
    let id = registered_on(&platform, &ada, &mut device).await;
    assert_eq!(mailbag.next(&platform, Occasion::PasskeyAdded).await.to, EMAIL);
    let mut copy = device.clone();
    for _ in 0..2 {
        accepted(come(&platform, &mut device).await);
    }
    assert_eq!(rejected(come(&platform, &mut copy).await), No::PasskeyCopied);
    let recorded = platform.named("PasskeyCounterWentBack").await;
    assert_eq!(recorded.len(), 1);
    assert!(recorded[0].payload.as_str().contains(r#""kept":7,"shown":6"#), "{}", recorded[0].payload.as_str());
    assert_eq!(mailbag.next(&platform, Occasion::PasskeyCopied).await.to, EMAIL);
    assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyCopied, "nobody knows who has the right one");
    assert_eq!(platform.named("PasskeyCounterWentBack").await.len(), 1);
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    accepted(platform.commands.identity.remove_passkey(&ada, id).await);
    assert_eq!(mailbag.next(&platform, Occasion::PasskeyRemoved).await.to, EMAIL);
}

#[tokio::test]
async fn what_was_begun_on_one_node_ends_on_another() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await.identity;
    let ada = request(&ada(&platform).await);
    let mut device = Authenticator::new(ORIGIN);
    let ceremony = begun(&platform, &ada).await;
    accepted(other.register_passkey(&ada, &ceremony.challenge, &device.create(&ceremony.options), "My key").await);
    let ceremony = asked(&platform).await;
    let signed_in = accepted(other.sign_in_with_passkey(&anonymous(), &ceremony.challenge, &device.get(&ceremony.options)).await);
    assert_eq!(signed_in.account, account(&ada));
}

#[tokio::test]
async fn who_is_suspended_or_erased_does_not_come_in() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    let (_, mut device) = registered(&platform, &ada).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.suspend(&root, account(&ada), "a reason").await);
    assert_eq!(rejected(come(&platform, &mut device).await), No::Suspended);
    let ceremony = asked(&platform).await;
    let mut other = device.clone();
    other.verifies = false;
    let credential = other.get(&ceremony.options);
    let unverified = identity.sign_in_with_passkey(&anonymous(), &ceremony.challenge, &credential).await;
    assert_eq!(rejected(unverified), No::PasskeyInvalid, "it is told to its owner alone");
    accepted(identity.reinstate(&root, account(&ada)).await);
    accepted(come(&platform, &mut device).await);
    accepted(identity.erase(&root, account(&ada), Some("asked for by letter")).await);
    assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyInvalid);
}
