//! Accounts that nobody uses: who has one is told, and after two weeks it is erased.

use std::sync::Arc;

use chrono::TimeDelta;
use commands::identity::{Retained, SignedIn, Unused};
use domain::{
    identity::{Role, mail::Occasion},
    kernel::{AccountId, Timestamp},
};
use journal::{
    History,
    evidence::{self, Walk},
};
use serde_json::json;

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, anonymous, now, pass},
    sign_ins::{ada, sign_in},
};

const YEAR: TimeDelta = TimeDelta::days(365);
const REASON: &str = "case 12/2026";

/// What becomes of an account that was used last by this sign-in, as far as read models know.
async fn retained(platform: &Platform, of: &SignedIn, since: Timestamp) -> Retained {
    retained_for(platform, YEAR, of, since).await
}

async fn retained_for(platform: &Platform, kept_for: TimeDelta, of: &SignedIn, since: Timestamp) -> Retained {
    let unused = Unused { account: of.account, since, ways: vec![of.sign_in.into()] };
    platform.commands.identity.retain(kept_for, &unused).await.expect("looked at")
}

async fn is_erased(platform: &Platform, account: AccountId) -> bool {
    !platform.vault.erased(&[account.into()]).await.expect("looked up").is_empty()
}

/// Somebody whose last sign-in is so long ago, and who was told: with where mails come, and when they signed in.
async fn told_after(unused: TimeDelta, kept_for: TimeDelta) -> (Platform, Arc<Mailbag>, SignedIn, Timestamp) {
    let (platform, bag) = Mailbag::platform().await;
    let (ada, since) = (ada(&platform).await, now());
    pass(unused);
    assert_eq!(retained_for(&platform, kept_for, &ada, since).await, Retained::Told);
    bag.next(&platform, Occasion::AccountUnused).await;
    (platform, bag, ada, since)
}

/// Who was just told keeps their account for two weeks.
async fn has_two_weeks(retained: impl AsyncFn() -> Retained) {
    pass(TimeDelta::days(13));
    assert_eq!(retained().await, Retained::Kept);
    pass(TimeDelta::days(1));
    assert_eq!(retained().await, Retained::Erased);
}

#[tokio::test]
async fn who_does_not_come_back_is_told_and_erased_two_weeks_later() {
    let (platform, bag) = Mailbag::platform().await;
    let (ada, since) = (ada(&platform).await, now());
    pass(TimeDelta::days(350));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept, "it is not that long yet");
    pass(TimeDelta::days(2));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Told);
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept, "once");
    pass(TimeDelta::days(15));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept, "nothing was sent");
    assert_eq!(bag.next(&platform, Occasion::AccountUnused).await.to, "ada@example.org");
    let before = platform.events().await.len();
    assert_eq!(retained(&platform, &ada, since).await, Retained::Erased);
    assert!(is_erased(&platform, ada.account).await);
    let erased = platform.named("AccountErased").await.pop().expect("an event");
    assert_eq!((erased.metadata.actor.as_str(), erased.metadata.operation.as_deref()), ("system:retention", Some("accountErase")));
    assert_eq!(erased.payload.to_value().expect("JSON")["Erased"]["by"], json!(null));
    assert!(platform.names_after(before).await.starts_with(&["EmailReleased", "LegalHoldClosed", "AccountErased"].map(str::to_owned)));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept, "there is nobody left");
    let history: Arc<dyn History> = platform.journal.clone();
    let head = platform.journal.head().await.expect("a head");
    assert_eq!(evidence::walk(&history, Walk::default(), |_| {}).await.expect("whole").position, head, "the chain is whole");
}

#[tokio::test]
async fn who_was_told_has_two_weeks() {
    let (platform, _, ada, since) = told_after(TimeDelta::days(500), YEAR).await;
    has_two_weeks(async || retained(&platform, &ada, since).await).await;
}

