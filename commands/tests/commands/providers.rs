//! People who come by a provider, once it has said who they are.

use chrono::TimeDelta;
use commands::{
    Accepted, Fault, Outcome, Request,
    identity::{Arrived, Begun, Departure, Errand, ExchangeCode, Person, ProtectionChange, SignedIn},
};
use domain::{
    identity::{IdentityRejection as No, Permission, Role, account::Account, mail::Occasion},
    kernel::AccountId,
};
use journal::vault::ExposeSecret;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, anonymous, corp, fault, now, pass, rejected},
    sign_ins::{ada, request, sign_in},
    telephone::Telephone,
};

/// Who has just shown the provider who they are.
fn kit() -> Person {
    Person {
        provider: corp(),
        issuer: "https://id.example.org".into(),
        subject: "kit".into(),
        email: Some("kit@example.org".into()),
        email_verified: true,
        name: Some("Kit".into()),
        shown_at: Some(now()),
        second_factor: false,
        roles: [].into(),
    }
}

async fn come(platform: &Platform, person: Person) -> Outcome<SignedIn, No> {
    match platform.commands.identity.arrive(&anonymous(), Errand::Browser, person).await.expect("decided") {
        Outcome::Accepted(Accepted { value: Arrived::Begun(Begun::SignedIn(value)), position }) => {
            Outcome::Accepted(Accepted { value, position })
        }
        Outcome::Accepted(_) => panic!("not signed in"),
        Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
    }
}

async fn signed_in(platform: &Platform, person: Person) -> SignedIn {
    accepted(Ok::<_, Fault>(come(platform, person).await))
}

async fn refused(platform: &Platform, person: Person) -> No {
    match come(platform, person).await {
        Outcome::Rejected(rejection) => rejection,
        Outcome::Accepted(_) => panic!("signed in"),
    }
}

/// What somebody brings back who goes there by a ticket.
async fn code(platform: &Platform, by: &Request, person: Person) -> SecretString {
    let identity = &platform.commands.identity;
    let ticket = identity.begin_link(by, "corp").await.expect("decided").expect("a ticket");
    let left = departure(platform, Some(ticket.code.expose_secret())).await;
    match identity.arrive(&anonymous(), left.errand, person).await.expect("decided") {
        Outcome::Accepted(Accepted { value: Arrived::Code(ExchangeCode { code, .. }), .. }) => code,
        _ => panic!("no code"),
    }
}

/// Links somebody with a person at a provider.
pub(crate) async fn linked(platform: &Platform, by: &Request) -> Uuid {
    let brought = code(platform, by, kit()).await;
    accepted(platform.commands.identity.link_provider(by, &brought).await)
}

async fn departure(platform: &Platform, ticket: Option<&str>) -> Departure {
    platform.commands.identity.depart("corp", false, ticket).await.expect("decided").expect("a provider")
}

async fn held(platform: &Platform, account: AccountId) -> Vec<String> {
    let dispatcher = platform.dispatcher().await;
    let Account::Open { grants, .. } = dispatcher.state::<Account>(account.into()).await.expect("readable") else { panic!("open") };
    // What everybody is, is left out.
    grants.iter().map(|grant| grant.role.to_string()).filter(|role| role != "learner").collect()
}

#[tokio::test]
async fn both_halves_are_needed_once_and_within_ten_minutes() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let back = async |state: &SecretString, browser: &SecretString, provider: &str| {
        identity.come_back(provider, state.expose_secret(), browser.expose_secret()).await.expect("looked up").is_some()
    };
    let (one, two) = (departure(&platform, None).await, departure(&platform, None).await);
    assert!(!back(&one.state, &two.browser, "corp").await, "another's browser");
    assert!(!back(&one.state, &one.browser, "corp").await, "it was tried");
    assert!(!back(&two.state, &two.browser, "other").await, "another provider");
    let three = departure(&platform, None).await;
    assert!(back(&three.state, &three.browser, "corp").await);
    assert!(!back(&three.state, &three.browser, "corp").await, "a second time");
    let late = departure(&platform, None).await;
    pass(TimeDelta::minutes(10));
    assert!(!back(&late.state, &late.browser, "corp").await);
    assert!(matches!(identity.depart("nobody", false, None).await.expect("decided"), Err(No::ProviderNotFound)));
}

#[tokio::test]
async fn many_who_come_at_once_as_one_person_have_one_account() {
    let platform = Platform::init().await;
    let all = futures_util::future::join_all((0..8).map(|_| come(&platform, kit()))).await;
    let accounts: Vec<_> = all
        .into_iter()
        .filter_map(|outcome| match outcome {
            Outcome::Accepted(Accepted { value, .. }) => Some(value.account),
            Outcome::Rejected(_) => None,
        })
        .collect();
    assert!(!accounts.is_empty() && accounts.iter().all(|account| *account == accounts[0]), "{accounts:?}");
    assert_eq!(platform.named("AccountRegistered").await.len(), 1);
    assert_eq!(signed_in(&platform, kit()).await.account, accounts[0]);
}

