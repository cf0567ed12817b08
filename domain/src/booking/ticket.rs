//! Kinds of tickets, and what they cost.

use serde::{Deserialize, Serialize};

use super::{
    BookingRejection as Rejection, Discount, Flaw,
    tax::{Taxation, spread},
};
use crate::kernel::{Money, Plan as AccountPlan, Timestamp};

/// A kind of ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// What it goes by; it stays the same.
    pub key: String,
    pub name: String,
    /// With tax.
    pub price: Money,
    /// Lower prices for whoever comes early, tried in order.
    pub tiers: Vec<Tier>,
    /// How many places may be taken with it; none: as many as the run has.
    pub quota: Option<u32>,
    pub audience: Audience,
}

/// Who may take a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Everyone,
    /// Accounts on this plan, or on one that allows more.
    Plan(AccountPlan),
    /// Who has a code that admits, or is invited.
    Code,
    Invited,
}

/// A price that holds for a time, or for the first places, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    pub until: Option<Timestamp>,
    pub first: Option<u32>,
    pub price: Money,
}

/// What a registration costs, as it was when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// A seat, with tax, before the discount: the first of them, where those after it are too many for a lower price.
    pub price: Money,
    /// On all seats together; not negative.
    pub discount: Money,
    /// What is to be paid.
    pub total: Money,
    /// The tax in it.
    pub tax: Money,
}

impl Ticket {
    /// What a seat costs at `now`, when `taken` places of it are taken.
    #[must_use]
    pub fn price(&self, now: Timestamp, taken: u32) -> Money {
        let holds = |tier: &&Tier| tier.until.is_none_or(|until| now < until) && tier.first.is_none_or(|first| taken < first);
        self.tiers.iter().find(holds).map_or(self.price, |tier| tier.price)
    }

    /// What `seats` of them cost at `now`, when `taken` places of it are taken: each as if they came one after the other, so that a price
    /// for the first places is for no more than these.
    ///
    /// # Errors
    /// Amounts that are too large.
    pub fn quote(
        &self,
        now: Timestamp,
        taken: u32,
        seats: u16,
        discount: Option<&Discount>,
        taxation: Taxation,
    ) -> Result<Quote, Rejection> {
        let price = self.price(now, taken);
        let prices: Vec<Money> = (0..seats).map(|before| self.price(now, taken.saturating_add(before.into()))).collect();
        let full = prices.iter().try_fold(Money::zero(price.currency), |sum, price| sum.plus(*price))?;
        let reduced = discount.map_or(full, |discount| discount.applied(full));
        let discount = full.minus(reduced)?;
        let weights: Vec<i64> = prices.iter().map(|price| price.amount).collect();
        let lines: Vec<Money> = spread(reduced.amount, &weights).into_iter().map(|amount| Money { amount, ..reduced }).collect();
        let sum = taxation.totals(&lines, price.currency)?.sum;
        Ok(Quote { price, discount, total: sum.gross, tax: sum.tax })
    }

    pub(super) fn flaws(&self, at: &str) -> Vec<Flaw> {
        let mut flaws = vec![];
        let mut expect = |is_met: bool, field: &str, expected: &str| {
            if !is_met {
                flaws.push(Flaw { at: format!("{at}.{field}"), expected: expected.to_owned() });
            }
        };
        let is_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        expect((1..=40).contains(&self.key.len()) && self.key.chars().all(is_key), "key", "1 to 40 lower-case letters, digits and hyphens");
        expect((1..=80).contains(&self.name.trim().chars().count()), "name", "1 to 80 characters");
        expect((0..=MOST).contains(&self.price.amount), "price", "an amount that is not negative, of 1000000000 minor units at most");
        expect(self.quota != Some(0), "quota", "1 or more, or none");
        expect(self.tiers.len() <= 10, "tiers", "at most 10");
        for (index, tier) in self.tiers.iter().enumerate() {
            let Tier { until, first, price } = tier;
            expect(
                until.is_some() || first.is_some(),
                &format!("tiers[{index}]"),
                "a time until which, or a number of places for which, it holds",
            );
            let is_price = price.currency == self.price.currency && (0..=self.price.amount).contains(&price.amount);
            expect(is_price, &format!("tiers[{index}].price"), "an amount in the ticket's currency that is not above its price");
        }
        flaws
    }
}

/// The highest price, in minor units.
const MOST: i64 = 1_000_000_000;

#[cfg(test)]
mod tests;
