//! Roles that an account holds because of what a provider says: given and taken with each sign-in, as the operator's configuration maps
//! them. What administrators gave is left alone.

use std::collections::BTreeSet;

use domain::{
    identity::{
        AnyRole, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        role_book::{RoleBook, RoleBookCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::AccountId,
};
use serde_json::json;
use uuid::Uuid;

use super::{Identity, owners};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// Who gives and takes them.
const MAPPING: &str = "provider-roles";

impl Identity {
    /// Has an account hold because of somebody at a provider what it is to, and nothing else. A role that there is none of is left out,
    /// and the last super administrator keeps theirs.
    pub(super) async fn map_roles(&self, account: AccountId, identity: Uuid, wanted: &BTreeSet<AnyRole>) -> Result<(), Fault> {
        let work = |transaction: Transaction| async move {
            let Account::Open { grants, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(()) };
            let (ways, book) = (self.ways_in(account).await?, self.dispatcher.state::<RoleBook>(RoleBook::ID).await?);
            let theirs = |other: &Uuid| *other == identity;
            let of = |own: bool| ways.linked().filter(move |(other, _)| theirs(other) == own).flat_map(|(_, linked)| &linked.roles);
            let (before, others): (BTreeSet<_>, BTreeSet<_>) = (of(true).copied().collect(), of(false).copied().collect());
            let now = self.dispatcher.now();
            let is_held = |role: &AnyRole| grants.iter().any(|grant| grant.role == *role && grant.is_good(now));
            let given: BTreeSet<_> = wanted.iter().copied().filter(|role| !is_held(role) && book.has(*role)).collect();
            let mut taken: BTreeSet<_> = before.difference(wanted).copied().collect();
            owners::keep_last(&transaction, account, &mut taken).await?;
            self.change_roles(&transaction, account, &given, &taken.difference(&others).copied().collect()).await?;
            // What an administrator took meanwhile and is not wanted is not the provider's any more either.
            taken.retain(|role| !given.contains(role));
            let map = WaysInCommand::MapRoles { account, identity, given, taken };
            transaction.decide::<WaysIn>(account.into(), map).await.map(drop)
        };
        let operation = Operation::new(acts::PROVIDER_ROLES_MAP, json!({ "account": account, "identity": identity }));
        match self.dispatcher.execute(&Request::system(MAPPING), operation, work).await? {
            Outcome::Accepted(_) => {}
            Outcome::Rejected(rejection) => tracing::warn!(%account, %rejection, "a provider's roles could not be mapped"),
        }
        Ok(())
    }

    /// Gives and takes roles, as part of something else. Nothing else is decided on the account and on the role book there.
    pub(super) async fn change_roles(
        &self,
        transaction: &Transaction,
        account: AccountId,
        given: &BTreeSet<AnyRole>,
        taken: &BTreeSet<AnyRole>,
    ) -> Result<(), Halt<Rejection>> {
        if given.is_empty() && taken.is_empty() {
            return Ok(());
        }
        let (book, changes) = commands(account, given, taken);
        transaction.decide_all::<RoleBook>(RoleBook::ID, book).await?;
        transaction.decide_all::<Account>(account.into(), changes).await.map(drop)
    }
}

/// What gives and takes roles.
pub(super) fn commands(
    account: AccountId,
    given: &BTreeSet<AnyRole>,
    taken: &BTreeSet<AnyRole>,
) -> (Vec<RoleBookCommand>, Vec<AccountCommand>) {
    let give = given.iter().map(|role| RoleBookCommand::Give { role: *role, account, held: None });
    let take = taken.iter().map(|role| RoleBookCommand::Take { role: *role, account, held: None });
    let grant = given.iter().map(|role| AccountCommand::GrantRole { account, role: *role, until: None, by: None });
    let revoke = taken.iter().map(|role| AccountCommand::RevokeRole { account, role: *role, by: None });
    (give.chain(take).collect(), grant.chain(revoke).collect())
}
