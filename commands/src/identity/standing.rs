//! What a sign-in is still worth.

use std::net::IpAddr;

use domain::{
    identity::{Grants, Permissions, Standing, account::Account, role_book::RoleBook, sign_in::SignIn},
    kernel::{AccountId, SignInId},
};

use super::Identity;
use crate::{Actor, Fault};

impl Identity {
    /// What an account's roles permit wherever it comes from, if its sign-in is open and it was not erased. A sign-out, an erasure or a
    /// revocation is felt with the next request to the node that it was made at, and a second later at the latest by all others.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn standing(&self, account: AccountId, sign_in: SignInId) -> Result<Option<Permissions>, Fault> {
        let Some((grants, _)) = self.grants(account, sign_in).await? else { return Ok(None) };
        self.permitted_anywhere(&grants).await.map(Some)
    }

    /// Who comes by a sign-in from an address, with what they may do from there; none if it is open no more.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn by_sign_in(&self, account: AccountId, sign_in: SignInId, from: Option<IpAddr>) -> Result<Option<Actor>, Fault> {
        let Some((grants, passkey)) = self.grants(account, sign_in).await? else { return Ok(None) };
        let Standing { permissions, elsewhere, second_factor } = self.permitted(&grants, from).await?;
        let is_enough = !second_factor || self.has_second_factor(account).await? || (passkey && self.ways_in(account).await?.has_passkey());
        Ok(Some(if is_enough {
            Actor::Account { account, sign_in, permissions, elsewhere, scopes: None }
        } else {
            Actor::Enrolling { account, sign_in, scopes: None }
        }))
    }

    /// Whether an account has more than a password to be signed in by. Programs have its permissions, however they were made.
    pub(super) async fn has_more_than_a_password(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(self.has_second_factor(account).await? || self.ways_in(account).await?.has_passkey())
    }

    /// The roles of an account, if its sign-in is open, and whether a passkey was shown by that.
    async fn grants(&self, account: AccountId, sign_in: SignInId) -> Result<Option<(Grants, bool)>, Fault> {
        let opened = self.dispatcher.recent(sign_in.into(), |opened: &SignIn| match opened {
            SignIn::Open { account: of, epoch, passkey, .. } if *of == account => Some((*epoch, *passkey)),
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => None,
        });
        let Some((opened_in, passkey)) = opened.await? else { return Ok(None) };
        let grants = self.dispatcher.recent(account.into(), |account: &Account| match account {
            Account::Open { grants, .. } if account.still_has(sign_in, opened_in) => Some(grants.clone()),
            Account::Absent | Account::Open { .. } | Account::Erased => None,
        });
        Ok(grants.await?.map(|grants| (grants, passkey)))
    }

    /// What roles permit by now, wherever somebody comes from.
    pub(super) async fn permitted_anywhere(&self, grants: &Grants) -> Result<Permissions, Fault> {
        let Standing { permissions, elsewhere, .. } = self.permitted(grants, None).await?;
        Ok(permissions.into_iter().chain(elsewhere).collect())
    }

    /// What roles permit by now, from an address.
    pub(super) async fn permitted(&self, grants: &Grants, from: Option<IpAddr>) -> Result<Standing, Fault> {
        let now = self.dispatcher.now();
        self.dispatcher.recent(RoleBook::ID, |book: &RoleBook| book.standing(grants, now, from, &self.factor_for)).await
    }
}
