//! What a run's events add up to. Maps that share what they have in common, since each decision plays on a copy of them.

use std::{collections::BTreeMap, sync::Arc};

use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};

use super::super::{Discount, Plan, Quote};
use crate::kernel::{AccountId, Digest, PaymentId, RegistrationId, Timestamp};

/// A workshop at a time and a place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Run {
    #[default]
    Absent,
    Scheduled(Box<Scheduled>),
}

/// A run that was scheduled, and who wants to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scheduled {
    pub organiser: AccountId,
    pub plan: Arc<Plan>,
    pub life: Life,
    pub(super) registrations: OrdMap<RegistrationId, Entry>,
    /// Who has a registration that counts, by account and by address.
    pub(super) people: OrdMap<PersonKey, RegistrationId>,
    /// Who waits, by ticket, first in line first.
    pub(super) lines: BTreeMap<String, OrdSet<Turn>>,
    /// What is held for somebody, and until when.
    pub(super) held: OrdSet<(Timestamp, RegistrationId)>,
    pub(super) taken: u32,
    pub(super) taken_of: BTreeMap<String, u32>,
    pub(super) codes: Arc<BTreeMap<String, Discount>>,
    /// Registrations that use a code.
    pub(super) uses: OrdMap<String, u32>,
    /// Registrations there have been.
    pub(super) count: u32,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    Draft,
    Published,
    Cancelled,
    Completed,
}

/// A registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub person: Person,
    pub ticket: String,
    pub seats: u16,
    pub priority: u8,
    /// Its number among all of the run.
    pub number: u32,
    pub code: Option<String>,
    pub quote: Quote,
    pub approved: bool,
    pub stage: Stage,
    pub payments: BTreeMap<PaymentId, Payment>,
    /// What is still to be given back, in minor units.
    pub owed: i64,
}

/// Who a registration is of. One of the same account or the same address is of the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// None: a guest.
    pub account: Option<AccountId>,
    /// A keyed digest of their address.
    pub address: Digest,
}

/// How far a registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    PendingApproval { holds_place: bool },
    AwaitingPayment { until: Timestamp },
    Confirmed,
    Waitlisted,
    Offered { until: Timestamp },
    Rejected,
    Expired,
    Withdrawn,
    Cancelled,
    Attended,
    NoShow,
}

/// Money that somebody sent, or tried to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub status: super::PaymentStatus,
    /// In minor units of the run's currency.
    pub amount: i64,
    pub refunded: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) enum PersonKey {
    Account(AccountId),
    Address(String),
}

/// A place in line: who has the higher priority, then who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Turn {
    /// 255 less the priority.
    rank: u8,
    number: u32,
    pub(super) registration: RegistrationId,
}

impl Stage {
    /// Whether a place is taken meanwhile.
    #[must_use]
    pub const fn takes_place(self) -> bool {
        matches!(
            self,
            Self::PendingApproval { holds_place: true }
                | Self::AwaitingPayment { .. }
                | Self::Confirmed
                | Self::Offered { .. }
                | Self::Attended
                | Self::NoShow
        )
    }

    /// Whether it counts as a registration of its person: they cannot make another meanwhile.
    #[must_use]
    pub const fn is_live(self) -> bool {
        self.takes_place() || matches!(self, Self::PendingApproval { .. } | Self::Waitlisted)
    }

    /// Until when a place is held, where it is for a time.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::AwaitingPayment { until } | Self::Offered { until } => Some(until),
            _ => None,
        }
    }

    /// As it is called in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PendingApproval { .. } => "pending approval",
            Self::AwaitingPayment { .. } => "awaiting payment",
            Self::Confirmed => "confirmed",
            Self::Waitlisted => "waitlisted",
            Self::Offered { .. } => "offered",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Attended => "attended",
            Self::NoShow => "no show",
        }
    }
}

impl Life {
    /// As it is called in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
        }
    }
}

impl Entry {
    /// What has come in and was not given back, in minor units.
    #[must_use]
    pub fn kept(&self) -> i64 {
        let paid = self.payments.values().filter(|payment| payment.status == super::PaymentStatus::Succeeded);
        paid.map(|payment| payment.amount - payment.refunded).sum()
    }

    /// What is still to be paid, in minor units. What is to be given back pays for nothing.
    #[must_use]
    pub fn due(&self) -> i64 {
        (self.quote.total.amount - self.kept() + self.owed).max(0)
    }

    pub(super) const fn turn(&self, registration: RegistrationId) -> Turn {
        Turn { rank: u8::MAX - self.priority, number: self.number, registration }
    }
}

impl Person {
    pub(super) fn keys(&self) -> impl Iterator<Item = PersonKey> + use<> {
        let address = PersonKey::Address(self.address.as_str().to_owned());
        self.account.map(PersonKey::Account).into_iter().chain([address])
    }
}

impl Scheduled {
    /// A registration.
    #[must_use]
    pub fn registration(&self, id: RegistrationId) -> Option<&Entry> {
        self.registrations.get(&id)
    }

    /// All registrations there have been, in no order that means anything.
    pub fn registrations(&self) -> impl Iterator<Item = (RegistrationId, &Entry)> {
        self.registrations.iter().map(|(id, entry)| (*id, entry))
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.lines.values().map(|line| count(line.len())).sum()
    }

    /// How many are before somebody who waits.
    #[must_use]
    pub fn ahead_of(&self, registration: RegistrationId) -> Option<u32> {
        let entry = self.registrations.get(&registration).filter(|entry| entry.stage == Stage::Waitlisted)?;
        let turn = entry.turn(registration);
        Some(self.lines.values().map(|line| count(line.iter().take_while(|other| **other < turn).count())).sum())
    }

    /// Places that are taken.
    #[must_use]
    pub const fn taken(&self) -> u32 {
        self.taken
    }

    /// Places that nobody has.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.plan.capacity.saturating_sub(self.taken)
    }

    /// When the next of what is held for somebody runs out.
    #[must_use]
    pub fn next_lapse(&self) -> Option<Timestamp> {
        self.held.get_min().map(|(until, _)| *until)
    }

    pub(super) fn taken_of(&self, ticket: &str) -> u32 {
        self.taken_of.get(ticket).copied().unwrap_or_default()
    }
}

pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl From<PersonKey> for String {
    fn from(key: PersonKey) -> Self {
        match key {
            PersonKey::Account(account) => account.to_string(),
            PersonKey::Address(digest) => digest,
        }
    }
}

impl TryFrom<String> for PersonKey {
    type Error = crate::kernel::IdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.contains('_') { text.parse().map(Self::Account) } else { Ok(Self::Address(text)) }
    }
}
