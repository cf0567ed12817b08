//! What is looked at and brought up to date before a journal is used.

use std::time::Duration;

use sqlx::{Connection, PgConnection, Row, migrate::Migrator};
use uuid::Uuid;

use super::access::{Access, ROLE, fault};
use crate::{Durability, JournalError, database};

const OLDEST: i32 = 150_000;
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");
const TABLE: &str = "journal._sqlx_migrations";
/// How long it may take to look at what is there.
const LOOK_LIMIT: Duration = Duration::from_secs(10);
/// Only one process at a time changes roles and rights.
const ROLES_LOCK: i64 = 7_959_390_389_040_738_914;

/// Whether the role has all it needs.
const GRANTED: &str = "SELECT has_schema_privilege('nalabo_app', 'journal', 'USAGE')
    AND bool_and(has_table_privilege('nalabo_app', format('journal.%I', name), privileges))
    FROM (VALUES ('events', 'SELECT'), ('events', 'INSERT'), ('journal', 'SELECT'), ('_sqlx_migrations', 'SELECT'),
        ('receipts', 'SELECT'), ('receipts', 'INSERT'), ('receipts', 'DELETE'),
        ('contents', 'SELECT'), ('contents', 'INSERT'), ('signed_checkpoints', 'SELECT'), ('signed_checkpoints', 'INSERT'),
        ('leases', 'SELECT'), ('leases', 'INSERT'), ('leases', 'UPDATE'),
        ('checkpoints', 'SELECT'), ('checkpoints', 'INSERT'), ('checkpoints', 'UPDATE'),
        ('timers', 'SELECT'), ('timers', 'INSERT'), ('timers', 'UPDATE'), ('timers', 'DELETE'),
        ('parked', 'SELECT'), ('parked', 'INSERT'), ('parked', 'UPDATE'), ('parked', 'DELETE'),
        ('snapshots', 'SELECT'), ('snapshots', 'INSERT'), ('snapshots', 'UPDATE'), ('snapshots', 'DELETE'),
        ('usage_samples', 'SELECT'), ('usage_samples', 'INSERT'), ('usage_samples', 'DELETE')) AS needed (name, privileges)";

const GRANT: &str = "REVOKE ALL ON ALL TABLES IN SCHEMA journal FROM nalabo_app;
    GRANT USAGE ON SCHEMA journal TO nalabo_app;
    GRANT SELECT ON ALL TABLES IN SCHEMA journal TO nalabo_app;
    GRANT INSERT ON journal.events, journal.receipts, journal.contents, journal.signed_checkpoints, journal.leases, journal.checkpoints,
        journal.timers, journal.parked, journal.snapshots, journal.usage_samples TO nalabo_app;
    GRANT UPDATE ON journal.leases, journal.checkpoints, journal.timers, journal.parked, journal.snapshots TO nalabo_app;
    GRANT DELETE ON journal.receipts, journal.timers, journal.parked, journal.snapshots, journal.usage_samples TO nalabo_app;";

const CREATE_ROLE: &str = "DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nalabo_app') THEN
            -- Roles belong to all databases of a server, and another one may be making it.
            BEGIN CREATE ROLE nalabo_app NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
        END IF;
        IF NOT pg_has_role(current_user, 'nalabo_app', 'MEMBER') THEN
            BEGIN EXECUTE format('GRANT nalabo_app TO %I', current_user); EXCEPTION WHEN unique_violation THEN NULL; END;
        END IF;
    END $$";

/// Makes the tables and the role if need be; the journal's id.
pub(super) async fn prepare(access: &Access, durability: Durability) -> Result<Uuid, JournalError> {
    let mut connection = access.plain().await?;
    check_server(&mut connection, durability).await?;
    if !is_current(access, &mut connection).await? {
        migrate(access, &mut connection).await?;
    }
    if !is_granted(&mut connection).await.map_err(fault)? {
        grant(&mut connection).await.map_err(fault)?;
    }
    let _ = connection.close().await;
    journal_id(access).await
}

/// The id of a journal that exists, which is not changed by looking.
pub(super) async fn journal_id(access: &Access) -> Result<Uuid, JournalError> {
    tokio::time::timeout(LOOK_LIMIT, read_id(access)).await.unwrap_or_else(|_| Err(JournalError::timed_out()))
}

