//! How often an address is written to that is not known to be its owner's, whoever asks for it. Anybody can name one that is a stranger's:
//! each account may have a link mailed there once a minute, and there may be many accounts.
//!
//! It is counted as tries at passwords are, in the vault and so by all nodes together, under a keyed digest of the address. What is one
//! too many is not sent, and nobody is told: the answer was given before, and would tell that somebody else asked.

use chrono::TimeDelta;
use domain::{
    identity::{
        Email,
        mail::{Letter, Mail, Occasion},
    },
    kernel::{AccountId, MailId, Personal},
};

use super::{About, Identity, tries::Pace};
use crate::{Fault, Request};

/// So many a day, and then one more after waits from a minute to four hours.
const TO_A_STRANGER: Pace = Pace { free: 5, first_wait: TimeDelta::minutes(1), longest_wait: TimeDelta::hours(4) };

impl Identity {
    /// As [`Self::queue`], unless so many went to the address by now that were sent unasked. What each occasion has sent is counted by
    /// itself: who wants to register is not kept from it by those who want the address for their accounts.
    pub(crate) async fn queue_to_stranger(&self, request: &Request, mail: MailId, letter: Letter) -> Result<(), Fault> {
        // One that was queued was counted: reactions may come by again.
        if !matches!(self.dispatcher.state::<Mail>(mail.into()).await?, Mail::Absent) {
            return self.queue(request, mail, letter).await;
        }
        let key = self.key_of(&letter.to, letter.occasion).await?;
        if let Some(key) = &key
            && self.is_too_many(key, TO_A_STRANGER).await?
        {
            tracing::info!(%mail, occasion = ?letter.occasion, "an address was written to often enough: this mail is not sent");
            return Ok(());
        }
        // What cannot be queued is tried again, and must not count each time.
        self.queue(request, mail, letter).await?;
        if let Some(key) = key {
            self.counted(&key, TO_A_STRANGER).await?;
        }
        Ok(())
    }

    /// As [`Self::queue_to_stranger`], to the address that an account has now; none, if nobody has it any more.
    pub(crate) async fn queue_to_unverified(&self, request: &Request, mail: MailId, account: AccountId, what: About) -> Result<(), Fault> {
        match self.letter_to(account, what).await? {
            Some(letter) => self.queue_to_stranger(request, mail, letter).await,
            None => Ok(()),
        }
    }

    /// Whether a mail to an address would not be sent, since so many were.
    pub(super) async fn is_written_to_often(&self, to: &Personal<Email>, occasion: Occasion) -> Result<bool, Fault> {
        match self.key_of(to, occasion).await? {
            Some(key) => self.is_too_many(&key, TO_A_STRANGER).await,
            None => Ok(false),
        }
    }

    /// Under what it is counted; none for who was erased, of whom no address is known and to whom nothing is sent.
    async fn key_of(&self, to: &Personal<Email>, occasion: Occasion) -> Result<Option<[u8; 32]>, Fault> {
        let Some(email) = self.open(to).await? else { return Ok(None) };
        let counted = format!("{occasion:?} {}", self.claim_of(&email).await?);
        Ok(Some(self.dispatcher.vault().blind("mails-to", &counted).await?))
    }
}
