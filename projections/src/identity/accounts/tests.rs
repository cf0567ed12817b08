use std::collections::BTreeSet;

use domain::{
    identity::{Grant, GrantsWithin, Role, account::AccountEvent},
    kernel::{AccountId, CommunityId, Personal, SignInId},
};

use super::{Entity, Model, find_many, page};
use crate::{
    column::Json,
    fixtures::{World, catch_up, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};
use domain::Decider;

fn sealed<T>(text: &str) -> Personal<T> {
    Personal::sealed(AccountId(id(1)), text.into())
}

fn registered() -> AccountEvent {
    AccountEvent::Registered {
        email: sealed("mail"),
        display_name: sealed("name"),
        password: sealed("secret"),
        roles: BTreeSet::from([Role::Learner]),
    }
}

fn granted() -> AccountEvent {
    AccountEvent::RoleGranted {
        grant: Grant { role: Role::Author.into(), until: None },
        within: None,
        grants: [Role::Learner, Role::Author].iter().collect(),
    }
}

#[test]
fn an_account_is_kept_sealed_with_the_roles_it_holds_now() {
    let registered = recorded(1, id(1), registered());
    let row = |roles: &[Role]| Model {
        account: id(1),
        email: Json(sealed("mail")),
        display_name: Json(sealed("name")),
        grants: Json(roles.iter().collect()),
        grants_within: Json(GrantsWithin::default()),
        registered_at: second(1),
        epoch: 0,
        kept: None,
        suspended_at: None,
        avatar: None,
        avatar_content: None,
        erased_at: None,
    };
    assert_eq!(rows(&Entity, std::slice::from_ref(&registered)), [row(&[Role::Learner])]);
    let granted = recorded(2, id(1), granted());
    assert_eq!(rows(&Entity, &[registered.clone(), granted.clone()]), [row(&[Role::Learner, Role::Author])]);
    let revoked = AccountEvent::RoleRevoked { role: Role::Author.into(), within: None, grants: [Role::Learner].iter().collect() };
    assert_eq!(rows(&Entity, &[registered, granted, recorded(3, id(1), revoked)]), [row(&[Role::Learner])]);
}

#[test]
fn what_is_held_within_a_community_is_kept_apart_from_what_is_held_everywhere() {
    let (community, moderator) = (CommunityId(id(7)), Grant { role: Role::Moderator.into(), until: None });
    let everywhere = || [Role::Learner].iter().collect();
    let granted = AccountEvent::RoleGranted { grant: moderator, within: Some(community), grants: everywhere() };
    let revoked = AccountEvent::RoleRevoked { role: moderator.role, within: Some(community), grants: everywhere() };
    let erased = AccountEvent::Erased { by: None, reason: None };
    let seen = |more: &[AccountEvent]| {
        let history = [registered(), granted.clone()].into_iter().chain(more.iter().cloned());
        let events: Vec<_> = (1..).zip(history).map(|(position, event)| recorded(position, id(1), event)).collect();
        rows(&Entity, &events)[0].clone()
    };
    let held = seen(&[]);
    let mut expected = GrantsWithin::default();
    expected.add(community, moderator);
    assert_eq!((held.grants.0, held.grants_within.0), (everywhere(), expected));
    assert!(seen(&[revoked]).grants_within.is_empty());
    assert!(seen(&[erased]).grants_within.is_empty());
}

#[test]
fn who_is_erased_keeps_a_row_without_roles() {
    let erased = AccountEvent::Erased { by: None, reason: None };
    let after = rows(&Entity, &[recorded(1, id(1), registered()), recorded(2, id(1), erased.clone())]);
    assert_eq!((after[0].erased_at, after[0].grants.iter().count()), (Some(second(2)), 0));
    assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), erased)), Err(MissingRow));
}

#[test]
fn it_is_known_which_sign_ins_outlived_the_last_sign_out_everywhere() {
    let everywhere = |epoch, except| AccountEvent::SignedOutEverywhere { epoch, except };
    let history = [registered(), everywhere(1, Some(SignInId(id(7)))), everywhere(2, None)].map(|event| recorded(1, id(1), event));
    let after = |events: usize| rows(&Entity, &history[..events]).pop().map(|row| (row.epoch, row.kept));
    assert_eq!((after(2), after(3)), (Some((1, Some(id(7)))), Some((2, None))));
}

#[test]
fn a_changed_address_and_name_take_the_place_of_the_old_ones() {
    let changed = AccountEvent::EmailChanged { email: sealed("another"), before: sealed("mail") };
    let renamed = AccountEvent::Renamed { display_name: sealed("another name") };
    let history = [registered(), changed, renamed].map(|event| recorded(1, id(1), event));
    let after = rows(&Entity, &history);
    assert_eq!((&after[0].email, &after[0].display_name), (&Json(sealed("another")), &Json(sealed("another name"))));
}

#[test]
fn an_account_is_suspended_until_it_is_reinstated() {
    let reason = domain::identity::ErasureReason::try_new("shared with others").expect("a reason");
    let suspended = AccountEvent::Suspended { by: None, reason, epoch: 1 };
    let history = [registered(), suspended, AccountEvent::Reinstated { by: None }];
    let history = history.into_iter().zip(1..).map(|(event, at)| recorded(at, id(1), event)).collect::<Vec<_>>();
    let after = |events: usize| rows(&Entity, &history[..events]).pop().map(|row| (row.suspended_at, row.epoch));
    assert_eq!((after(2), after(3)), (Some((Some(second(2)), 1)), Some((None, 1))));
}

#[test]
fn a_role_of_nobody_is_a_missing_row() {
    assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), granted())), Err(MissingRow));
}

#[tokio::test]
async fn pages_list_the_latest_first_each_account_once() {
    let world = World::new().await;
    let kind = domain::identity::account::Account::STREAM;
    // One append at a time, so that some have the same instant and some have not.
    for number in 1..=5 {
        world.append(kind, id(number), &[registered()]).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();

    let all = page(db, None, 10).await.expect("a page");
    assert!(!all.more && all.rows.is_sorted_by(|a, b| (a.registered_at, a.account) > (b.registered_at, b.account)));
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = page(db, after, 2).await.expect("a page");
        after = page.rows.last().map(Model::after);
        seen.extend(page.rows);
        if !page.more {
            break;
        }
    }
    assert_eq!((seen.len(), &seen), (5, &all.rows));
    let found = find_many(db, &[AccountId(id(4)), AccountId(id(9)), AccountId(id(2))]).await.expect("rows");
    assert_eq!(found.iter().map(|row| row.account).collect::<BTreeSet<_>>(), BTreeSet::from([id(2), id(4)]));
}
