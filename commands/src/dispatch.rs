//! Decides commands on current state and appends what follows, over as many streams as a command needs, once.

mod operation;
mod sealed;
mod transaction;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{Decider, Rejection};
use hmac::{Hmac, KeyInit, Mac};
use journal::{Append, Appended, Journal, JournalError, NewReceipt, Position, Receipt, StreamId, Succession, vault::Vault};
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::oneshot;
use uuid::Uuid;

pub use operation::Operation;
pub use transaction::{Halt, Transaction};

use transaction::{Decided, Onward, Turn};

use crate::{
    Actor, Clock, Fault, Request,
    streams::{Age, StreamOptions, Streams},
};

/// How often a command is decided again because another writer was first.
const TRIES: u32 = 20;
/// How long a person's retry gets the same answer.
const RECEIPTS_KEPT: TimeDelta = TimeDelta::days(7);

/// What a caller sees of a command that was decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<T, R> {
    Accepted(Accepted<T>),
    Rejected(R),
}

/// An accepted command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted<T> {
    /// What it made, such as an id.
    pub value: T,
    /// A reader that has seen this position sees its effect.
    pub position: Position,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T, R> {
    Accepted(T),
    Rejected(R),
}

/// Runs commands against one journal.
#[derive(Clone)]
pub struct Dispatcher {
    pub(crate) streams: Arc<Streams>,
    vault: Arc<dyn Vault>,
    clock: Clock,
    fingerprints: Arc<SecretSlice<u8>>,
}

impl Dispatcher {
    /// A dispatcher that keeps streams at hand as is the default.
    ///
    /// # Errors
    /// The vault could not be read.
    pub async fn init(journal: Arc<dyn Journal>, vault: Arc<dyn Vault>, clock: Clock) -> Result<Self, Fault> {
        Self::init_with(journal, vault, clock, StreamOptions::default()).await
    }

    /// # Errors
    /// The vault could not be read.
    pub async fn init_with(journal: Arc<dyn Journal>, vault: Arc<dyn Vault>, clock: Clock, options: StreamOptions) -> Result<Self, Fault> {
        let fingerprints = Arc::new(vault.secret("receipt-fingerprints", 32).await?);
        Ok(Self { streams: Arc::new(Streams::new(journal, clock, options)), vault, clock, fingerprints })
    }

