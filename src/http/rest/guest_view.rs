//! What a guest sees by their link: the run, what they may choose from and are asked, and their registration once there is one.

use chrono::{DateTime, Utc};
use commands::booking::{GuestSight, GuestTicket as Had};
use domain::{
    booking::{Admission, Question, QuestionKind, Quote, RefundStep, run::Stage},
    kernel::Money,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a guest sees. Amounts are such as `120.50 CHF`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestView {
    registration_id: String,
    run_id: String,
    title: String,
    /// `CommonMark`.
    description: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    time_zone: String,
    /// The venue and the city, where there is one.
    place: Option<String>,
    /// Where it takes place online: for who is confirmed.
    link: Option<String>,
    /// Whether they may register now: people may, and they have not.
    is_open: bool,
    opens_at: Option<DateTime<Utc>>,
    /// When registration closes; null: when the run starts.
    closes_at: Option<DateTime<Utc>>,
    /// The organiser approves each registration.
    needs_approval: bool,
    /// Whether people may wait where there is no place.
    waitlist: bool,
    /// The most seats of one registration.
    group_limit: u16,
    /// The tax that prices include, in percent.
    vat_percent: f64,
    /// What who withdraws gets back; none: nothing.
    refunds: Vec<GuestRefundStep>,
    /// What is asked at registration.
    questions: Vec<GuestQuestion>,
    /// What can be had, by this link; once they have registered, the ticket that they have, and none once they have it no more.
    tickets: Vec<GuestTicket>,
    /// `pending_approval`, `awaiting_payment`, `confirmed`, `waitlisted`, `offered`, `rejected`, `expired`, `withdrawn`, `cancelled`,
    /// `attended` or `no_show`; null before they have registered.
    state: Option<String>,
    /// Of the registration: the ticket's key.
    ticket: Option<String>,
    /// Of the registration: how many come.
    seats: Option<u16>,
    /// Their place in line, from 1, where they wait.
    position: Option<u32>,
    /// Until when a place is held.
    held_until: Option<DateTime<Utc>>,
    /// What the registration costs, as it was when it was made.
    quote: Option<GuestQuote>,
    /// What came in and was not given back; null: nothing.
    paid: Option<String>,
    /// What is to be paid now; null: nothing, as before it awaits payment and once it was paid for.
    due: Option<String>,
    /// What is still to be given back; null: nothing.
    owed: Option<String>,
}

/// What can be had.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestTicket {
    key: String,
    name: String,
    /// With tax.
    price: String,
    /// What it costs now: less than its price for who comes early.
    current_price: String,
    /// Places that nobody has and that may be taken with it; 0: who takes it waits, if that can be.
    left: u32,
}

/// Who withdraws this long before the start, or longer, gets this much back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestRefundStep {
    before_minutes: u32,
    /// Of what was paid.
    percent: f64,
}

/// What is asked at registration.
#[derive(Serialize, ToSchema)]
pub(super) struct GuestQuestion {
    /// What its answer goes by.
    key: String,
    label: String,
    /// `text`, `number`, `yes_no`, `choice`, which is answered with the `text` of one of its choices, or `choices`.
    #[schema(value_type = String)]
    kind: &'static str,
    choices: Vec<String>,
    required: bool,
}

/// What a registration costs, as it was when it was made.
#[derive(Serialize, ToSchema)]
pub(super) struct GuestQuote {
    /// A seat, with tax, before the discount: the first of them, where those after it are too many for a lower price.
    price: String,
    /// On all seats together.
    discount: String,
    /// What is to be paid.
    total: String,
    /// The tax in it.
    tax: String,
}

impl From<GuestSight> for GuestView {
    fn from(GuestSight { registration, appointment, is_open, tickets, registered }: GuestSight) -> Self {
        let plan = &appointment.plan;
        let some = |amount: Option<Money>| amount.filter(|amount| amount.amount > 0).map(|amount| amount.to_string());
        Self {
            registration_id: registration.to_string(),
            run_id: appointment.run.to_string(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            starts_at: plan.starts_at,
            ends_at: plan.ends_at,
            time_zone: plan.time_zone.clone(),
            place: plan.format.venue().map(|venue| format!("{}, {}", venue.name, venue.city)),
            link: appointment.link().map(ToOwned::to_owned),
            is_open,
            opens_at: plan.opens_at,
            closes_at: plan.closes_at,
            needs_approval: plan.admission != Admission::Automatic,
            waitlist: plan.waitlist,
            group_limit: plan.group,
            vat_percent: percent(plan.taxation.rate),
            refunds: plan.refunds.iter().map(Into::into).collect(),
            questions: plan.questions.iter().map(Into::into).collect(),
            tickets: tickets.into_iter().map(Into::into).collect(),
            state: appointment.stage.map(|stage| stage.name().replace(' ', "_")),
            ticket: registered.as_ref().map(|registered| registered.ticket.clone()),
            seats: registered.as_ref().map(|_| appointment.seats),
            position: registered.as_ref().and_then(|registered| registered.position),
            held_until: appointment.stage.and_then(Stage::until),
            quote: registered.as_ref().map(|registered| (&registered.quote).into()),
            paid: some(registered.map(|registered| registered.paid)),
            due: some(appointment.due),
            owed: some(appointment.owed),
        }
    }
}

impl From<Had> for GuestTicket {
    fn from(Had { ticket, price, left }: Had) -> Self {
        Self { key: ticket.key, name: ticket.name, price: ticket.price.to_string(), current_price: price.to_string(), left }
    }
}

impl From<&RefundStep> for GuestRefundStep {
    fn from(step: &RefundStep) -> Self {
        Self { before_minutes: step.before.0, percent: percent(step.share) }
    }
}

impl From<&Question> for GuestQuestion {
    fn from(question: &Question) -> Self {
        let (kind, choices): (_, &[String]) = match &question.kind {
            QuestionKind::Text => ("text", &[]),
            QuestionKind::Number => ("number", &[]),
            QuestionKind::YesNo => ("yes_no", &[]),
            QuestionKind::Choice(choices) => ("choice", choices),
            QuestionKind::Choices(choices) => ("choices", choices),
        };
        let Question { key, label, kind: _, required } = question;
        Self { key: key.clone(), label: label.clone(), kind, choices: choices.to_vec(), required: *required }
    }
}

impl From<&Quote> for GuestQuote {
    fn from(Quote { price, discount, total, tax }: &Quote) -> Self {
        let [price, discount, total, tax] = [price, discount, total, tax].map(ToString::to_string);
        Self { price, discount, total, tax }
    }
}

/// Hundredths of a percent as percent.
fn percent(hundredths: u16) -> f64 {
    f64::from(hundredths) / 100.0
}
