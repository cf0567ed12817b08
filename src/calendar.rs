//! Calendars of runs and registrations (RFC 5545, published as RFC 5546 has it). Times are instants, so that no time zone has to be
//! described; what programs know an entry by stays, and they take the one with the higher sequence.

use commands::booking::{Appointment, Certainty};
use domain::{booking::Venue, kernel::Timestamp};
use icalendar::{Calendar, Class, Component, Event, EventLike, EventStatus, Property};

/// What a calendar is served and attached as.
pub(crate) const MEDIA_TYPE: &str = "text/calendar; charset=utf-8; method=PUBLISH";

/// A calendar of these, as a file; `sender` is the address that mails come from.
pub(crate) fn file(appointments: &[Appointment], sender: &str, now: Timestamp) -> String {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Nalabo//Nalabo//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("NAME", "Nalabo"),
        // What most programs know instead.
        ("X-WR-CALNAME", "Nalabo"),
    ] {
        calendar.append_property((name, value));
    }
    for appointment in appointments {
        calendar.push(event(appointment, sender, now));
    }
    calendar.to_string()
}

fn event(appointment: &Appointment, sender: &str, now: Timestamp) -> Event {
    let plan = &appointment.plan;
    let mut event = Event::with_uid(&appointment.uid());
    event.status(match appointment.certainty() {
        Certainty::Tentative => EventStatus::Tentative,
        Certainty::Confirmed => EventStatus::Confirmed,
        Certainty::Cancelled => EventStatus::Cancelled,
    });
    event.timestamp(now).sequence(appointment.sequence).summary(&text(&plan.title)).starts(plan.starts_at).ends(plan.ends_at);
    event.categories([text(&plan.category)]);
    // Who publishes an entry is named in it (RFC 5546, section 3.2.1).
    let mut organiser = Property::new("ORGANIZER", format!("mailto:{sender}"));
    event.append_property(organiser.add_parameter("CN", &name(&plan.instructor)).done());
    if !plan.description.trim().is_empty() {
        event.description(&text(&plan.description));
    }
    if appointment.registration.is_some() {
        event.class(Class::Private);
    }
    if let Some(Venue { name: venue, city, coordinates }) = plan.format.venue() {
        event.location(&text(&format!("{venue}, {city}")));
        if let Some((latitude, longitude)) = coordinates {
            event.add_property("GEO", format!("{};{}", degrees(*latitude), degrees(*longitude)));
        }
    }
    if let Some(link) = appointment.link() {
        event.url(link);
        if plan.format.venue().is_none() {
            event.location(&text(link));
        }
    }
    event
}

/// Text may have ends of lines, which are written in one way, and no other controls (RFC 5545, section 3.3.11).
fn text(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Parameters have neither controls nor quotes (RFC 5545, section 3.1).
fn name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && *c != '"').collect()
}

/// Of millionths.
fn degrees(millionths: i32) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let all = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", all / 1_000_000, all % 1_000_000)
}

#[cfg(test)]
pub(crate) mod tests;
