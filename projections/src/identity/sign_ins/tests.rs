use domain::{
    identity::sign_in::SignInEvent,
    kernel::{AccountId, Personal, SignInId},
};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{Entity, Model, find, find_many, live, open_of};
use crate::{
    column::Json,
    fixtures::{World, catch_up, id, recorded, rows, second},
    identity::accounts,
    read_model::{MissingRow, ReadModel},
};
use domain::{Decider, identity::sign_in::SignIn};

const ADA: AccountId = AccountId(id(9));

#[test]
fn a_sign_in_is_open_until_it_is_closed() {
    let opened = recorded(1, id(1), SignInEvent::opened(ADA));
    let closed = recorded(2, id(1), SignInEvent::Closed { account: ADA });
    let row =
        |closed_at| Model { sign_in: id(1), account: ADA.0, epoch: 0, user_agent: None, address: None, opened_at: second(1), closed_at };
    assert_eq!(rows(&Entity, std::slice::from_ref(&opened)), [row(None)]);
    assert_eq!(rows(&Entity, &[opened, closed.clone()]), [row(Some(second(2)))]);
    assert_eq!(Entity.fold(&id(1), None, &closed), Err(MissingRow));
}

#[tokio::test]
async fn only_what_is_open_is_listed_but_both_are_found() {
    let world = World::new().await;
    for device in 1..=3 {
        world.append(SignIn::STREAM, id(device), &[SignInEvent::opened(ADA)]).await;
    }
    world.append(SignIn::STREAM, id(4), &[SignInEvent::opened(AccountId(id(8)))]).await;
    let head = world.append(SignIn::STREAM, id(2), &[SignInEvent::Closed { account: ADA }]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let db = projections.db();
    let open_of: Vec<_> = open_of(db, ADA).await.expect("rows").iter().map(|row| row.sign_in).collect();
    assert_eq!((open_of, open(db, &account(0, None)).await), (vec![id(3), id(1)], vec![id(3), id(1)]));
    assert!(find(db, SignInId(id(2))).await.expect("a query").expect("a row").closed_at.is_some());
    assert_eq!(find_many(db, &[SignInId(id(1)), SignInId(id(2)), SignInId(id(5))]).await.expect("rows").len(), 2);
}

#[tokio::test]
async fn what_was_opened_before_signing_out_everywhere_is_not_listed_but_for_what_was_kept() {
    let world = World::new().await;
    let opened =
        |epoch| SignInEvent::Opened { account: ADA, epoch, user_agent: None, address: None, proof: None, method: None, until: None };
    let mut head = world.head().await;
    for (device, epoch) in [(1, 0), (2, 0), (3, 1)] {
        head = world.append(SignIn::STREAM, id(device), &[opened(epoch)]).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    assert_eq!(open(projections.db(), &account(1, None)).await, [id(3)]);
    assert_eq!(open(projections.db(), &account(1, Some(id(1)))).await, [id(3), id(1)]);
}

#[test]
fn why_it_was_closed_changes_nothing_until_it_is() {
    let history =
        [SignInEvent::opened(ADA), SignInEvent::TokenReused { account: ADA, generation: 2 }].map(|event| recorded(1, id(1), event));
    assert_eq!(rows(&Entity, &history)[0].closed_at, None);
    let revoked = recorded(1, id(1), SignInEvent::Revoked { account: ADA });
    assert_eq!(Entity.fold(&id(1), None, &revoked), Err(MissingRow));
}

/// All that are listed of an account, page by page.
async fn open(db: &DatabaseConnection, account: &accounts::Model) -> Vec<Uuid> {
    let (mut all, mut after) = (vec![], None);
    loop {
        let page = live(db, account, after, 1).await.expect("rows");
        after = page.rows.last().map(Model::after);
        all.extend(page.rows.iter().map(|row| row.sign_in));
        if !page.more {
            return all;
        }
    }
}

fn account(epoch: i64, kept: Option<Uuid>) -> accounts::Model {
    accounts::Model {
        account: ADA.0,
        email: Json(Personal::sealed(ADA, String::new())),
        display_name: Json(Personal::sealed(ADA, String::new())),
        grants: Json([].into_iter().collect::<Vec<_>>().into()),
        grants_within: Json(domain::identity::GrantsWithin::default()),
        registered_at: second(0),
        epoch,
        kept,
        suspended_at: None,
        avatar: None,
        avatar_content: None,
        erased_at: None,
    }
}
