//! Times as clocks on the wall show them.

use chrono::{LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Flaw;
use crate::kernel::Timestamp;

/// A time zone by its name in the IANA database.
///
/// # Errors
/// There is none of that name.
pub fn named(zone: &str) -> Result<Tz, Flaw> {
    zone.parse().map_err(|_| Flaw::new("timeZone", "the name of a time zone, such as Europe/Zurich (IANA)"))
}

/// The instant of a local time; `at` is the field it comes from.
///
/// # Errors
/// When clocks are put forward, some local times do not exist; when they are put back, some exist twice. Neither is guessed at.
pub fn instant(local: NaiveDateTime, zone: Tz, at: &str) -> Result<Timestamp, Flaw> {
    let clock = || format!("{} in {zone}", local.format("%Y-%m-%dT%H:%M:%S"));
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => Ok(time.with_timezone(&Utc)),
        LocalResult::None => Err(Flaw::new(at, &format!("a local time that exists; clocks are put forward over {}", clock()))),
        LocalResult::Ambiguous(..) => Err(Flaw::new(at, &format!("a local time that exists once; clocks are put back over {}", clock()))),
    }
}

#[cfg(test)]
mod tests;
