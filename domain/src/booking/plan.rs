//! What an organiser decides about a run.

mod flaws;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Format, Question, Ticket, tax::Taxation};
use crate::{
    kernel::{AccountId, Currency, Minutes, Timestamp, WorkshopId},
    workshops::content::Difficulty,
};

/// What an organiser decides about a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The workshop that is worked through; none: it exists as an event alone.
    pub workshop: Option<WorkshopId>,
    pub title: String,
    pub description: String,
    pub category: String,
    pub tags: BTreeSet<String>,
    /// How much who comes should already know.
    pub level: Option<Difficulty>,
    /// The language it is held in (BCP 47).
    pub language: String,
    /// Who holds it, as it is shown.
    pub instructor: String,
    /// Their account, where they have one.
    pub instructor_account: Option<AccountId>,
    pub format: Format,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// The time zone it is told in, by its name in the IANA database.
    pub time_zone: String,
    pub opens_at: Option<Timestamp>,
    /// When registration closes; none: when the run starts.
    pub closes_at: Option<Timestamp>,
    pub capacity: u32,
    pub currency: Currency,
    pub taxation: Taxation,
    pub tickets: Vec<Ticket>,
    pub admission: Admission,
    /// How long a place is held for somebody who has to pay.
    pub hold: Minutes,
    /// Whether people may wait where there is no place.
    pub waitlist: bool,
    /// How long an offered place is held for who waited.
    pub offer: Minutes,
    /// What who withdraws gets back, by how early they do.
    pub refunds: Vec<RefundStep>,
    pub questions: Vec<Question>,
    pub visibility: Visibility,
    /// The most seats of one registration.
    pub group: u16,
}

/// How people get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    Automatic,
    /// The organiser approves each. `holds_place`: a place is kept meanwhile.
    Approval {
        holds_place: bool,
    },
}

/// Who finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Public,
    /// Who has its address.
    Unlisted,
    /// As unlisted, and registering needs a code that admits.
    Code,
}

/// Who withdraws this long before the start, or longer, gets this much back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundStep {
    pub before: Minutes,
    /// In hundredths of a percent of what was paid.
    pub share: u16,
}

impl Plan {
    /// How long a place is held for a payment where nothing else is said.
    pub const HOLD: Minutes = Minutes(60);
    /// How long an offered place is held where nothing else is said: two days.
    pub const OFFER: Minutes = Minutes(48 * 60);

    /// The same at another time, by other clocks where a time zone is given.
    #[must_use]
    pub fn moved_to(&self, starts_at: Timestamp, ends_at: Timestamp, closes_at: Option<Timestamp>, time_zone: Option<&str>) -> Self {
        let time_zone = time_zone.unwrap_or(&self.time_zone).to_owned();
        Self { starts_at, ends_at, time_zone, closes_at, ..self.clone() }
    }

    /// The ticket of a key.
    #[must_use]
    pub fn ticket(&self, key: &str) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.key == key)
    }

    /// Whether people may register at `now`.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.opens_at.is_none_or(|opens| opens <= now) && now < self.closes_at.unwrap_or(self.starts_at) && now < self.starts_at
    }

    /// Until when something that is held for `minutes` from `now` on is held: not beyond the start.
    #[must_use]
    pub fn held_until(&self, now: Timestamp, minutes: Minutes) -> Timestamp {
        (now + chrono::TimeDelta::from(minutes)).min(self.starts_at)
    }

    /// How much of what was paid who withdraws at `now` gets back, in hundredths of a percent.
    #[must_use]
    pub fn refund_share(&self, now: Timestamp) -> u16 {
        let is_early = |step: &&RefundStep| now + chrono::TimeDelta::from(step.before) <= self.starts_at;
        self.refunds.iter().filter(is_early).map(|step| step.share).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
