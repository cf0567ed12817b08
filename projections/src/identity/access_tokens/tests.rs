use domain::{
    Decider,
    identity::{
        Scopes,
        access_token::{AccessToken, AccessTokenEvent},
    },
    kernel::{AccountId, Personal},
};

use super::{Entity, Model, of};
use crate::{
    column::Json,
    fixtures::{World, catch_up, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};

const ADA: AccountId = AccountId(id(9));

fn created(account: AccountId) -> AccessTokenEvent {
    let scopes = Scopes::try_new(["session:take"]).expect("known");
    AccessTokenEvent::Created { account, name: Personal::sealed(account, "v1.name".into()), scopes, expires_at: second(99), epoch: None }
}

#[test]
fn a_token_is_there_until_it_is_revoked() {
    let AccessTokenEvent::Created { name, scopes, .. } = created(ADA) else { panic!("created") };
    let (made, revoked) = (recorded(1, id(1), created(ADA)), recorded(2, id(1), AccessTokenEvent::Revoked { account: ADA }));
    let row = |revoked_at| Model {
        token: id(1),
        account: ADA.0,
        name: Json(name.clone()),
        scopes: Json(scopes.clone()),
        created_at: second(1),
        expires_at: second(99),
        epoch: 0,
        revoked_at,
    };
    assert_eq!(rows(&Entity, std::slice::from_ref(&made)), [row(None)]);
    assert_eq!(rows(&Entity, &[made, revoked.clone()]), [row(Some(second(2)))]);
    assert_eq!(Entity.fold(&id(1), None, &revoked), Err(MissingRow));
}

#[tokio::test]
async fn those_of_an_account_that_were_not_revoked_are_listed() {
    let world = World::new().await;
    for token in 1..=3 {
        world.append(AccessToken::STREAM, id(token), &[created(ADA)]).await;
    }
    world.append(AccessToken::STREAM, id(4), &[created(AccountId(id(8)))]).await;
    let head = world.append(AccessToken::STREAM, id(2), &[AccessTokenEvent::Revoked { account: ADA }]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let page = of(projections.db(), ADA, 0, None, 10).await.expect("rows");
    assert_eq!(page.rows.iter().map(|row| row.token).collect::<Vec<_>>(), [id(3), id(1)]);
    let first = of(projections.db(), ADA, 0, None, 1).await.expect("rows");
    let rest = of(projections.db(), ADA, 0, Some(first.rows[0].after()), 10).await.expect("rows");
    assert!(of(projections.db(), ADA, 1, None, 10).await.expect("rows").rows.is_empty(), "they were made before");
    assert_eq!((first.more, rest.rows.iter().map(|row| row.token).collect::<Vec<_>>()), (true, vec![id(1)]));
}
