//! Generations that no build runs any more: each node says now and then that it uses its own, and those nobody has used for
//! a while are dropped.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};

use super::lock_creation;
use crate::{
    ProjectionError,
    place::{self, Generation},
};

/// Drops generations beside `current` that nobody has used for `grace`; how many there were.
pub(crate) async fn remove_others(db: &DatabaseConnection, current: &Generation, grace: Duration) -> Result<usize, ProjectionError> {
    match current {
        Generation::File(path) => remove_files(path, grace).map_err(|source| ProjectionError::Path { path: path.clone(), source }),
        Generation::Schema { url: _, name } => drop_schemas(db, name, grace).await.map_err(ProjectionError::Database),
    }
}

fn remove_files(current: &Path, grace: Duration) -> std::io::Result<usize> {
    let (Some(directory), Some(name)) = (current.parent(), current.file_name().and_then(|name| name.to_str())) else {
        return Ok(0);
    };
    let mut removed = 0;
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        if file != name && place::is_file(file) && unused_for(&path).is_some_and(|unused| unused >= grace) {
            remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Removes a database and what stands beside it.
pub(crate) fn remove_file(path: &Path) -> std::io::Result<()> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name
    };
    for other in ["-wal", "-shm", "-journal"].map(beside) {
        match std::fs::remove_file(other) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    std::fs::remove_file(path)
}

/// The shorter of the times since the file and its log were written, or touched by who uses it.
fn unused_for(path: &Path) -> Option<Duration> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let written = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    let last = written(path).into_iter().chain(written(Path::new(&log))).max()?;
    // A clock that went back makes it fresh.
    Some(SystemTime::now().duration_since(last).unwrap_or_default())
}

async fn drop_schemas(db: &DatabaseConnection, current: &str, grace: Duration) -> Result<usize, sea_orm::DbErr> {
    let all = Statement::from_string(DbBackend::Postgres, "SELECT nspname::text FROM pg_namespace");
    let mut dropped = 0;
    for row in db.query_all_raw(all).await? {
        let name: String = row.try_get_by_index(0)?;
        if name == current || !place::is_schema(&name) {
            continue;
        }
        match drop_schema(db, &name, grace).await {
            Ok(gone) => dropped += usize::from(gone),
            Err(error) => tracing::warn!(schema = name, %error, "read models of another generation stay"),
        }
    }
    Ok(dropped)
}

async fn drop_schema(db: &DatabaseConnection, name: &str, grace: Duration) -> Result<bool, sea_orm::DbErr> {
    let tx = db.begin().await?;
    lock_creation(&tx).await?;
    tx.execute_unprepared("SET LOCAL lock_timeout = '2s'").await?;
    let used = format!(r#"SELECT count(*) FROM "{name}".heartbeats WHERE at > clock_timestamp() - $1 * interval '1 second'"#);
    let used = Statement::from_sql_and_values(DbBackend::Postgres, used, [grace.as_secs_f64().into()]);
    let used: i64 = tx.query_one_raw(used).await?.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    if used == 0 {
        tx.execute_unprepared(&format!(r#"DROP SCHEMA "{name}" CASCADE"#)).await?;
    }
    tx.commit().await?;
    Ok(used == 0)
}

#[cfg(test)]
mod tests;
