//! What a sign-in is still worth.

use std::{collections::BTreeMap, net::IpAddr};

use domain::{
    identity::{
        Grants, GrantsWithin, Permissions, Standing,
        account::Account,
        role_book::RoleBook,
        second_factor::SecondFactor,
        sign_in::{Factors, SignIn},
        ways_in::WaysIn,
    },
    kernel::{AccountId, CommunityId, SignInId},
};

use super::Identity;
use crate::{Actor, Fault, streams::Age};

/// The roles of an account whose sign-in is open.
struct Held {
    grants: Box<Grants>,
    within: Option<Box<GrantsWithin>>,
    /// What was shown beside a password.
    shown: Factors,
}

impl Identity {
    /// What an account's roles permit wherever it comes from, if its sign-in is open and it was not erased. A sign-out, an erasure or a
    /// revocation is felt with the next request to the node that it was made at, and a second later at the latest by all others.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn standing(&self, account: AccountId, sign_in: SignInId) -> Result<Option<Permissions>, Fault> {
        let Some(Held { grants, .. }) = self.grants_of(Age::Current, account, sign_in).await? else { return Ok(None) };
        self.permitted_anywhere(&grants).await.map(Some)
    }

    /// Who comes by a sign-in from an address, with what they may do from there; none if it is open no more. Where a role that is held
    /// within a community needs a second factor and this sign-in has shown none, that alone permits nothing.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn by_sign_in(&self, account: AccountId, sign_in: SignInId, from: Option<IpAddr>) -> Result<Option<Actor>, Fault> {
        self.by_sign_in_within(Age::Recent, account, sign_in, from).await
    }

    pub(super) async fn by_sign_in_within(
        &self,
        age: Age,
        account: AccountId,
        sign_in: SignInId,
        from: Option<IpAddr>,
    ) -> Result<Option<Actor>, Fault> {
        let Some(Held { grants, within, shown }) = self.grants_of(age, account, sign_in).await? else { return Ok(None) };
        let (everywhere, mut within) = self.permitted_in_all(age, &grants, within.as_deref(), from).await?;
        let Standing { permissions, elsewhere, second_factor } = everywhere;
        if second_factor || within.values().any(|standing| standing.second_factor) {
            let is_there = self.has_shown_factor(age, account, (sign_in, shown)).await?;
            if second_factor && !is_there {
                return Ok(Some(Actor::Enrolling { account, sign_in, scopes: None }));
            }
            for standing in within.values_mut() {
                standing.second_factor &= !is_there;
            }
        }
        Ok(Some(Actor::Account { account, sign_in, permissions, elsewhere, within, scopes: None }))
    }

    /// Whether an account has more than a password to be signed in by. Programs have its permissions, however they were made.
    pub(super) async fn has_more_than_a_password(&self, age: Age, account: AccountId) -> Result<bool, Fault> {
        Ok(self.has_factor_within(age, account).await? || self.has_passkey_within(age, account).await?)
    }

    /// Whether a second factor that an account has was shown by a sign-in: that there is one is no proof of having shown it.
    pub(super) async fn has_shown_factor(
        &self,
        age: Age,
        account: AccountId,
        (sign_in, Factors { code, passkey }): (SignInId, Factors),
    ) -> Result<bool, Fault> {
        let was_shown = |factor: &SecondFactor| factor.is_on() && (code || factor.was_turned_on_by(sign_in));
        let by_code = self.dispatcher.look_within(age, account.into(), was_shown).await?;
        Ok(by_code || (passkey && self.has_passkey_within(age, account).await?))
    }

    async fn has_factor_within(&self, age: Age, account: AccountId) -> Result<bool, Fault> {
        self.dispatcher.look_within(age, account.into(), SecondFactor::is_on).await
    }

    async fn has_passkey_within(&self, age: Age, account: AccountId) -> Result<bool, Fault> {
        self.dispatcher.look_within(age, account.into(), WaysIn::has_passkey).await
    }

    /// The roles of an account, if its sign-in is open.
    async fn grants_of(&self, age: Age, account: AccountId, sign_in: SignInId) -> Result<Option<Held>, Fault> {
        let opened = self.dispatcher.look_within(age, sign_in.into(), |opened: &SignIn| match opened {
            SignIn::Open { account: of, epoch, shown, .. } if *of == account => Some((*epoch, *shown)),
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => None,
        });
        let Some((opened_in, shown)) = opened.await? else { return Ok(None) };
        let held = |account: &Account| match account {
            Account::Open { grants, within, .. } if account.still_has(sign_in, opened_in) => {
                Some(Held { grants: grants.clone(), within: within.clone(), shown })
            }
            Account::Absent | Account::Open { .. } | Account::Erased => None,
        };
        self.dispatcher.look_within(age, account.into(), held).await
    }

    /// What roles permit by now, wherever somebody comes from.
    pub(super) async fn permitted_anywhere(&self, grants: &Grants) -> Result<Permissions, Fault> {
        let Standing { permissions, elsewhere, .. } = self.permitted(Age::Current, grants, None).await?;
        Ok(permissions.into_iter().chain(elsewhere).collect())
    }

    /// What an account's roles permit by now from an address: everywhere, and within each community.
    async fn permitted_in_all(
        &self,
        age: Age,
        grants: &Grants,
        within: Option<&GrantsWithin>,
        from: Option<IpAddr>,
    ) -> Result<(Standing, BTreeMap<CommunityId, Standing>), Fault> {
        let now = self.dispatcher.now();
        let judge = |book: &RoleBook| {
            let within = within.map(|within| book.standing_within(within, now, from, &self.factor_for));
            (book.standing(grants, now, from, &self.factor_for), within.unwrap_or_default())
        };
        self.dispatcher.look_within(age, RoleBook::ID, judge).await
    }

    /// What roles permit by now everywhere, from an address.
    pub(super) async fn permitted(&self, age: Age, grants: &Grants, from: Option<IpAddr>) -> Result<Standing, Fault> {
        let now = self.dispatcher.now();
        self.dispatcher.look_within(age, RoleBook::ID, |book: &RoleBook| book.standing(grants, now, from, &self.factor_for)).await
    }
}
