//! Accounts that administrators suspend.

use commands::{Fault, Request, identity::RoleDraft};
use domain::identity::{IdentityRejection as No, Permission, Role};

use crate::{
    access_tokens::{create, with},
    platform::{PASSWORD, Platform, accepted, account, anonymous, fault, learner, rejected},
    sign_ins::{ada, request, sign_in},
};

const EMAIL: &str = "ada@example.org";
const REASON: &str = "shared with others";

#[tokio::test]
async fn a_suspended_account_loses_its_sign_ins_and_gets_none() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = ada(&platform).await;
    let token = accepted(create(&platform, &request(&ada), &["session:take"]).await).token;
    assert!(with(&platform, &token).await.is_some());
    let administrator = platform.administrator().await;
    let before = platform.events().await.len();
    accepted(identity.suspend(&administrator, ada.account, REASON).await);
    accepted(identity.suspend(&administrator, ada.account, REASON).await);
    assert_eq!(platform.names_after(before).await, ["AccountSuspended"]);
    assert_eq!(identity.standing(ada.account, ada.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(identity.refresh(&anonymous(), &ada.refresh_token).await), No::RefreshTokenInvalid);
    assert_eq!(rejected(sign_in(&platform, EMAIL, "a wrong password").await), No::CredentialsWrong, "as anybody's");
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::Suspended);
    assert!(with(&platform, &token).await.is_none(), "nor do their programs");
    accepted(identity.reinstate(&administrator, ada.account).await);
    assert_eq!(identity.standing(ada.account, ada.sign_in).await.expect("readable"), None, "what ended stays so");
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn administrators_alone_suspend_with_a_reason_and_never_themselves() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = ada(&platform).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    assert!(matches!(fault(identity.suspend(&request(&ada), ada.account, REASON).await), Fault::Forbidden));
    assert!(matches!(fault(identity.suspend(&anonymous(), ada.account, REASON).await), Fault::Unauthenticated));
    assert!(matches!(fault(identity.reinstate(&learner(), ada.account).await), Fault::Forbidden));
    assert_eq!(rejected(identity.suspend(&root, ada.account, " ").await), No::ReasonInvalid);
    assert_eq!(rejected(identity.suspend(&root, account(&root), REASON).await), No::OwnAccount);
    assert_eq!(rejected(identity.suspend(&root, account(&learner()), REASON).await), No::NotFound);
    accepted(identity.suspend(&root, ada.account, REASON).await);
    let owner = platform.signed_in("owner@example.org", &[Role::SuperAdministrator]).await;
    assert_eq!(rejected(identity.suspend(&root, account(&owner), REASON).await), No::MoreThanHeld);
}

/// Somebody who may suspend and reinstate accounts, and nothing else beside learning.
async fn caretaker(platform: &Platform) -> Request {
    let identity = &platform.commands.identity;
    let system = Request::system("test");
    let permissions = [Permission::ManageAccounts].into();
    let draft = RoleDraft { name: "Caretaker".to_owned(), description: String::new(), permissions };
    let role = accepted(identity.define_role(&system, draft).await);
    let bob = platform.signed_in("bob@example.org", &[]).await;
    accepted(identity.grant_role(&system, account(&bob), role.into(), None).await);
    let actor = identity.renewed(&bob.actor, None).await.expect("readable").expect("signed in");
    Request { actor, ..bob }
}

#[tokio::test]
async fn who_holds_more_comes_back_by_somebody_who_holds_as_much() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let caretaker = caretaker(&platform).await;
    let rogue = platform.signed_in("rogue@example.org", &[Role::Administrator]).await;
    let owner = platform.signed_in("owner@example.org", &[Role::SuperAdministrator]).await;
    accepted(identity.suspend(&owner, account(&rogue), REASON).await);
    assert_eq!(rejected(identity.reinstate(&caretaker, account(&rogue)).await), No::MoreThanHeld);
    assert!(platform.named("AccountReinstated").await.is_empty());
    accepted(identity.reinstate(&owner, account(&rogue)).await);
    let ada = ada(&platform).await;
    accepted(identity.suspend(&owner, ada.account, REASON).await);
    accepted(identity.reinstate(&caretaker, ada.account).await);
}
