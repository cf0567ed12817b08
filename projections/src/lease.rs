//! Who folds a generation. On `PostgreSQL` several nodes share it: one holds the lease and writes, the others read. Each
//! transaction that writes first sees that the lease is still its node's, so that who lost it cannot write any more.

use std::{
    fs::File,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime},
};

use domain::kernel::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement, Value, entity::prelude::*};
use uuid::Uuid;

use crate::{place::Generation, rows};

/// How long a lease is held without being renewed.
pub(crate) const TERM: Duration = Duration::from_secs(4);

/// The one row with the lease.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leases")]
pub(crate) struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub holder: String,
    /// Raised each time it is taken.
    pub epoch: i64,
    /// By the clock of the database.
    pub until: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

mod heartbeat {
    use sea_orm::entity::prelude::*;

    /// The one row that says when a node last used the generation.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "heartbeats")]
    pub(crate) struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub at: domain::kernel::Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// One node's hold on a generation.
#[derive(Debug)]
pub(crate) struct Lease {
    holder: String,
    /// 0 while another node holds it.
    epoch: AtomicI64,
}

/// Makes the tables, free for whoever comes first.
pub(crate) async fn create(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    rows::create::<Entity>(tx).await?;
    rows::create::<heartbeat::Entity>(tx).await?;
    let long_ago = Timestamp::UNIX_EPOCH;
    for table in ["leases", "heartbeats"] {
        let sql = match table {
            "leases" => "INSERT INTO leases (id, holder, epoch, until) VALUES (1, '', 0, $1) ON CONFLICT (id) DO NOTHING",
            _ => "INSERT INTO heartbeats (id, at) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
        };
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [long_ago.into()])).await?;
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("UPDATE heartbeats SET at = clock_timestamp()").await?;
    }
    Ok(())
}

impl Lease {
    pub(crate) fn new() -> Self {
        Self { holder: Uuid::now_v7().to_string(), epoch: AtomicI64::new(0) }
    }

    /// Whether this node held it when it last looked.
    pub(crate) fn held(&self) -> bool {
        self.epoch.load(Ordering::Acquire) != 0
    }

    /// Another holds it now.
    pub(crate) fn lost(&self) {
        self.epoch.store(0, Ordering::Release);
    }

    /// Takes it, if its term is over or it is this node's. In a file it is always free: the journal lets one process write.
    pub(crate) async fn take(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        let (backend, holder) = (db.get_database_backend(), self.holder.as_str());
        let taken = if backend == DbBackend::Postgres {
            let sql = "WITH free AS (SELECT id FROM leases WHERE until < clock_timestamp() OR holder = $1 FOR UPDATE SKIP LOCKED) \
                       UPDATE leases SET holder = $1, epoch = epoch + 1, until = clock_timestamp() + $2 * interval '1 second' \
                       FROM free WHERE leases.id = free.id RETURNING epoch";
            Statement::from_sql_and_values(backend, sql, [holder.into(), TERM.as_secs_f64().into()])
        } else {
            let sql = "UPDATE leases SET holder = $1, epoch = epoch + 1 RETURNING epoch";
            Statement::from_sql_and_values(backend, sql, [holder.into()])
        };
        let epoch: Option<i64> = db.query_one_raw(taken).await?.map(|row| row.try_get_by_index(0)).transpose()?;
        self.epoch.store(epoch.unwrap_or(0), Ordering::Release);
        Ok(epoch.is_some())
    }

    /// Sees that it is still this node's, locks it until the transaction ends, and begins its term again.
    pub(crate) async fn hold<C: ConnectionTrait>(&self, tx: &C) -> Result<bool, DbErr> {
        let set = "UPDATE leases SET until = clock_timestamp() + $3 * interval '1 second' WHERE holder = $1 AND epoch = $2";
        // Writing first also makes this transaction the one that writes, before it reads.
        let keep = "UPDATE leases SET epoch = epoch WHERE holder = $1 AND epoch = $2";
        self.update(tx, set, keep).await
    }

    /// Begins its term again, if it is still this node's. There is no term in a file, which is only looked at.
    pub(crate) async fn renew(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        if db.get_database_backend() == DbBackend::Postgres {
            return self.hold(db).await;
        }
        let values: [Value; 2] = [self.holder.as_str().into(), self.epoch.load(Ordering::Acquire).into()];
        let sql = "SELECT 1 FROM leases WHERE holder = $1 AND epoch = $2";
        Ok(db.query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?.is_some())
    }

    /// Lets the next one take it at once.
    pub(crate) async fn release(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        let free = "UPDATE leases SET until = clock_timestamp() - $3 * interval '1 second' WHERE holder = $1 AND epoch = $2";
        let released = self.update(db, free, "UPDATE leases SET holder = '' WHERE holder = $1 AND epoch = $2").await;
        self.lost();
        released
    }

    async fn update<C: ConnectionTrait>(&self, db: &C, postgres: &str, sqlite: &str) -> Result<bool, DbErr> {
        let mut values: Vec<Value> = vec![self.holder.as_str().into(), self.epoch.load(Ordering::Acquire).into()];
        let backend = db.get_database_backend();
        let sql = if backend == DbBackend::Postgres {
            values.push(TERM.as_secs_f64().into());
            postgres
        } else {
            sqlite
        };
        Ok(db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected() == 1)
    }
}

/// Says that a node uses the generation.
pub(crate) async fn beat(db: &DatabaseConnection, generation: &Generation) -> Result<(), DbErr> {
    match generation {
        Generation::File(path) => {
            let touched = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
            touched.map_err(|error| DbErr::Custom(format!("cannot touch {}: {error}", path.display())))
        }
        Generation::Schema { .. } => {
            let recent = "UPDATE heartbeats SET at = clock_timestamp() WHERE at < clock_timestamp() - interval '1 second'";
            db.execute_unprepared(recent).await.map(drop)
        }
    }
}
