//! What a run consists of.

use async_graphql::SimpleObject;
use domain::{
    booking::{Audience, Discount, Question, Reduction, RefundStep, Ticket, Venue},
    kernel::Timestamp,
};

use super::{
    money::Money,
    words::{QuestionKind, TicketAudience},
};
use crate::{identity::Plan, input::number};

/// A place to go to.
#[derive(SimpleObject)]
pub(crate) struct RunVenue {
    /// With its address.
    name: String,
    city: String,
    coordinates: Option<RunCoordinates>,
}

/// Where on earth (WGS 84).
#[derive(SimpleObject)]
pub(crate) struct RunCoordinates {
    /// In degrees.
    latitude: f64,
    /// In degrees.
    longitude: f64,
}

/// A kind of ticket.
#[derive(SimpleObject)]
pub(crate) struct RunTicket {
    /// What it goes by; it stays the same.
    key: String,
    name: String,
    /// With tax.
    price: Money,
    /// What it costs now: less than its price for who comes early.
    current_price: Money,
    /// Lower prices for who comes early, tried in order.
    tiers: Vec<RunTicketTier>,
    /// How many places may be taken with it; null: as many as the run has.
    quota: Option<i32>,
    /// Places that nobody has and that may be taken with it.
    left: i32,
    audience: TicketAudience,
    /// The plan that it is for, or one that allows more.
    plan: Option<Plan>,
}

/// A price that holds for a time, or for the first places, or both.
#[derive(SimpleObject)]
pub(crate) struct RunTicketTier {
    until: Option<Timestamp>,
    first: Option<i32>,
    price: Money,
}

/// Who withdraws this long before the start, or longer, gets this much back.
#[derive(SimpleObject)]
pub(crate) struct RunRefundStep {
    before_minutes: i32,
    /// Of what was paid.
    percent: f64,
}

/// What is asked at registration.
#[derive(SimpleObject)]
pub(crate) struct RunQuestion {
    /// What its answer goes by.
    key: String,
    label: String,
    kind: QuestionKind,
    choices: Vec<String>,
    required: bool,
}

/// A code that reduces a price, or admits to what is not for everybody.
#[derive(SimpleObject)]
pub(crate) struct RunCode {
    code: String,
    /// By how much it reduces what is to be paid.
    percent: Option<f64>,
    /// By how much it reduces what is to be paid.
    amount: Option<Money>,
    admits: bool,
    /// How many registrations may be made with it; null: any number.
    uses: Option<i32>,
    until: Option<Timestamp>,
    /// Keys of the tickets that it is for; none: all of them.
    tickets: Vec<String>,
}

impl From<&Venue> for RunVenue {
    fn from(venue: &Venue) -> Self {
        let degrees = |millionths: i32| f64::from(millionths) / 1_000_000.0;
        let coordinates =
            venue.coordinates.map(|(latitude, longitude)| RunCoordinates { latitude: degrees(latitude), longitude: degrees(longitude) });
        Self { name: venue.name.clone(), city: venue.city.clone(), coordinates }
    }
}

impl RunTicket {
    /// A ticket of a run with so many places left, of which so many are taken.
    pub(super) fn of(ticket: &Ticket, taken: i64, left: i64, now: Timestamp) -> Self {
        let tier =
            |tier: &domain::booking::Tier| RunTicketTier { until: tier.until, first: tier.first.map(number), price: tier.price.into() };
        let plan = match ticket.audience {
            Audience::Plan(plan) => Some(plan.into()),
            Audience::Everyone | Audience::Code | Audience::Invited => None,
        };
        let own = ticket.quota.map_or(left, |quota| (i64::from(quota) - taken).max(0));
        Self {
            key: ticket.key.clone(),
            name: ticket.name.clone(),
            price: ticket.price.into(),
            current_price: ticket.price(now, u32::try_from(taken).unwrap_or(u32::MAX)).into(),
            tiers: ticket.tiers.iter().map(tier).collect(),
            quota: ticket.quota.map(number),
            left: number(own.min(left)),
            audience: ticket.audience.into(),
            plan,
        }
    }
}

impl From<&RefundStep> for RunRefundStep {
    fn from(step: &RefundStep) -> Self {
        Self { before_minutes: number(step.before.0), percent: percent(step.share) }
    }
}

impl From<&Question> for RunQuestion {
    fn from(question: &Question) -> Self {
        let (kind, choices) = QuestionKind::of(&question.kind);
        let Question { key, label, kind: _, required } = question;
        Self { key: key.clone(), label: label.clone(), kind, choices: choices.to_vec(), required: *required }
    }
}

impl From<&Discount> for RunCode {
    fn from(discount: &Discount) -> Self {
        let (share, amount) = match discount.reduction {
            Reduction::None => (None, None),
            Reduction::Share(share) => (Some(percent(share)), None),
            Reduction::Amount(amount) => (None, Some(amount.into())),
        };
        Self {
            code: discount.code.clone(),
            percent: share,
            amount,
            admits: discount.admits,
            uses: discount.uses.map(number),
            until: discount.until,
            tickets: discount.tickets.iter().cloned().collect(),
        }
    }
}

/// Hundredths of a percent as percent.
pub(super) fn percent(hundredths: u16) -> f64 {
    f64::from(hundredths) / 100.0
}
