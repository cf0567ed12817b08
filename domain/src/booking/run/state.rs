//! What a run's events add up to. Maps that share what they have in common, since each decision plays on a copy of them.

use std::{collections::BTreeMap, sync::Arc};

use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};

use super::{
    super::{Discount, Invitation, Plan, Quote},
    Payment, Refund, Stage,
};
use crate::kernel::{AccountId, Digest, IdError, PaymentId, RefundId, RegistrationId, RunId, SessionId, Timestamp};

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
    /// The first run of the series it is part of.
    pub series: Option<RunId>,
    pub plan: Arc<Plan>,
    pub life: Life,
    /// Why it was called off, if it was.
    pub called_off: Option<String>,
    /// How often people's calendars were made out of date: it was published, revised, moved or called off.
    pub revision: u32,
    pub(super) registrations: OrdMap<RegistrationId, Arc<Entry>>,
    /// Who has a registration that counts, by account and by address.
    pub(super) people: OrdMap<PersonKey, RegistrationId>,
    /// Who is invited, by digests of addresses.
    pub(super) invitations: OrdMap<String, Invitation>,
    /// Who waits, by ticket, first in line first.
    pub(super) lines: BTreeMap<String, OrdSet<Turn>>,
    /// What is held for somebody, and until when.
    pub(super) held: OrdSet<(Timestamp, RegistrationId)>,
    pub(super) taken: u32,
    pub(super) taken_of: BTreeMap<String, u32>,
    pub(super) codes: Arc<BTreeMap<String, Discount>>,
    /// Registrations that use a code.
    pub(super) uses: OrdMap<String, u32>,
    /// The last number that a registration got.
    pub(super) count: u32,
    /// Registrations up to this number were made for another time than the run has now.
    pub(super) moved_for: u32,
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
    /// Keyed digests of the addresses of those who come along and are named by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) members: Vec<Digest>,
    pub ticket: String,
    pub seats: u16,
    /// Who has a higher one is before others in line.
    pub priority: u8,
    /// Its number among all of the run: who has a lower one came earlier.
    pub number: u32,
    pub code: Option<String>,
    pub quote: Quote,
    pub approved: bool,
    /// Whether it has been confirmed since it was made or reinstated, whatever has become of it.
    pub confirmed: bool,
    pub stage: Stage,
    pub payments: BTreeMap<PaymentId, Payment>,
    /// What is still to be given back, in minor units.
    pub owed: i64,
    /// What nobody is asked for any more, in minor units: it went back though it was not owed, and they have the place and had paid for it.
    pub forgiven: i64,
    /// The session that each who had it began last, by account.
    pub(super) sessions: BTreeMap<AccountId, Held>,
    /// How often it has come to another stage, or to another person.
    pub revision: u32,
}

/// A session that somebody began because of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) session: SessionId,
    /// Whether nobody has the registration instead since it was begun.
    pub(super) stands: bool,
}

/// Who a registration is of. One of the same account or the same address is of the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// None: a guest.
    pub account: Option<AccountId>,
    /// A keyed digest of their address; where nobody has verified the address of an account, one that is of nobody else.
    pub address: Digest,
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
    pub(super) seats: u16,
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
        self.payments.values().map(Payment::kept).sum()
    }

    /// What is missing for its place, in minor units. What is to be given back pays for nothing, and what went back of who had paid is
    /// not missing.
    #[must_use]
    pub fn due(&self) -> i64 {
        (self.quote.total.amount - self.kept() + self.owed - self.forgiven).max(0)
    }

    /// What is to be paid now, in minor units: who waits for something else is asked for nothing yet, and who has paid for nothing more,
    /// whatever went back since. Who has a place though a payment was taken back still has to pay for it.
    #[must_use]
    pub fn payable(&self) -> i64 {
        if self.has_place() || matches!(self.stage, Stage::AwaitingPayment { .. }) { self.due() } else { 0 }
    }

    /// Whether the place is theirs, or was.
    pub(super) const fn has_place(&self) -> bool {
        matches!(self.stage, Stage::Confirmed | Stage::Attended | Stage::NoShow)
    }

    /// The payment of what is due that was opened and has not failed, if there is one.
    #[must_use]
    pub fn open_payment(&self) -> Option<PaymentId> {
        let due = self.due();
        self.payments.iter().find(|(_, payment)| payment.is_open() && payment.amount == due).map(|(id, _)| *id)
    }

    /// A refund, by its id or by what whoever moves money knows it by, with the payment that it is of and its id.
    pub(super) fn refund(&self, refund: RefundId) -> Option<(PaymentId, RefundId, Refund)> {
        let mut all = self.payments.iter().flat_map(|(payment, paid)| paid.refunds.iter().map(|(id, known)| (*payment, *id, *known)));
        all.find(|(_, id, known)| *id == refund || known.told_as == Some(refund))
    }

    /// Whoever is decided on anew pays as anybody.
    pub(super) fn forgive_nothing(&mut self) {
        self.forgiven = 0;
        let refunds = self.payments.values_mut().flat_map(|payment| payment.refunds.values_mut());
        refunds.for_each(|refund| refund.forgiven = 0);
    }

    pub(super) const fn turn(&self, registration: RegistrationId) -> Turn {
        Turn { rank: u8::MAX - self.priority, number: self.number, registration, seats: self.seats }
    }
}

impl Person {
    pub(super) fn keys(&self) -> impl Iterator<Item = PersonKey> + use<> {
        let address = PersonKey::Address(self.address.as_str().to_owned());
        self.account.map(PersonKey::Account).into_iter().chain([address])
    }
}

impl Run {
    /// What there is of it, once it was scheduled.
    #[must_use]
    pub fn scheduled(&self) -> Option<&Scheduled> {
        match self {
            Self::Scheduled(run) => Some(run),
            Self::Absent => None,
        }
    }
}

impl Scheduled {
    /// A registration.
    #[must_use]
    pub fn registration(&self, id: RegistrationId) -> Option<&Entry> {
        self.registrations.get(&id).map(Arc::as_ref)
    }

    /// The one of an account that counts.
    #[must_use]
    pub fn registration_of(&self, account: AccountId) -> Option<RegistrationId> {
        self.people.get(&PersonKey::Account(account)).copied()
    }

    /// All registrations there have been, in no order that means anything.
    pub fn registrations(&self) -> impl Iterator<Item = (RegistrationId, &Entry)> {
        self.registrations.iter().map(|(id, entry)| (*id, entry.as_ref()))
    }

    /// An invitation to an address.
    #[must_use]
    pub fn invitation(&self, address: &Digest) -> Option<&Invitation> {
        self.invitations.get(address.as_str())
    }

    /// Whether a registration was made for another time than the run has now.
    #[must_use]
    pub const fn was_moved_since(&self, entry: &Entry) -> bool {
        entry.number <= self.moved_for
    }

    /// How many registrations wait.
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

    /// Places of a ticket that are taken.
    #[must_use]
    pub fn taken_of(&self, ticket: &str) -> u32 {
        self.taken_of.get(ticket).copied().unwrap_or_default()
    }

    /// When the next of what is held for somebody runs out.
    #[must_use]
    pub fn next_lapse(&self) -> Option<Timestamp> {
        self.held.get_min().map(|(until, _)| *until)
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
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        if text.contains('_') { text.parse().map(Self::Account) } else { Ok(Self::Address(text)) }
    }
}