    /// The journal commands go to.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        self.streams.journal()
    }

    /// The key store personal values are sealed with.
    #[must_use]
    pub fn vault(&self) -> &Arc<dyn Vault> {
        &self.vault
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> domain::kernel::Timestamp {
        (self.clock)()
    }

    /// The current state of a stream.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn state<D: Decider>(&self, id: Uuid) -> Result<D, Fault> {
        self.streams.current(&StreamId::new(D::STREAM, id)).await
    }

    /// Looks at the current state of a stream, without a copy of it.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn look<D: Decider, R>(&self, id: Uuid, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        self.streams.look(&StreamId::new(D::STREAM, id), look).await
    }

    /// Looks at a stream's state as this node knows it, with at least its first `events` events in it: what other nodes have recorded
    /// since may be missing. A command that is decided because of it is decided on the current state all the same.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn known<D: Decider, R>(&self, id: Uuid, events: i64, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        self.streams.known(&StreamId::new(D::STREAM, id), events, look).await
    }

    /// Looks at a stream's state that may be so old.
    ///
    /// # Errors
    /// The journal could not be read.
    pub(crate) async fn look_within<D: Decider, R>(&self, age: Age, id: Uuid, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        self.streams.look_within(age, &StreamId::new(D::STREAM, id), look).await
    }

    /// Decides and appends, if whoever asks may do it at all, and has shown who they are where it is dangerous. `work` may run several times, each time on fresh state; it must have no other effect.
    ///
    /// # Errors
    /// Whatever kept the command from being decided; nothing was written then.
    #[tracing::instrument(name = "command", skip_all, fields(operation = operation.act.name, correlation = %request.correlation))]
    pub async fn execute<T, R, F, W>(&self, request: &Request, operation: Operation, work: W) -> Result<Outcome<T, R>, Fault>
    where
        T: Serialize + DeserializeOwned,
        R: Rejection,
        F: Future<Output = Result<T, Halt<R>>> + Send,
        W: Fn(Transaction) -> F,
    {
        self.permits_within(request, &operation.act, operation.within).await?;
        let receipt = self.receipt(request, &operation)?;
        let (mut turn, mut ahead) = (None, operation.ahead);
        for attempt in 0..TRIES {
            let transaction = Transaction::new(Arc::clone(&self.streams), self.clock, attempt == 0, turn.take()).going_ahead(ahead);
            let worked = work(transaction.clone()).await;
            let decided = transaction.end();
            if decided.stale {
                continue;
            }
            if worked.is_err() && decided.succession.is_some() {
                // Nobody is told anything because of what may yet not be written.
                ahead = false;
                continue;
            }
            let answer = match worked {
                Ok(value) => Answer::Accepted(value),
                Err(Halt::Rejected(rejection)) => Answer::Rejected(rejection),
                Err(Halt::Fault(fault)) => return self.given_or(request, &operation, fault).await,
            };
            let is_accepted = matches!(answer, Answer::Accepted(_));
            if !is_accepted
                && operation.anew
                && let Some(given) = self.answered(request, &operation).await?
            {
                return Ok(given);
            }
            let decided = if is_accepted { decided } else { Decided::default() };
            let outcome = receipt.as_ref().filter(|_| is_accepted || !operation.anew).map(|_| serde_json::to_value(&answer)).transpose()?;
            let receipt = receipt.clone().zip(outcome).map(|(receipt, outcome)| NewReceipt { outcome, ..receipt });
            let position = match self.append(request, &operation, decided, receipt).await {
                Ok(position) => position,
                Err(JournalError::Conflict { stream, .. }) => {
                    pause(attempt).await;
                    turn = self.streams.turn(&stream).await.map(|turn| (stream, turn));
                    continue;
                }
                Err(JournalError::Receipt(given)) => return replay(*given, &receipt_fingerprint(self, &operation)?),
                Err(error) => return self.given_or(request, &operation, error.into()).await,
            };
            return Ok(match answer {
                Answer::Accepted(value) => Outcome::Accepted(Accepted { value, position }),
                Answer::Rejected(rejection) => Outcome::Rejected(rejection),
            });
        }
        Err(Fault::Contention)
    }

    /// Writes what was decided, and has the states that are kept follow.
    async fn append(
        &self,
        request: &Request,
        operation: &Operation,
        decided: Decided,
        receipt: Option<NewReceipt>,
    ) -> Result<Position, JournalError> {
        if decided.writes.is_empty() && receipt.is_none() {
            return self.journal().head().await;
        }
        let touched: Vec<StreamId> = decided.writes.iter().map(|write| write.stream.clone()).collect();
        let is_new = !touched.is_empty();
        let digest = self.address_digest(request.address.as_deref()).await?;
        let metadata = request.metadata(operation.act.name, operation.subject, digest);
        let append = Append { writes: decided.writes, metadata, receipt, fence: request.fence.clone() };
        // Whoever asked may go away while this is written: then nothing that is kept of these streams may stay behind.
        let unsettled = Unsettled { streams: &self.streams, touched };
        let mut turns = decided.turns;
        let appended = match &decided.succession {
            Some(succession) => self.append_after(append, succession, decided.onward, &mut turns).await,
            None => self.journal().append(append).await,
        };
        match &appended {
            Ok(Appended { .. }) => {
                unsettled.settled();
                if is_new {
                    request.traces.recorded();
                }
                decided.after.into_iter().for_each(|after| after(&self.streams));
            }
            // One that it was decided on was not written, which says nothing of where the stream is.
            Err(JournalError::Conflict { expected, actual, .. }) if expected == actual => unsettled.settled(),
            Err(JournalError::Conflict { stream, expected, actual }) => {
                unsettled.settled();
                self.streams.found_at(stream, *expected, *actual);
            }
            Err(_) => drop(unsettled),
        }
        // Whoever has the next turn sees what has become of this.
        drop(turns);
        appended.map(|appended| appended.position)
    }

    /// Appends what is one of a succession. Once it is queued, the next has its turn.
    async fn append_after(
        &self,
        append: Append,
        succession: &Succession,
        onward: Option<Onward>,
        turns: &mut Vec<Turn>,
    ) -> Result<Appended, JournalError> {
        let (queued, is_queued) = oneshot::channel();
        let mut appending = self.journal().append_after(append, succession.clone(), queued);
        let done = tokio::select! {
            biased;
            appended = &mut appending => Some(appended),
            Ok(()) = is_queued => None,
        };
        if let Some(appended) = done {
            return appended;
        }
        if let Some(onward) = onward {
            onward(succession);
            turns.clear();
        }
        let appended = appending.await;
        if appended.is_err() {
            // The journal's part does so too, unless it is gone.
            succession.fail();
        }
        appended
    }

    /// What a request was answered before, if it was: a retry gets that, whatever stands in its way now. Else the fault.
    async fn given_or<T: DeserializeOwned, R: Rejection>(
        &self,
        request: &Request,
        operation: &Operation,
        fault: Fault,
    ) -> Result<Outcome<T, R>, Fault> {
        if fault.retryable() {
            return Err(fault);
        }
        self.answered(request, operation).await?.ok_or(fault)
    }

    /// The usual case: one command to one stream.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub async fn command<D: Decider>(
        &self,
        request: &Request,
        operation: Operation,
        id: Uuid,
        command: impl Fn() -> D::Command + Send + Sync,
    ) -> Result<Outcome<(), D::Rejection>, Fault> {
        let command = &command;
        self.execute(request, operation, |transaction| async move { transaction.decide::<D>(id, command()).await.map(drop) }).await
    }

    fn receipt(&self, request: &Request, operation: &Operation) -> Result<Option<NewReceipt>, Fault> {
        let Some(key) = &request.key else { return Ok(None) };
        if !(1..=200).contains(&key.chars().count()) {
            return Err(Fault::KeyInvalid);
        }
        let expires_at = match request.actor {
            Actor::System(_) => None,
            Actor::Anonymous | Actor::Account { .. } | Actor::Enrolling { .. } | Actor::Service { .. } => Some(self.now() + RECEIPTS_KEPT),
        };
        let fingerprint = receipt_fingerprint(self, operation)?;
        let actor = request.actor.name();
        Ok(Some(NewReceipt {
            actor,
            operation: operation.act.name.into(),
            key: key.clone(),
            fingerprint,
            outcome: Value::Null,
            expires_at,
        }))
    }

    /// What the same request was answered before, if it was. `execute` finds out by itself, from the journal's answer to its
    /// append; this is for commands that have effects before they decide.
    ///
    /// # Errors
    /// The key was used for another request, or a fault.
    pub async fn answered<T: DeserializeOwned, R: Rejection>(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Option<Outcome<T, R>>, Fault> {
        let Some(receipt) = self.receipt(request, operation)? else { return Ok(None) };
        match self.journal().receipt(&receipt.actor, &receipt.operation, &receipt.key).await? {
            Some(given) => replay(given, &receipt.fingerprint).map(Some),
            None => Ok(None),
        }
    }
}

