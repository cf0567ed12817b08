//! Mails: queued by reactions, sent by one, and helped on by operators.

use domain::{
    Decider,
    environments::cluster::Cluster,
    identity::{
        DisplayName, Email, IdentityRejection as Rejection, Language,
        account::Account,
        backup_factor,
        email_claim::EmailClaim,
        mail::{Failure, Letter, Mail, MailCommand, Needless, Occasion},
    },
    kernel::{AccountId, ClusterId, MailId, Timestamp},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{BookingNews, Identity, RETENTION_NOTICE, links::Purpose};
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::Operation,
};

/// Takes mails to where they are delivered.
#[async_trait::async_trait]
pub trait Postman: Send + Sync + 'static {
    /// Returns once the mail is somebody else's to deliver. The same mail may come again, under the same id, where it is not known
    /// whether it was taken.
    ///
    /// # Errors
    /// It was not taken, or that is not known.
    async fn deliver(&self, mail: &Outgoing) -> Result<(), Undelivered>;
}

/// A mail on its way out.
#[derive(Debug)]
pub struct Outgoing {
    pub id: MailId,
    pub to: Email,
    /// Absent where whoever it goes to has not said it themselves.
    pub name: Option<DisplayName>,
    pub language: Language,
    pub occasion: Occasion,
    /// What the link in it must bring back, or the code that is in it; absent where there is none.
    pub token: Option<SecretString>,
    /// When what it is about happened, or was asked for.
    pub at: Timestamp,
    /// Until when the link is good, or what is announced can be averted.
    pub expires_at: Option<Timestamp>,
    /// What the cluster is called that it is about; absent where it is about none.
    pub cluster: Option<String>,
    /// What it says of a registration, where it is about one.
    pub booking: Option<Box<BookingNews>>,
}

/// A mail was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undelivered {
    pub failure: Failure,
    /// Whether trying again is of no use.
    pub permanent: bool,
}

