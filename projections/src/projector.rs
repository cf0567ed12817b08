//! A read model of any table, as the runner drives it.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr};

use crate::{
    digest,
    held::{self, Held, Rows},
    read_model::{ReadModel, Recorded},
    rows,
};

/// An event as read from the journal.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) event: Recorded,
    /// The journal's hash at this event.
    pub(crate) hash: Vec<u8>,
    /// Why it could not be decoded; `event.fact` is then unknown.
    pub(crate) undecodable: Option<String>,
}

/// How far a read model came within a page.
#[derive(Debug)]
pub(crate) enum Taken {
    All,
    /// It took those before the event at this index, and cannot take that one.
    Until(usize, String),
}

/// A read model of any table.
#[async_trait::async_trait]
pub(crate) trait Projector: Send + Sync {
    fn name(&self) -> &'static str;
    fn version(&self) -> u32;
    /// The kinds of streams it reads.
    fn streams(&self) -> &'static [&'static str];
    /// What else its rows depend on: its configuration and its tables.
    fn shape(&self) -> String;
    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Sums up totals, which follow rows from then on, and makes the indexes that queries need. Rows are written faster before that.
    async fn complete(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
    /// Begins to hold rows back; `fresh`, if it has taken no event yet, `complete`, if it is.
    fn hold(&self, fresh: bool, complete: bool) -> Held;
    /// Folds events into rows that are held back, and tells about how many bytes those take now.
    async fn gather(&self, db: &DatabaseConnection, held: &mut Held, events: &[Incoming]) -> Result<(Taken, usize), DbErr>;
    /// Writes rows that were held back; others may be held back after that, and these `stay` in memory or not.
    async fn write(&self, tx: &DatabaseTransaction, held: &mut Held, stay: bool) -> Result<(), DbErr>;
    /// Folds events into the tables; `complete`, if it is.
    async fn take(&self, tx: &DatabaseTransaction, events: &[Incoming], complete: bool) -> Result<Taken, DbErr>;
    /// A digest of the rows of each of its tables that is there.
    async fn digests(&self, db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr>;
}

#[async_trait::async_trait]
impl<M: ReadModel> Projector for M {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn version(&self) -> u32 {
        M::VERSION
    }

    fn streams(&self) -> &'static [&'static str] {
        M::STREAMS
    }

    fn shape(&self) -> String {
        let totals = M::totals().into_iter().map(|totals| totals.shape());
        [self.configuration(), rows::shape::<M::Table>()].into_iter().chain(totals).collect::<Vec<_>>().join("\n")
    }

    async fn create(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::create::<M::Table>(tx).await?;
        for complement in M::complements(tx.get_database_backend()) {
            tx.execute_unprepared(&complement).await?;
        }
        for totals in M::totals() {
            totals.create(tx).await?;
        }
        Ok(())
    }

    async fn complete(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        held::sum_up::<M>(tx).await?;
        rows::index::<M::Table>(tx, &M::indexes()).await?;
        for totals in M::totals() {
            totals.index(tx).await?;
        }
        Ok(())
    }

    async fn discard(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        rows::discard::<M::Table>(tx).await?;
        for totals in M::totals() {
            totals.discard(tx).await?;
        }
        Ok(())
    }

    fn hold(&self, fresh: bool, complete: bool) -> Held {
        Held::new::<M>(fresh, complete)
    }

    async fn gather(&self, db: &DatabaseConnection, held: &mut Held, events: &[Incoming]) -> Result<(Taken, usize), DbErr> {
        let rows = held.of::<M>()?;
        let taken = rows.take(self, db, events).await?;
        Ok((taken, rows.weight()))
    }

    async fn write(&self, tx: &DatabaseTransaction, held: &mut Held, stay: bool) -> Result<(), DbErr> {
        held.of::<M>()?.write(tx, stay).await
    }

    async fn take(&self, tx: &DatabaseTransaction, events: &[Incoming], complete: bool) -> Result<Taken, DbErr> {
        let mut rows = Rows::<M>::of_page(complete);
        let taken = rows.take(self, tx, events).await?;
        rows.write(tx, false).await?;
        Ok(taken)
    }

    async fn digests(&self, db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr> {
        let mut digests: Vec<_> = digest::digest_of::<M::Table>(db).await?.into_iter().collect();
        for totals in M::totals() {
            digests.extend(totals.digest(db).await?);
        }
        Ok(digests)
    }
}
