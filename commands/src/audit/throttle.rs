//! How many notes one source leaves in a minute of which nobody waits to hear that they are written. What is more is counted, and one
//! note for each kind of it says how many: whoever asks in vain for ever must not make the journal grow without end.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::{
    audit::trail::{Note, Verdict},
    kernel::Timestamp,
};
use uuid::Uuid;

use super::Source;

/// Notes of one account, or of nobody from one network.
const EACH: u32 = 60;
/// Notes of nobody, from all networks.
const NOBODYS: u32 = 1200;
/// Sources that are told apart. Those beyond count as one.
const SOURCES: usize = 4096;
/// Kinds of one source that are told apart in a minute. Those beyond count as one.
const KINDS: usize = 8;
/// Kinds of all sources that are told apart in a minute, beside one for each source.
const ALL_KINDS: usize = 4096;
/// The reason in a note that stands for several of a kind.
const MORE: &str = "MORE_OF_THE_SAME_SOURCE";
/// The reason in a note that stands for several kinds beside those that are told apart. What it is called is that of the latest.
const OTHERS: &str = "MORE_OF_SEVERAL_KINDS";

/// Counts notes. Its size is bounded.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    windows: HashMap<Source, Window>,
    /// When the minute began in which nobody's are counted, and how many there were.
    nobodys: Option<(Timestamp, u32)>,
    /// How many kinds are told apart beside the first of each source.
    kinds: usize,
}

/// A minute of one source.
#[derive(Debug)]
struct Window {
    began: Timestamp,
    written: u32,
    /// What was not written, by kind.
    more: Vec<More>,
    /// What was not written of kinds beyond these.
    others: Option<More>,
}

/// What was not written of a kind: an operation, and what came of it.
#[derive(Debug)]
struct More {
    latest: Box<Note>,
    times: u32,
}

impl More {
    fn is(&self, operation: &str, verdict: Verdict) -> bool {
        self.latest.operation == operation && self.latest.verdict == verdict
    }

    fn count(&mut self, note: Box<Note>) {
        (self.latest, self.times) = (note, self.times.saturating_add(1));
    }
}

impl Window {
    fn new(began: Timestamp) -> Self {
        Self { began, written: 0, more: Vec::new(), others: None }
    }

    /// Counts what is not written by itself; whether that is of a kind that was not told apart before, and is not the first.
    fn count(&mut self, note: Box<Note>, is_room: bool) -> bool {
        if let Some(known) = self.more.iter_mut().find(|more| more.is(&note.operation, note.verdict)) {
            known.count(note);
            return false;
        }
        let is_first = self.more.is_empty();
        if is_first || (is_room && self.more.len() < KINDS) {
            self.more.push(More { latest: note, times: 1 });
            return !is_first;
        }
        match &mut self.others {
            Some(others) => others.count(note),
            others => *others = Some(More { latest: note, times: 1 }),
        }
        false
    }

    /// A note for each kind of which there were more than were written. Those are told once.
    fn told(&mut self, now: Timestamp) -> impl Iterator<Item = Note> {
        let more = std::mem::take(&mut self.more).into_iter().map(|more| (more, MORE));
        let others = self.others.take().map(|others| (others, OTHERS));
        more.chain(others).map(move |(more, reason)| summary(more, reason, now))
    }
}

impl Throttle {
    /// The note, if it is to be written by itself.
    pub(super) fn admit(&mut self, source: Source, note: Box<Note>) -> Option<Box<Note>> {
        let now = note.at;
        let is_nobodys = !matches!(source, Source::Account(_));
        let known = self.windows.len() < SOURCES || self.windows.contains_key(&source);
        let source = if known { source } else { Source::Others };
        let fits_in = !is_nobodys || self.nobody(now);
        let window = self.windows.entry(source).or_insert_with(|| Window::new(now));
        if window.written < EACH && fits_in {
            window.written += 1;
            return Some(note);
        }
        self.kinds += usize::from(window.count(note, self.kinds < ALL_KINDS));
        None
    }

    /// Tells of minutes that are over, or of all; a note for each kind of which there were more than were written.
    pub(super) fn over(&mut self, now: Timestamp, all: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        let kinds = &mut self.kinds;
        self.windows.retain(|_, window| {
            if !all && now - window.began < TimeDelta::minutes(1) {
                return true;
            }
            *kinds -= window.more.len().saturating_sub(1);
            notes.extend(window.told(now));
            // Who has had their minute's worth does not get it again by that somebody asks for the count.
            now - window.began < TimeDelta::minutes(1)
        });
        notes
    }

    fn nobody(&mut self, now: Timestamp) -> bool {
        let (began, count) = self.nobodys.filter(|(began, _)| now - *began < TimeDelta::minutes(1)).unwrap_or((now, 0));
        self.nobodys = Some((began, count.saturating_add(1)));
        count < NOBODYS
    }
}

/// What stands for several notes: the latest of them.
fn summary(More { latest, times }: More, reason: &str, now: Timestamp) -> Note {
    // One by itself is what it is.
    let reason = if times > 1 { Some(reason.to_owned()) } else { latest.reason.clone() };
    Note { entry: Uuid::now_v7(), at: now, reason, times, ..*latest }
}

#[cfg(test)]
mod tests;
