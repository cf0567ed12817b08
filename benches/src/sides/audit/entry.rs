//! Entries of an audit as it may be after a year: most by a few accounts, about a few things, and of a few kinds; most accepted.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    audit::trail::Verdict,
    kernel::{AccountId, Personal, SignInId, WorkshopId},
};
use load::{
    Fault,
    chance::{chance, skewed},
    streams,
};
use projections::{
    audit::entries,
    column::{Json, Word},
};
use uuid::Uuid;

pub(super) const ACCOUNTS: u64 = 20_000;
const SUBJECTS: u64 = 200_000;
const ADDRESSES: u64 = 30_000;
/// From one entry to the next.
const APART_MS: i64 = 3000;
/// 1 October 2025.
const BEGAN_MS: i64 = 1_759_276_800_000;
/// Characters of a sealed network address.
const SEALED: usize = 76;

/// The commonest first.
const ACTIONS: [&str; 24] = [
    "stepCheck",
    "tokenRefresh",
    "sessionStart",
    "signIn",
    "answerSubmit",
    "sessionEnd",
    "auditTrail",
    "accounts",
    "workshopRevise",
    "authenticate",
    "events",
    "accountRegister",
    "signOut",
    "workshopDraft",
    "passwordResetRequest",
    "workshopPublish",
    "profileRevise",
    "passwordChange",
    "totpEnroll",
    "accessTokenCreate",
    "roleGrant",
    "accountSuspend",
    "accountErase",
    "clusterRegister",
];

pub(super) fn account(number: u64) -> AccountId {
    AccountId(streams::stream(number))
}

pub(super) fn action(chance: u64) -> &'static str {
    let number = skewed(chance, ACTIONS.len() as u64);
    usize::try_from(number).ok().and_then(|number| ACTIONS.get(number)).unwrap_or(&ACTIONS[0])
}

pub(super) fn subject(chance: u64) -> WorkshopId {
    WorkshopId(streams::stream((1 << 40) + skewed(chance, SUBJECTS)))
}

/// What an entry is about.
pub(super) fn subject_of(number: u64) -> WorkshopId {
    subject(chance(number, 1))
}

/// Where an entry stands: each has left two events.
pub(super) fn position(number: u64) -> Result<i64, Fault> {
    Ok(i64::try_from(number * 2 + 1)?)
}

fn instant(number: u64) -> Result<DateTime<Utc>, Fault> {
    let millis = BEGAN_MS + APART_MS * i64::try_from(number)?;
    Ok(DateTime::from_timestamp_millis(millis).ok_or("an instant")?)
}

/// Of its instant first, as ids of commands are.
pub(super) fn id(number: u64) -> Result<Uuid, Fault> {
    let millis = u128::try_from(instant(number)?.timestamp_millis())?;
    Ok(Uuid::from_u128((millis << 80) | (0x7 << 76) | (0x2 << 62) | u128::from(chance(number, 2) >> 2)))
}

pub(super) fn entry(number: u64) -> Result<entries::Model, Fault> {
    let (who, verdict) = (chance(number, 3), chance(number, 4) % 100);
    let (actor, account) = match who % 100 {
        0..5 => ("anonymous".to_owned(), None),
        5..20 => ("system:reactions".to_owned(), None),
        _ => {
            let account = account(skewed(chance(number, 5), ACCOUNTS));
            (account.to_string(), Some(account))
        }
    };
    let (verdict, reason) = match verdict {
        0..94 => (Verdict::Accepted, None),
        94..99 => (Verdict::Refused, Some("FORBIDDEN".to_owned())),
        _ => (Verdict::Failed, Some("UNAVAILABLE".to_owned())),
    };
    let personal = |letter: &str| account.map(|account| Json(Personal::sealed(account, format!("v1.{}", letter.repeat(SEALED)))));
    let (position, is_note) = (position(number)?, verdict != Verdict::Accepted);
    Ok(entries::Model {
        entry: id(number)?,
        position,
        last_position: position + i64::from(!is_note),
        events: if is_note { 0 } else { 2 },
        at: instant(number)? + TimeDelta::microseconds(i64::try_from(who % 1000)?),
        via: account.map(|account| SignInId(account.into()).to_string()),
        actor,
        on_behalf_of: None,
        action: action(chance(number, 6)).to_owned(),
        verdict: Word(verdict),
        reason,
        subject: Some(subject_of(number).to_string()),
        correlation: Uuid::from_u64_pair(chance(number, 7), chance(number, 8)),
        causation: None,
        address: personal("A"),
        address_digest: Some(format!("{0:016x}{0:016x}", chance(skewed(chance(number, 9), ADDRESSES), 10))),
        user_agent: personal("B").filter(|_| is_note),
        times: 1,
    })
}
