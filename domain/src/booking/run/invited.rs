//! Who is invited, and has not registered.

use std::collections::BTreeSet;

use super::{super::Invitation, Scheduled};
use crate::kernel::{Digest, RegistrationId, Timestamp};

impl Scheduled {
    /// Invitations that are good at a time, of those who have never registered.
    pub fn unanswered(&self, now: Timestamp) -> impl Iterator<Item = &Invitation> {
        let known: BTreeSet<&str> = self.registrations().map(|(_, entry)| entry.person.address.as_str()).collect();
        self.invitations.values().filter(move |invitation| {
            let has_registered = known.contains(invitation.address.as_str()) || self.registration(invitation.registration).is_some();
            invitation.is_good(now) && !has_registered
        })
    }

    /// Whether nobody has registered who was invited at an address, or by this id of a registration.
    #[must_use]
    pub fn is_unanswered(&self, address: &Digest, registration: RegistrationId) -> bool {
        !self.registrations().any(|(id, entry)| id == registration || entry.person.address == *address)
    }
}
