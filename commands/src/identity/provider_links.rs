//! Linking an account with a person at a provider, and unlinking it. Whoever links shows both: that the account is theirs, by a fresh
//! proof, and the person at the provider, by going there from the same sign-in. So nobody links another's account, nor has another link
//! theirs.

use std::collections::BTreeSet;

use domain::{
    identity::{
        AnyRole, IdentityRejection as Rejection,
        provider_claim::{ProviderClaim, ProviderClaimCommand},
        ways_in::{Link, WaysIn, WaysInCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{ExchangeCode, Identity, owners};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Identity {
    /// By what an account is signed in to.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn ways_in(&self, account: AccountId) -> Result<WaysIn, Fault> {
        self.dispatcher.state::<WaysIn>(account.into()).await
    }

    /// Lets whoever asks go to a provider to be linked. What comes of it is good for [`Self::link_provider`] by the same sign-in.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn begin_link(&self, request: &Request, provider: &str) -> Result<Result<ExchangeCode, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PROVIDER_LINK_START).await?;
        let (account, sign_in) = request.in_person()?;
        match self.provider(provider) {
            Ok(provider) => self.ticket(provider.name.clone(), account, sign_in).await.map(Ok),
            Err(rejection) => Ok(Err(rejection)),
        }
    }

    /// Links the account of whoever asks with whom they went to a provider as.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn link_provider(&self, request: &Request, code: &SecretString) -> Result<Outcome<Uuid, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PROVIDER_LINK).await?;
        let (account, sign_in) = request.in_person()?;
        let Some(person) = self.to_link(code, account, sign_in).await? else {
            return Ok(Outcome::Rejected(Rejection::ProviderCodeInvalid));
        };
        let identity = self.claim_at(&person).await?;
        let shown = person.email.or(person.name).map(|shown| Personal::new(account, shown));
        let link = &Link { identity, provider: person.provider, shown };
        let work = |transaction: Transaction| async move {
            transaction.decide::<ProviderClaim>(identity, ProviderClaimCommand::Claim { account }).await?;
            transaction.decide::<WaysIn>(account.into(), WaysInCommand::Link { account, link: link.clone() }).await?;
            Ok(identity)
        };
        // The code is gone: a retry could not be answered.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::PROVIDER_LINK, json!({ "account": account, "identity": identity }));
        self.dispatcher.execute(&asked, operation, work).await
    }

    /// Unlinks the account of whoever asks, if they can sign in by something else. What it holds because of the provider is taken.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn unlink_provider(&self, request: &Request, identity: Uuid) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PROVIDER_UNLINK).await?;
        let (account, _) = request.in_person()?;
        let operation = Operation::new(acts::PROVIDER_UNLINK, json!({ "account": account, "identity": identity }));
        let work = |transaction: Transaction| async move {
            let unlink = WaysInCommand::Unlink { account, identity };
            transaction.decide::<WaysIn>(account.into(), unlink).await?;
            let parting = self.parting(&transaction, account, &[identity].into()).await?;
            parting.release(&transaction, account).await?;
            self.change_roles(&transaction, account, &BTreeSet::new(), &parting.taken).await
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// What goes with people at providers who are unlinked.
    pub(super) async fn parting(&self, transaction: &Transaction, account: AccountId, leaving: &BTreeSet<Uuid>) -> Result<Parting, Fault> {
        let ways = self.ways_in(account).await?;
        let of = |goes: bool| ways.linked().filter(move |(identity, _)| leaving.contains(identity) == goes);
        let others: BTreeSet<AnyRole> = of(false).flat_map(|(_, linked)| linked.roles.clone()).collect();
        let identities = of(true).map(|(identity, _)| identity).collect();
        let taken = of(true).flat_map(|(_, linked)| linked.roles.clone());
        let mut taken = taken.filter(|role| !others.contains(role)).collect();
        owners::keep_last(transaction, account, &mut taken).await?;
        Ok(Parting { identities, taken })
    }

    /// What goes with all of them.
    pub(super) async fn parting_with_all(&self, transaction: &Transaction, account: AccountId) -> Result<Parting, Fault> {
        let all = self.ways_in(account).await?.linked().map(|(identity, _)| identity).collect();
        self.parting(transaction, account, &all).await
    }
}

/// What goes with people at providers who are unlinked.
#[derive(Default)]
pub(super) struct Parting {
    /// The streams in which they are claimed.
    identities: BTreeSet<Uuid>,
    /// What the account holds because of them alone.
    pub(super) taken: BTreeSet<AnyRole>,
}

impl Parting {
    /// Frees the claims on them.
    pub(super) async fn release(&self, transaction: &Transaction, account: AccountId) -> Result<(), Halt<Rejection>> {
        for identity in &self.identities {
            transaction.decide::<ProviderClaim>(*identity, ProviderClaimCommand::Release { account }).await?;
        }
        Ok(())
    }
}
