//! Ending sign-ins.

use chrono::TimeDelta;
use commands::Fault;
use domain::identity::IdentityRejection;
use domain::identity::sign_in::SignInEvent;
use domain::kernel::SignInId;
use uuid::Uuid;

use crate::{
    platform::{PASSWORD, Platform, accepted, anonymous, fault, keyed, pass, rejected},
    sign_ins::{ada, request, sign_in, signed_in},
};

#[tokio::test]
async fn a_sign_in_is_revoked_from_another_device() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (lost, here) = (ada(&platform).await, accepted(sign_in(&platform, "ada@example.org", PASSWORD).await));
    let before = platform.events().await.len();
    let asked = keyed(&request(&here), "once");
    for _ in 0..2 {
        accepted(identity.revoke_device(&asked, lost.sign_in).await);
    }
    accepted(identity.revoke_device(&request(&here), lost.sign_in).await);
    assert_eq!(platform.names_after(before).await, ["SignInRevoked", "SignedOut"], "doing it again is no mistake, and nothing new");
    assert_eq!(identity.standing(lost.account, lost.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(identity.refresh(&anonymous(), &lost.refresh_token).await), IdentityRejection::RefreshTokenInvalid);
    assert!(identity.standing(here.account, here.sign_in).await.expect("readable").is_some());
}

#[tokio::test]
async fn what_is_another_persons_is_not_there() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = ada(&platform).await;
    let bob = platform.signed_in("bob@example.org", &[]).await;
    for device in [ada.sign_in, SignInId(Uuid::now_v7())] {
        assert_eq!(rejected(identity.revoke_device(&bob, device).await), IdentityRejection::DeviceNotFound);
    }
    accepted(identity.sign_out(&request(&ada)).await);
    assert_eq!(rejected(identity.revoke_device(&bob, ada.sign_in).await), IdentityRejection::DeviceNotFound, "closed or not");
    assert!(matches!(fault(identity.revoke_device(&anonymous(), ada.sign_in).await), Fault::Unauthenticated));
}

#[tokio::test]
async fn signing_out_everywhere_leaves_nothing_and_who_signs_in_again_is_in() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = (ada(&platform).await, accepted(sign_in(&platform, "ada@example.org", PASSWORD).await));
    let bob = platform.signed_in("bob@example.org", &[]).await;
    let before = platform.events().await.len();
    accepted(identity.sign_out_everywhere(&request(&here)).await);
    assert_eq!(platform.names_after(before).await, ["SignedOutEverywhere"]);
    for gone in [&here, &there] {
        assert_eq!(identity.standing(gone.account, gone.sign_in).await.expect("readable"), None);
        assert_eq!(rejected(identity.refresh(&anonymous(), &gone.refresh_token).await), IdentityRejection::RefreshTokenInvalid);
    }
    let again = accepted(sign_in(&platform, "ada@example.org", PASSWORD).await);
    assert!(identity.standing(again.account, again.sign_in).await.expect("readable").is_some());
    accepted(identity.refresh(&anonymous(), &again.refresh_token).await);
    let commands::Actor::Account { account, sign_in, .. } = bob.actor else { panic!("a person") };
    assert!(identity.standing(account, sign_in).await.expect("readable").is_some(), "others are not concerned");
    assert!(matches!(fault(identity.sign_out_everywhere(&anonymous()).await), Fault::Unauthenticated));
    pass(TimeDelta::minutes(11));
    let again = request(&again);
    assert!(matches!(fault(identity.sign_out_everywhere(&again).await), Fault::StepUpRequired), "whoever finds it open");
    accepted(identity.step_up(&again, PASSWORD.into(), None).await);
    accepted(identity.sign_out_everywhere(&again).await);
}

#[tokio::test]
async fn a_refresh_token_is_good_for_signing_out() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = ada(&platform).await;
    let asked = identity.by_refresh_token(&anonymous(), &ada.refresh_token).await.expect("decided").expect("a good token");
    accepted(identity.sign_out(&asked).await);
    assert_eq!(identity.standing(ada.account, ada.sign_in).await.expect("readable"), None);
    let again = identity.by_refresh_token(&anonymous(), &ada.refresh_token).await.expect("decided");
    assert_eq!(again.err(), Some(IdentityRejection::RefreshTokenInvalid));
}

#[tokio::test]
async fn where_somebody_signed_in_from_is_sealed() {
    let platform = Platform::init().await;
    accepted(platform.register("ada@example.org", &[]).await);
    let from = commands::Request { user_agent: Some("Secret-Browser/7\u{7}".into()), address: Some("192.0.2.77".into()), ..anonymous() };
    let signed_in = accepted(signed_in(platform.commands.identity.sign_in(&from, "ada@example.org", PASSWORD.into()).await));
    let event = platform.named("SignedIn").await.pop().expect("an event");
    let text = event.payload.as_str().to_owned();
    assert!(!text.contains("Secret-Browser") && !text.contains("192.0.2.77"), "{text}");
    let SignInEvent::Opened { user_agent: Some(agent), address: Some(address), .. } = serde_json::from_str(&text).expect("an event") else {
        panic!("{text}")
    };
    for (sealed, expected) in [(agent.as_sealed(), "\"Secret-Browser/7\""), (address.as_sealed(), "\"192.0.2.77\"")] {
        let opened = platform.vault.open(signed_in.account.into(), sealed.expect("sealed")).await.expect("opened").expect("not erased");
        assert_eq!(journal::vault::ExposeSecret::expose_secret(&opened), expected.as_bytes());
    }
}
