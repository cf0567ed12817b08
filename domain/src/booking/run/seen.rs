//! Who may see a run.

use std::collections::BTreeMap;

use super::{
    super::{Discount, Invitation, Visibility},
    Life, Scheduled,
};
use crate::kernel::{AccountId, Digest, RegistrationId, Timestamp};

impl Visibility {
    /// Whether a run is there for everybody who knows its id, with the code that they have.
    #[must_use]
    pub fn shows(self, life: Life, codes: &BTreeMap<String, Discount>, code: Option<&str>, now: Timestamp) -> bool {
        let admits = |code: &str| {
            let discount = codes.get(&Discount::folded(code));
            discount.is_some_and(|discount| discount.admits && discount.until.is_none_or(|until| now < until))
        };
        life != Life::Draft && (self != Self::Code || code.is_some_and(admits))
    }
}

impl Scheduled {
    /// Whether it is there for everybody who knows its id, with the code that they have.
    #[must_use]
    pub fn is_shown(&self, code: Option<&str>, now: Timestamp) -> bool {
        self.plan.visibility.shows(self.life, &self.codes, code, now)
    }

    /// Whether an account sees it, whoever else does: it organises or holds it, or has or had a registration for it.
    #[must_use]
    pub fn is_shown_to(&self, account: AccountId) -> bool {
        let is_run_by = self.organiser == account || self.plan.instructor_account == Some(account);
        is_run_by || self.registrations().any(|(_, entry)| entry.person.account == Some(account))
    }

    /// Whether whoever has an address sees it because they are invited. A draft is there for who looks after it alone.
    #[must_use]
    pub fn is_shown_to_invited(&self, address: &Digest, now: Timestamp) -> bool {
        self.life != Life::Draft && self.invitation(address).is_some_and(|invitation| invitation.is_good(now))
    }

    /// Whether who comes by the link of an invitation sees it: they have registered by it, it is there for all, or they are invited still.
    #[must_use]
    pub fn is_shown_by_link(&self, registration: RegistrationId, address: &Digest, now: Timestamp) -> bool {
        let is_invited = |invitation: &Invitation| invitation.registration == registration && invitation.is_good(now);
        self.registration(registration).is_some() || self.is_shown(None, now) || self.invitation(address).is_some_and(is_invited)
    }
}