#[tokio::test]
async fn who_comes_back_keeps_the_account_and_is_told_anew_the_next_time() {
    let (platform, _, first, _) = told_after(TimeDelta::days(352), YEAR).await;
    let (second, since) = (accepted(sign_in(&platform, "ada@example.org", PASSWORD).await), now());
    pass(TimeDelta::days(30));
    assert_eq!(retained(&platform, &second, since).await, Retained::Kept);
    pass(TimeDelta::days(330));
    assert_eq!(retained(&platform, &second, since).await, Retained::Told);
    assert!(!is_erased(&platform, first.account).await);
}

#[tokio::test]
async fn a_refresh_is_a_use() {
    let (platform, _) = Mailbag::platform().await;
    let (ada, since) = (ada(&platform).await, now());
    pass(TimeDelta::days(5));
    accepted(platform.commands.identity.refresh(&anonymous(), &ada.refresh_token).await);
    pass(TimeDelta::days(350));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept);
    pass(TimeDelta::days(1));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Told);
}

#[tokio::test]
async fn who_is_on_hold_or_suspended_stays() {
    let (platform, bag, ada, since) = told_after(TimeDelta::days(400), YEAR).await;
    pass(TimeDelta::days(20));
    let root = platform.administrator().await;
    let identity = &platform.commands.identity;
    accepted(identity.place_legal_hold(&root, ada.account, REASON).await);
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept);
    accepted(identity.release_legal_hold(&root, ada.account, REASON).await);
    accepted(identity.suspend(&root, ada.account, REASON).await);
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept);
    accepted(identity.reinstate(&root, ada.account).await);
    assert_eq!(retained(&platform, &ada, since).await, Retained::Told, "they could not sign in");
    bag.next(&platform, Occasion::AccountUnused).await;
    has_two_weeks(async || retained(&platform, &ada, since).await).await;
}

#[tokio::test]
async fn who_was_on_hold_for_long_is_told_anew() {
    let (platform, _, ada, since) = told_after(TimeDelta::days(400), YEAR).await;
    accepted(platform.commands.identity.place_legal_hold(&platform.administrator().await, ada.account, REASON).await);
    pass(TimeDelta::days(100));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept);
    accepted(platform.commands.identity.release_legal_hold(&platform.administrator().await, ada.account, REASON).await);
    assert_eq!(retained(&platform, &ada, since).await, Retained::Told);
    assert!(!is_erased(&platform, ada.account).await);
}

#[tokio::test]
async fn who_was_told_when_accounts_were_kept_for_less_is_told_anew() {
    let (platform, bag, ada, since) = told_after(TimeDelta::days(360), TimeDelta::days(370)).await;
    pass(TimeDelta::days(15));
    let longer = async || retained_for(&platform, TimeDelta::days(385), &ada, since).await;
    assert_eq!(longer().await, Retained::Told);
    bag.next(&platform, Occasion::AccountUnused).await;
    has_two_weeks(longer).await;
}

#[tokio::test]
async fn who_was_told_before_accounts_were_kept_for_ever_for_a_year_is_told_anew() {
    let (platform, bag, ada, since) = told_after(TimeDelta::days(352), YEAR).await;
    pass(YEAR);
    assert_eq!(retained(&platform, &ada, since).await, Retained::Told);
    bag.next(&platform, Occasion::AccountUnused).await;
    assert_eq!(retained(&platform, &ada, since).await, Retained::Kept, "once");
    pass(TimeDelta::days(14));
    assert_eq!(retained(&platform, &ada, since).await, Retained::Erased);
}

#[tokio::test]
async fn administrators_stay() {
    let (platform, _) = Mailbag::platform().await;
    for (email, role) in [("root@example.org", Role::Administrator), ("super@example.org", Role::SuperAdministrator)] {
        accepted(platform.register(email, &[role]).await);
        let (there, since) = (accepted(sign_in(&platform, email, PASSWORD).await), now());
        pass(TimeDelta::days(400));
        assert_eq!(retained(&platform, &there, since).await, Retained::Kept);
    }
}
