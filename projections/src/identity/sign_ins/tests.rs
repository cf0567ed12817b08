use domain::{
    identity::sign_in::SignInEvent,
    kernel::{AccountId, SignInId},
};

use super::{Entity, Model, find, find_many, open_of};
use crate::{
    fixtures::{World, catch_up, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};
use domain::{Decider, identity::sign_in::SignIn};

const ADA: AccountId = AccountId(id(9));

#[test]
fn a_sign_in_is_open_until_it_is_closed() {
    let opened = recorded(1, id(1), SignInEvent::Opened { account: ADA });
    let closed = recorded(2, id(1), SignInEvent::Closed { account: ADA });
    let row = |closed_at| Model { sign_in: id(1), account: ADA.0, opened_at: second(1), closed_at };
    assert_eq!(rows(&Entity, std::slice::from_ref(&opened)), [row(None)]);
    assert_eq!(rows(&Entity, &[opened, closed.clone()]), [row(Some(second(2)))]);
    assert_eq!(Entity.fold(&id(1), None, &closed), Err(MissingRow));
}

#[tokio::test]
async fn only_what_is_open_is_listed_but_both_are_found() {
    let world = World::new().await;
    for device in 1..=3 {
        world.append(SignIn::STREAM, id(device), &[SignInEvent::Opened { account: ADA }]).await;
    }
    world.append(SignIn::STREAM, id(4), &[SignInEvent::Opened { account: AccountId(id(8)) }]).await;
    let head = world.append(SignIn::STREAM, id(2), &[SignInEvent::Closed { account: ADA }]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let db = projections.db();
    let open: Vec<_> = open_of(db, ADA).await.expect("rows").iter().map(|row| row.sign_in).collect();
    assert_eq!(open, [id(3), id(1)]);
    assert!(find(db, SignInId(id(2))).await.expect("a query").expect("a row").closed_at.is_some());
    assert_eq!(find_many(db, &[SignInId(id(1)), SignInId(id(2)), SignInId(id(5))]).await.expect("rows").len(), 2);
}
