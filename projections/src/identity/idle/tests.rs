use chrono::Utc;
use domain::{
    Decider,
    booking::run::{Run, RunEvent},
    identity::{
        Scopes, TokenName,
        account::{Account, AccountEvent},
        service_account::{ServiceAccount, ServiceAccountEvent},
        sign_in::{SignIn, SignInEvent},
    },
    kernel::{Personal, RegistrationId},
};

use super::*;
use crate::fixtures::{
    World, catch_up, id, instant,
    runs::{confirmed, plan, published, requested},
    second,
};

fn registered(account: u128, roles: &[Role]) -> AccountEvent {
    fn sealed<T>(account: u128, text: &str) -> Personal<T> {
        Personal::sealed(AccountId(id(account)), text.into())
    }
    AccountEvent::Registered {
        email: sealed(account, "mail"),
        display_name: sealed(account, "name"),
        password: sealed(account, "secret"),
        roles: roles.iter().copied().collect(),
    }
}

#[tokio::test]
async fn those_that_nobody_has_signed_in_to_are_listed_but_for_who_administers() {
    let world = World::new().await;
    for (account, role) in [(1, Role::Learner), (2, Role::Author), (3, Role::Administrator), (4, Role::SuperAdministrator)] {
        world.append(Account::STREAM, id(account), &[registered(account, &[role])]).await;
    }
    for (sign_in, account) in [(11, 1), (12, 2)] {
        world.append(SignIn::STREAM, id(sign_in), &[SignInEvent::opened(AccountId(id(account)))]).await;
    }
    let between = Utc::now();
    world.append(SignIn::STREAM, id(21), &[SignInEvent::opened(AccountId(id(2)))]).await;
    let head = world.append(SignIn::STREAM, id(22), &[SignInEvent::opened(AccountId(id(4)))]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let db = projections.db();
    let idle = async |since| {
        let Stretch { idle, next } = stretch(db, since, since, None, 10).await.expect("rows");
        assert_eq!(next, None);
        idle.into_iter().map(|idle| (idle.account, idle.ways)).collect::<Vec<_>>()
    };
    assert_eq!(idle(between).await, [(AccountId(id(1)), vec![id(11)])]);
    let later = idle(Utc::now()).await;
    assert_eq!(later, [(AccountId(id(2)), vec![id(21), id(12)]), (AccountId(id(1)), vec![id(11)])]);
    assert!(idle(between - TimeDelta::days(1)).await.is_empty(), "they were not there yet");
}

#[tokio::test]
async fn a_service_account_is_used_until_it_is_revoked_by_whomever() {
    let world = World::new().await;
    world.append(Account::STREAM, id(1), &[registered(1, &[Role::Author])]).await;
    let created = ServiceAccountEvent::Created {
        creator: AccountId(id(1)),
        name: TokenName::try_new("nightly reports").expect("a name"),
        scopes: Scopes::try_new(["event:read"]).expect("known"),
        expires_at: Utc::now() + TimeDelta::days(1),
        epoch: None,
    };
    world.append(ServiceAccount::STREAM, id(11), &[created]).await;
    let between = Utc::now();
    let revoked = ServiceAccountEvent::Revoked { by: Some(AccountId(id(2))) };
    let head = world.append(ServiceAccount::STREAM, id(11), &[revoked]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let idle = async |since| stretch(projections.db(), since, since, None, 10).await.expect("rows").idle;
    assert!(idle(between).await.is_empty(), "it may have been used until then");
    let later = idle(Utc::now()).await;
    assert_eq!(later.iter().map(|idle| idle.account).collect::<Vec<_>>(), [AccountId(id(1))]);
    assert!(later[0].since >= between, "{later:?}");
    assert_eq!(later[0].ways, [id(11)]);
}

#[tokio::test]
async fn who_may_still_come_to_a_run_is_expected_and_who_came_is_not() {
    let world = World::new().await;
    for account in 1..=3 {
        world.append(Account::STREAM, id(account), &[registered(account, &[Role::Learner])]).await;
    }
    let came = RunEvent::CheckedIn { registration: RegistrationId(id(1002)), at: second(7) };
    let line = vec![requested(1, 1), confirmed(1, 9), requested(2, 1), confirmed(2, 8), came];
    let head = world.append(Run::STREAM, id(51), &[published(&plan("Docker")), line].concat()).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let since = Utc::now();
    let idle = async |now: &str| {
        let found = stretch(projections.db(), since, instant(now), None, 10).await.expect("rows").idle;
        found.into_iter().map(|idle| idle.account.0).collect::<Vec<_>>()
    };
    assert_eq!(idle("2026-06-01T12:00:00Z").await, [id(3), id(2)]);
    assert_eq!(idle("2026-06-02T12:00:00Z").await, [id(3), id(2), id(1)], "it is over");
}

#[tokio::test]
async fn the_list_is_gone_through_in_stretches() {
    let world = World::new().await;
    let mut head = None;
    for account in 1..=5 {
        head = Some(world.append(Account::STREAM, id(account), &[registered(account, &[Role::Learner])]).await);
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head.expect("some")).await;
    let (now, mut after, mut found) = (Utc::now(), None, Vec::new());
    loop {
        let Stretch { idle, next } = stretch(projections.db(), now, now, after, 2).await.expect("rows");
        assert!(idle.len() <= 2);
        found.extend(idle.into_iter().map(|idle| idle.account.0));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, [5, 4, 3, 2, 1].map(id));
}
