//! What ends a socket from our side: its token runs out, its owner signs out, or the process ends.

use std::{net::IpAddr, time::Duration};

use chrono::Utc;
use commands::Actor;

use super::End;
use crate::{
    edge::{Api, authentication::SignedIn},
    services::Services,
};

/// How often it is looked whether the sign-in is open, while there is news or it cannot be read: a sign-out is felt within this time.
const LOOK: Duration = Duration::from_secs(1);

/// Ends when the socket must.
pub(super) async fn ending(api: &Api, guest: &SignedIn, from: Option<IpAddr>) -> End {
    let mut shutdown = api.options.shutdown.clone();
    let left = (guest.expires_at - Utc::now()).to_std().unwrap_or_default();
    tokio::select! {
        () = tokio::time::sleep(left) => End::close(4403, "the access token has expired; refresh it and connect again"),
        () = signed_out(&api.services, &guest.actor, from) => End::close(4403, "you have signed out"),
        Ok(_) = shutdown.wait_for(|ends| *ends) => End::close(1001, "going away"),
    }
}

async fn signed_out(services: &Services, actor: &Actor, from: Option<IpAddr>) {
    let mut head = services.journal.watch_head();
    let mut failing = false;
    loop {
        // Marked as seen before it is looked: what is recorded in between wakes the wait below.
        head.mark_unchanged();
        match services.commands.identity.renewed(actor, from).await {
            Ok(Some(_)) => failing = false,
            Ok(None) => return,
            // Told once, however often it is tried: there may be a thousand sockets.
            Err(fault) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%fault, "whether a sign-in or token is good could not be read; trying again");
                }
            }
        }
        tokio::time::sleep(LOOK).await;
        // What could not be read may have been the last news for long: it is tried again without more of it.
        if !failing && head.changed().await.is_err() {
            // The journal is closed: nobody signs out any more.
            std::future::pending::<()>().await;
        }
    }
}
