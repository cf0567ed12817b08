//! The journal, for whoever only looks at it: also beside a running server.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use journal::{History, JournalError, Position, evidence::Signer, postgres::PostgresHistory, sqlite::SqliteHistory, vault::VaultError};
use secrecy::ExposeSecret;

use crate::{config::Config, node::look_at_vault};

/// Opens what has been recorded. Each engine has an arm here.
///
/// # Errors
/// There is no journal, or it cannot be read.
pub(crate) async fn open_history(config: &Config) -> Result<Arc<dyn History>, JournalError> {
    Ok(match &config.database_url {
        Some(url) => Arc::new(PostgresHistory::init(url.expose_secret()).await?),
        None => Arc::new(SqliteHistory::init(config.journal_path()).await?),
    })
}

/// What signs the journal's checkpoints, if its vault and the master key are at hand; also beside a running server. The first
/// server makes it, and not whoever looks.
///
/// # Errors
/// They are not at hand, or nothing has been signed yet.
pub(crate) async fn open_signer(config: &Config, history: &dyn History) -> Result<Signer, VaultError> {
    let vault = look_at_vault(config).await?;
    let signer = Signer::from_vault(&*vault, history.id()).await;
    vault.close().await;
    signer
}

/// A place in history: a position, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Position(Position),
    Instant(DateTime<Utc>),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse::<i64>() {
            return if position >= 0 { Ok(Self::Position(Position(position))) } else { Err("expected a position from 0".into()) };
        }
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Instant(instant.to_utc()));
        }
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let day = text.parse().map(midnight).map(Self::Instant);
        day.map_err(|_| "expected a position, a day (2026-11-01, its beginning in UTC) or an instant (2026-11-01T12:00:00Z)".into())
    }
}

impl Moment {
    /// The last position that is not after it.
    pub(crate) async fn last(self, history: &dyn History) -> Result<Position, JournalError> {
        match self {
            Self::Position(position) => Ok(position),
            Self::Instant(at) => history.position_at(at).await,
        }
    }

    /// The last position that is before it.
    pub(crate) async fn before(self, history: &dyn History) -> Result<Position, JournalError> {
        match self {
            Self::Position(position) => Ok(Position((position.0 - 1).max(0))),
            Self::Instant(at) => history.position_at(at - chrono::TimeDelta::microseconds(1)).await,
        }
    }
}

#[cfg(test)]
mod tests;
