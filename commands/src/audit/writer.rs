//! Writes notes as they come, as many as wait in one append.

use std::time::Duration;

use domain::audit::trail::{Note, Trail, TrailCommand};
use journal::{JournalError, vault::VaultError};
use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};
use uuid::Uuid;

use super::{Source, throttle::Throttle};
use crate::{Dispatcher, Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// Notes that are taken at once.
const BATCH: usize = 64;
/// Notes in one append: of minutes that are over there may be thousands.
const MOST: usize = 512;
/// How often minutes are looked at that are over.
const OFTEN: Duration = Duration::from_secs(5);
/// Before what could not be written is tried again, at first and at last.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often it is tried for somebody who waits.
const TRIES: u32 = 5;

/// Who waits to hear what came of a note.
type Answer = oneshot::Sender<Result<(), Fault>>;

/// What is to be done.
pub(super) enum Job {
    /// To write, unless there is too much of that source.
    Note(Box<Note>, Source),
    /// To write in any case, and to answer then.
    Record(Box<Note>, Answer),
    /// To answer once everything before is written.
    Settle(Answer),
}

/// Notes that are to be written, and who waits for it.
#[derive(Default)]
struct Batch {
    notes: Vec<Note>,
    answers: Vec<Answer>,
}

/// Writes notes as they come.
pub(super) struct Writer {
    dispatcher: Dispatcher,
    throttle: Throttle,
}

impl Writer {
    pub(super) fn new(dispatcher: Dispatcher) -> Self {
        Self { dispatcher, throttle: Throttle::default() }
    }

    /// Until nobody is left who could note something.
    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut ticks = tokio::time::interval(OFTEN);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = Vec::with_capacity(BATCH);
        loop {
            let count = tokio::select! {
                count = jobs.recv_many(&mut taken, BATCH) => Some(count),
                _ = ticks.tick() => None,
            };
            let mut batch = Batch::default();
            taken.drain(..).for_each(|job| self.take(job, &mut batch));
            let ended = count == Some(0);
            batch.notes.extend(self.throttle.over(self.dispatcher.now(), ended));
            while batch.notes.len() > MOST {
                let rest = batch.notes.split_off(MOST);
                self.write(Batch { notes: std::mem::replace(&mut batch.notes, rest), answers: vec![] }).await;
            }
            self.write(batch).await;
            if ended {
                return;
            }
        }
    }

    fn take(&mut self, job: Job, batch: &mut Batch) {
        match job {
            Job::Note(note, source) => batch.notes.extend(self.throttle.admit(source, note).map(|note| *note)),
            // Somebody is answered because of it: it is written whatever there was before.
            Job::Record(note, answer) => {
                batch.notes.push(*note);
                batch.answers.push(answer);
            }
            Job::Settle(answer) => {
                batch.notes.extend(self.throttle.over(self.dispatcher.now(), true));
                batch.answers.push(answer);
            }
        }
    }

    /// Writes until it is written, and answers who waits: after a few tries that it was not. Others may have gone on already, and their
    /// notes are not lost for that.
    async fn write(&self, batch: Batch) {
        let Batch { mut notes, answers } = batch;
        let mut answers = Some(answers);
        let mut pause = PAUSE;
        for attempt in 1_u32.. {
            let fault = match self.append(&notes).await {
                Ok(()) => break,
                // Whom a note is about may have been erased meanwhile: what is personal goes.
                Err(Fault::Journal(JournalError::Seal(VaultError::Erased(_)))) if notes.iter().any(is_personal) => {
                    for note in &mut notes {
                        (note.address, note.user_agent) = (None, None);
                    }
                    continue;
                }
                Err(fault) => fault,
            };
            tracing::error!(%fault, attempt, notes = notes.len(), "the audit could not be written; it is tried again");
            metrics::counter!("nalabo_audit_faults_total").increment(1);
            if !fault.retryable() || matches!(fault, Fault::Journal(JournalError::Closed)) {
                return tell(answers.take().unwrap_or_default(), || Err(again(&fault)));
            }
            if attempt == TRIES {
                tell(answers.take().unwrap_or_default(), || Err(again(&fault)));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        tell(answers.unwrap_or_default(), || Ok(()));
    }

    async fn append(&self, notes: &[Note]) -> Result<(), Fault> {
        if notes.is_empty() {
            return Ok(());
        }
        let request = Request::system("audit");
        let operation = Operation::new(acts::AUDIT_NOTE, json!({}));
        // Named after the first: written again, it is found to be there.
        let stream = notes.first().map_or_else(Uuid::nil, |note| note.entry);
        let write = || TrailCommand::Write(notes.iter().cloned().map(Box::new).collect());
        match self.dispatcher.command::<Trail>(&request, operation, stream, write).await? {
            Outcome::Accepted(_) => Ok(()),
            Outcome::Rejected(never) => match never {},
        }
    }
}

fn is_personal(note: &Note) -> bool {
    note.address.is_some() || note.user_agent.is_some()
}

fn tell(answers: Vec<Answer>, answer: impl Fn() -> Result<(), Fault>) {
    for waiting in answers {
        // Who does not wait any more has been answered otherwise.
        let _ = waiting.send(answer());
    }
}

fn again(fault: &Fault) -> Fault {
    Fault::Outside(format!("the audit could not be written: {fault}"))
}
