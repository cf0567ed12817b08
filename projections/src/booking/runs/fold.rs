//! Takes events into a run's row.

use domain::{
    booking::{
        Audience, Plan, Ticket,
        run::{Life, RunEvent},
    },
    kernel::AccountId,
};
use sea_orm::prelude::Uuid;

use super::{super::folding::filled, Model, Quota, RunFormat};
use crate::{
    column::{Json, Word},
    read_model::{MissingRow, Recorded},
};

pub(super) fn fold(run: Uuid, row: Option<Model>, fact: &RunEvent, event: &Recorded) -> Result<Model, MissingRow> {
    if let RunEvent::Scheduled { organiser, series, plan } = fact {
        return Ok(Model { series: series.map(Into::into), ..Model::scheduled(run, *organiser, plan, event) });
    }
    let before = row.ok_or(MissingRow)?;
    let after = before.clone().after(fact, event);
    // What does not change the row is not for whoever asks what changed.
    Ok(if after == before { before } else { Model { changed: event.position.0, ..after } })
}

impl Model {
    fn scheduled(run: Uuid, organiser: AccountId, plan: &Plan, event: &Recorded) -> Self {
        let blank = Self {
            run,
            number: event.position.0,
            changed: event.position.0,
            described: event.position.0,
            organiser: organiser.0,
            instructor: None,
            series: None,
            life: Word(Life::Draft),
            visibility: Word(plan.visibility),
            category: String::new(),
            language: String::new(),
            format: Word(RunFormat::from(&plan.format)),
            level: None,
            city: None,
            latitude: None,
            longitude: None,
            starts_at: plan.starts_at,
            ends_at: plan.ends_at,
            price: 0,
            currency: String::new(),
            capacity: 0,
            taken: 0,
            waiting: 0,
            requests: 0,
            scheduled_at: event.at,
            published_at: None,
            updated_at: event.at,
            reason: None,
            tags: Json(vec![]),
            quotas: None,
            codes: Json::default(),
            plan: Json(plan.clone()),
        };
        blank.planned(plan)
    }

    /// With what a catalogue shows and filters by.
    fn planned(self, plan: &Plan) -> Self {
        let venue = plan.format.venue();
        let (latitude, longitude) = venue.and_then(|venue| venue.coordinates).unzip();
        Self {
            instructor: plan.instructor_account.map(Into::into),
            visibility: Word(plan.visibility),
            category: plan.category.clone(),
            language: plan.language.clone(),
            format: Word(RunFormat::from(&plan.format)),
            level: plan.level.map(Word),
            city: venue.map(|venue| venue.city.clone()),
            latitude: latitude.map(i64::from),
            longitude: longitude.map(i64::from),
            starts_at: plan.starts_at,
            ends_at: plan.ends_at,
            price: price(plan),
            currency: plan.currency.code().to_owned(),
            capacity: plan.capacity.into(),
            tags: Json(plan.tags.iter().cloned().collect()),
            quotas: quotas(plan).map(Json),
            plan: Json(plan.clone()),
            ..self
        }
    }

    fn after(self, fact: &RunEvent, event: &Recorded) -> Self {
        let at = event.at;
        match fact {
            RunEvent::Revised { plan, .. } => Self { described: event.position.0, updated_at: at, ..self.planned(plan) },
            RunEvent::Published {} => Self { life: Word(Life::Published), published_at: Some(at), updated_at: at, ..self },
            RunEvent::Rescheduled { starts_at, ends_at, closes_at, time_zone, from: _ } => {
                let plan = self.plan.0.moved_to(*starts_at, *ends_at, *closes_at, time_zone.as_deref());
                Self { updated_at: at, ..self.planned(&plan) }
            }
            RunEvent::Cancelled { reason } => Self { life: Word(Life::Cancelled), reason: Some(reason.clone()), updated_at: at, ..self },
            RunEvent::Completed { .. } => Self { life: Word(Life::Completed), updated_at: at, ..self },
            RunEvent::DiscountCreated { discount } => {
                let mut codes = self.codes.0.clone();
                codes.insert(discount.code.clone(), discount.clone());
                Self { codes: Json(codes), ..self }
            }
            RunEvent::DiscountRevoked { code } => {
                let mut codes = self.codes.0.clone();
                codes.remove(code);
                Self { codes: Json(codes), ..self }
            }
            RunEvent::RegistrationRequested(_) => Self { requests: self.requests + 1, ..self },
            other => {
                let (taken, waiting) = filled(other, self.capacity, (self.taken, self.waiting));
                Self { taken, waiting, ..self }
            }
        }
    }
}

/// Quotas of the tickets that everybody may take; none, if one of them has none.
fn quotas(plan: &Plan) -> Option<Vec<Quota>> {
    let open = plan.tickets.iter().filter(|ticket| ticket.audience == Audience::Everyone);
    open.map(|ticket| ticket.quota.map(|places| Quota { ticket: ticket.key.clone(), places: places.into() })).collect()
}

/// The lowest price of what everybody may take, or else of what a code or a plan admits to, or else of what is for the invited.
fn price(plan: &Plan) -> i64 {
    let lowest = |audience: fn(Audience) -> bool| {
        let open = |ticket: &&Ticket| audience(ticket.audience);
        plan.tickets.iter().filter(open).map(|ticket| ticket.price.amount).min()
    };
    let open = lowest(|audience| audience == Audience::Everyone).or_else(|| lowest(|audience| audience != Audience::Invited));
    open.or_else(|| lowest(|_| true)).unwrap_or_default()
}
