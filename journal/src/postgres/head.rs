//! Tells other processes of the head, and hears of it from them.

use std::time::Duration;

use sqlx::{ConnectOptions, PgConnection, postgres::PgListener};
use tokio::sync::watch;

use super::{
    access::{Access, CONNECT_LIMIT, READ_LIMIT, within},
    reader::Reader,
};
use crate::{JournalError, Position, appender::advance_head};

const CHANNEL: &str = "nalabo_journal";
/// How often the database is asked, should a notification be lost.
const POLL: Duration = Duration::from_secs(1);
/// Between two notifications; those in between would only wake everybody for less.
const BETWEEN_NOTIFICATIONS: Duration = Duration::from_millis(5);
const BETWEEN_CONNECTIONS: Duration = Duration::from_millis(250);

/// Follows what others append, until the appender is gone.
pub(super) async fn listen(access: Access, reader: Reader, head: watch::Sender<Position>, mut closing: watch::Receiver<()>) {
    tokio::select! {
        () = follow(&access, &reader, &head) => {}
        _ = closing.changed() => {}
    }
}

async fn follow(access: &Access, reader: &Reader, head: &watch::Sender<Position>) {
    loop {
        // Only woken by it: without notifications, asking now and then is enough.
        let mut listener = match tokio::time::timeout(CONNECT_LIMIT, connect(access)).await {
            Ok(Ok(listener)) => Some(listener),
            _ => None,
        };
        loop {
            // First of all after connecting: what was notified before is not notified again.
            if let Err(error) = look(reader, head).await {
                tracing::warn!(%error, "the journal's head could not be read");
                break;
            }
            let Some(listener) = &mut listener else { break };
            if !wake(listener, head).await {
                break;
            }
        }
        tokio::time::sleep(BETWEEN_CONNECTIONS).await;
    }
}

/// Waits until there is reason to look; `false`: the connection is lost.
async fn wake(listener: &mut PgListener, head: &watch::Sender<Position>) -> bool {
    let deadline = tokio::time::Instant::now() + POLL;
    loop {
        match tokio::time::timeout_at(deadline, listener.try_recv()).await {
            Err(_) => return true,
            Ok(Ok(Some(notification))) => {
                // Most are one's own.
                if notification.payload().parse().is_ok_and(|position: i64| position > head.borrow().0) {
                    return true;
                }
            }
            Ok(Ok(None) | Err(_)) => return false,
        }
    }
}

async fn look(reader: &Reader, head: &watch::Sender<Position>) -> Result<(), JournalError> {
    let tip = reader.tip().await?;
    advance_head(head, Position(tip.position));
    Ok(())
}

async fn connect(access: &Access) -> Result<PgListener, sqlx::Error> {
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = options.acquire_timeout(CONNECT_LIMIT).connect_with(access.working_options()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Tells others each time the head moves, after the commit and not within it: a notification within would have all writers
/// of the server queue for their commits.
pub(super) async fn notify(access: Access, mut head: watch::Receiver<Position>, mut closing: watch::Receiver<()>) {
    let mut connection = None;
    loop {
        tokio::select! {
            moved = head.changed() => if moved.is_err() { return },
            _ = closing.changed() => return,
        }
        let position = *head.borrow_and_update();
        if let Err(error) = tell(&access, &mut connection, position).await {
            // They will look by themselves.
            tracing::debug!(%error, "others were not told of the journal's head");
            connection = None;
        }
        tokio::time::sleep(BETWEEN_NOTIFICATIONS).await;
    }
}

async fn tell(access: &Access, connection: &mut Option<PgConnection>, position: Position) -> Result<(), sqlx::Error> {
    if connection.is_none() {
        // Nothing is lost with a notification, so that it need not wait for the disk.
        let options = access.working_options().options([("synchronous_commit", "off")]);
        *connection = Some(within(CONNECT_LIMIT, options.connect()).await?);
    }
    let Some(connection) = connection else { return Ok(()) };
    let notify = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(position.to_string());
    within(READ_LIMIT, notify.execute(connection)).await.map(drop)
}
