//! How many notes one source leaves in a minute. What is more is counted, and one note says how many: whoever asks in vain for ever
//! must not make the journal grow without end.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::{audit::trail::Note, kernel::Timestamp};
use uuid::Uuid;

use super::Source;

/// Notes of one account, or of nobody from one network.
const EACH: u32 = 60;
/// Notes of nobody, from all networks.
const NOBODYS: u32 = 1200;
/// Sources that are told apart. Those beyond count as one.
const SOURCES: usize = 4096;
/// The reason in a note that stands for several.
const MORE: &str = "MORE_OF_THE_SAME_SOURCE";

/// Counts notes. Its size is bounded.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    windows: HashMap<Source, Window>,
    /// When the minute began in which nobody's are counted, and how many there were.
    nobodys: Option<(Timestamp, u32)>,
}

/// A minute of one source.
#[derive(Debug)]
struct Window {
    began: Timestamp,
    written: u32,
    /// The latest that was not written, and how many there were.
    more: Option<(Box<Note>, u32)>,
}

impl Throttle {
    /// The note, if it is to be written by itself.
    pub(super) fn admit(&mut self, source: Source, note: Box<Note>) -> Option<Box<Note>> {
        let now = note.at;
        let is_nobodys = !matches!(source, Source::Account(_));
        let known = self.windows.len() < SOURCES || self.windows.contains_key(&source);
        let source = if known { source } else { Source::Others };
        let fits_in = !is_nobodys || self.nobody(now);
        let window = self.windows.entry(source).or_insert(Window { began: now, written: 0, more: None });
        if window.written < EACH && fits_in {
            window.written += 1;
            return Some(note);
        }
        let count = window.more.take().map_or(0, |(_, count)| count);
        window.more = Some((note, count.saturating_add(1)));
        None
    }

    /// Forgets minutes that are over, or all; a note for each in which there were more than were written.
    pub(super) fn over(&mut self, now: Timestamp, all: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        self.windows.retain(|_, window| {
            if !all && now - window.began < TimeDelta::minutes(1) {
                return true;
            }
            notes.extend(window.more.take().map(|(note, times)| summary(*note, times, now)));
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
fn summary(note: Note, times: u32, now: Timestamp) -> Note {
    // One by itself is what it is.
    let reason = if times > 1 { Some(MORE.to_owned()) } else { note.reason.clone() };
    Note { entry: Uuid::now_v7(), at: now, reason, times, ..note }
}

#[cfg(test)]
mod tests;
