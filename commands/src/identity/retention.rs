//! Accounts that nobody uses are not kept for ever: who has one is told, and after some time it is erased.

use chrono::TimeDelta;
use domain::{
    Decider,
    booking::programme::Programme,
    identity::{
        Role,
        account::{Account, AccountEvent},
        legal_hold::LegalHold,
        mail::{Mail, MailEvent, Occasion},
    },
    kernel::{AccountId, MailId, Timestamp},
    learning::desk::Desk,
};
use journal::{Position, StreamId};
use uuid::Uuid;

use super::{About, Identity};
use crate::{Fault, Outcome, Request, stored};

/// Who erases accounts that nobody uses.
const RETENTION: &str = "retention";
/// How long before it is erased who has an account is told.
pub const RETENTION_NOTICE: TimeDelta = TimeDelta::days(14);
/// How long after its notice is over a warning still counts. Later, as when accounts were kept for ever in between or there was a hold, who
/// has the account is told anew.
const COUNTS_FOR: TimeDelta = TimeDelta::days(14);
/// How often somebody is told because of one last use: with four weeks in between, for longer than accounts are kept at the longest.
const MOST_WARNINGS: u32 = 200;
/// Why it is erased; kept for ever.
const REASON: &str = "unused for as long as accounts are kept";

/// An account of which no use is known since an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    pub account: AccountId,
    /// When it was used last, as far as whoever lists it knows.
    pub since: Timestamp,
    /// Sign-ins and tokens by which it may have been used later.
    pub ways: Vec<Uuid>,
}

/// What became of an account that seems to be unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retained {
    Kept,
    /// Who has it will be told.
    Told,
    Erased,
}

/// Somebody was told that their account will be erased.
struct Warning {
    /// Not before it was sent, and not before it says.
    at: Timestamp,
    /// Where in the journal it stands that it was sent.
    position: Position,
}

impl Identity {
    /// Has who has an account told that nobody has used it for nearly so long, and erases it some time after that was sent: unless it was
    /// used meanwhile, administers, is on hold, suspended, or in the middle of something. Doing it twice does no more. Who was told long
    /// ago, or could not sign in after it, or when accounts were kept for another time, is told anew.
    ///
    /// # Errors
    /// The journal or the vault could not be read or written.
    pub async fn retain(&self, kept_for: TimeDelta, unused: &Unused) -> Result<Retained, Fault> {
        let Unused { account, since, ways } = unused;
        let (account, now) = (*account, self.dispatcher.now());
        let families = self.dispatcher.vault().refresh_families(ways).await?;
        let used = families.iter().filter_map(|family| family.rotated_at).fold(*since, Timestamp::max);
        if now < used + kept_for - RETENTION_NOTICE || self.must_stay(account, now).await? {
            return Ok(Retained::Kept);
        }
        let request = Request::system(RETENTION);
        let reinstated = self.reinstated_at(account).await?;
        for number in 0..MOST_WARNINGS {
            // Who comes back is told anew the next time, and so is everybody once accounts are kept for another time.
            let cause = format!("unused since {} for {} days, {number}", used.timestamp_micros(), kept_for.num_days());
            let mail = MailId(Uuid::new_v5(&account.0, cause.as_bytes()));
            if matches!(self.dispatcher.state::<Mail>(mail.into()).await?, Mail::Absent) {
                let about = About { occasion: Occasion::AccountUnused, language: None, request: None, at: now, cluster: None };
                self.queue_to(&request, mail, account, about).await?;
                return Ok(Retained::Told);
            }
            let Some(warning) = self.sent(mail).await? else { return Ok(Retained::Kept) };
            let over = warning.at + RETENTION_NOTICE;
            if over + COUNTS_FOR <= now || reinstated.is_some_and(|reinstated| warning.position < reinstated) {
                continue;
            }
            return if now < over { Ok(Retained::Kept) } else { self.erase_unused(&request, account).await };
        }
        tracing::warn!(%account, "somebody was told as often as may be, and is not erased");
        Ok(Retained::Kept)
    }

    async fn erase_unused(&self, request: &Request, account: AccountId) -> Result<Retained, Fault> {
        Ok(match self.erase(request, account, Some(REASON)).await? {
            Outcome::Accepted(_) => Retained::Erased,
            Outcome::Rejected(rejection) => {
                tracing::info!(%account, %rejection, "an account that nobody uses is not erased");
                Retained::Kept
            }
        })
    }

    /// Whether an account is kept, used or not.
    async fn must_stay(&self, account: AccountId, now: Timestamp) -> Result<bool, Fault> {
        let Account::Open { grants, suspended: false, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Ok(true);
        };
        Ok(grants.has(Role::Administrator)
            || grants.has(Role::SuperAdministrator)
            || self.dispatcher.state::<LegalHold>(account.into()).await? != LegalHold::Free
            || self.dispatcher.state::<Desk>(account.into()).await?.count() > 0
            || self.dispatcher.state::<Programme>(account.into()).await?.count(now) > 0)
    }

    /// Where in the journal it stands that who has an account may sign in again; the last time. None, if they always could.
    async fn reinstated_at(&self, account: AccountId) -> Result<Option<Position>, Fault> {
        let mut last = None;
        for recorded in self.dispatcher.journal().load(&StreamId::new(Account::STREAM, account.0), 0).await? {
            if matches!(stored::read::<Account>(&recorded)?, AccountEvent::Reinstated { .. }) {
                last = Some(recorded.position);
            }
        }
        Ok(last)
    }

    /// What a mail told somebody, if it was sent.
    async fn sent(&self, mail: MailId) -> Result<Option<Warning>, Fault> {
        let (mut queued, mut sent) = (None, None);
        for recorded in self.dispatcher.journal().load(&StreamId::new(Mail::STREAM, mail.0), 0).await? {
            match stored::read::<Mail>(&recorded)? {
                MailEvent::Queued(letter) => queued = Some(letter.at),
                MailEvent::Sent { .. } => sent = Some((recorded.recorded_at, recorded.position)),
                MailEvent::Deferred { .. } | MailEvent::Parked { .. } | MailEvent::Requeued {} | MailEvent::Dropped { .. } => {}
            }
        }
        Ok(queued.zip(sent).map(|(queued, (sent, position))| Warning { at: queued.max(sent), position }))
    }
}
