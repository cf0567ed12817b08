//! Signing in, staying signed in, signing out.

use commands::{
    Accepted, Actor, Fault, Outcome, Request,
    identity::{Begun, SignedIn},
};
use domain::identity::{IdentityRejection, Role};
use journal::vault::ExposeSecret;

use crate::platform::{PASSWORD, Platform, accepted, anonymous, fault, rejected};

pub(crate) async fn sign_in(platform: &Platform, email: &str, password: &str) -> Result<Outcome<SignedIn, IdentityRejection>, Fault> {
    signed_in(platform.commands.identity.sign_in(&anonymous(), email, password.to_owned().into()).await)
}

/// Where no code is asked for.
pub(crate) fn signed_in(begun: Result<Outcome<Begun, IdentityRejection>, Fault>) -> Result<Outcome<SignedIn, IdentityRejection>, Fault> {
    Ok(match begun? {
        Outcome::Accepted(Accepted { value: Begun::SignedIn(value), position }) => Outcome::Accepted(Accepted { value, position }),
        Outcome::Accepted(Accepted { value: Begun::Challenged(_), .. }) => panic!("a code is asked for"),
        Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
    })
}

pub(crate) async fn ada(platform: &Platform) -> SignedIn {
    accepted(platform.register("ada@example.org", &[]).await);
    accepted(sign_in(platform, "ada@example.org", PASSWORD).await)
}

pub(crate) fn request(SignedIn { account, sign_in, .. }: &SignedIn) -> Request {
    Request { actor: Actor::person(*account, *sign_in, Role::Learner.permissions()), ..anonymous() }
}

#[tokio::test]
async fn an_access_token_stands_for_the_sign_in_it_came_with() {
    let platform = Platform::init().await;
    let ada = ada(&platform).await;
    let verified = platform.commands.identity.verify(ada.access_token.expose_secret()).expect("valid");
    assert_eq!((verified.account, verified.sign_in), (ada.account, ada.sign_in));
    let standing = platform.commands.identity.standing(ada.account, ada.sign_in).await.expect("readable");
    assert_eq!(standing, Some(Role::Learner.permissions()));
    assert_eq!(platform.names_after(3).await, ["SignedIn"]);
}

#[tokio::test]
async fn an_address_is_the_same_in_any_spelling() {
    let platform = Platform::init().await;
    let first = ada(&platform).await;
    let second = accepted(sign_in(&platform, " ADA@Example.ORG ", PASSWORD).await);
    assert_eq!(second.account, first.account);
    assert_ne!(second.sign_in, first.sign_in);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let platform = Platform::init().await;
    ada(&platform).await;
    let before = platform.events().await.len();
    for (email, password) in [("ada@example.org", "wrong horse battery"), ("bob@example.org", PASSWORD), ("nobody", PASSWORD), ("", "")] {
        assert_eq!(rejected(sign_in(&platform, email, password).await), IdentityRejection::CredentialsWrong, "{email}");
    }
    assert_eq!(platform.events().await.len(), before);
}

#[tokio::test]
async fn a_sign_in_vouches_for_its_own_account_only() {
    let platform = Platform::init().await;
    let ada = ada(&platform).await;
    let bob = accepted(platform.register("bob@example.org", &[]).await);
    assert_eq!(platform.commands.identity.standing(bob, ada.sign_in).await.expect("readable"), None);
}

#[tokio::test]
async fn after_signing_out_nothing_is_left_of_the_sign_in() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let here = ada(&platform).await;
    let there = accepted(sign_in(&platform, "ada@example.org", PASSWORD).await);
    accepted(identity.sign_out(&request(&here)).await);
    assert_eq!(rejected(identity.refresh(&anonymous(), &here.refresh_token).await), IdentityRejection::RefreshTokenInvalid);
    assert_eq!(identity.standing(here.account, here.sign_in).await.expect("readable"), None);
    accepted(identity.sign_out(&request(&here)).await);
    assert_eq!(platform.named("SignedOut").await.len(), 1, "signing out twice is no mistake");

    assert!(identity.standing(there.account, there.sign_in).await.expect("readable").is_some(), "another device stays signed in");
    accepted(identity.refresh(&anonymous(), &there.refresh_token).await);
}

#[tokio::test]
async fn only_who_is_signed_in_can_sign_out() {
    let platform = Platform::init().await;
    assert!(matches!(fault(platform.commands.identity.sign_out(&anonymous()).await), Fault::Unauthenticated));
}
