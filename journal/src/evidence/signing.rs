//! Signs the head as it moves, keeps the checkpoint in the journal, and hands it to a witness.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio::sync::watch;
use uuid::Uuid;

use super::Signer;
use crate::{Journal, JournalError, Link, Position, SignedCheckpoint, vault::Vault};

/// The lease of the one process that signs.
const LEASE: &str = "evidence";
const LEASE_TTL: Duration = Duration::from_secs(30);
/// How often it is renewed, and what was not witnessed is tried again.
const TURN: Duration = Duration::from_secs(10);

/// When the head is signed, if it has moved.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// After so many events; 0: never for their number.
    pub every_events: u64,
    /// After so long; zero: never for the time.
    pub every: Duration,
}

/// Why a witness did not take a checkpoint; it is offered again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WitnessError(pub String);

/// Keeps checkpoints where the journal's owner does not reach: that is what makes them worth something.
#[async_trait::async_trait]
pub trait Witness: Send + Sync + 'static {
    /// Takes the text of a checkpoint. It may be offered again.
    ///
    /// # Errors
    /// It could not be put there.
    async fn take(&self, note: &str) -> Result<(), WitnessError>;
}

/// Signs the head once, if it has moved since the last checkpoint that the journal keeps; `None` if it has not.
///
/// # Errors
/// The journal cannot be read or written, or its head is missing.
pub async fn sign_head(journal: &dyn Journal, signer: &Signer) -> Result<Option<SignedCheckpoint>, JournalError> {
    let head = journal.head().await?;
    let latest = journal.signed_checkpoint(Position(i64::MAX)).await?;
    if head == Position(0) || latest.is_some_and(|latest| latest.link.position >= head) {
        return Ok(None);
    }
    let corrupt = |what: &str| JournalError::Corrupt { at: format!("position {head}"), what: what.to_owned() };
    let event = journal.read_raw(Position(head.0 - 1), 1).await?.into_iter().next().ok_or_else(|| corrupt("the event is missing"))?;
    let hash = event.hash.try_into().map_err(|_| corrupt("malformed hash"))?;
    let checkpoint = signer.sign(Link { position: head, hash }, Utc::now());
    journal.put_signed_checkpoint(checkpoint.clone()).await?;
    Ok(Some(checkpoint))
}

/// Until `stop`: signs as the options say, in one process at a time, and once more at the end.
pub async fn run(
    journal: Arc<dyn Journal>,
    vault: Arc<dyn Vault>,
    options: Options,
    witnesses: Vec<Arc<dyn Witness>>,
    mut stop: watch::Receiver<bool>,
) {
    let signer = loop {
        match Signer::from_vault(&*vault, journal.id()).await {
            Ok(signer) => break signer,
            Err(error) => tracing::warn!(%error, "checkpoints cannot be signed; trying again"),
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(TURN) => {}
        }
    };
    tracing::info!(key = %signer.verifier(), "checkpoints are signed");
    let mut signing = Signing { journal, signer, options, holder: Uuid::new_v4().to_string(), untold: Vec::new() };
    // Whether the one before came to the witnesses is not known.
    let latest = signing.latest().await.unwrap_or_default();
    signing.untold = witnesses.into_iter().map(|witness| (witness, latest.clone())).collect();
    let mut head = signing.journal.watch_head();
    loop {
        head.mark_unchanged();
        let settled = signing.turn(false).await;
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = signing.moved(&mut head), if settled => {}
            () = tokio::time::sleep(TURN) => {}
        }
    }
    signing.turn(true).await;
    // Whoever starts next, here or elsewhere, need not wait for it to pass.
    if let Err(error) = signing.journal.lease(LEASE, &signing.holder, Duration::ZERO).await {
        tracing::debug!(%error, "the lease could not be given back");
    }
}

struct Signing {
    journal: Arc<dyn Journal>,
    signer: Signer,
    options: Options,
    holder: String,
    /// Each witness, and the checkpoint that it has not taken yet.
    untold: Vec<(Arc<dyn Witness>, Option<SignedCheckpoint>)>,
}

impl Signing {
    /// Signs if it is due and this process's part, and offers what was signed to those that have not taken it. `false`: what
    /// is due was not done.
    async fn turn(&mut self, last: bool) -> bool {
        let signed = match self.sign(last).await {
            Ok(signed) => signed,
            Err(JournalError::Closed) => false,
            Err(error) => {
                tracing::warn!(%error, "the head could not be signed; trying again");
                false
            }
        };
        self.tell().await;
        signed
    }

    /// `false`: another process holds the lease.
    async fn sign(&mut self, last: bool) -> Result<bool, JournalError> {
        if !last && !self.is_due().await? {
            return Ok(true);
        }
        if self.journal.lease(LEASE, &self.holder, LEASE_TTL).await?.is_none() {
            return Ok(false);
        }
        if let Some(checkpoint) = sign_head(&*self.journal, &self.signer).await? {
            metrics::counter!("nalabo_evidence_checkpoints_total").increment(1);
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("nalabo_evidence_signed_position").set(checkpoint.link.position.0 as f64);
            for (_, untold) in &mut self.untold {
                *untold = Some(checkpoint.clone());
            }
        }
        Ok(true)
    }

    async fn latest(&self) -> Result<Option<SignedCheckpoint>, JournalError> {
        self.journal.signed_checkpoint(Position(i64::MAX)).await
    }

    async fn is_due(&self) -> Result<bool, JournalError> {
        let head = self.journal.head().await?;
        let Some(signed) = self.latest().await? else { return Ok(head > Position(0)) };
        let events = u64::try_from(head.0 - signed.link.position.0).unwrap_or_default();
        let age = (Utc::now() - signed.signed_at).to_std().unwrap_or_default();
        let by_number = self.options.every_events > 0 && events >= self.options.every_events;
        let by_time = !self.options.every.is_zero() && age >= self.options.every;
        Ok(events > 0 && (by_number || by_time))
    }

    /// Comes back once there are so many events that the head is due.
    async fn moved(&self, head: &mut watch::Receiver<Position>) {
        let wanted = async {
            let every = i64::try_from(self.options.every_events).ok().filter(|every| *every > 0)?;
            let signed = self.latest().await.ok()?.map_or(0, |signed| signed.link.position.0);
            head.wait_for(|head| head.0 - signed >= every).await.ok().map(drop)
        };
        if wanted.await.is_none() {
            std::future::pending::<()>().await; // Until the next turn.
        }
    }

    async fn tell(&mut self) {
        for (witness, untold) in &mut self.untold {
            let Some(checkpoint) = untold else { continue };
            match witness.take(&checkpoint.note).await {
                Ok(()) => *untold = None,
                Err(error) => {
                    metrics::counter!("nalabo_evidence_witness_failures_total").increment(1);
                    tracing::warn!(%error, "a checkpoint was not put off this host; trying again");
                }
            }
        }
    }
}