#[tokio::test]
async fn an_address_that_somebody_has_is_linked_by_them_alone() {
    let platform = Platform::init().await;
    let (ada, identity) = (request(&ada(&platform).await), &platform.commands.identity);
    let hers = || Person { email: Some("ADA@example.org".into()), ..kit() };
    assert_eq!(refused(&platform, hers()).await, No::LinkRequired);
    for email in [None, Some("none at all".to_owned())] {
        assert_eq!(refused(&platform, Person { email, ..kit() }).await, No::EmailNotAllowed);
    }
    pass(TimeDelta::minutes(11));
    assert!(matches!(identity.begin_link(&ada, "corp").await, Err(Fault::StepUpRequired)));
    accepted(identity.step_up(&ada, PASSWORD.into(), None).await);
    let brought = code(&platform, &ada, hers()).await;
    let elsewhere = request(&accepted(sign_in(&platform, "ada@example.org", PASSWORD).await));
    assert_eq!(rejected(identity.link_provider(&elsewhere, &brought).await), No::ProviderCodeInvalid, "another sign-in of hers");
    let brought = code(&platform, &ada, hers()).await;
    pass(TimeDelta::minutes(2));
    assert_eq!(rejected(identity.link_provider(&ada, &brought).await), No::ProviderCodeInvalid, "too late");
    let brought = code(&platform, &ada, hers()).await;
    let link = accepted(identity.link_provider(&ada, &brought).await);
    assert_eq!(Some(signed_in(&platform, hers()).await.account), ada.actor.account());
    accepted(identity.unlink_provider(&ada, link).await);
    assert_eq!(refused(&platform, hers()).await, No::LinkRequired);
}

#[tokio::test]
async fn who_came_by_a_provider_keeps_a_way_in() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let kit = request(&signed_in(&platform, kit()).await);
    let account = kit.actor.account().expect("a person");
    let link = identity.ways_in(account).await.expect("readable").linked().next().expect("linked").0;
    assert_eq!(rejected(identity.unlink_provider(&kit, link).await), No::LastWayIn);
    let other = Person { subject: "kit, elsewhere".into(), ..self::kit() };
    let brought = code(&platform, &kit, other).await;
    accepted(identity.link_provider(&kit, &brought).await);
    accepted(identity.unlink_provider(&kit, link).await);
    let last = identity.ways_in(account).await.expect("readable").linked().next().expect("linked").0;
    assert_eq!(rejected(identity.unlink_provider(&kit, last).await), No::LastWayIn);
}

#[tokio::test]
async fn being_signed_in_at_a_provider_proves_nothing_for_dangerous_acts() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let shown = |ago: Option<TimeDelta>| Person { shown_at: ago.map(|ago| now() - ago), ..kit() };
    for (ago, proves) in [(None, false), (Some(10), false), (Some(9), true), (Some(0), true), (Some(-60), true)] {
        let by = request(&signed_in(&platform, shown(ago.map(TimeDelta::minutes))).await);
        assert_eq!(identity.begin_link(&by, "corp").await.is_ok(), proves, "{ago:?}");
    }
    let by = request(&signed_in(&platform, shown(Some(TimeDelta::minutes(-60)))).await);
    pass(TimeDelta::minutes(10));
    assert!(matches!(fault(identity.unlink_provider(&by, Uuid::nil()).await), Fault::StepUpRequired), "no clock lends time");
}

#[tokio::test]
async fn a_second_factor_that_the_provider_has_seen_does_for_a_role_and_proves_nothing_for_dangerous_acts() {
    let platform = Platform::init().await;
    let (identity, system) = (&platform.commands.identity, Request::system("test"));
    let ada = ada(&platform).await;
    accepted(identity.grant_role(&system, ada.account, Role::Author.into(), None).await);
    linked(&platform, &request(&ada)).await;
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&request(&ada), PASSWORD.into()).await).secret);
    accepted(identity.confirm_totp(&request(&ada), &telephone.shows(0)).await);
    let change = ProtectionChange { second_factor: Some(true), networks: None };
    accepted(identity.protect_role(&system, Role::Author.into(), change).await);
    for shown_at in [None, Some(now() - TimeDelta::hours(9))] {
        let back = signed_in(&platform, Person { shown_at, second_factor: true, ..kit() }).await;
        assert_eq!(back.account, ada.account);
        let actor = identity.by_sign_in(back.account, back.sign_in, None).await.expect("readable").expect("signed in");
        assert!(actor.may(Permission::WriteWorkshops), "{shown_at:?}");
        assert!(matches!(fault(identity.disable_totp(&request(&back)).await), Fault::StepUpRequired), "{shown_at:?}");
    }
}

