//! Codes that reduce a price, or admit to what is not for everybody.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Flaw;
use crate::kernel::{Currency, Money, Timestamp};

/// A code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discount {
    /// In capital letters, digits and hyphens; whoever types it need not mind the case.
    pub code: String,
    pub reduction: Reduction,
    /// It admits to runs and tickets that need a code.
    pub admits: bool,
    /// How many registrations may be made with it; none: any number.
    pub uses: Option<u32>,
    pub until: Option<Timestamp>,
    /// For which tickets, by key; none: for all.
    pub tickets: BTreeSet<String>,
}

/// By how much a price is reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    None,
    /// In hundredths of a percent.
    Share(u16),
    /// On the registration as a whole.
    Amount(Money),
}

impl Discount {
    /// A code as it is compared.
    #[must_use]
    pub fn folded(code: &str) -> String {
        code.trim().to_ascii_uppercase()
    }

    /// What is left of an amount; never less than nothing.
    #[must_use]
    pub fn applied(&self, full: Money) -> Money {
        match self.reduction {
            Reduction::None => full,
            Reduction::Share(share) => Money { amount: full.amount - full.share(share.into(), 10_000).amount, ..full },
            Reduction::Amount(off) => Money { amount: (full.amount - off.amount).max(0), ..full },
        }
    }

    /// Whether it is for a ticket at a time.
    #[must_use]
    pub fn is_for(&self, ticket: &str, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until) && (self.tickets.is_empty() || self.tickets.contains(ticket))
    }

    pub(super) fn flaws(&self, currency: Currency) -> Vec<Flaw> {
        let mut flaws = vec![];
        let mut expect = |is_met: bool, at: &str, expected: &str| {
            if !is_met {
                flaws.push(Flaw { at: at.to_owned(), expected: expected.to_owned() });
            }
        };
        let is_plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        expect((4..=40).contains(&self.code.len()) && self.code.chars().all(is_plain), "code", "4 to 40 letters, digits and hyphens");
        expect(self.uses != Some(0), "uses", "1 or more, or none");
        match self.reduction {
            Reduction::None => expect(self.admits, "reduction", "a reduction, unless the code admits"),
            Reduction::Share(share) => expect((1..=10_000).contains(&share), "reduction.percent", "more than 0 and at most 100 percent"),
            Reduction::Amount(off) => {
                expect(off.amount > 0 && off.currency == currency, "reduction.amount", "an amount in the run's currency");
            }
        }
        flaws
    }
}

#[cfg(test)]
mod tests;
