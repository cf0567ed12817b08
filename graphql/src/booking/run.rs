//! A run, as far as the viewer may see it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::{
    booking::{Admission, Plan},
    kernel::{AccountId, RunId, Timestamp},
};
use projections::booking::{registrations, runs};

use super::{
    Registration,
    money::{Money, money},
    run_parts::{RunCode, RunQuestion, RunRefundStep, RunTicket, RunVenue, percent},
    viewer::{is_invited, organises, viewer},
    words::{RunFormat, RunState, RunVisibility, TaxRounding},
};
use crate::{
    context::Access,
    failure::Result,
    identity::{Account, account},
    input::number,
    workshops::{Difficulty, Workshop, workshop},
};

/// A workshop at a time and a place, which people register for.
#[derive(Clone)]
pub(crate) struct Run {
    pub(super) row: Arc<runs::Model>,
}

impl From<runs::Model> for Run {
    fn from(row: runs::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Run {
    pub(super) fn run(&self) -> RunId {
        RunId(self.row.run)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.row.plan.0
    }

    fn is_run_by(&self, ctx: &Context<'_>) -> bool {
        self.row.is_run_by(viewer(ctx))
    }
}

/// A workshop at a time and a place, which people register for.
#[Object]
impl Run {
    pub(crate) async fn id(&self) -> ID {
        self.run().to_string().into()
    }

    async fn state(&self) -> RunState {
        self.row.life.0.into()
    }

    async fn title(&self) -> &str {
        &self.plan().title
    }

    /// `CommonMark`.
    async fn description(&self) -> &str {
        &self.plan().description
    }

    async fn category(&self) -> &str {
        &self.plan().category
    }

    async fn tags(&self) -> &[String] {
        &self.row.tags.0
    }

    /// How much who comes should already know.
    async fn level(&self) -> Option<Difficulty> {
        self.plan().level.map(Into::into)
    }

    /// The language it is held in, as a BCP 47 tag.
    async fn language(&self) -> &str {
        &self.plan().language
    }

    /// Who holds it, as it is shown.
    async fn instructor(&self) -> &str {
        &self.plan().instructor
    }

    /// The account of who holds it, where they have one.
    async fn instructor_account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        match self.row.instructor {
            Some(id) => account(ctx, AccountId(id)).await,
            None => Ok(None),
        }
    }

    async fn organiser(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.organiser)).await
    }

    /// The workshop that is worked through; null where there is none, or the caller may not see it.
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Option<Workshop>> {
        match self.plan().workshop {
            Some(id) => workshop(ctx, id).await,
            None => Ok(None),
        }
    }

    async fn format(&self) -> RunFormat {
        self.row.format.0.into()
    }

    async fn venue(&self) -> Option<RunVenue> {
        self.plan().format.venue().map(Into::into)
    }

    /// Where it is online; for who is confirmed, and who runs it.
    async fn link(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let Some(link) = self.plan().format.link() else { return Ok(None) };
        let is_shown = self.is_run_by(ctx) || own(ctx, self.run()).await?.is_some_and(|own| own.state.0.is_in());
        Ok(is_shown.then_some(link))
    }

    async fn starts_at(&self) -> Timestamp {
        self.row.starts_at
    }

    async fn ends_at(&self) -> Timestamp {
        self.row.ends_at
    }

    /// The time zone it is told in, by its name in the IANA database.
    async fn time_zone(&self) -> &str {
        &self.plan().time_zone
    }

    async fn opens_at(&self) -> Option<Timestamp> {
        self.plan().opens_at
    }

    /// When registration closes; null: when the run starts.
    async fn closes_at(&self) -> Option<Timestamp> {
        self.plan().closes_at
    }

    /// Whether people may register now.
    async fn is_open(&self, ctx: &Context<'_>) -> bool {
        self.row.life.0 == domain::booking::run::Life::Published && self.plan().is_open(ctx.read_models().at())
    }

    async fn capacity(&self) -> i32 {
        number(self.row.capacity)
    }

    /// Places that are taken: also by who has to pay, and by who is offered one.
    async fn taken(&self) -> i32 {
        number(self.row.taken)
    }

    /// Places that nobody has.
    async fn left(&self) -> i32 {
        number(self.row.left())
    }

    /// Registrations that wait.
    async fn waiting(&self) -> i32 {
        number(self.row.waiting)
    }

    /// How often somebody registered.
    async fn popularity(&self) -> i32 {
        number(self.row.requests)
    }

    /// The one currency of all its prices (ISO 4217).
    async fn currency(&self) -> &str {
        &self.row.currency
    }

    /// The lowest price of a ticket for everybody; without one, of those that a code or a plan admits to, or else of those for the invited.
    async fn price(&self) -> Money {
        money(self.row.price, &self.row.currency)
    }

    /// The tax that prices include, in percent.
    async fn vat_percent(&self) -> f64 {
        percent(self.plan().taxation.rate)
    }

    async fn rounding(&self) -> TaxRounding {
        self.plan().taxation.rounding.into()
    }

    async fn tickets(&self, ctx: &Context<'_>) -> Result<Vec<RunTicket>> {
        let taken = ctx.loaders().tickets.load_one(self.run()).await?.unwrap_or_default();
        let of = |key: &str| taken.get(key).copied().unwrap_or_default();
        let (left, now) = (self.row.left(), ctx.read_models().at());
        Ok(self.plan().tickets.iter().map(|ticket| RunTicket::of(ticket, of(&ticket.key), left, now)).collect())
    }

    /// The organiser approves each registration.
    async fn needs_approval(&self) -> bool {
        self.plan().admission != Admission::Automatic
    }

    /// Whether a place is kept for who waits for approval.
    async fn approval_holds_place(&self) -> bool {
        matches!(self.plan().admission, Admission::Approval { holds_place: true })
    }

    /// How long a place is held for who has to pay.
    async fn hold_minutes(&self) -> i32 {
        number(self.plan().hold.0)
    }

    /// Whether people may wait where there is no place.
    async fn waitlist(&self) -> bool {
        self.plan().waitlist
    }

    /// How long a place is held for who waited and is offered it.
    async fn offer_minutes(&self) -> i32 {
        number(self.plan().offer.0)
    }

    /// What who withdraws gets back; none: nothing.
    async fn refunds(&self) -> Vec<RunRefundStep> {
        self.plan().refunds.iter().map(Into::into).collect()
    }

    /// What is asked at registration.
    async fn questions(&self) -> Vec<RunQuestion> {
        self.plan().questions.iter().map(Into::into).collect()
    }

    async fn visibility(&self) -> RunVisibility {
        self.row.visibility.0.into()
    }

    /// The most seats of one registration.
    async fn group_limit(&self) -> i32 {
        number(self.plan().group)
    }

    /// The first run of the series it is part of.
    async fn series(&self) -> Option<ID> {
        self.row.series.map(|run| RunId(run).to_string().into())
    }

    /// Why it was cancelled, if it was.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref().filter(|reason| !reason.is_empty())
    }

    async fn published_at(&self) -> Option<Timestamp> {
        self.row.published_at
    }

    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }

    /// What reduces prices, or admits; for its organiser.
    async fn codes(&self, ctx: &Context<'_>) -> Option<Vec<RunCode>> {
        organises(ctx.caller(), &self.row).then(|| self.row.codes.values().map(Into::into).collect())
    }

    /// The caller's own registration: the one that counts, or else the latest.
    async fn my_registration(&self, ctx: &Context<'_>) -> Result<Option<Registration>> {
        Ok(own(ctx, self.run()).await?.map(Into::into))
    }
}

/// The caller's own registration for a run: the one that counts, or else the latest.
async fn own(ctx: &Context<'_>, run: RunId) -> Result<Option<registrations::Model>> {
    let Some(account) = ctx.caller().actor.account() else { return Ok(None) };
    let all = ctx.loaders().registrations.load_one((account, run)).await?.unwrap_or_default();
    let counts = all.iter().position(|row| row.state.0.is_live()).unwrap_or(0);
    Ok(all.into_iter().nth(counts))
}

/// A run, if it is there and the caller may see it.
pub(crate) async fn run(ctx: &Context<'_>, id: RunId) -> Result<Option<Run>> {
    run_by(ctx, id, None).await
}

/// A run, if it is there and the caller may see it with the code that they have.
pub(super) async fn run_by(ctx: &Context<'_>, id: RunId, code: Option<&str>) -> Result<Option<Run>> {
    let Some(row) = ctx.loaders().runs.load_one(id).await? else { return Ok(None) };
    let is_visible = row.is_visible_to(viewer(ctx), code, ctx.read_models().at());
    let is_visible = is_visible || own(ctx, id).await?.is_some() || is_invited(ctx, id).await?;
    Ok(is_visible.then(|| row.into()))
}