#[tokio::test]
async fn roles_go_with_what_the_provider_says_and_those_of_administrators_stay() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let with = |roles: &[Role]| Person { roles: roles.iter().map(|role| (*role).into()).collect(), ..kit() };
    let account = signed_in(&platform, with(&[Role::Author, Role::Support])).await.account;
    assert_eq!(held(&platform, account).await, ["author", "support"]);
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.revoke_role(&root, account, Role::Support.into()).await);
    accepted(identity.grant_role(&root, account, Role::Analyst.into(), None).await);
    signed_in(&platform, with(&[Role::Analyst])).await;
    assert_eq!(held(&platform, account).await, ["analyst"]);
    signed_in(&platform, with(&[])).await;
    assert_eq!(held(&platform, account).await, ["analyst"], "an administrator gave it");
    signed_in(&platform, with(&[Role::SuperAdministrator])).await;
    signed_in(&platform, with(&[])).await;
    assert_eq!(held(&platform, account).await, ["analyst", "super_administrator"], "the platform would be nobody's");
}

#[tokio::test]
async fn roles_within_communities_are_none_of_a_providers() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let with = |roles: &[Role]| Person { roles: roles.iter().map(|role| (*role).into()).collect(), ..kit() };
    let account = signed_in(&platform, with(&[])).await.account;
    let community = accepted(platform.commands.communities.found(&crate::platform::learner(), "Gophers", "").await);
    let system = Request::system("test");
    accepted(identity.grant_role_within(&system, (account, community), Role::Moderator.into(), None).await);
    assert_eq!(held(&platform, account).await, Vec::<String>::new());
    signed_in(&platform, with(&[Role::Moderator])).await;
    assert_eq!(held(&platform, account).await, ["moderator"], "what is held within a community is not held everywhere");
    signed_in(&platform, with(&[])).await;
    assert_eq!(held(&platform, account).await, Vec::<String>::new());
    let state = platform.dispatcher().await.state::<Account>(account.into()).await.expect("readable");
    assert!(matches!(state, Account::Open { within: Some(_), .. }), "it stays");
}

#[tokio::test]
async fn what_a_provider_gave_goes_when_it_is_unlinked() {
    let platform = Platform::init().await;
    let (ada, identity) = (request(&ada(&platform).await), &platform.commands.identity);
    let account = ada.actor.account().expect("a person");
    let brought = code(&platform, &ada, kit()).await;
    let link = accepted(identity.link_provider(&ada, &brought).await);
    signed_in(&platform, Person { roles: [Role::Author.into()].into(), ..kit() }).await;
    assert_eq!(held(&platform, account).await, ["author"]);
    accepted(identity.unlink_provider(&ada, link).await);
    assert_eq!(held(&platform, account).await, [""; 0]);
}

#[tokio::test]
async fn whoever_reads_an_address_at_last_has_the_account_alone() {
    let (platform, bag) = Mailbag::platform().await;
    // Somebody says at the provider that an address is theirs, and it is not known to be.
    let squatter = signed_in(&platform, Person { email_verified: false, roles: [Role::Author.into()].into(), ..kit() }).await;
    let identity = &platform.commands.identity;
    bag.next(&platform, Occasion::VerifyEmail).await;
    accepted(identity.request_reset(&anonymous(), "kit@example.org").await);
    let token = bag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.reset_password(&anonymous(), &token, "the owner's own password".into()).await);
    let owner = accepted(sign_in(&platform, "kit@example.org", "the owner's own password").await);
    assert_eq!(owner.account, squatter.account);
    assert_eq!(identity.ways_in(owner.account).await.expect("readable").linked().count(), 0);
    assert_eq!(held(&platform, owner.account).await, [""; 0]);
    assert_eq!(refused(&platform, kit()).await, No::LinkRequired);
}

#[tokio::test]
async fn who_was_erased_may_come_again_as_somebody_new() {
    let platform = Platform::init().await;
    let first = signed_in(&platform, kit()).await;
    accepted(platform.commands.identity.erase(&request(&first), first.account, None).await);
    assert_ne!(signed_in(&platform, kit()).await.account, first.account);
}

#[tokio::test]
async fn who_is_suspended_does_not_come_by_a_provider_either() {
    let platform = Platform::init().await;
    let account = signed_in(&platform, kit()).await.account;
    accepted(platform.commands.identity.suspend(&platform.administrator().await, account, "asked for").await);
    assert_eq!(refused(&platform, kit()).await, No::Suspended);
}
