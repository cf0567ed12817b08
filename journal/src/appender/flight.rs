//! Transactions one after the other, each put together while the one before is under way.

use std::{pin::pin, task::Poll};

use futures_util::poll;
use tokio::sync::mpsc;

use super::{
    Appender, Undone, Written, answer,
    draft::{Draft, Fair},
    engine::{Attempt, Engine, Failure},
    receive,
    task::{Job, Message, Reply},
    tell, until,
};
use crate::JournalError;

/// Jobs with their answers.
type Answered<U> = Vec<(Job<U>, Reply)>;

impl<E: Engine> Appender<E> {
    /// Goes on for as long as jobs come and everything is as they expect; the jobs that are left then.
    pub(super) async fn fly(&mut self, jobs: Vec<Job<E::Upkeep>>, queue: &mut mpsc::Receiver<Message<E::Upkeep>>) -> Vec<Job<E::Upkeep>> {
        let mut draft = Draft::<E>::new(self.journal, self.tip);
        let mut rest = draft.fill(jobs);
        let mut answered = Vec::new();
        while !draft.is_empty() {
            let fair = draft.finish();
            draft = Draft::new(self.journal, fair.tip);
            match self.send(fair, answered, &mut draft, &mut rest, queue).await {
                Some(replies) => answered = replies,
                None => return draft.into_jobs().into_iter().chain(rest).collect(),
            }
        }
        tell_all(answered);
        rest.retain(Job::take);
        self.settle(rest).await;
        Vec::new()
    }

    /// One transaction, while the next one is drafted. `None`: it was not as the jobs expect; they have been answered.
    async fn send(
        &mut self,
        fair: Fair<E>,
        answered: Answered<E::Upkeep>,
        draft: &mut Draft<E>,
        rest: &mut Vec<Job<E::Upkeep>>,
        queue: &mut mpsc::Receiver<Message<E::Upkeep>>,
    ) -> Option<Answered<E::Upkeep>> {
        let Fair { before, tip, sheet, evidence, jobs, replies } = fair;
        if jobs.is_empty() {
            tell_all(answered);
            return Some(Vec::new());
        }
        #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
        metrics::histogram!("nalabo_journal_batch_size").record(jobs.len() as f64);
        let landed = {
            let mut flight = pin!(self.engine.attempt(before, sheet, until(&jobs)));
            let off = poll!(flight.as_mut());
            // Only now, for who has an answer asks for more.
            tell_all(answered);
            match off {
                Poll::Ready(landed) => landed,
                Poll::Pending => loop {
                    let mut more = Vec::new();
                    tokio::select! {
                        biased;
                        landed = &mut flight => break landed,
                        true = receive(queue, draft.room(), &mut more), if rest.is_empty() && draft.room() > 0 => *rest = draft.fill(more),
                    }
                },
            }
        };
        let undone = match landed {
            Ok(Attempt::Stale) => None,
            Ok(Attempt::Sent(committed)) => match self.conclude(Written { replies, tip, evidence, committed }).await {
                Ok(replies) => return Some(jobs.into_iter().zip(replies).collect()),
                Err(undone) => Some(undone),
            },
            Err(failure) => {
                self.engine.discard().await;
                Some(Undone::Failed(failure))
            }
        };
        match undone {
            None | Some(Undone::Failed(Failure::Refused(_))) => self.settle(jobs).await,
            Some(Undone::Failed(Failure::Down(error))) => tell(jobs, error),
            Some(Undone::Unknown) => jobs.into_iter().for_each(|job| answer(job, Err(JournalError::Unknown))),
        }
        None
    }
}

fn tell_all<U>(answered: Answered<U>) {
    for (job, reply) in answered {
        answer(job, reply);
    }
}
