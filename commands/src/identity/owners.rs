//! The platform is always somebody's who can come in: a super administrator who is neither suspended nor erased. The role book says who
//! they are, and their accounts whether they can. Whatever takes one away, or puts one out, relies on both as it has seen them: of two who
//! would each take what the other leaves, the second is decided again, on what the first has left.

use std::collections::BTreeSet;

use domain::{
    identity::{AnyRole, IdentityRejection as Rejection, Role, account::Account, role_book::RoleBook},
    kernel::AccountId,
};

use crate::{
    Fault, Request,
    dispatch::{Halt, Transaction},
};

/// Turns down what leaves nobody who owns the platform and can come in, once an account is out of that.
pub(super) async fn leaves_one(transaction: &Transaction, account: AccountId) -> Result<(), Halt<Rejection>> {
    if is_last(transaction, account).await? { Err(Halt::Rejected(Rejection::LastSuperAdministrator)) } else { Ok(()) }
}

/// Leaves out of what is taken from an account that it owns the platform, where nobody else would.
pub(super) async fn keep_last(transaction: &Transaction, account: AccountId, taken: &mut BTreeSet<AnyRole>) -> Result<(), Fault> {
    let owner = AnyRole::from(Role::SuperAdministrator);
    if taken.contains(&owner) && is_last(transaction, account).await? {
        taken.remove(&owner);
    }
    Ok(())
}

/// Turns down whoever was suspended or erased since they were let in: by now, and until what they ask for is written.
pub(super) async fn expect_let_in(transaction: &Transaction, request: &Request) -> Result<(), Halt<Rejection>> {
    let Some(by) = request.actor.account() else { return Ok(()) };
    if transaction.rely_on(by.into(), Account::is_put_out).await? { Err(Halt::Rejected(Rejection::MoreThanHeld)) } else { Ok(()) }
}

/// Whether an account owns the platform, and nobody else who can come in does.
async fn is_last(transaction: &Transaction, account: AccountId) -> Result<bool, Fault> {
    let owners = |book: &RoleBook| book.super_administrators().collect::<BTreeSet<_>>();
    let mut others = transaction.rely_on(RoleBook::ID, owners).await?;
    if !others.remove(&account) {
        return Ok(false);
    }
    for other in others {
        if transaction.rely_on(other.into(), Account::is_let_in).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
