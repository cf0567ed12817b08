//! What is decided of passkeys.

use super::{AccountId, ErasureReason, Kept, Passkey, PasskeyId, Rejection, WaysIn, WaysInEvent};
use crate::identity::passkey::MOST;

impl WaysIn {
    /// All of them, also those that are good no more.
    pub fn passkeys(&self) -> impl Iterator<Item = (PasskeyId, &Kept)> {
        self.passkeys.iter().map(|(id, kept)| (*id, kept))
    }

    /// One of them.
    #[must_use]
    pub fn passkey(&self, id: PasskeyId) -> Option<&Kept> {
        self.passkeys.get(&id)
    }

    /// Whether there is one that somebody can sign in by.
    #[must_use]
    pub fn has_passkey(&self) -> bool {
        self.passkeys.values().any(|kept| !kept.copied)
    }

    pub(super) fn register_passkey(&self, account: AccountId, id: PasskeyId, passkey: Passkey) -> Result<Vec<WaysInEvent>, Rejection> {
        if self.passkeys.contains_key(&id) {
            return Err(Rejection::PasskeyTaken);
        }
        if self.passkeys.len() >= MOST {
            return Err(Rejection::TooManyPasskeys);
        }
        Ok(vec![WaysInEvent::PasskeyRegistered { account, id, passkey }])
    }

    /// Whether somebody signs in by one with this counter.
    pub(super) fn use_passkey(&self, id: PasskeyId, counter: u32) -> Result<(), Rejection> {
        match self.passkeys.get(&id) {
            None => Err(Rejection::PasskeyInvalid),
            Some(kept) if kept.copied || !kept.goes_on(counter) => Err(Rejection::PasskeyCopied),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn report_passkey(&self, account: AccountId, id: PasskeyId, counter: u32) -> Vec<WaysInEvent> {
        let behind = self.passkeys.get(&id).filter(|kept| !kept.copied && !kept.goes_on(counter));
        let kept = behind.map(|kept| kept.passkey.counter);
        kept.map(|kept| WaysInEvent::PasskeyCounterWentBack { account, id, kept, shown: counter }).into_iter().collect()
    }

    pub(super) fn remove_passkey(&self, account: AccountId, id: PasskeyId) -> Result<Vec<WaysInEvent>, Rejection> {
        let kept = self.passkeys.get(&id).ok_or(Rejection::PasskeyNotFound)?;
        let another = self.passkeys.iter().any(|(other, kept)| *other != id && !kept.copied);
        // One that is good no more is no way in.
        if !kept.copied && self.no_password && self.linked.is_empty() && !another {
            return Err(Rejection::LastWayIn);
        }
        Ok(vec![removed(account, id)])
    }

    pub(super) fn reset_passkeys(
        &self,
        account: AccountId,
        by: Option<AccountId>,
        reason: &ErasureReason,
    ) -> impl Iterator<Item = WaysInEvent> {
        self.passkeys.keys().map(move |id| WaysInEvent::PasskeyRemoved { account, id: *id, by, reason: Some(reason.clone()) })
    }

    pub(super) fn evolve_passkeys(&mut self, event: &WaysInEvent) {
        match event {
            WaysInEvent::PasskeyRegistered { id, passkey, .. } => drop(self.passkeys.insert(*id, Kept::new(passkey.clone()))),
            WaysInEvent::PasskeyUsed { id, counter, backed_up, at, .. } => {
                if let Some(Kept { passkey, last_used_at, .. }) = self.passkeys.get_mut(id) {
                    (passkey.counter, passkey.backed_up, *last_used_at) = (*counter, *backed_up, Some(*at));
                }
            }
            WaysInEvent::PasskeyCounterWentBack { id, .. } => {
                if let Some(kept) = self.passkeys.get_mut(id) {
                    kept.copied = true;
                }
            }
            WaysInEvent::PasskeyRemoved { id, .. } => drop(self.passkeys.remove(id)),
            WaysInEvent::OpenedWithoutPassword { .. }
            | WaysInEvent::PasswordSet { .. }
            | WaysInEvent::Linked { .. }
            | WaysInEvent::Unlinked { .. }
            | WaysInEvent::RolesMapped { .. } => {}
        }
    }
}

/// By its owner.
pub(super) const fn removed(account: AccountId, id: PasskeyId) -> WaysInEvent {
    WaysInEvent::PasskeyRemoved { account, id, by: None, reason: None }
}

#[cfg(test)]
mod tests;
