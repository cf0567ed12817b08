//! What the fuzzer asks; its corpus is asked with the tests.

use async_graphql::{ScalarType, Value};
use chrono::NaiveDateTime;
use domain::booking::{Timing, recurrence::LONGEST, zone};

use super::{
    amounts::{currency, millionths, share},
    local_times::LocalDateTime,
};

/// Reads, a line each: the name of a time zone, two local times, a number, the code of a currency, and a rule of recurrence.
///
/// # Panics
/// What was read is not what was given; or something is wrong, and it is not told what.
pub fn read_bookings(data: &[u8]) {
    are_times(data);
}

/// Whether there are times in it.
fn are_times(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let mut lines = text.splitn(6, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let [zone, start, end, amount, code, rule] = [line(), line(), line(), line(), line(), line()];
    number(amount);
    if let Ok(known) = currency("currency", code) {
        assert_eq!(known.code(), code);
    }
    let (Some(starts_at), Some(ends_at)) = (local(start), local(end)) else { return false };
    let recurrence = (!rule.trim().is_empty()).then(|| rule.to_owned());
    times(&Timing { starts_at, ends_at, opens_at: None, closes_at: None, time_zone: zone.to_owned(), recurrence })
}

fn number(text: &str) {
    let Ok(number) = text.trim().parse::<f64>() else { return };
    if let Ok(hundredths) = share("percent", number) {
        assert!((f64::from(hundredths) / 100.0 - number).abs() < 1e-6, "{number} percent are {hundredths} hundredths");
    }
    if let Ok(millionths) = millionths("degrees", number, 180) {
        let is_near = (f64::from(millionths) / 1e6 - number).abs() < 1e-6;
        assert!(is_near && millionths.unsigned_abs() <= 180_000_000, "{number} degrees are {millionths} millionths");
    }
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let read = LocalDateTime::parse(Value::String(text.to_owned())).ok()?;
    assert_eq!(LocalDateTime::parse(read.to_value()).ok(), Some(read));
    Some(read.0)
}

fn times(timing: &Timing) -> bool {
    let most = if timing.recurrence.is_some() { LONGEST } else { 1 };
    match timing.times() {
        Ok(times) => {
            assert!((1..=usize::from(most)).contains(&times.len()), "{} times", times.len());
            let first = zone::named(&timing.time_zone).map(|zone| times[0].starts_at.with_timezone(&zone).naive_local());
            assert_eq!(first, Ok(timing.starts_at));
            true
        }
        Err(flaws) => {
            let is_told = |at: &str| ["timeZone", "startsAt", "endsAt", "recurrence"].contains(&at);
            assert!(!flaws.is_empty() && flaws.iter().all(|flaw| is_told(&flaw.at)), "{flaws:?}");
            assert!(flaws.iter().all(|flaw| !flaw.expected.contains(char::is_control)), "{flaws:?}");
            false
        }
    }
}

#[cfg(test)]
mod tests;
