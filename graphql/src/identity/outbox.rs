//! Mails that have not been sent, for operators. Neither addresses nor words are in what they see.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::EmptyFields};
use commands::authorization::reads;
use domain::{
    identity::mail::Failure,
    kernel::{AccountId, MailId, Timestamp},
};
use projections::identity::mails;

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input::{self, number},
    paging::{self, Instant, List},
};

/// What a mail is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::identity::mail::Occasion")]
pub(crate) enum MailOccasion {
    VerifyEmail,
    ResetPassword,
    PasswordChanged,
    ConfirmNewEmail,
    ConfirmEmailChange,
    EmailChangeRequested,
    EmailChanged,
    EmailChangeReverted,
    SecondFactorReset,
    SecondFactorCode,
    BackupPhoneAdded,
    PasskeyAdded,
    PasskeyRemoved,
    PasskeyCopied,
    UnusualSignIn,
    RegistrationTried,
    AccountUnused,
    ClusterUnreachable,
    ClusterDegraded,
    ClusterRecovered,
    ClusterShort,
    UnusualSignIns,
    MailsParked,
    GuestInvited,
    InvitationWithdrawn,
    RegistrationRequested,
    RegistrationApproved,
    ApprovalWithdrawn,
    PaymentAwaited,
    PaymentReceived,
    PaymentFailed,
    PaymentUndone,
    RegistrationConfirmed,
    RegistrationWaitlisted,
    PlaceOffered,
    OfferLapsed,
    RegistrationExpired,
    RegistrationRejected,
    RegistrationWithdrawn,
    RegistrationCancelled,
    RegistrationGivenAway,
    RegistrationTakenOver,
    RunMoved,
    RunRelocated,
    RunCancelled,
    Refunded,
    RefundUndone,
    RunReminder,
    CompanionNamed,
    CompanionMoved,
    CompanionDropped,
}

/// A mail that has not been sent.
pub(crate) struct Mail(mails::Model);

/// A mail that has not been sent.
#[Object]
impl Mail {
    async fn id(&self) -> ID {
        MailId(self.0.mail).to_string().into()
    }

    /// Whose address it goes to, or went to before that changed; of who comes along by somebody's registration, theirs who registered.
    async fn account_id(&self) -> ID {
        AccountId(self.0.account).to_string().into()
    }

    async fn occasion(&self) -> MailOccasion {
        self.0.occasion.0.into()
    }

    async fn queued_at(&self) -> Timestamp {
        self.0.queued_at
    }

    /// How often it was tried since it was queued, or queued again.
    async fn attempts(&self) -> i32 {
        number(self.0.attempts)
    }

    /// What the mail server answered the last time, or what came in the way.
    async fn failure(&self) -> Option<String> {
        self.0.failure.as_ref().map(|failure| words(failure.0))
    }

    /// When it is tried next; null: as soon as can be, or not at all.
    async fn next_at(&self) -> Option<Timestamp> {
        self.0.next_at
    }

    /// Since when it is not tried any more, until somebody queues it again; null while it is.
    async fn parked_at(&self) -> Option<Timestamp> {
        self.0.parked_at
    }
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Reply(code) => format!("the mail server answered {code}"),
        Failure::Connection => "the mail server could not be reached, or the connection broke".into(),
        Failure::Tls => "the encrypted connection to the mail server did not come about".into(),
        Failure::Address => "the address is none that can be written to".into(),
        Failure::Local => "the mail could not be made or written".into(),
    }
}

impl From<mails::Model> for Mail {
    fn from(row: mails::Model) -> Self {
        Self(row)
    }
}

/// Which mail is queued again.
#[derive(InputObject)]
pub(crate) struct MailRequeueInput {
    mail_id: ID,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct MailRequeuePayload {
    /// As it is by now; null where it has been sent, or is of no use any more.
    mail: Option<Mail>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct OutboxQueries;

#[Object]
impl OutboxQueries {
    /// Mails that have not been sent, latest first, for operators; with `parked` only those that are not tried any more.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn outbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] parked: bool,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Mail>> {
        ctx.caller().allowed(&reads::OUTBOX)?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let page = mails::page(ctx.db(), parked, after, first).await?;
        Ok(paging::list(page, after.is_some(), EmptyFields, |row| paging::instant(row.after())))
    }
}

#[derive(Default)]
pub(crate) struct OutboxMutations;

#[Object]
impl OutboxMutations {
    /// Have a mail tried again that was set aside, for operators. One whose link has expired is dropped.
    async fn mail_requeue(&self, ctx: &Context<'_>, input: MailRequeueInput) -> Result<MailRequeuePayload> {
        let mail: MailId = input::id("mailId", &input.mail_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.requeue_mail(&request, mail).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let mail = if value.is_some() { mails::find(ctx.db(), mail).await?.map(Mail) } else { None };
        Ok(MailRequeuePayload { mail, errors, stale })
    }
}
