//! Series of runs: when each of them starts, by a rule such as `FREQ=WEEKLY;COUNT=5` (RFC 5545).

use chrono::{Months, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleError, Unvalidated};

use super::{Flaw, zone};
use crate::kernel::Timestamp;

/// The most runs of a series.
pub const LONGEST: u16 = 200;
/// How long it takes at the most, in months: who looks further for times that hardly ever come does so for long.
const FARTHEST: Months = Months::new(100 * 12);

/// The times at which a series starts, the first of which is `start`. A rule repeats what the clock on the wall shows, whether clocks were
/// put forward in between or not.
///
/// # Errors
/// A rule that is none, that has no end, too many times or some that are too far away, or of which a time does not exist in the zone or
/// exists twice.
pub fn starts(rule: &str, start: NaiveDateTime, zone: Tz) -> Result<Vec<Timestamp>, Flaw> {
    let flaw = |expected: &str| Flaw::new("recurrence", expected);
    let rule = rule.trim().trim_start_matches("RRULE:");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"=;,+-".contains(&byte);
    if !rule.bytes().all(is_plain) {
        return Err(flaw("a rule of RFC 5545, such as FREQ=WEEKLY;COUNT=5, of letters, digits and =;,+-"));
    }
    // The end is read here: as local time, it would be read in the zone of this machine.
    let (ends, rest): (Vec<&str>, Vec<&str>) = rule.split(';').partition(|part| part.to_ascii_uppercase().starts_with("UNTIL="));
    let end = match ends.as_slice() {
        [] => None,
        [end] => Some(until(&end["UNTIL=".len()..], zone).ok_or_else(|| flaw("UNTIL as 20261231, 20261231T235959 or 20261231T235959Z"))?),
        _ => return Err(flaw("one UNTIL at most")),
    };
    let invalid = |error: &RRuleError| flaw(&format!("a rule of RFC 5545, such as FREQ=WEEKLY;COUNT=5: {error}"));
    let mut rule = rest.join(";").parse::<RRule<Unvalidated>>().map_err(|error| invalid(&error))?;
    if matches!(rule.get_freq(), Frequency::Minutely | Frequency::Secondly) {
        return Err(flaw("a FREQ of HOURLY, or one that is more seldom"));
    }
    let too_many = || flaw(&format!("a rule that gives at most {LONGEST} times"));
    // All that are on one day are made at once, and with them all of a year.
    let on_a_day: usize = [rule.get_by_hour(), rule.get_by_minute(), rule.get_by_second()].map(|all| all.len().max(1)).iter().product();
    if on_a_day > usize::from(LONGEST) {
        return Err(too_many());
    }
    let farthest = start.checked_add_months(FARTHEST).ok_or_else(|| flaw("a start that a hundred years come after"))?;
    let count = rule.get_count();
    let end = match (end, count) {
        (None, None) => return Err(flaw("a rule with an end: COUNT or UNTIL")),
        (Some(_), Some(_)) => return Err(flaw("either COUNT or UNTIL")),
        (Some(end), None) if end > farthest => return Err(flaw("an UNTIL within a hundred years of the start")),
        (Some(end), None) => end,
        (None, Some(_)) => farthest,
    };
    rule = rule.until(rrule::Tz::UTC.from_utc_datetime(&end));
    // On a clock that is never put forward or back.
    let set = rule.build(rrule::Tz::UTC.from_utc_datetime(&start)).map_err(|error| invalid(&error))?;
    let found = set.all(LONGEST + 1);
    if found.limited || found.dates.len() > usize::from(LONGEST) {
        return Err(too_many());
    }
    if found.dates.first().is_none_or(|first| first.naive_utc() != start) {
        return Err(flaw("a rule whose first time is the start"));
    }
    if count.is_some_and(|count| found.dates.len() < usize::try_from(count).unwrap_or(usize::MAX)) {
        return Err(flaw("a rule whose times are within a hundred years"));
    }
    found.dates.into_iter().map(|date| zone::instant(date.naive_utc(), zone, "recurrence")).collect()
}

/// The last local time that an `UNTIL` admits.
fn until(text: &str, zone: Tz) -> Option<NaiveDateTime> {
    if let Some(utc) = text.strip_suffix(['Z', 'z']) {
        let end = NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok()?;
        return Some(Utc.from_utc_datetime(&end).with_timezone(&zone).naive_local());
    }
    let day = || NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(23, 59, 59);
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok().or_else(day)
}

#[cfg(test)]
mod tests;
