//! Runs as organisers send them.

use std::collections::BTreeSet;

use async_graphql::{ID, InputObject};
use commands::booking::RunDraft;
use domain::{
    booking::{Admission, Format, Plan, Question, RefundStep, Timing, Venue, tax::Taxation},
    kernel::{Minutes, Timestamp},
};

use super::{
    amounts::{count, currency, millionths, share},
    local_times::LocalDateTime,
    ticket_inputs::TicketInput,
    words::{QuestionKind, RunVisibility, TaxRounding},
};
use crate::{
    failure::{Failure, Result},
    input::optional_id,
    workshops::Difficulty,
};

/// What a run is. At least one of `venue` and `link` is given: it takes place there, online, or both.
#[derive(InputObject)]
pub(crate) struct RunInput {
    /// The published workshop that is worked through; left out for an event that is nothing else.
    workshop_id: Option<ID>,
    /// 1 to 150 characters.
    title: String,
    /// `CommonMark`, at most 10000 characters.
    #[graphql(default)]
    description: String,
    /// A word, at most 40 characters.
    category: String,
    /// At most 20.
    #[graphql(default)]
    tags: Vec<String>,
    /// How much who comes should already know.
    level: Option<Difficulty>,
    /// The language it is held in, such as `en` or `fr-CH` (BCP 47).
    language: String,
    /// Who holds it, as it is shown.
    instructor: String,
    /// Their account, where they have one.
    instructor_id: Option<ID>,
    venue: Option<VenueInput>,
    /// An address that begins with `https://`. It is told to who is confirmed alone.
    link: Option<String>,
    starts_at: LocalDateTime,
    ends_at: LocalDateTime,
    /// When registration opens; left out: when the run is published.
    opens_at: Option<LocalDateTime>,
    /// When it closes; left out: when the run starts.
    closes_at: Option<LocalDateTime>,
    /// Whose clocks show these times, by its name in the IANA database, such as `Europe/Zurich`.
    time_zone: String,
    /// 1 to 100000 places.
    capacity: i64,
    /// The one currency of all its prices (ISO 4217).
    currency: String,
    /// The tax that prices include, in percent with at most two decimals.
    #[graphql(default)]
    vat_percent: f64,
    #[graphql(default_with = "TaxRounding::Line")]
    rounding: TaxRounding,
    /// 1 to 20.
    tickets: Vec<TicketInput>,
    /// The organiser approves each registration.
    #[graphql(default)]
    needs_approval: bool,
    /// Whether a place is kept for who waits for approval.
    #[graphql(default = true)]
    approval_holds_place: bool,
    /// How long a place is held for who has to pay.
    #[graphql(default_with = "i64::from(Plan::HOLD.0)")]
    hold_minutes: i64,
    /// Whether people may wait where there is no place.
    #[graphql(default = true)]
    waitlist: bool,
    /// How long a place is held for who waited and is offered it.
    #[graphql(default_with = "i64::from(Plan::OFFER.0)")]
    offer_minutes: i64,
    /// What who withdraws gets back; left out: nothing. At most 10.
    #[graphql(default)]
    refunds: Vec<RefundStepInput>,
    /// What is asked at registration; at most 30.
    #[graphql(default)]
    questions: Vec<QuestionInput>,
    #[graphql(default_with = "RunVisibility::Public")]
    visibility: RunVisibility,
    /// The most seats of one registration, 1 to 50.
    #[graphql(default = 1)]
    group_limit: i64,
}

/// A place to go to.
#[derive(InputObject)]
pub(crate) struct VenueInput {
    /// With its address.
    name: String,
    city: String,
    coordinates: Option<CoordinatesInput>,
}

/// Where on earth (WGS 84).
#[derive(InputObject)]
pub(crate) struct CoordinatesInput {
    /// In degrees, -90 to 90.
    latitude: f64,
    /// In degrees, -180 to 180.
    longitude: f64,
}

/// Who withdraws this long before the start, or longer, gets this much back.
#[derive(InputObject)]
pub(crate) struct RefundStepInput {
    before_minutes: i64,
    /// Of what was paid, with at most two decimals.
    percent: f64,
}

