//! One round of a reaction: streams that were set aside, a page of events, timers.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use journal::{Advance, ParkChange, Parked, Position, StreamId};
use tokio::time::Instant;

use super::{Follower, TICK, Turn, attempt::Tried, backoff, pages::Incoming};
use crate::{Fault, reactions::operator::TRIES};

const TIMERS: u32 = 500;
const STREAMS_AT_ONCE: usize = 16;

impl Follower {
    /// Does what there is to do; `head` is known to be in the journal. Whether there may be more to do at once.
    ///
    /// # Errors
    /// What is no event's fault. Whatever was done is done again, under the same keys.
    pub(super) async fn round(&self, turn: &mut Turn, head: Position) -> Result<bool, Fault> {
        let taken = self.taken(turn).await?;
        let is_time = turn.looked.is_none_or(|looked| looked.elapsed() >= TICK);
        if is_time {
            // Also where something comes in the way at each round.
            self.note(turn).await?;
            self.take_up(turn, taken).await?;
            turn.looked = Some(Instant::now());
        }
        let rest = self.pages.after(taken).await?;
        let last = rest.events().last().map(|last| last.event.position);
        self.take(turn, taken, rest.events()).await?;
        let more = is_time && self.timers(turn, TIMERS).await?;
        if more {
            turn.looked = None;
        }
        if last.is_none() {
            self.note(turn).await?;
        }
        Ok(more || last.is_some_and(|last| last < head))
    }

    async fn taken(&self, turn: &mut Turn) -> Result<Position, Fault> {
        if let Some(taken) = turn.taken {
            return Ok(taken);
        }
        turn.noted = self.journal.checkpoint(self.reaction.name()).await?;
        turn.taken = Some(turn.noted);
        Ok(turn.noted)
    }

    /// Tells the journal how far this is.
    pub(super) async fn note(&self, turn: &mut Turn) -> Result<(), Fault> {
        let Some(taken) = turn.taken.filter(|taken| *taken > turn.noted) else { return Ok(()) };
        self.advance(turn, Advance { to: Some(taken), ..Advance::default() }).await?;
        turn.noted = taken;
        Ok(())
    }

    /// Tries streams again that were set aside, if it is time to.
    async fn take_up(&self, turn: &mut Turn, taken: Position) -> Result<(), Fault> {
        let parked = self.journal.parked(self.reaction.name()).await?;
        turn.streams.retain(|stream, _| parked.iter().any(|parked| parked.stream == *stream));
        turn.aside = parked.iter().map(|parked| parked.stream.clone()).collect();
        let given_up = parked.iter().filter(|parked| parked.attempts >= TRIES).count();
        self.parked_gauge(u32::try_from(given_up).unwrap_or(u32::MAX));
        let due = parked.into_iter().filter(|parked| is_due(turn, parked)).collect::<Vec<_>>();
        let tries = due.iter().map(|parked| async move {
            let events = self.backlog(parked, taken).await?;
            let tried = self.attempt(&parked.stream, events.iter(), Some(parked)).await;
            if let Some((_, fault)) = tried.held_up { Err(fault) } else { Ok::<_, Fault>((parked, tried)) }
        });
        let mut tries = stream::iter(tries.collect::<Vec<_>>()).buffer_unordered(STREAMS_AT_ONCE);
        while let Some((parked, tried)) = tries.try_next().await? {
            let change = match &tried.stuck {
                Some(stuck) => ParkChange::Park(stuck.clone()),
                None => ParkChange::Release(parked.stream.clone()),
            };
            let timers = tried.timers.into_iter().map(|(_, timer)| timer).collect();
            self.advance(turn, Advance { timers, parked: vec![change], ..Advance::default() }).await?;
            if let Some(stuck) = tried.stuck {
                wait(turn, &stuck);
            } else {
                turn.streams.remove(&parked.stream);
                turn.aside.remove(&parked.stream);
            }
        }
        Ok(())
    }

    /// Takes a page, all streams in it side by side, those first that come first; those that fail are set aside, and what is aside stays
    /// there. If something comes in the way that is no event's fault, the checkpoint moves up to the first event that was not taken: else
    /// a page would never end where such things happen more often than once a page.
    async fn take(&self, turn: &mut Turn, before: Position, page: &[Incoming]) -> Result<(), Fault> {
        let Some(to) = page.last().map(|last| last.event.position) else { return Ok(()) };
        let mut streams = HashMap::<&StreamId, Vec<&Incoming>>::new();
        for incoming in page.iter().filter(|incoming| !turn.aside.contains(&incoming.event.stream)) {
            streams.entry(&incoming.event.stream).or_default().push(incoming);
        }
        let mut streams: Vec<_> = streams.into_iter().collect();
        // What is taken far ahead of what is not is taken again.
        streams.sort_unstable_by_key(|(_, events)| events[0].event.position);
        // Where each stream stands that has not come to its end.
        let mut open: HashMap<&StreamId, Position> = streams.iter().map(|(stream, events)| (*stream, events[0].event.position)).collect();
        let each = |(stream, events): (_, Vec<_>)| async move {
            let tried = self.attempt(stream, events, None).await;
            (stream, tried)
        };
        let mut trying = stream::iter(streams.into_iter().map(each).collect::<Vec<_>>()).buffer_unordered(STREAMS_AT_ONCE);
        let (mut all, mut held_up) = (Vec::new(), None);
        while let Some((stream, mut tried)) = trying.next().await {
            match tried.held_up.take() {
                Some((at, fault)) => {
                    open.insert(stream, at);
                    held_up = Some(fault);
                }
                None => drop(open.remove(&stream)),
            }
            all.push(tried);
            if held_up.is_some() {
                break;
            }
        }
        let taken = open.values().min().map_or(to, |first| Position(first.0 - 1));
        if taken > before {
            self.move_on(turn, all, taken).await?;
        }
        held_up.map_or(Ok(()), Err)
    }

    /// Goes on to a position, with what came of the events up to there; what came of later ones comes again. The journal is told at
    /// once only where something must not be lost.
    async fn move_on(&self, turn: &mut Turn, all: Vec<Tried>, to: Position) -> Result<(), Fault> {
        let mut advance = Advance { to: Some(to), ..Advance::default() };
        let mut stuck = Vec::new();
        for tried in all {
            advance.timers.extend(tried.timers.into_iter().filter(|(at, _)| *at <= to).map(|(_, timer)| timer));
            stuck.extend(tried.stuck.filter(|stuck| stuck.position <= to));
        }
        if !advance.timers.is_empty() || !stuck.is_empty() || self.reaction.shows_twice() {
            advance.parked.extend(stuck.iter().cloned().map(ParkChange::Park));
            self.advance(turn, advance).await?;
            turn.noted = to;
        }
        turn.taken = Some(to);
        for stuck in stuck {
            wait(turn, &stuck);
            turn.aside.insert(stuck.stream);
        }
        Ok(())
    }
}

/// One that an operator wants tried is due at once; one that was given up, when a node takes the reaction over.
fn is_due(turn: &Turn, parked: &Parked) -> bool {
    match turn.streams.get(&parked.stream) {
        Some(at) => parked.attempts == 0 || (parked.attempts < TRIES && Instant::now() >= *at),
        None => true,
    }
}

fn wait(turn: &mut Turn, stuck: &Parked) {
    turn.streams.insert(stuck.stream.clone(), Instant::now() + backoff(stuck.attempts));
}
