//! One receiver: whose turn it is to tell it, how far it has been told, and trying again.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use commands::Fault;
use journal::{Advance, Fence, Journal, JournalError, Position, Recorded};
use orchestrator_kubernetes::guard::Courier;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::{Names, Options, alert, signature::sign};
use crate::config::Webhook;

const PAGE: u32 = 500;
/// How many events that are no alerts may be read again after a crash.
const AGAIN: i64 = 1000;
/// How much of the digest of an address names a receiver.
const DISTINCT: usize = 8;

pub(super) struct Outbox {
    receiver: Webhook,
    courier: Courier,
    journal: Arc<dyn Journal>,
    names: Arc<dyn Names>,
    node: String,
    options: Options,
    /// Of its lease and its checkpoint. Addresses may hold passwords, so a digest.
    name: String,
}

impl Outbox {
    pub(super) fn new(
        receiver: Webhook,
        courier: Courier,
        journal: Arc<dyn Journal>,
        names: Arc<dyn Names>,
        node: String,
        options: Options,
    ) -> Self {
        let digest = Sha256::digest(receiver.url.expose_secret().as_bytes());
        let name = format!("webhook/{}", hex::encode(&digest[..DISTINCT]));
        Self { receiver, courier, journal, names, node, options, name }
    }

    /// Tells the receiver whenever it is this node's turn, until `stop` turns true.
    pub(super) async fn follow(self, mut stop: watch::Receiver<bool>) {
        loop {
            let told = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                told = self.lead() => told,
            };
            match told {
                Ok(()) | Err(Fault::Journal(JournalError::Fenced(_))) => {}
                Err(Fault::Journal(JournalError::Closed)) => return,
                Err(fault) => tracing::warn!(receiver = self.receiver.host, %fault, "alerts cannot be told for now; trying again"),
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(self.options.lease / 4) => {}
            }
        }
        // Whoever comes next need not wait. If this is not heard, they wait until the lease runs out.
        let _ = self.journal.lease(&self.name, &self.node, Duration::ZERO).await;
    }

    /// Works for as long as this node holds the lease; not at all, if another does.
    async fn lead(&self) -> Result<(), Fault> {
        let Some(fence) = self.journal.lease(&self.name, &self.node, self.options.lease).await? else { return Ok(()) };
        tokio::select! {
            told = self.tell_all(&fence) => told,
            () = self.renew(&fence) => Ok(()),
        }
    }

    /// Ends when the lease is lost. While the journal cannot be reached, the fence tells.
    async fn renew(&self, fence: &Fence) {
        loop {
            tokio::time::sleep(self.options.lease / 4).await;
            match self.journal.lease(&self.name, &self.node, self.options.lease).await {
                Ok(Some(held)) if held.epoch == fence.epoch => {}
                Ok(_) => return,
                Err(error) => tracing::warn!(receiver = self.receiver.host, %error, "a receiver's lease could not be renewed"),
            }
        }
    }

    async fn tell_all(&self, fence: &Fence) -> Result<(), Fault> {
        let mut head = self.journal.watch_head();
        let mut kept = self.journal.checkpoint(&self.name).await?;
        if kept == Position(0) {
            // A receiver that is new is told of what happens from now on.
            kept = self.journal.head().await?;
            self.keep(kept, fence).await?;
        }
        let mut at = kept;
        loop {
            head.borrow_and_update();
            let page = self.journal.follow(at, PAGE).await?;
            for event in &page {
                // Once there is anything to have been told of, this receiver is not new any more.
                if self.tell(event).await? || kept == Position(0) {
                    self.keep(event.position, fence).await?;
                    kept = event.position;
                }
                at = event.position;
            }
            if at.0 - kept.0 >= AGAIN {
                self.keep(at, fence).await?;
                kept = at;
            }
            if page.is_empty() && head.changed().await.is_err() {
                return Err(JournalError::Closed.into());
            }
        }
    }

    async fn keep(&self, at: Position, fence: &Fence) -> Result<(), Fault> {
        Ok(self.journal.advance(Advance { fence: Some(fence.clone()), ..Advance::to(&self.name, at) }).await?)
    }

    /// Tells of an event, if it is an alert, until that is taken or too old; whether it was one.
    async fn tell(&self, event: &Recorded) -> Result<bool, Fault> {
        let Some((kind, cluster, data)) = alert::read(event) else { return Ok(false) };
        let body = alert::body(kind, event, cluster, self.names.name(cluster).await?.as_deref(), data);
        let mut pause = self.options.pause;
        while let Err(why) = self.post(event, &body).await {
            metrics::counter!("nalabo_webhook_failures_total").increment(1);
            let receiver = &self.receiver.host;
            if Utc::now() - event.recorded_at > self.options.give_up {
                tracing::error!(receiver, position = %event.position, kind, why, "a receiver did not take an alert, which is given up");
                break;
            }
            tracing::warn!(receiver, position = %event.position, kind, why, "a receiver did not take an alert; trying again");
            tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))).await;
            pause = (pause * 2).min(self.options.longest_pause);
        }
        Ok(true)
    }

    async fn post(&self, event: &Recorded, body: &str) -> Result<(), String> {
        // The same with each try, so that a receiver knows what it has already.
        let (id, now) = (event.event_id.to_string(), Utc::now().timestamp());
        let (signature, timestamp) = (sign(&self.receiver.secret, &id, now, body), now.to_string());
        let headers = [
            ("content-type", "application/json"),
            ("user-agent", "nalabo"),
            ("webhook-id", &*id),
            ("webhook-timestamp", &*timestamp),
            ("webhook-signature", &*signature),
        ];
        match self.courier.post(self.receiver.url.expose_secret(), &headers, body.as_bytes().to_vec()).await {
            Ok(200..=299) => Ok(()),
            Ok(status) => Err(format!("it answers {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}
