use chrono::TimeDelta;
use domain::{
    fact::Fact,
    identity::{
        account::AccountEvent,
        backup_factor::{BackupFactorEvent, Channel},
        contact::ContactEvent,
        email_claim::EmailClaimEvent,
        mail::{Letter, Occasion},
        second_factor::SecondFactorEvent,
        ways_in::WaysInEvent,
        whereabouts::WhereaboutsEvent,
    },
    kernel::{AccountId, MailId},
};
use journal::{Recorded, TimerChange};
use uuid::Uuid;

use super::Reaction;
use crate::{Commands, Fault, Request, identity::About};

/// What is older is no news to anybody, such as what happened before there were mails.
const NEWS: TimeDelta = TimeDelta::days(7);

/// People are written to where they must do something by a link, and where something about their account has changed that they may not
/// have wanted.
pub(super) struct MailPeopleWhenTheyMustKnow;

#[async_trait::async_trait]
impl Reaction for MailPeopleWhenTheyMustKnow {
    fn name(&self) -> &'static str {
        "mail_people_when_they_must_know"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if commands.identity.now() - event.recorded_at > NEWS {
            return Ok(vec![]);
        }
        let (identity, request) = (&commands.identity, Request::because_of(self.name(), event));
        let (account, mail, at) = (AccountId(event.stream.id), MailId(event.event_id), event.recorded_at);
        let about = |occasion, language, request| About { occasion, language, request, at, cluster: None };
        match fact {
            Fact::EmailClaim(EmailClaimEvent::ResetAsked { language }) => {
                identity.offer_reset(&request, event.stream.id, *language).await?;
            }
            Fact::Contact(ContactEvent::VerificationRequested { request: link, language, .. }) => {
                identity.queue_to_unverified(&request, mail, account, about(Occasion::VerifyEmail, Some(*language), Some(*link))).await?;
            }
            Fact::Contact(ContactEvent::ResetRequested { request: link, language, .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::ResetPassword, Some(*language), Some(*link))).await?;
            }
            Fact::Contact(ContactEvent::ChangeRequested { request: link, email, language, both, .. }) => {
                let (to, language, link) = (email.clone(), *language, Some(*link));
                let confirm = Letter { request: link, ..Letter::of(to, Occasion::ConfirmNewEmail, language, at) };
                identity.queue_to_stranger(&request, mail, confirm).await?;
                let second = MailId(Uuid::new_v5(&event.event_id, b"to the old address"));
                identity.queue_to(&request, second, account, about(Occasion::EmailChangeRequested, Some(language), link)).await?;
                if *both {
                    let third = MailId(Uuid::new_v5(&event.event_id, b"to the old address, to confirm it"));
                    identity.queue_to(&request, third, account, about(Occasion::ConfirmEmailChange, Some(language), link)).await?;
                }
            }
            Fact::Account(AccountEvent::PasswordChanged { .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::PasswordChanged, None, None)).await?;
            }
            Fact::SecondFactor(SecondFactorEvent::Reset { .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::SecondFactorReset, None, None)).await?;
            }
            Fact::BackupFactor(BackupFactorEvent::Sent { request: code, channel: Channel::Email, .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::SecondFactorCode, None, Some(*code))).await?;
            }
            Fact::BackupFactor(BackupFactorEvent::PhoneConfirmed { .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::BackupPhoneAdded, None, None)).await?;
            }
            Fact::WaysIn(WaysInEvent::PasskeyRegistered { .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::PasskeyAdded, None, None)).await?;
            }
            Fact::WaysIn(WaysInEvent::PasskeyRemoved { .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::PasskeyRemoved, None, None)).await?;
            }
            Fact::WaysIn(WaysInEvent::PasskeyCounterWentBack { .. }) => {
                identity.queue_to(&request, mail, account, about(Occasion::PasskeyCopied, None, None)).await?;
            }
            Fact::Whereabouts(WhereaboutsEvent::FoundUnusual { at, .. }) => {
                // One an hour: whoever has the password could have hundreds sent otherwise.
                let hour = at.timestamp().div_euclid(3600);
                let first = MailId(Uuid::new_v5(&account.0, format!("an unusual sign-in in hour {hour}").as_bytes()));
                let about = About { at: *at, ..about(Occasion::UnusualSignIn, None, None) };
                identity.queue_to(&request, first, account, about).await?;
            }
            Fact::Contact(ContactEvent::ChangeConfirmed { request: link, before: Some(before), revertible_until }) => {
                let language = identity.contact(account).await?.language_or(None);
                let link = revertible_until.map(|_| *link);
                let told = Letter { request: link, ..Letter::of(before.clone(), Occasion::EmailChanged, language, at) };
                identity.queue(&request, mail, told).await?;
            }
            Fact::Contact(ContactEvent::ChangeReverted { taken, .. }) => {
                let language = identity.contact(account).await?.language_or(None);
                identity.queue(&request, mail, Letter::of(taken.clone(), Occasion::EmailChangeReverted, language, at)).await?;
            }
            _ => {}
        }
        Ok(vec![])
    }
}
