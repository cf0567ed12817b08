//! Tickets and codes as organisers send them.

use async_graphql::{ID, InputObject, OneofObject};
use commands::booking::DiscountDraft;
use domain::{
    booking::{Audience, Discount, Reduction, Ticket, Tier},
    kernel::Timestamp,
};

use super::{
    amounts::{MoneyInput, count, share},
    words::TicketAudience,
};
use crate::{
    failure::{Failure, Result},
    identity::Plan,
    input,
};

/// A kind of ticket.
#[derive(InputObject)]
pub(crate) struct TicketInput {
    /// What it goes by: 1 to 40 lower-case letters, digits and hyphens. No other ticket of the run has it, and it stays the same.
    key: String,
    name: String,
    /// With tax, in the run's currency; 0 where it is free.
    price: MoneyInput,
    /// Lower prices for who comes early, tried in order; at most 10.
    #[graphql(default)]
    tiers: Vec<TierInput>,
    /// How many places may be taken with it; left out: as many as the run has.
    quota: Option<i64>,
    #[graphql(default_with = "TicketAudience::Everyone")]
    audience: TicketAudience,
    /// For an audience of accounts on a plan: the least that they are on.
    plan: Option<Plan>,
}

/// A price that holds for a time, or for the first places, or both.
#[derive(InputObject)]
pub(crate) struct TierInput {
    until: Option<Timestamp>,
    first: Option<i64>,
    price: MoneyInput,
}

/// By how much a price is reduced.
#[derive(OneofObject)]
pub(crate) enum ReductionInput {
    /// More than 0, at most 100, with at most two decimals.
    Percent(f64),
    /// On a registration as a whole.
    Amount(MoneyInput),
}

/// A code that reduces a price, or admits to what is not for everybody.
#[derive(InputObject)]
pub(crate) struct DiscountCreateInput {
    run_id: ID,
    /// 4 to 40 letters, digits and hyphens; whoever types it need not mind the case.
    code: String,
    reduction: Option<ReductionInput>,
    /// It admits to runs and tickets that need a code.
    #[graphql(default)]
    admits: bool,
    /// How many registrations may be made with it; left out: any number.
    uses: Option<i64>,
    until: Option<Timestamp>,
    /// Keys of the tickets that it is for; none: all of them.
    #[graphql(default)]
    tickets: Vec<String>,
    pub(super) idempotency_key: Option<String>,
}

impl TicketInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self, at: &str) -> Result<Ticket> {
        let field = |name: &str| format!("{at}.{name}");
        let audience = match (self.audience, self.plan) {
            (TicketAudience::Plan, Some(plan)) => Audience::Plan(plan.into()),
            (TicketAudience::Plan, None) => return Err(Failure::expected(&field("plan"), "a plan, for this audience")),
            (_, Some(_)) => return Err(Failure::expected(&field("plan"), "none, for this audience")),
            (TicketAudience::Everyone, None) => Audience::Everyone,
            (TicketAudience::Code, None) => Audience::Code,
            (TicketAudience::Invited, None) => Audience::Invited,
        };
        let tiers = self.tiers.into_iter().enumerate().map(|(index, tier)| tier.read(&format!("{at}.tiers[{index}]")));
        Ok(Ticket {
            key: self.key,
            name: self.name,
            price: self.price.read(&field("price"))?,
            tiers: tiers.collect::<Result<_>>()?,
            quota: self.quota.map(|quota| count(&field("quota"), quota)).transpose()?,
            audience,
        })
    }
}

impl TierInput {
    fn read(self, at: &str) -> Result<Tier> {
        let first = self.first.map(|first| count(&format!("{at}.first"), first)).transpose()?;
        Ok(Tier { until: self.until, first, price: self.price.read(&format!("{at}.price"))? })
    }
}

impl DiscountCreateInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self) -> Result<DiscountDraft> {
        let reduction = match self.reduction {
            None => Reduction::None,
            Some(ReductionInput::Percent(percent)) => Reduction::Share(share("reduction.percent", percent)?),
            Some(ReductionInput::Amount(amount)) => Reduction::Amount(amount.read("reduction.amount")?),
        };
        let discount = Discount {
            code: self.code,
            reduction,
            admits: self.admits,
            uses: self.uses.map(|uses| count("uses", uses)).transpose()?,
            until: self.until,
            tickets: self.tickets.into_iter().collect(),
        };
        Ok(DiscountDraft { run: input::id("runId", &self.run_id)?, discount })
    }
}
