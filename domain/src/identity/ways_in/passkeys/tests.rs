use std::collections::BTreeSet;

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::{Link, Rejection, WaysIn, WaysInCommand as Command, WaysInEvent as Happened};
use super::{AccountId, MOST, Passkey, PasskeyId, removed};
use crate::{
    Decider, given,
    identity::{ErasureReason, ProviderName, passkey::PasskeyName},
    kernel::{Personal, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOSS: AccountId = AccountId(Uuid::from_u128(2));
const KEY: PasskeyId = PasskeyId(Uuid::from_u128(7));
const OTHER: PasskeyId = PasskeyId(Uuid::from_u128(8));

fn passkey(counter: u32) -> Passkey {
    Passkey {
        name: Personal::new(ADA, PasskeyName::try_new("key").expect("a name")),
        credential: Personal::new(ADA, "public".into()),
        counter,
        backup_eligible: false,
        backed_up: false,
        transports: BTreeSet::new(),
        registered_at: Timestamp::UNIX_EPOCH,
    }
}

fn registered(id: PasskeyId, counter: u32) -> Happened {
    Happened::PasskeyRegistered { account: ADA, id, passkey: passkey(counter) }
}

fn used(id: PasskeyId, counter: u32) -> Happened {
    Happened::PasskeyUsed { account: ADA, id, counter, backed_up: false, at: now() }
}

fn went_back(kept: u32, shown: u32) -> Happened {
    Happened::PasskeyCounterWentBack { account: ADA, id: KEY, kept, shown }
}

fn without_password() -> Happened {
    Happened::OpenedWithoutPassword { account: ADA }
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::hours(1)
}

fn when(history: &[Happened], command: Command) -> Result<Vec<Happened>, Rejection> {
    given::<WaysIn>(history.to_vec()).decide(command, now())
}

fn register(id: PasskeyId) -> Command {
    Command::RegisterPasskey { account: ADA, id, passkey: passkey(0) }
}

fn shown(id: PasskeyId, counter: u32) -> Command {
    Command::UsePasskey { account: ADA, id, counter, backed_up: false }
}

fn remove(id: PasskeyId) -> Command {
    Command::RemovePasskey { account: ADA, id }
}

#[test]
fn a_passkey_is_registered_once_and_ten_are_enough() {
    assert_eq!(when(&[], register(KEY)), Ok(vec![registered(KEY, 0)]));
    assert_eq!(when(&[registered(KEY, 0)], register(KEY)), Err(Rejection::PasskeyTaken));
    let full: Vec<_> = (0..MOST).map(|number| registered(PasskeyId(Uuid::from_u128(100 + number as u128)), 0)).collect();
    assert_eq!(when(&full, register(KEY)), Err(Rejection::TooManyPasskeys));
    assert_eq!(when(&full[1..], register(KEY)), Ok(vec![registered(KEY, 0)]));
}

#[test]
fn each_use_counts_on_from_the_one_before() {
    let history = [registered(KEY, 3)];
    assert_eq!(when(&history, shown(KEY, 4)), Ok(vec![used(KEY, 4)]));
    assert_eq!(when(&history, shown(KEY, 3)), Err(Rejection::PasskeyCopied));
    assert_eq!(when(&history, shown(OTHER, 9)), Err(Rejection::PasskeyInvalid));
    let history = [registered(KEY, 3), used(KEY, 9)];
    assert_eq!(when(&history, shown(KEY, 8)), Err(Rejection::PasskeyCopied));
    assert_eq!(when(&history, shown(KEY, 0)), Err(Rejection::PasskeyCopied));
    assert_eq!(when(&history, shown(KEY, 10)), Ok(vec![used(KEY, 10)]));
    let uncounted = [registered(KEY, 0), used(KEY, 0)];
    assert_eq!(when(&uncounted, shown(KEY, 0)), Ok(vec![used(KEY, 0)]), "many never count");
    let state = given::<WaysIn>(history.to_vec());
    let kept = state.passkey(KEY).expect("kept");
    assert_eq!((kept.passkey.counter, kept.last_used_at, kept.copied), (9, Some(now()), false));
}

#[test]
fn one_whose_counter_went_back_is_good_no_more() {
    let report = |counter| Command::ReportPasskey { account: ADA, id: KEY, counter };
    let history = [registered(KEY, 0), used(KEY, 9)];
    assert_eq!(when(&history, report(5)), Ok(vec![went_back(9, 5)]));
    assert_eq!(when(&history, report(10)), Ok(vec![]), "it did not");
    assert_eq!(when(&[], report(5)), Ok(vec![]), "it was removed meanwhile");
    let history = [registered(KEY, 0), used(KEY, 9), went_back(9, 5)];
    assert_eq!(when(&history, report(4)), Ok(vec![]), "that is known");
    assert_eq!(when(&history, shown(KEY, 10)), Err(Rejection::PasskeyCopied), "whoever has the other one");
    assert!(!given::<WaysIn>(history.to_vec()).has_passkey());
    assert_eq!(when(&history, register(KEY)), Err(Rejection::PasskeyTaken));
    assert_eq!(when(&history, remove(KEY)), Ok(vec![removed(ADA, KEY)]));
}

#[test]
fn one_way_in_is_always_left() {
    assert_eq!(when(&[registered(KEY, 0)], remove(KEY)), Ok(vec![removed(ADA, KEY)]), "there is a password");
    assert_eq!(when(&[registered(KEY, 0)], remove(OTHER)), Err(Rejection::PasskeyNotFound));
    let alone = [without_password(), registered(KEY, 0)];
    assert_eq!(when(&alone, remove(KEY)), Err(Rejection::LastWayIn));
    let two = [without_password(), registered(KEY, 0), registered(OTHER, 0)];
    assert_eq!(when(&two, remove(OTHER)), Ok(vec![removed(ADA, OTHER)]));
    let one_is_copied = [two.as_slice(), &[used(KEY, 2), went_back(2, 1)]].concat();
    assert_eq!(when(&one_is_copied, remove(OTHER)), Err(Rejection::LastWayIn), "nobody gets in by a copied one");
    assert_eq!(when(&one_is_copied, remove(KEY)), Ok(vec![removed(ADA, KEY)]));
    let identity = Uuid::from_u128(9);
    let provider = ProviderName::try_new("corp").expect("a name");
    let linked = Happened::Linked { account: ADA, identity, provider, shown: None, linked_at: Timestamp::UNIX_EPOCH };
    let unlink = || Command::Unlink { account: ADA, identity };
    assert_eq!(when(&[without_password(), linked.clone()], unlink()), Err(Rejection::LastWayIn));
    let both = [without_password(), linked, registered(KEY, 0)];
    assert!(when(&both, unlink()).is_ok(), "the passkey is left");
    assert_eq!(when(&both, remove(KEY)), Ok(vec![removed(ADA, KEY)]), "the provider is left");
}

#[test]
fn whoever_reads_the_address_at_last_has_the_account_alone() {
    let history = [registered(KEY, 0), registered(OTHER, 0)];
    let set = |alone| when(&history, Command::SetPassword { account: ADA, alone });
    assert_eq!(set(true), Ok(vec![removed(ADA, KEY), removed(ADA, OTHER)]));
    assert_eq!(set(false), Ok(vec![]));
    let link = Link { identity: Uuid::from_u128(9), provider: ProviderName::try_new("corp").expect("a name"), shown: None };
    assert!(when(&history, Command::Link { account: ADA, link }).is_ok());
}

#[test]
fn an_administrator_takes_away_what_somebody_has_lost() {
    let reason = || ErasureReason::try_new("lost their keys").expect("a reason");
    let reset = |by| Command::ResetPasskeys { account: ADA, by: Some(by), reason: reason() };
    let gone = Happened::PasskeyRemoved { account: ADA, id: KEY, by: Some(BOSS), reason: Some(reason()) };
    assert_eq!(when(&[without_password(), registered(KEY, 0)], reset(BOSS)), Ok(vec![gone]), "a mail sets a password");
    assert_eq!(when(&[registered(KEY, 0)], reset(ADA)), Err(Rejection::OwnAccount));
    assert_eq!(when(&[], reset(BOSS)), Ok(vec![]));
}
