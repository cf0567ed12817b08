//! Erasing people: their key is destroyed, and with it everything about them becomes unreadable wherever it was copied to.

use std::collections::BTreeSet;

use domain::{
    Decider, Event,
    booking::registrant::{Registrant, RegistrantEvent},
    fact,
    identity::{
        Email, ErasureReason, IdentityRejection as Rejection, Permission,
        account::{Account, AccountCommand, AccountEvent},
        email_claim::{EmailClaim, EmailClaimCommand},
        legal_hold::{LegalHold, LegalHoldCommand},
        provider_claim::{ProviderClaim, ProviderClaimCommand},
        role_book::{RoleBook, RoleBookCommand},
    },
    kernel::{AccountId, Personal},
};
use journal::{Position, RawEvent, vault};
use serde_json::json;
use uuid::Uuid;

use super::{Identity, owners};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

/// Events looked through at once.
const PAGE: u32 = 5000;

impl Identity {
    /// Erases a person for ever. Their address may register again, their tokens are worth nothing from now on, and their key
    /// is destroyed; if the vault cannot do that at once, the reaction to the event does. Whoever erases somebody else must
    /// give a reason, which is kept for ever.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn erase(&self, request: &Request, account: AccountId, reason: Option<&str>) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.actor.account();
        request.allowed(&acts::ACCOUNT_ERASE)?;
        let own = by == Some(account);
        if !own {
            request.actor.holds(Permission::EraseAccounts)?;
        }
        // Whoever goes by themselves holds what they hold.
        let held = if own { None } else { request.actor.held() };
        self.dispatcher.permits(request, &acts::ACCOUNT_ERASE).await?;
        let reason = match reason.map(ErasureReason::try_new).transpose() {
            Ok(reason) => reason,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let operation = Operation::new(acts::ACCOUNT_ERASE, json!({ "account": account, "reason": reason }));
        let (reason, held) = (&reason, &held);
        let work = |transaction: Transaction| async move {
            if let Account::Open { email, grants, within, .. } = transaction.rely_on(account.into(), Account::clone).await? {
                let grants = grants.and_within(within.as_deref());
                let leave = RoleBookCommand::Leave { account, grants, held: held.clone() };
                // It may lead to no event, so it is relied on besides.
                transaction.rely_on(RoleBook::ID, |_: &RoleBook| ()).await?;
                transaction.decide::<RoleBook>(RoleBook::ID, leave).await?;
                owners::leaves_one(&transaction, account).await?;
                let mut claims = BTreeSet::new();
                // Those that could be taken back as well: nobody is left to do that.
                for email in self.contact(account).await?.all_before().chain([&email]) {
                    claims.extend(self.claimed(email).await?);
                }
                for claim in claims {
                    transaction.decide::<EmailClaim>(claim, EmailClaimCommand::Release { account }).await?;
                }
            }
            transaction.decide::<LegalHold>(account.into(), LegalHoldCommand::Close).await?;
            for (identity, _) in self.ways_in(account).await?.linked() {
                transaction.decide::<ProviderClaim>(identity, ProviderClaimCommand::Release { account }).await?;
            }
            let erase = AccountCommand::Erase { account, by, reason: reason.clone() };
            transaction.decide::<Account>(account.into(), erase).await?;
            owners::expect_let_in(&transaction, request).await
        };
        let outcome = self.dispatcher.execute(request, operation, work).await?;
        if matches!(outcome, Outcome::Accepted(_) | Outcome::Rejected(Rejection::Erased))
            && let Err(fault) = self.destroy_key(account).await
        {
            tracing::error!(%account, %fault, "a person is erased, but their key is not destroyed yet; a reaction tries again");
        }
        Ok(outcome)
    }

    /// Destroys a person's key. Doing it twice is no change.
    ///
    /// # Errors
    /// The vault could not do it, or not wholly: try again.
    pub async fn destroy_key(&self, account: AccountId) -> Result<(), Fault> {
        Ok(self.dispatcher.vault().erase_subject(account.into()).await?)
    }

    /// Remembers in the vault that everything a reaction has seen is applied to it, so that the next start looks no further
    /// back.
    pub(crate) async fn erasures_applied(&self, reaction: &str) -> Result<(), Fault> {
        let position = self.dispatcher.journal().checkpoint(reaction).await?;
        Ok(self.dispatcher.vault().set_erasures_applied(position).await?)
    }

    /// Erases again whom the journal knows to be erased and the vault does not: it may have been restored from an older
    /// backup. The vault says up to where it has seen the journal, and that was restored with it.
    pub(super) async fn reapply_erasures(&self) -> Result<(), Fault> {
        let (journal, vault) = (self.dispatcher.journal(), self.dispatcher.vault());
        let (head, seen) = (journal.head().await?, vault.erasures_applied().await?);
        let mut at = seen.min(head);
        let mut erased = Vec::new();
        while at < head {
            let page = journal.read_raw(at, PAGE).await?;
            let Some(last) = page.last() else { break };
            at = Position(last.position);
            for event in &page {
                erased.extend(erased_by(event)?);
            }
        }
        let again = vault::reapply(&**vault, &erased).await?;
        if again > 0 {
            tracing::warn!(again, "the vault did not know of erasures that the journal has, as after restoring an older backup");
        }
        if at != seen {
            vault.set_erasures_applied(at).await?;
        }
        Ok(())
    }

    /// The claim on the address that an account has by now. None if it cannot be read any more.
    pub(super) async fn held_by(&self, account: AccountId) -> Result<Option<Uuid>, Fault> {
        let Account::Open { email, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
        self.claimed(&email).await
    }

    /// The claim on an account's address. None if it cannot be read any more: then it stays.
    pub(super) async fn claimed(&self, email: &Personal<Email>) -> Result<Option<Uuid>, Fault> {
        match self.open(email).await? {
            Some(email) => self.claim_of(&email).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Whom an event says is erased: of an account by its name alone.
fn erased_by(event: &RawEvent) -> Result<Option<Uuid>, Fault> {
    let erased = AccountEvent::Erased { by: None, reason: None };
    if event.aggregate_type == Account::STREAM && event.event_type == erased.name() {
        return Ok(Uuid::try_parse(&event.aggregate_id).ok());
    }
    let forgotten = RegistrantEvent::Forgotten { subject: AccountId(Uuid::nil()) };
    if event.aggregate_type != Registrant::STREAM || event.event_type != forgotten.name() {
        return Ok(None);
    }
    let Ok(version) = event.event_version.parse() else { return Ok(None) };
    let read = fact::read::<Registrant>(&event.event_type, version, &event.payload)?;
    Ok(read.map(|event| event.subject().into()))
}