async fn read_id(access: &Access) -> Result<Uuid, JournalError> {
    let mut connection = access.plain().await?;
    if !is_current(access, &mut connection).await? {
        return Err(access.schema("there is no journal of this version".into()));
    }
    let id = sqlx::query_scalar::<_, String>("SELECT id::text FROM journal.journal").fetch_one(&mut connection).await;
    let _ = connection.close().await;
    let id = id.map_err(fault)?;
    Uuid::try_parse(&id).map_err(|_| JournalError::Corrupt { at: "journal".into(), what: "its id is no UUID".into() })
}

pub(super) async fn check_server(connection: &mut PgConnection, durability: Durability) -> Result<(), JournalError> {
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::integer, current_setting('server_version'), current_setting('synchronous_commit'),
         current_setting('fsync'), current_setting('full_page_writes'), current_setting('server_encoding')",
    );
    let row = row.fetch_one(connection).await.map_err(fault)?;
    let text = |index: usize| row.try_get::<String, _>(index).map_err(fault);
    if row.try_get::<i32, _>(0).map_err(fault)? < OLDEST {
        return Err(JournalError::Unusable(format!("it is PostgreSQL {}; 15 or later is needed", text(1)?)));
    }
    if text(5)? != "UTF8" {
        return Err(JournalError::Unusable(format!("its encoding is {}; UTF8 is needed", text(5)?)));
    }
    for (index, name) in [(2, "synchronous_commit"), (3, "fsync"), (4, "full_page_writes")] {
        if durability == Durability::Full && text(index)? == "off" {
            return Err(JournalError::NotDurable { setting: format!("{name}=off"), wanted: format!("{name}=on") });
        }
    }
    Ok(())
}

/// Whether the tables are those of this build; refused if they are of a newer one.
async fn is_current(access: &Access, connection: &mut PgConnection) -> Result<bool, JournalError> {
    let there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'journal' AND c.relname = '_sqlx_migrations')",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(fault)?;
    if !there {
        return Ok(false);
    }
    let applied: Vec<(i64, bool, Vec<u8>)> =
        sqlx::query_as("SELECT version, success, checksum FROM journal._sqlx_migrations ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(fault)?;
    for (version, success, checksum) in &applied {
        match MIGRATIONS.iter().find(|migration| migration.version == *version) {
            None => return Err(access.schema(format!("a newer build has applied migration {version}"))),
            Some(known) if *known.checksum != **checksum => {
                return Err(access.schema(format!("migration {version} was applied in another form")));
            }
            Some(_) if !success => return Err(access.schema(format!("migration {version} was not finished"))),
            Some(_) => {}
        }
    }
    Ok(applied.len() == MIGRATIONS.iter().count())
}

async fn migrate(access: &Access, connection: &mut PgConnection) -> Result<(), JournalError> {
    let mut migrator = Migrator { migrations: MIGRATIONS.migrations.clone(), ..Migrator::DEFAULT };
    migrator.dangerous_set_table_name(TABLE);
    migrator.create_schema("journal");
    let migrated = migrator.run_direct(None, connection, false).await;
    migrated.map_err(|error| match database::migration_fault(error) {
        Ok(what) => access.schema(what),
        Err(error) => refused_rights(error),
    })
}

fn refused_rights(error: sqlx::Error) -> JournalError {
    match &error {
        sqlx::Error::Database(database) if database.code().as_deref() == Some("42501") => JournalError::Unusable(format!(
            "its tables are not up to date and this role may not change them ({}): start once as their owner",
            database.message()
        )),
        _ => fault(error),
    }
}

async fn is_granted(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let member: Option<bool> = sqlx::query_scalar("SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = $1")
        .bind(ROLE)
        .fetch_optional(&mut *connection)
        .await?;
    if member != Some(true) {
        return Ok(false);
    }
    sqlx::query_scalar(GRANTED).fetch_one(connection).await
}

async fn grant(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_lock($1)").bind(ROLES_LOCK).execute(&mut *connection).await?;
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(CREATE_ROLE).execute(&mut *transaction).await?;
    sqlx::raw_sql(GRANT).execute(&mut *transaction).await?;
    transaction.commit().await?;
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(ROLES_LOCK).execute(connection).await.map(drop)
}
