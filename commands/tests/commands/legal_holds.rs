//! People who must not be erased for now.

use commands::Fault;
use domain::identity::{IdentityRejection as No, Role};

use crate::platform::{Platform, accepted, account, anonymous, fault, learner, rejected};

const REASON: &str = "case 12/2026";

#[tokio::test]
async fn who_is_on_hold_is_erased_by_nobody_until_it_is_released() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let root = platform.administrator().await;
    accepted(identity.place_legal_hold(&root, account(&ada), REASON).await);
    assert_eq!(rejected(identity.place_legal_hold(&root, account(&ada), REASON).await), No::OnHold);
    let before = platform.events().await.len();
    assert_eq!(rejected(identity.erase(&ada, account(&ada), None).await), No::OnHold);
    assert_eq!(rejected(identity.erase(&root, account(&ada), Some(REASON)).await), No::OnHold);
    assert!(platform.names_after(before).await.is_empty());
    assert!(platform.vault.erased(&[account(&ada).into()]).await.expect("looked up").is_empty(), "their key is there");
    accepted(identity.release_legal_hold(&root, account(&ada), REASON).await);
    accepted(identity.erase(&ada, account(&ada), None).await);
    assert_eq!(rejected(identity.place_legal_hold(&root, account(&ada), REASON).await), No::Erased);
}

#[tokio::test]
async fn holds_are_for_who_may_with_a_reason_and_nobody_releases_their_own() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    assert!(matches!(fault(identity.place_legal_hold(&ada, account(&root), REASON).await), Fault::Forbidden));
    assert!(matches!(fault(identity.release_legal_hold(&anonymous(), account(&ada), REASON).await), Fault::Unauthenticated));
    assert_eq!(rejected(identity.place_legal_hold(&root, account(&ada), " ").await), No::ReasonInvalid);
    assert_eq!(rejected(identity.place_legal_hold(&root, account(&learner()), REASON).await), No::NotFound);
    assert_eq!(rejected(identity.release_legal_hold(&root, account(&ada), REASON).await), No::NotOnHold);
    accepted(identity.place_legal_hold(&root, account(&root), REASON).await);
    assert_eq!(rejected(identity.release_legal_hold(&root, account(&root), REASON).await), No::OwnHold);
}
