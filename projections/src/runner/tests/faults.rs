use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Decider, identity::account::Account};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, error::ConnAcquireErr};

use super::fixtures::{registered, sign_in_many};
use crate::{
    fixtures::{World, catch_up, id},
    held::Held,
    identity::{accounts, sign_ins},
    projector::{Incoming, Projector, Taken},
};

/// A read model whose database is away for the first pages, after it has written.
struct Flaky {
    model: accounts::Entity,
    faults_left: AtomicU32,
}

impl Flaky {
    fn fail(&self) -> Result<(), DbErr> {
        let fails = self.faults_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if fails { Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl Projector for Flaky {
    fn name(&self) -> &'static str {
        self.model.name()
    }

    fn version(&self) -> u32 {
        self.model.version()
    }

    fn streams(&self) -> &'static [&'static str] {
        self.model.streams()
    }

    fn shape(&self) -> String {
        self.model.shape()
    }

    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        self.model.create(tx).await
    }

    async fn complete(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        self.model.complete(tx).await
    }

    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        self.model.discard(tx).await
    }

    fn hold(&self, fresh: bool, complete: bool) -> Held {
        self.model.hold(fresh, complete)
    }

    async fn gather(&self, db: &DatabaseConnection, held: &mut Held, events: &[Incoming]) -> Result<(Taken, usize), DbErr> {
        self.model.gather(db, held, events).await
    }

    async fn write(&self, tx: &DatabaseTransaction, held: &mut Held, stay: bool) -> Result<(), DbErr> {
        self.model.write(tx, held, stay).await?;
        self.fail()
    }

    async fn take(&self, tx: &DatabaseTransaction, events: &[Incoming], complete: bool) -> Result<Taken, DbErr> {
        let taken = self.model.take(tx, events, complete).await?;
        self.fail()?;
        Ok(taken)
    }

    async fn digests(&self, db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr> {
        self.model.digests(db).await
    }
}

#[tokio::test]
async fn a_fault_of_the_database_is_tried_again_and_parks_nobody() {
    let world = World::new().await;
    world.append(Account::STREAM, id(1), &[registered(1)]).await;
    let head = sign_in_many(&world, 1..=3).await;
    let flaky = Flaky { model: accounts::Entity, faults_left: AtomicU32::new(3) };
    let projections = world.open_with(vec![Box::new(sign_ins::Entity), Box::new(flaky)], "rows.db", 2).await;

    catch_up(&projections, head).await;

    assert!(projections.status().iter().all(|status| status.parked.is_none() && status.position == head));
    assert_eq!(accounts::total(projections.db()).await.expect("a query"), 1);
    let open = sign_ins::open_of(projections.db(), domain::kernel::AccountId(id(1))).await.expect("a query");
    assert_eq!(open.len(), 3, "the page was written once, by all of them together");
}
