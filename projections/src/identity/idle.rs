//! Accounts of which the read models know no use since an instant. Refreshes of tokens they do not know: that is for the vault to say.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    identity::Role,
    kernel::{AccountId, Timestamp},
};
use sea_orm::{DatabaseConnection, DbErr};
use uuid::Uuid;

use super::{access_tokens, accounts, service_accounts, sign_ins};
use crate::{
    After, Page,
    audit::activity::{self, Dimension, Span, Wanted},
    booking::registrations::{self, RegistrationState, Time},
};

/// More tokens than anybody has.
const TOKENS: u64 = 10_000;

/// An account of which no use is known since an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    pub account: AccountId,
    /// When it was used last, as far as is known here.
    pub since: Timestamp,
    /// Its sign-ins and tokens, by which it may have been used later.
    pub ways: Vec<Uuid>,
}

/// A stretch of the list of all accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Those of them of which no use is known.
    pub idle: Vec<Idle>,
    /// Where the next one begins; absent after the last.
    pub next: Option<After>,
}

/// A stretch of the list of all accounts: those of which no use is known since an instant. Without those that are erased or suspended,
/// that administer, and those whose owner may still come to a run that is not over.
///
/// # Errors
/// The read models cannot be read.
pub async fn stretch(
    db: &DatabaseConnection,
    since: Timestamp,
    now: Timestamp,
    after: Option<After>,
    length: u64,
) -> Result<Stretch, DbErr> {
    let Page { rows, more } = accounts::page(db, after, length).await?;
    let next = rows.last().filter(|_| more).map(accounts::Model::after);
    let old: Vec<_> = rows.into_iter().filter(|row| may_be_idle(row, since)).collect();
    let ids: Vec<_> = old.iter().map(|row| AccountId(row.account)).collect();
    let busy: BTreeSet<_> = sign_ins::opened_since(db, &ids, since).await?.into_iter().collect();
    let mut idle = Vec::new();
    for row in old.iter().filter(|row| !busy.contains(&row.account)) {
        let account = AccountId(row.account);
        let last = last_use(db, row).await?;
        if last < since && !is_expected(db, account, now).await? {
            idle.push(Idle { account, since: last, ways: ways(db, account).await? });
        }
    }
    Ok(Stretch { idle, next })
}

fn may_be_idle(row: &accounts::Model, since: Timestamp) -> bool {
    let administers = [Role::Administrator, Role::SuperAdministrator].into_iter().any(|role| row.grants.0.has(role));
    row.erased_at.is_none() && row.suspended_at.is_none() && row.registered_at < since && !administers
}

/// When an account was registered, signed in to, or asked for something that the audit has, or a service account that it made was
/// revoked, whichever was last.
async fn last_use(db: &DatabaseConnection, row: &accounts::Model) -> Result<Timestamp, DbErr> {
    let account = AccountId(row.account);
    let name = Some(account.to_string());
    let wanted = Wanted { dimension: Dimension::Actor, span: Span::Day, name, since: Timestamp::UNIX_EPOCH, until: None };
    let asked = activity::page(db, &wanted, None, 1).await?.rows.first().map(|day| day.start + TimeDelta::days(1));
    let signed_in = sign_ins::last_opened(db, account).await?;
    let services = service_accounts::of_creator(db, account).await?;
    let revoked = services.into_iter().filter_map(|service| service.revoked_at);
    Ok(asked.into_iter().chain(signed_in).chain(revoked).fold(row.registered_at, Timestamp::max))
}

/// Whether somebody may still come to a run that is not over. Of who came, or did not, nothing more is expected: they are fewer than the
/// live ones, among which these count as registrations of theirs.
async fn is_expected(db: &DatabaseConnection, account: AccountId, now: Timestamp) -> Result<bool, DbErr> {
    let (account, time) = (Some(account), Some(Time::UpcomingAt(now)));
    let states = RegistrationState::ALL.into_iter().filter(|state| state.is_to_come()).collect();
    let to_come = registrations::Filter { account, states, time, ..registrations::Filter::default() };
    Ok(!registrations::page(db, &to_come, None, 1).await?.rows.is_empty())
}

async fn ways(db: &DatabaseConnection, account: AccountId) -> Result<Vec<Uuid>, DbErr> {
    let mut ways: Vec<_> = sign_ins::open_of(db, account).await?.into_iter().map(|row| row.sign_in).collect();
    ways.extend(access_tokens::of(db, account, 0, None, TOKENS).await?.rows.into_iter().map(|row| row.token));
    ways.extend(service_accounts::of_creator(db, account).await?.into_iter().map(|row| row.service));
    Ok(ways)
}

#[cfg(test)]
mod tests;
