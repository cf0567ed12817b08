//! What mails about registrations say.

use commands::identity::BookingNews;
use domain::{
    booking::{
        run::{Life, Stage},
        zone,
    },
    identity::mail::Missed,
    kernel::{Money, Timestamp},
};
use minijinja::{Value, context};
use projections::Tz;

use super::one_line;

/// Where a link leads: a guest's has what lets them in behind a `#`, which browsers keep to themselves.
pub(super) fn link(site: &str, news: &BookingNews, code: Option<&str>) -> String {
    match (code, news.appointment.registration) {
        (Some(code), _) => format!("{site}/guest#{code}"),
        (None, Some(registration)) => format!("{site}/registrations/{registration}"),
        // Who has an account and was invited has none yet.
        (None, None) => format!("{site}/runs/{}", news.appointment.run),
    }
}

/// What somebody waited for who got no place, as templates have it.
const fn waited_for(missed: Missed) -> &'static str {
    match missed {
        Missed::Place => "place",
        Missed::Approval => "approval",
    }
}

/// Whether a mail has the entry for calendars in it: each about a registration does, so that no calendar keeps what is not so any more.
/// Who is invited has none yet.
pub(super) const fn has_calendar(news: &BookingNews) -> bool {
    news.appointment.registration.is_some()
}

/// What templates are filled with, of what happened at a time. Times are as clocks show them where the run is.
pub(super) fn context(news: &BookingNews, at: Timestamp, name: Option<&str>, code: Option<&str>, link: Option<&str>) -> Value {
    let BookingNews { booked, appointment, is_guest } = news;
    let plan = &appointment.plan;
    let zone = zone::named(&plan.time_zone).unwrap_or(Tz::UTC);
    let local = |at: Timestamp| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let some = |money: Option<Money>| money.filter(|money| money.amount > 0).map(|money| money.to_string());
    context! {
        name,
        code,
        link,
        is_guest,
        is_called_off => appointment.life == Life::Cancelled,
        title => one_line(&plan.title),
        starts => local(plan.starts_at),
        ends => local(plan.ends_at),
        zone => plan.time_zone.as_str(),
        place => plan.format.venue().map(|venue| format!("{}, {}", venue.name, venue.city)),
        online => appointment.link(),
        seats => appointment.seats,
        stage => appointment.stage.map(Stage::name),
        has_place => appointment.stage.is_some_and(Stage::takes_place),
        is_ahead => at < plan.starts_at,
        held => appointment.stage.and_then(Stage::until).map(local),
        until => booked.until.map(local),
        before => booked.before.map(local),
        amount => some(booked.amount),
        due => some(appointment.due),
        owed => some(appointment.owed),
        reason => booked.reason.as_deref(),
        missed => booked.missed.map(waited_for),
    }
}
