//! Whoever is sent an export is looked at again while it is sent: once they may have it no more, they are given no more of it.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::body::{Body, Bytes};
use commands::{
    Actor, Fault, Request as Known,
    authorization::{Act, Needs},
};
use domain::{identity::Permission, kernel::AccountId};
use futures_util::{Stream, TryStreamExt};
use projections::identity::accounts;

use crate::http::{Shared, turns::Turn};

/// How often it is looked beside what is sent: it may be taken slowly.
const LOOK: Duration = Duration::from_secs(1);

/// Whoever is sent an export.
pub(super) struct Receiver {
    shared: Arc<Shared>,
    who: Who,
}

enum Who {
    /// They came by a sign-in or a token, and may have it by these permissions.
    Known { actor: Actor, from: Option<IpAddr>, by: Vec<Permission> },
    /// They have the token that somebody asked for, good once, for all that is known of an account.
    Bearer { asked_by: AccountId, account: AccountId },
}

impl Receiver {
    /// Whoever was let through to read something.
    pub(super) fn known(shared: &Arc<Shared>, known: &Known, read: &Act) -> Self {
        let who = Who::Known { actor: known.actor.clone(), from: known.came_from(), by: grounds(&known.actor, read) };
        Self { shared: Arc::clone(shared), who }
    }

    /// Whoever came with the token that an account asked for.
    pub(super) fn bearer(shared: &Arc<Shared>, asked_by: AccountId, account: AccountId) -> Self {
        Self { shared: Arc::clone(shared), who: Who::Bearer { asked_by, account } }
    }

    /// Lets more be sent to who may still have it, and took what there was in time.
    pub(super) async fn goes_on(&self, turn: &Turn) -> io::Result<()> {
        if turn.is_over() {
            return Err(io::Error::other("it was read too slowly"));
        }
        self.look().await.map_err(io::Error::other)
    }

    /// Why they may have no more of it, as soon as that is so.
    pub(super) async fn lost(&self) -> Fault {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(fault) = self.look().await {
                return fault;
            }
        }
    }

    async fn look(&self) -> Result<(), Fault> {
        match &self.who {
            Who::Known { actor, from, by } => {
                let by_now = self.shared.services.commands.identity.renewed_lately(actor, *from).await?;
                let by_now = by_now.ok_or(Fault::Unauthenticated)?;
                by.iter().try_for_each(|permission| by_now.holds(*permission))
            }
            Who::Bearer { asked_by, account } => {
                // Nobody is signed in: what is left to look at is what came to the accounts.
                let found = accounts::find_many(self.shared.services.projections.db(), &[*asked_by, *account]).await;
                let found = found.map_err(|error| Fault::Outside(error.to_string()))?;
                let is_out = |row: &accounts::Model| row.erased_at.is_some() || row.account == asked_by.0 && row.suspended_at.is_some();
                if found.iter().any(is_out) { Err(Fault::Unauthenticated) } else { Ok(()) }
            }
        }
    }
}

/// The permissions by which somebody may read something. Which of several it takes for what is asked, is not looked at again: all of
/// those must be held on.
fn grounds(actor: &Actor, read: &Act) -> Vec<Permission> {
    let mut grounds = match read.needs {
        Needs::Permission(permission) | Needs::PermissionWithin(permission) | Needs::OwnOr(permission) => vec![permission],
        Needs::OneOf(permissions) => permissions.to_vec(),
        Needs::Nothing | Needs::Person | Needs::Program => vec![],
    };
    grounds.retain(|permission| actor.may(*permission));
    grounds
}

/// What is sent of an export. Where it breaks off, the log says why, and its reader is told by the connection, which does so too.
pub(super) fn body<T>(known: &Known, pieces: impl Stream<Item = io::Result<T>> + Send + 'static) -> Body
where
    T: Into<Bytes> + 'static,
{
    let correlation = known.correlation;
    Body::from_stream(pieces.inspect_err(move |error| tracing::warn!(%correlation, %error, "an export broke off")))
}

#[cfg(test)]
mod tests;
