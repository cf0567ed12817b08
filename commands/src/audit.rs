//! What was asked and leaves no event of its own is noted: refusals, reads of what is sensitive, commands that changed nothing. What
//! leaves events is audited by these: their metadata say who asked for what, and from where.

mod addresses;
mod throttle;
mod traces;
mod writer;

use std::{net::IpAddr, time::Duration};

use domain::{
    audit::trail::{Note, Verdict},
    identity::UserAgent,
    kernel::{AccountId, Personal, Timestamp},
};
use journal::Position;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

pub use addresses::{digests_since, month};
pub use traces::{Trace, Traces};

use crate::{Actor, Dispatcher, Fault, Request};
use writer::{Job, Writer};

/// Notes that may wait to be written. Whoever has one more waits.
const QUEUE: usize = 1024;
/// How long somebody waits for a note that they are answered because of, or for room in the queue.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of something that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// As the API names it.
    pub operation: String,
    pub verdict: Verdict,
    /// A code, such as `FORBIDDEN`.
    pub reason: Option<String>,
    /// What it was about: ids in the API's form.
    pub subjects: Vec<String>,
}

impl Deed {
    /// Something that was done, or read.
    #[must_use]
    pub fn accepted(operation: &str, subjects: Vec<String>) -> Self {
        Self { operation: operation.into(), verdict: Verdict::Accepted, reason: None, subjects }
    }

    /// Something that may not be.
    #[must_use]
    pub fn refused(operation: &str, reason: &str, subjects: Vec<String>) -> Self {
        Self { operation: operation.into(), verdict: Verdict::Refused, reason: Some(reason.into()), subjects }
    }
}

/// Takes notes, and has them written beside everything else.
#[derive(Clone)]
pub struct Audit {
    dispatcher: Dispatcher,
    queue: mpsc::Sender<Job>,
}

impl Audit {
    /// Begins to write. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(dispatcher: Dispatcher) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(Writer::new(dispatcher.clone()).run(jobs));
        Self { dispatcher, queue }
    }

    /// Notes something that nobody is answered for. It is written a moment later; if many wait, so does this. Of more than a minute's
    /// worth from one source it is only counted how many there were of each kind.
    ///
    /// # Errors
    /// The digest of the address could not be made, or there was no room in time.
    pub async fn note(&self, request: &Request, deed: Deed) -> Result<(), Fault> {
        let note = self.put_down(request, deed).await?;
        in_time(PATIENCE, put(&self.queue, Job::Note(note, source(request)))).await
    }

    /// Notes something, and comes back once it is in the journal. It is never only counted: what is sensitive is read after this.
    ///
    /// # Errors
    /// It could not be written, or not in time.
    pub async fn record(&self, request: &Request, deed: Deed) -> Result<(), Fault> {
        let note = self.put_down(request, deed).await?;
        let (written, answer) = oneshot::channel();
        let written = async {
            put(&self.queue, Job::Record(note, written)).await?;
            answer.await.map_err(|_| over())?
        };
        // Where it takes longer it may still be written: then it tells of an answer that was not given.
        in_time(PATIENCE, written).await
    }

    /// Comes back once everything that was noted before is in the journal, what was only counted included.
    ///
    /// # Errors
    /// It could not be written.
    pub async fn settle(&self) -> Result<(), Fault> {
        let (written, answer) = oneshot::channel();
        put(&self.queue, Job::Settle(written)).await?;
        answer.await.map_err(|_| over())?
    }

    /// The digests that a network address had between two instants, the latest first; from the first event on, if nothing is said.
    ///
    /// # Errors
    /// The journal or the vault could not be read.
    pub async fn digests(&self, address: &str, since: Option<Timestamp>, until: Option<Timestamp>) -> Result<Vec<String>, Fault> {
        let now = self.dispatcher.now();
        let first = self.dispatcher.journal().read(Position(0), 1).await?.first().map_or(now, |event| event.recorded_at);
        let (since, until) = (since.unwrap_or(first).max(first), until.unwrap_or(now).min(now));
        digests_since(&**self.dispatcher.vault(), address, since, until).await
    }

    async fn put_down(&self, request: &Request, deed: Deed) -> Result<Box<Note>, Fault> {
        let subject = request.actor.subject().or_else(|| deed.subjects.iter().find_map(|id| id.parse::<AccountId>().ok()));
        let personal = |text: String| subject.map(|subject| Personal::new(subject, text));
        let user_agent = request.user_agent.as_deref().and_then(UserAgent::of).map(|agent| agent.as_str().to_owned());
        Ok(Box::new(Note {
            entry: Uuid::now_v7(),
            at: self.dispatcher.now(),
            actor: request.actor.name(),
            via: request.via(),
            on_behalf_of: request.on_behalf_of.clone(),
            operation: deed.operation,
            verdict: deed.verdict,
            reason: deed.reason,
            subjects: deed.subjects,
            correlation: request.correlation,
            address: request.address.clone().and_then(personal),
            address_digest: self.dispatcher.address_digest(request.address.as_deref()).await?,
            user_agent: user_agent.and_then(personal),
            times: 1,
        }))
    }
}

/// Waits for room.
async fn put(queue: &mpsc::Sender<Job>, job: Job) -> Result<(), Fault> {
    queue.send(job).await.map_err(|_| over())
}

/// Not for ever, though the database may say nothing.
async fn in_time(patience: Duration, written: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
    let late = |_| Fault::Outside("the audit was not written in time".into());
    tokio::time::timeout(patience, written).await.map_err(late)?
}

fn over() -> Fault {
    Fault::Outside("the audit is not written any more".into())
}

/// Whose notes are counted together: an account's, or those of nobody from one network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    Account(AccountId),
    Network(Option<IpAddr>),
    /// Those that are more than can be told apart.
    Others,
}

fn source(request: &Request) -> Source {
    match &request.actor {
        Actor::Account { account, .. } | Actor::Enrolling { account, .. } | Actor::Service { creator: account, .. } => {
            Source::Account(*account)
        }
        Actor::Anonymous | Actor::System(_) => {
            let address = request.address.as_deref().and_then(|address| address.parse().ok());
            Source::Network(address.map(network))
        }
    }
}

/// Of IPv6 the 64 bits that one customer has.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