/// What is asked at registration.
#[derive(InputObject)]
pub(crate) struct QuestionInput {
    /// What its answer goes by, 1 to 40 characters; no other question has it.
    key: String,
    label: String,
    kind: QuestionKind,
    /// For a question with choices: 2 to 50.
    #[graphql(default)]
    choices: Vec<String>,
    #[graphql(default)]
    required: bool,
}

impl RunInput {
    /// What is to be decided on. Its times are those of the timing.
    ///
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self, recurrence: Option<String>) -> Result<RunDraft> {
        let timing = Timing {
            starts_at: self.starts_at.0,
            ends_at: self.ends_at.0,
            opens_at: self.opens_at.map(|opens| opens.0),
            closes_at: self.closes_at.map(|closes| closes.0),
            time_zone: self.time_zone.clone(),
            recurrence,
        };
        let holds_place = self.approval_holds_place;
        let refunds = self.refunds.into_iter().enumerate().map(|(at, step)| step.read(&format!("refunds[{at}]")));
        let questions = self.questions.into_iter().enumerate().map(|(at, question)| question.read(&format!("questions[{at}]")));
        let tickets = self.tickets.into_iter().enumerate().map(|(at, ticket)| ticket.read(&format!("tickets[{at}]")));
        let plan = Plan {
            workshop: optional_id("workshopId", self.workshop_id.as_ref())?,
            title: self.title,
            description: self.description,
            category: self.category,
            tags: self.tags.into_iter().collect::<BTreeSet<_>>(),
            level: self.level.map(Into::into),
            language: self.language,
            instructor: self.instructor,
            instructor_account: optional_id("instructorId", self.instructor_id.as_ref())?,
            format: format(self.venue, self.link)?,
            starts_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::UNIX_EPOCH,
            time_zone: self.time_zone,
            opens_at: None,
            closes_at: None,
            capacity: count("capacity", self.capacity)?,
            currency: currency("currency", &self.currency)?,
            taxation: Taxation { rate: share("vatPercent", self.vat_percent)?, rounding: self.rounding.into() },
            tickets: tickets.collect::<Result<_>>()?,
            admission: if self.needs_approval { Admission::Approval { holds_place } } else { Admission::Automatic },
            hold: Minutes(count("holdMinutes", self.hold_minutes)?),
            waitlist: self.waitlist,
            offer: Minutes(count("offerMinutes", self.offer_minutes)?),
            refunds: refunds.collect::<Result<_>>()?,
            questions: questions.collect::<Result<_>>()?,
            visibility: self.visibility.into(),
            group: count("groupLimit", self.group_limit)?,
        };
        Ok(RunDraft { timing, plan })
    }
}

/// Where it takes place, by what is given.
fn format(venue: Option<VenueInput>, link: Option<String>) -> Result<Format> {
    let venue = venue.map(VenueInput::read).transpose()?;
    match (venue, link) {
        (Some(venue), None) => Ok(Format::OnSite { venue }),
        (None, Some(link)) => Ok(Format::Online { link }),
        (Some(venue), Some(link)) => Ok(Format::Hybrid { venue, link }),
        (None, None) => Err(Failure::expected("venue", "a venue, a link, or both")),
    }
}

impl VenueInput {
    fn read(self) -> Result<Venue> {
        let read = |CoordinatesInput { latitude, longitude }| -> Result<(i32, i32)> {
            let latitude = millionths("venue.coordinates.latitude", latitude, 90)?;
            Ok((latitude, millionths("venue.coordinates.longitude", longitude, 180)?))
        };
        Ok(Venue { name: self.name, city: self.city, coordinates: self.coordinates.map(read).transpose()? })
    }
}

impl RefundStepInput {
    fn read(self, at: &str) -> Result<RefundStep> {
        let before = Minutes(count(&format!("{at}.beforeMinutes"), self.before_minutes)?);
        Ok(RefundStep { before, share: share(&format!("{at}.percent"), self.percent)? })
    }
}

impl QuestionInput {
    fn read(self, at: &str) -> Result<Question> {
        let kind = self.kind.with(self.choices).ok_or_else(|| {
            let field = format!("{at}.choices");
            Failure::expected(&field, "none, for a question of this kind")
        })?;
        Ok(Question { key: self.key, label: self.label, kind, required: self.required })
    }
}
