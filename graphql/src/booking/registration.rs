//! A registration, as far as the viewer may see it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{
    booking::run::PaymentState as State,
    kernel::{AccountId, RegistrationId, RunId, Timestamp},
};
use projections::booking::registrations;

use super::{
    Run,
    money::{Money, money},
    registrant::Registrant,
    viewer::organises,
    words::{PaymentState, RefundReason, RegistrationState},
};
use crate::{
    context::Access,
    failure::Result,
    identity::{Account, account},
    input::number,
    notes,
};

/// A person's, or a group's, registration for a run. It is shown to whom it is of, and to who organises the run.
#[derive(Clone)]
pub(crate) struct Registration {
    row: Arc<registrations::Model>,
}

/// Money that somebody sent for a registration, or tried to.
#[derive(SimpleObject)]
pub(crate) struct RegistrationPayment {
    id: ID,
    state: PaymentState,
    amount: Money,
    /// What was given back of it.
    refunded: Money,
    refunds: Vec<RegistrationRefund>,
    /// Whether that it came in was recorded by hand: `paymentUndoRecord` takes it back.
    by_hand: bool,
    /// Why it was taken back, if somebody said so.
    undone_for: Option<String>,
    opened_at: Timestamp,
    updated_at: Timestamp,
}

/// Money that was given back.
#[derive(SimpleObject)]
pub(crate) struct RegistrationRefund {
    id: ID,
    amount: Money,
    /// Whether that it went back was recorded by hand: `paymentUndoRefund` takes it back.
    by_hand: bool,
    /// Whether it was taken back: it never went back, and does not count.
    is_undone: bool,
    /// Why it was taken back, if somebody said so.
    undone_for: Option<String>,
    recorded_at: Timestamp,
}

/// What a registration costs, as it was when it was made.
#[derive(SimpleObject)]
pub(crate) struct RegistrationQuote {
    /// A seat, with tax, before the discount: the first of them, where those after it are too many for a lower price.
    price: Money,
    /// On all seats together.
    discount: Money,
    /// What is to be paid.
    total: Money,
    /// The tax in it.
    tax: Money,
}

impl From<registrations::Model> for Registration {
    fn from(row: registrations::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Registration {
    fn registration(&self) -> RegistrationId {
        RegistrationId(self.row.registration)
    }

    fn money(&self, amount: i64) -> Money {
        money(amount, &self.row.currency)
    }

    fn payment(&self, payment: &registrations::Payment) -> RegistrationPayment {
        let refund = |refund: &registrations::Refund| RegistrationRefund {
            id: refund.refund.to_string().into(),
            amount: self.money(refund.amount),
            by_hand: refund.by_hand,
            is_undone: refund.is_undone,
            undone_for: refund.undone_for.clone(),
            recorded_at: refund.at,
        };
        RegistrationPayment {
            id: payment.payment.to_string().into(),
            state: State::of(payment.status, payment.amount, payment.refunded()).into(),
            amount: self.money(payment.amount),
            refunded: self.money(payment.refunded()),
            refunds: payment.refunds.iter().map(refund).collect(),
            by_hand: payment.by_hand,
            undone_for: payment.undone_for.clone(),
            opened_at: payment.opened_at,
            updated_at: payment.updated_at,
        }
    }
}

/// A person's, or a group's, registration for a run. It is shown to whom it is of, and to who organises the run.
#[Object]
impl Registration {
    pub(crate) async fn id(&self) -> ID {
        self.registration().to_string().into()
    }

    async fn state(&self) -> RegistrationState {
        self.row.state.0.into()
    }

    async fn run(&self, ctx: &Context<'_>) -> Result<Option<Run>> {
        Ok(ctx.loaders().runs.load_one(RunId(self.row.run)).await?.map(Into::into))
    }

    /// The account it is of; null: a guest's.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        match self.row.account {
            Some(id) => account(ctx, AccountId(id)).await,
            None => Ok(None),
        }
    }

    /// Who is behind it.
    async fn registrant(&self, ctx: &Context<'_>) -> Result<Option<Registrant>> {
        Ok(ctx.loaders().registrants.load_one(self.registration()).await?.map(|row| Registrant { row }))
    }

    /// The ticket's key.
    async fn ticket(&self) -> &str {
        &self.row.ticket
    }

    async fn seats(&self) -> i32 {
        number(self.row.seats)
    }

    /// Its number among all of the run: who has a lower one came earlier.
    async fn number(&self) -> i32 {
        number(self.row.number)
    }

    /// Until when a place is held, where it is for a time.
    async fn held_until(&self) -> Option<Timestamp> {
        self.row.held_until
    }

    /// Its place in line, from 1, where it waits: who has a higher priority is before others, and among those who came first.
    async fn position(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        if self.row.state.0 != registrations::RegistrationState::Waitlisted {
            return Ok(None);
        }
        Ok(ctx.loaders().ahead.load_one(self.registration()).await?.map(|ahead| number(ahead.saturating_add(1))))
    }

    /// Who has a higher one is before others in line.
    async fn priority(&self) -> i32 {
        number(self.row.priority)
    }

    async fn approved(&self) -> bool {
        self.row.approved
    }

    /// The code it was made with.
    async fn code(&self) -> Option<&str> {
        self.row.code.as_deref()
    }

    /// What it costs, as it was when it was made.
    async fn quote(&self) -> RegistrationQuote {
        let quote = &self.row.quote.0;
        RegistrationQuote { price: quote.price.into(), discount: quote.discount.into(), total: quote.total.into(), tax: quote.tax.into() }
    }

    /// What came in and was not given back.
    async fn paid(&self) -> Money {
        self.money(self.row.kept)
    }

    /// What is to be paid now: nothing, before it awaits payment and once it was paid for.
    async fn due(&self) -> Money {
        self.money(self.row.due())
    }

    /// What is still to be given back.
    async fn owed(&self) -> Money {
        self.money(self.row.owed)
    }

    /// Why money is to be given back, or was the last time.
    async fn owed_for(&self) -> Option<RefundReason> {
        self.row.owed_for.map(|reason| reason.0.into())
    }

    /// In the order in which they were opened.
    async fn payments(&self) -> Vec<RegistrationPayment> {
        self.row.payments.iter().map(|payment| self.payment(payment)).collect()
    }

    /// Why it was rejected or cancelled, if somebody said so.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    async fn requested_at(&self) -> Timestamp {
        self.row.requested_at
    }

    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }

    async fn checked_in_at(&self) -> Option<Timestamp> {
        self.row.checked_in_at
    }
}

/// A registration, if it is there and the caller may see it. Who sees somebody else's is in the audit.
pub(crate) async fn registration(ctx: &Context<'_>, id: RegistrationId) -> Result<Option<Registration>> {
    let Some(row) = ctx.loaders().registrations.load_one(id).await? else { return Ok(None) };
    let is_own = row.account.is_some() && row.account.map(AccountId) == ctx.caller().actor.account();
    let is_visible = is_own || is_organised(ctx, RunId(row.run)).await?;
    if is_visible && !is_own {
        notes::shown(ctx, row.account.map(AccountId));
    }
    Ok(is_visible.then(|| row.into()))
}

/// Whether the caller may see who registered for a run.
pub(super) async fn is_organised(ctx: &Context<'_>, run: RunId) -> Result<bool> {
    let run = ctx.loaders().runs.load_one(run).await?;
    Ok(run.is_some_and(|run| organises(ctx.caller(), &run)))
}
