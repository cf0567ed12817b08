//! Roles that need a second factor, and accounts that have nothing but passkeys.

use chrono::TimeDelta;
use commands::{
    Actor, Fault, Request,
    identity::{ProtectionChange, SignedIn},
};
use domain::identity::{IdentityRejection as No, Role, mail::Occasion};
use test_authenticator::Authenticator;

use super::{asked, begun, come, register, registered};
use crate::{
    access_tokens::create,
    mailbag::Mailbag,
    platform::{ORIGIN, PASSWORD, Platform, accepted, account, anonymous, fault, pass, rejected},
    sign_ins::{ada, request, sign_in},
    telephone::{EMAIL, Telephone},
};

const REASON: &str = "lost their keys";

/// Who comes by a sign-in.
async fn by(platform: &Platform, SignedIn { account, sign_in, .. }: &SignedIn) -> Request {
    let actor = platform.commands.identity.by_sign_in(*account, *sign_in, None).await.expect("readable").expect("signed in");
    Request { actor, ..anonymous() }
}

fn is_enrolling(request: &Request) -> bool {
    matches!(request.actor, Actor::Enrolling { .. })
}

/// An author whose role needs a second factor.
async fn author(platform: &Platform) -> SignedIn {
    accepted(platform.register(EMAIL, &[Role::Author]).await);
    let change = ProtectionChange { second_factor: Some(true), networks: None };
    accepted(platform.commands.identity.protect_role(&Request::system("test"), Role::Author.into(), change).await);
    accepted(sign_in(platform, EMAIL, PASSWORD).await)
}

#[tokio::test]
async fn a_passkey_does_for_a_role_that_needs_a_second_factor() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let first = by(&platform, &author(&platform).await).await;
    assert!(is_enrolling(&first));
    let (_, mut device) = registered(&platform, &first).await;
    let passwords = by(&platform, &accepted(sign_in(&platform, EMAIL, PASSWORD).await)).await;
    assert!(is_enrolling(&passwords), "a password is one factor, whatever else there is");
    let signed_in = accepted(come(&platform, &mut device).await);
    let passkeys = by(&platform, &signed_in).await;
    assert!(!is_enrolling(&passkeys));
    let token = accepted(create(&platform, &passkeys, &["workshop:write"]).await).token;
    let (program, _) = identity.by_access_token(&token, None).await.expect("readable").expect("good");
    assert!(!matches!(program, Actor::Enrolling { .. }));
    let ceremony = asked(&platform).await;
    let shown = device.get(&ceremony.options);
    accepted(identity.step_up_with_passkey(&passwords, &ceremony.challenge, &shown).await);
    let renewed = identity.renewed(&passwords.actor, None).await.expect("readable").expect("signed in");
    assert!(!matches!(renewed, Actor::Enrolling { .. }), "who has shown both at last");
    let ids: Vec<_> = identity.ways_in(signed_in.account).await.expect("readable").passkeys().map(|(id, _)| id).collect();
    accepted(identity.remove_passkey(&passkeys, ids[0]).await);
    assert!(is_enrolling(&by(&platform, &signed_in).await), "there is none any more");
}

#[tokio::test]
async fn whoever_knows_the_password_alone_sets_up_nothing_beside_a_passkey() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = by(&platform, &author(&platform).await).await;
    let begun_before = begun(&platform, &ada).await;
    let secret = accepted(identity.enroll_totp(&ada, PASSWORD.into()).await).secret;
    let (_, mut device) = registered(&platform, &ada).await;
    let thief = by(&platform, &accepted(sign_in(&platform, EMAIL, PASSWORD).await)).await;
    assert_eq!(rejected(identity.enroll_totp(&thief, PASSWORD.into()).await), No::PasskeyRequired);
    assert_eq!(rejected(identity.confirm_totp(&ada, &Telephone::of(&secret).shows(0)).await), No::PasskeyRequired);
    assert!(matches!(identity.begin_passkey(&thief).await, Ok(Err(No::PasskeyRequired))));
    let credential = Authenticator::new(ORIGIN).create(&begun_before.options);
    assert_eq!(rejected(register(&platform, &ada, &begun_before, &credential).await), No::PasskeyRequired);
    assert!(matches!(
        fault(identity.change_password(&thief, PASSWORD.into(), "another good passphrase".into()).await),
        Fault::SecondFactorRequired
    ));
    let hers = by(&platform, &accepted(come(&platform, &mut device).await)).await;
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&hers, PASSWORD.into()).await).secret);
    accepted(identity.confirm_totp(&hers, &telephone.shows(0)).await);
}

#[tokio::test]
async fn an_administrator_takes_away_passkeys_that_are_lost() {
    let (platform, mailbag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    let (_, mut device) = registered(&platform, &ada).await;
    let open = accepted(come(&platform, &mut device).await);
    let root = platform.administrator().await;
    let before = platform.events().await.len();
    accepted(identity.reset_second_factor(&root, account(&ada), REASON).await);
    assert_eq!(platform.names_after(before).await[..2], ["SignedOutEverywhere", "PasskeyRemoved"]);
    assert_eq!(identity.standing(open.account, open.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyInvalid);
    assert_eq!(mailbag.next(&platform, Occasion::PasskeyRemoved).await.to, EMAIL);
    assert_eq!(rejected(identity.reset_second_factor(&root, account(&ada), REASON).await), No::SecondFactorOff);
    assert!(platform.named("PasskeyRemoved").await[0].payload.as_str().contains(REASON));
}

#[tokio::test]
async fn whoever_claimed_an_address_in_advance_keeps_no_passkey() {
    let (platform, mailbag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let squatter = request(&ada(&platform).await);
    let (_, mut device) = registered(&platform, &squatter).await;
    accepted(identity.request_reset(&anonymous(), EMAIL).await);
    let link = mailbag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.reset_password(&anonymous(), &link, "the owner's passphrase".into()).await);
    assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyInvalid);
    // Of who is known to read the address, as is known by that link, they stay.
    let owner = request(&accepted(sign_in(&platform, EMAIL, "the owner's passphrase").await));
    assert_eq!(rejected(identity.request_verification(&owner).await), No::EmailVerified);
    let (_, mut device) = registered(&platform, &owner).await;
    pass(TimeDelta::minutes(2));
    accepted(identity.request_reset(&anonymous(), EMAIL).await);
    let link = mailbag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.reset_password(&anonymous(), &link, "another of the owner's".into()).await);
    accepted(come(&platform, &mut device).await);
}