/// Streams of which nobody knows yet whether they were written to.
struct Unsettled<'s> {
    streams: &'s Streams,
    touched: Vec<StreamId>,
}

impl Unsettled<'_> {
    fn settled(mut self) {
        self.touched.clear();
    }
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        self.touched.iter().for_each(|stream| self.streams.forget(stream));
    }
}

fn receipt_fingerprint(dispatcher: &Dispatcher, operation: &Operation) -> Result<Vec<u8>, Fault> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(dispatcher.fingerprints.expose_secret()).map_err(|error| Fault::Outside(error.to_string()))?;
    mac.update(operation.act.name.as_bytes());
    mac.update(&serde_json::to_vec(&operation.input)?);
    Ok(mac.finalize().into_bytes().to_vec())
}

fn replay<T: DeserializeOwned, R: Rejection>(given: Receipt, fingerprint: &[u8]) -> Result<Outcome<T, R>, Fault> {
    if given.fingerprint != fingerprint {
        return Err(Fault::KeyReused);
    }
    Ok(match serde_json::from_value(given.outcome)? {
        Answer::Accepted(value) => Outcome::Accepted(Accepted { value, position: given.position }),
        Answer::Rejected(rejection) => Outcome::Rejected(rejection),
    })
}

/// Lets the others through, a little longer each time and never all at once.
async fn pause(attempt: u32) {
    let most = 1u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..=most))).await;
}