impl Identity {
    /// Queues a mail under an id that follows from its cause: asked again, it does nothing.
    pub(crate) async fn queue(&self, request: &Request, mail: MailId, letter: Letter) -> Result<(), Fault> {
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::MAIL_QUEUE, json!({ "mail": mail }));
        self.dispatcher.command::<Mail>(&asked, operation, mail.into(), || MailCommand::Queue(letter.clone())).await.map(drop)
    }

    /// Queues a mail to the address that an account has now; none, if nobody has it any more.
    pub(crate) async fn queue_to(&self, request: &Request, mail: MailId, account: AccountId, what: About) -> Result<(), Fault> {
        match self.letter_to(account, what).await? {
            Some(letter) => self.queue(request, mail, letter).await,
            None => Ok(()),
        }
    }

    /// A mail to the address that an account has now; none, if nobody has it any more.
    pub(super) async fn letter_to(&self, account: AccountId, what: About) -> Result<Option<Letter>, Fault> {
        let Account::Open { email, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
        let language = match what.language {
            Some(language) => language,
            None => self.contact(account).await?.language_or(None),
        };
        let About { occasion, request: link, at, cluster, .. } = what;
        Ok(Some(Letter { request: link, cluster, ..Letter::of(email, occasion, language, at) }))
    }

    /// Tells whoever holds an address that somebody tried to open another account with it, at most once a day.
    pub(super) async fn tell_of_registration(&self, claim: Uuid) -> Result<(), Fault> {
        let EmailClaim::Held { account } = self.dispatcher.state::<EmailClaim>(claim).await? else { return Ok(()) };
        let at = self.dispatcher.now();
        let day = at.timestamp().div_euclid(86_400);
        let mail = MailId(Uuid::new_v5(&account.0, format!("somebody tried to register on day {day}").as_bytes()));
        let about = About { occasion: Occasion::RegistrationTried, language: None, request: None, at, cluster: None };
        self.queue_to(&Request::system("registration"), mail, account, about).await
    }

    /// The accounts of operators who are told what is wrong, as far as there are any with the addresses that are configured.
    pub(crate) async fn operators(&self) -> Result<Vec<AccountId>, Fault> {
        let mut accounts = Vec::new();
        for email in self.operators.iter() {
            if let EmailClaim::Held { account } = self.dispatcher.state::<EmailClaim>(self.claim_of(email).await?).await? {
                accounts.push(account);
            } else {
                tracing::warn!("an address of alerts.mail_to is nobody's: nobody is told there");
            }
        }
        Ok(accounts)
    }

    /// What a mail is about that waits for an operator; none, if it does not.
    pub(crate) async fn parked_about(&self, mail: MailId) -> Result<Option<Occasion>, Fault> {
        Ok(match self.dispatcher.state::<Mail>(mail.into()).await? {
            Mail::Parked { letter } => Some(letter.occasion),
            Mail::Absent | Mail::Waiting { .. } | Mail::Done => None,
        })
    }

    /// Whether it waits, and was not tried since it was queued.
    pub(crate) async fn is_untried(&self, mail: MailId) -> Result<bool, Fault> {
        Ok(matches!(self.dispatcher.state::<Mail>(mail.into()).await?, Mail::Waiting { attempts: 0, .. }))
    }

    /// Tries to send a mail whose time it is, and records what came of it. Where this process has no postman, mails are left alone.
    ///
    /// # Errors
    /// It is not its time yet, or a fault: then it may have been sent, and is sent again.
    pub(crate) async fn send(&self, request: &Request, mail: MailId) -> Result<(), Fault> {
        let Some(postman) = &self.postman else { return Ok(()) };
        let Mail::Waiting { letter, until, .. } = self.dispatcher.state::<Mail>(mail.into()).await? else { return Ok(()) };
        if until.is_some_and(|until| until > self.dispatcher.now()) {
            return Err(Fault::Outside(format!("{mail} is not to be tried yet")));
        }
        let (command, outcome) = match self.outgoing(mail, &letter).await? {
            Err(needless) => (MailCommand::Drop(needless), "dropped"),
            Ok(outgoing) => match postman.deliver(&outgoing).await {
                Ok(()) => (MailCommand::Sent, "sent"),
                Err(Undelivered { failure, permanent }) => {
                    tracing::warn!(%mail, ?failure, permanent, "a mail was not taken");
                    (MailCommand::Fail { failure, permanent }, "failed")
                }
            },
        };
        metrics::counter!("nalabo_mails_total", "outcome" => outcome).increment(1);
        let asked = Request { key: None, ..request.clone() };
        let recorded = self.record_mail(&asked, acts::MAIL_SEND, mail, command).await?;
        if let Outcome::Rejected(rejection) = recorded {
            tracing::error!(%mail, %rejection, "what came of a mail could not be recorded");
        }
        Ok(())
    }

    /// Has a mail tried again that was set aside, for operators.
    ///
    /// # Errors
    /// A fault, such as a missing permission; a mail that was not set aside is a rejection.
    pub async fn requeue_mail(&self, request: &Request, mail: MailId) -> Result<Outcome<(), Rejection>, Fault> {
        self.record_mail(request, acts::MAIL_REQUEUE, mail, MailCommand::Requeue).await
    }

    async fn record_mail(
        &self,
        request: &Request,
        act: Act,
        mail: MailId,
        command: MailCommand,
    ) -> Result<Outcome<(), <Mail as Decider>::Rejection>, Fault> {
        let operation = Operation::new(act, json!({ "mail": mail }));
        self.dispatcher.command::<Mail>(request, operation, mail.into(), || command.clone()).await
    }

    /// What is sent; or why nothing is.
    async fn outgoing(&self, id: MailId, letter: &Letter) -> Result<Result<Outgoing, Needless>, Fault> {
        if let Some(booked) = &letter.booked {
            return self.outgoing_about(id, letter, booked).await;
        }
        let account = letter.to.subject();
        let Account::Open { display_name, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Ok(Err(Needless::Erased));
        };
        let (Some(to), Some(name)) = (self.open(&letter.to).await?, self.open(&display_name).await?) else {
            return Ok(Err(Needless::Erased));
        };
        let (mut token, mut expires_at) = (None, None);
        if let (Some(link), Some(purpose)) = (letter.request, purpose(letter.occasion)) {
            expires_at = self.contact(account).await?.good_until(link, self.dispatcher.now());
            if expires_at.is_none() {
                return Ok(Err(Needless::Outdated));
            }
            token = Some(self.links.make(purpose, account, link)?);
        }
        if let (Some(request), Occasion::SecondFactorCode) = (letter.request, letter.occasion) {
            let Some(code) = self.mailed_code(account, request).await? else { return Ok(Err(Needless::Outdated)) };
            (token, expires_at) = (Some(code), Some(letter.at + backup_factor::LIFETIME));
        }
        if letter.occasion == Occasion::AccountUnused {
            expires_at = Some(letter.at + RETENTION_NOTICE);
        }
        let Letter { occasion, language, at, cluster, .. } = *letter;
        let cluster = match cluster {
            None => None,
            // What is said of one that was removed is no news any more.
            Some(cluster) => match self.dispatcher.state::<Cluster>(cluster.into()).await?.member() {
                Some(member) => Some(member.profile.name.as_str().to_owned()),
                None => return Ok(Err(Needless::Outdated)),
            },
        };
        Ok(Ok(Outgoing { id, to, name: Some(name), language, occasion, token, at, expires_at, cluster, booking: None }))
    }
}

/// What is mailed, and in which language; where none is given, in the person's.
pub(crate) struct About {
    pub(crate) occasion: Occasion,
    pub(crate) language: Option<Language>,
    pub(crate) request: Option<Uuid>,
    pub(crate) at: Timestamp,
    pub(crate) cluster: Option<ClusterId>,
}

/// What the link in a mail is for.
const fn purpose(occasion: Occasion) -> Option<Purpose> {
    match occasion {
        Occasion::VerifyEmail => Some(Purpose::Verify),
        Occasion::ResetPassword => Some(Purpose::Reset),
        Occasion::ConfirmNewEmail => Some(Purpose::ConfirmChange),
        Occasion::ConfirmEmailChange => Some(Purpose::AllowChange),
        Occasion::EmailChangeRequested => Some(Purpose::StopChange),
        Occasion::EmailChanged => Some(Purpose::RevertChange),
        _ => None,
    }
}
