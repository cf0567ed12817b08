//! When a run is, or each of a series, as clocks on the wall show it where it takes place.

use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use serde::Serialize;

use super::{Flaw, Plan, recurrence, zone};
use crate::kernel::Timestamp;

/// Local times of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    pub starts_at: NaiveDateTime,
    pub ends_at: NaiveDateTime,
    pub opens_at: Option<NaiveDateTime>,
    pub closes_at: Option<NaiveDateTime>,
    /// By its name in the IANA database.
    pub time_zone: String,
    /// By which rule it is repeated (RFC 5545).
    pub recurrence: Option<String>,
}

/// The same as instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub opens_at: Option<Timestamp>,
    pub closes_at: Option<Timestamp>,
}

impl Timing {
    /// The times of all runs, one after the other. Each ends and closes as long after its start, or before it, as the first; registration
    /// opens for all at once.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn times(&self) -> Result<Vec<Times>, Vec<Flaw>> {
        let zone = zone::named(&self.time_zone).map_err(|flaw| vec![flaw])?;
        let first = self.shifted(self.starts_at, zone)?;
        let Some(rule) = &self.recurrence else { return Ok(vec![first]) };
        let starts = recurrence::starts(rule, self.starts_at, zone).map_err(|flaw| vec![flaw])?;
        starts.into_iter().map(|start| self.shifted(zone.from_utc_datetime(&start.naive_utc()).naive_local(), zone)).collect()
    }

    /// The times of a run that starts then.
    fn shifted(&self, start: NaiveDateTime, zone: Tz) -> Result<Times, Vec<Flaw>> {
        let by = start - self.starts_at;
        let mut flaws = vec![];
        let mut instant = |local: NaiveDateTime, at: &str| zone::instant(local, zone, at).map_err(|flaw| flaws.push(flaw)).ok();
        let starts_at = instant(start, "startsAt");
        let ends_at = instant(self.ends_at + by, "endsAt");
        let opens_at = self.opens_at.map(|opens| instant(opens, "opensAt"));
        let closes_at = self.closes_at.map(|closes| instant(closes + by, "closesAt"));
        match (starts_at, ends_at) {
            (Some(starts_at), Some(ends_at)) if flaws.is_empty() => {
                Ok(Times { starts_at, ends_at, opens_at: opens_at.flatten(), closes_at: closes_at.flatten() })
            }
            _ => Err(flaws),
        }
    }
}

impl Plan {
    /// The same at other times. What is lower for who comes early is so until as long before its start as it is before `first`, the start
    /// of the first run of the series.
    #[must_use]
    pub fn at(&self, Times { starts_at, ends_at, opens_at, closes_at }: Times, first: Timestamp) -> Self {
        let by = starts_at - first;
        let later = |until: Timestamp| until.checked_add_signed(by).unwrap_or(Timestamp::MAX_UTC);
        let mut tickets = self.tickets.clone();
        for tier in tickets.iter_mut().flat_map(|ticket| &mut ticket.tiers) {
            tier.until = tier.until.map(later);
        }
        Self { starts_at, ends_at, opens_at, closes_at, tickets, ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
