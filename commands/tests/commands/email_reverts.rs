//! Taking back an address that was changed.

use chrono::TimeDelta;
use commands::{Actor, Fault, Request, identity::SignedIn};
use domain::identity::{IdentityRejection as No, Role, mail::Occasion};
use secrecy::SecretString;

use crate::{
    access_tokens::{create, with},
    mailbag::Mailbag,
    passkeys::{come, registered},
    platform::{PASSWORD, Platform, accepted, account, anonymous, fault, pass, permissions, rejected},
    providers::linked,
    rules::settle,
    service_accounts,
    sign_ins::{request, sign_in},
    telephone::Telephone,
};

const EMAIL: &str = "ada@example.org";
const OTHER: &str = "eve@example.org";
const NEW: &str = "quite another horse";

/// Somebody whose address is known to be theirs.
pub(crate) async fn verified(platform: &Platform, bag: &Mailbag) -> Request {
    let ada = platform.signed_in(EMAIL, &[]).await;
    let token = bag.next(platform, Occasion::VerifyEmail).await.token();
    accepted(platform.commands.identity.verify_email(&anonymous(), &token).await);
    ada
}

/// Changes the address to another, confirmed by whichever of the two must; the token by which the one from before takes it back, if it may.
async fn change(platform: &Platform, bag: &Mailbag, ada: &Request, to: &str) -> Option<SecretString> {
    let identity = &platform.commands.identity;
    accepted(identity.request_email_change(ada, to, PASSWORD.into()).await);
    for occasion in [Occasion::ConfirmNewEmail, Occasion::ConfirmEmailChange] {
        if let Some(mail) = bag.latest(platform, occasion).await {
            accepted(identity.confirm_email_change(&anonymous(), &mail.token()).await);
        }
    }
    bag.latest(platform, Occasion::EmailChanged).await.expect("told").link()
}

#[tokio::test]
async fn the_address_from_before_takes_the_account_back_from_whoever_changed_it() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = verified(&platform, &bag).await;
    let before = platform.events().await.len();
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    let names = platform.names_after(before).await;
    let hands = ["EmailChangeConfirmed", "EmailClaimed", "EmailKept", "EmailChanged"];
    assert!(names.windows(4).any(|four| four == hands), "{names:?}");
    assert_eq!(rejected(platform.register(EMAIL, &[]).await), No::EmailTaken);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::CredentialsWrong);
    let thief = accepted(sign_in(&platform, OTHER, PASSWORD).await);
    let (_, mut device) = registered(&platform, &request(&thief)).await;
    settle(&platform).await;

    let before = platform.events().await.len();
    accepted(identity.revert_email_change(&anonymous(), &token).await);
    let names = platform.names_after(before).await;
    let expected = [
        "EmailChangeReverted",
        "PasswordResetRequested",
        "EmailClaimed",
        "EmailReleased",
        "EmailChanged",
        "PasswordChanged",
        "PasskeyRemoved",
    ];
    assert_eq!(names, expected);
    assert_eq!(rejected(come(&platform, &mut device).await), No::PasskeyInvalid);
    assert_eq!(identity.standing(thief.account, thief.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(identity.refresh(&anonymous(), &thief.refresh_token).await), No::RefreshTokenInvalid);
    for email in [EMAIL, OTHER] {
        assert_eq!(rejected(sign_in(&platform, email, PASSWORD).await), No::CredentialsWrong, "{email}");
    }
    settle(&platform).await;
    let mails = bag.all();
    let told = |occasion, to: &str| mails.iter().any(|mail| mail.occasion == occasion && mail.to == to);
    assert!(told(Occasion::EmailChangeReverted, OTHER) && !told(Occasion::ResetPassword, OTHER));
    let reset = mails.iter().find(|mail| mail.occasion == Occasion::ResetPassword && mail.to == EMAIL).expect("mailed");
    accepted(identity.reset_password(&anonymous(), &reset.token(), NEW.into()).await);
    assert_eq!(accepted(sign_in(&platform, EMAIL, NEW).await).account, account(&ada));
    assert_eq!(rejected(identity.revert_email_change(&anonymous(), &token).await), No::LinkInvalid, "it is good once");
    accepted(platform.register(OTHER, &[]).await);
}

/// Turns a second factor on.
async fn enroll(platform: &Platform, by: &Request) -> Telephone {
    let identity = &platform.commands.identity;
    let telephone = Telephone::of(&accepted(identity.enroll_totp(by, PASSWORD.into()).await).secret);
    accepted(identity.confirm_totp(by, &telephone.shows(0)).await);
    telephone
}

#[tokio::test]
async fn by_no_way_that_was_made_since_does_anybody_come_in_again() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = verified(&platform, &bag).await;
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    pass(TimeDelta::seconds(1));
    let thief = request(&accepted(sign_in(&platform, OTHER, PASSWORD).await));
    linked(&platform, &thief).await;
    let program = accepted(create(&platform, &thief, &["session:take"]).await);
    assert!(with(&platform, &program.token).await.is_some());
    let feed = accepted(identity.create_calendar_feed(&thief).await);
    assert!(identity.by_calendar_feed(&feed.token).await.expect("answered").is_some());
    enroll(&platform, &thief).await;

    let before = platform.events().await.len();
    accepted(identity.revert_email_change(&anonymous(), &token).await);
    let names = platform.names_after(before).await;
    for name in ["ProviderUnlinked", "ProviderIdentityReleased", "SecondFactorReset"] {
        assert_eq!(names.iter().filter(|found| **found == name).count(), 1, "{name} in {names:?}");
    }
    assert!(with(&platform, &program.token).await.is_none());
    assert!(identity.by_calendar_feed(&feed.token).await.expect("answered").is_none());
    // These were let in before, and are under way still.
    assert!(matches!(fault(create(&platform, &thief, &["session:take"]).await), Fault::Unauthenticated));
    assert!(matches!(fault(identity.create_calendar_feed(&thief).await), Fault::Unauthenticated));
    assert_eq!(identity.ways_in(account(&ada)).await.expect("readable").linked().count(), 0);
    assert!(!identity.has_second_factor(account(&ada)).await.expect("readable"));

    let reset = bag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.reset_password(&anonymous(), &reset, NEW.into()).await);
    let owner = request(&accepted(sign_in(&platform, EMAIL, NEW).await));
    let hers = accepted(create(&platform, &owner, &["session:take"]).await);
    assert!(with(&platform, &hers.token).await.is_some(), "what she makes is good");
    accepted(identity.change_password(&owner, NEW.into(), "a third good passphrase".into()).await);
    assert!(with(&platform, &hers.token).await.is_some(), "a change of the password ends no program");
}

