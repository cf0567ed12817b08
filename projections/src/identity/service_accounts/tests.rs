use domain::{
    Decider,
    identity::{
        Scopes, TokenName,
        service_account::{ServiceAccount, ServiceAccountEvent},
    },
    kernel::AccountId,
};

use super::{Entity, Model, page};
use crate::{
    column::Json,
    fixtures::{World, catch_up, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};

const ADA: AccountId = AccountId(id(9));

fn scopes() -> Scopes {
    Scopes::try_new(["event:read"]).expect("known")
}

fn created() -> ServiceAccountEvent {
    let name = TokenName::try_new("nightly reports").expect("a name");
    ServiceAccountEvent::Created { creator: ADA, name, scopes: scopes(), expires_at: second(99), epoch: None }
}

#[test]
fn a_service_account_is_there_until_it_is_revoked() {
    let (made, revoked) = (recorded(1, id(1), created()), recorded(2, id(1), ServiceAccountEvent::Revoked { by: Some(ADA) }));
    let row = |revoked_at| Model {
        service: id(1),
        creator: ADA.0,
        name: "nightly reports".into(),
        scopes: Json(scopes()),
        created_at: second(1),
        expires_at: second(99),
        revoked_at,
    };
    assert_eq!(rows(&Entity, std::slice::from_ref(&made)), [row(None)]);
    assert_eq!(rows(&Entity, &[made, revoked.clone()]), [row(Some(second(2)))]);
    assert_eq!(Entity.fold(&id(1), None, &revoked), Err(MissingRow));
}

#[tokio::test]
async fn those_that_were_not_revoked_are_listed() {
    let world = World::new().await;
    for service in 1..=3 {
        world.append(ServiceAccount::STREAM, id(service), &[created()]).await;
    }
    let head = world.append(ServiceAccount::STREAM, id(2), &[ServiceAccountEvent::Revoked { by: None }]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let all = page(projections.db(), None, 10).await.expect("rows");
    assert_eq!(all.rows.iter().map(|row| row.service).collect::<Vec<_>>(), [id(3), id(1)]);
    let first = page(projections.db(), None, 1).await.expect("rows");
    let rest = page(projections.db(), Some(first.rows[0].after()), 10).await.expect("rows");
    assert_eq!((first.more, rest.rows.iter().map(|row| row.service).collect::<Vec<_>>()), (true, vec![id(1)]));
}