#[tokio::test]
async fn no_program_that_was_made_before_goes_on_by_itself() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = verified(&platform, &bag).await;
    accepted(identity.grant_role(&Request::system("test"), account(&ada), Role::Administrator.into(), None).await);
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    let by = |SignedIn { account, sign_in, .. }: SignedIn| {
        let actor = Actor::person(account, sign_in, permissions(&[Role::Administrator]));
        Request { actor, ..anonymous() }
    };
    let thief = by(accepted(sign_in(&platform, OTHER, PASSWORD).await));
    let theirs = accepted(service_accounts::create(&platform, &thief, &["event:read"]).await);
    let program = with(&platform, &theirs.token).await.expect("good").actor;
    accepted(identity.revert_email_change(&anonymous(), &token).await);
    assert!(with(&platform, &theirs.token).await.is_none());
    assert!(identity.renewed(&program, None).await.expect("readable").is_none(), "nor on sockets that are open");
    let under_way = service_accounts::create(&platform, &thief, &["event:read"]).await;
    assert!(matches!(fault(under_way), Fault::Unauthenticated), "nor is one made by what was let in before");

    let reset = bag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.reset_password(&anonymous(), &reset, NEW.into()).await);
    let owner = by(accepted(sign_in(&platform, EMAIL, NEW).await));
    let hers = accepted(service_accounts::create(&platform, &owner, &["event:read"]).await);
    assert!(with(&platform, &hers.token).await.is_some(), "what she makes is good");
    accepted(identity.change_password(&owner, NEW.into(), "a third good passphrase".into()).await);
    assert!(with(&platform, &hers.token).await.is_some(), "a change of the password ends no program");
}

#[tokio::test]
async fn a_second_factor_from_before_stays() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = verified(&platform, &bag).await;
    let telephone = enroll(&platform, &ada).await;
    pass(TimeDelta::minutes(2));
    accepted(platform.commands.identity.step_up(&ada, PASSWORD.into(), Some(&telephone.shows(0))).await);
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    accepted(platform.commands.identity.revert_email_change(&anonymous(), &token).await);
    assert!(platform.commands.identity.has_second_factor(account(&ada)).await.expect("readable"));
}

#[tokio::test]
async fn a_week_later_the_address_is_anybodys() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = verified(&platform, &bag).await;
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    pass(TimeDelta::days(7));
    assert_eq!(rejected(platform.commands.identity.revert_email_change(&anonymous(), &token).await), No::LinkInvalid);
    accepted(platform.register(EMAIL, &[]).await);
    accepted(sign_in(&platform, OTHER, PASSWORD).await);
}

#[tokio::test]
async fn an_address_that_was_never_verified_is_told_without_a_way_back() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    assert!(change(&platform, &bag, &ada, OTHER).await.is_none());
    assert_eq!(platform.named("EmailKept").await.len(), 0);
    accepted(platform.register(EMAIL, &[]).await);
}

#[tokio::test]
async fn of_many_who_come_with_one_link_at_once_one_takes_it_back() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = verified(&platform, &bag).await;
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    let from = anonymous();
    let all = (0..6).map(|_| platform.commands.identity.revert_email_change(&from, &token));
    let outcomes = futures_util::future::join_all(all).await;
    let reverted = outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(commands::Outcome::Accepted(_)))).count();
    assert_eq!((reverted, platform.named("EmailChangeReverted").await.len()), (1, 1));
}

#[tokio::test]
async fn a_change_of_the_change_does_not_keep_the_first_address_from_taking_it_back() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = verified(&platform, &bag).await;
    let first = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    pass(TimeDelta::minutes(2));
    let second = change(&platform, &bag, &ada, "mallory@example.org").await.expect("a way back");
    assert_eq!(rejected(identity.stop_email_change(&anonymous(), &first).await), No::LinkInvalid, "each is good for its own");
    accepted(identity.revert_email_change(&anonymous(), &first).await);
    assert_eq!(rejected(identity.revert_email_change(&anonymous(), &second).await), No::LinkInvalid);
    let keyed = anonymous().with_key(Some("once".into()));
    assert_eq!(rejected(identity.revert_email_change(&keyed, &first).await), No::LinkInvalid);
}

#[tokio::test]
async fn who_is_erased_keeps_no_address() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = verified(&platform, &bag).await;
    let token = change(&platform, &bag, &ada, OTHER).await.expect("a way back");
    accepted(platform.commands.identity.erase(&ada, account(&ada), None).await);
    accepted(platform.register(EMAIL, &[]).await);
    accepted(platform.register(OTHER, &[]).await);
    assert_eq!(rejected(platform.commands.identity.revert_email_change(&anonymous(), &token).await), No::LinkInvalid);
}
