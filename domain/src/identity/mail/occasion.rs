//! What mails are about.

use serde::{Deserialize, Serialize};

use crate::kernel::{Money, RegistrationId, Timestamp};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Asks to verify the account's address.
    VerifyEmail,
    /// Lets another password be set.
    ResetPassword,
    /// Tells that the password has changed.
    PasswordChanged,
    /// Asks, at the new address, to confirm it.
    ConfirmNewEmail,
    /// Asks, at the old address, to confirm that another takes its place.
    ConfirmEmailChange,
    /// Tells, at the old address, that another was named, and how to stop that.
    EmailChangeRequested,
    /// Tells, at the old address, that another is the account's now, and how to take that back.
    EmailChanged,
    /// Tells, at an address that was an account's, that the one from before is again.
    EmailChangeReverted,
    /// Tells that an administrator turned the second factor off.
    SecondFactorReset,
    /// Has a code in place of one of the second factor.
    SecondFactorCode,
    /// Tells that codes can be sent to a telephone.
    BackupPhoneAdded,
    /// Tells that somebody signs in by another passkey.
    PasskeyAdded,
    /// Tells that one of them was taken away.
    PasskeyRemoved,
    /// Tells that somebody may have a copy of one.
    PasskeyCopied,
    /// Tells of a sign-in that is unusual.
    UnusualSignIn,
    /// Tells that somebody tried to open another account with the address.
    RegistrationTried,
    /// Tells that the account is erased soon, since nobody uses it.
    AccountUnused,
    /// Tells operators that a cluster does not answer.
    ClusterUnreachable,
    /// Tells operators that a cluster answers, and something is wrong with it.
    ClusterDegraded,
    /// Tells operators that a cluster is well again.
    ClusterRecovered,
    /// Tells operators that nearly all of something is requested of a cluster.
    ClusterShort,
    /// Tells operators that sign-ins of others were unusual.
    UnusualSignIns,
    /// Tells operators that mails wait for them.
    MailsParked,
    /// Has the link by which somebody comes to a run they are invited to.
    GuestInvited,
    InvitationWithdrawn,
    /// Tells that a registration waits for the organiser.
    RegistrationRequested,
    RegistrationApproved,
    /// Tells who waits that they are not approved any more.
    ApprovalWithdrawn,
    /// Asks to pay in time.
    PaymentAwaited,
    /// Tells that money has come in.
    PaymentReceived,
    /// Tells that a payment did not come about.
    PaymentFailed,
    /// Tells that a payment that was said to have come in has not.
    PaymentUndone,
    RegistrationConfirmed,
    RegistrationWaitlisted,
    /// Asks to take a place in time.
    PlaceOffered,
    OfferLapsed,
    /// Tells that nothing was paid in time.
    RegistrationExpired,
    RegistrationRejected,
    RegistrationWithdrawn,
    RegistrationCancelled,
    /// Tells who had a registration that it is somebody else's now.
    RegistrationGivenAway,
    /// Tells who has a registration now that was somebody else's.
    RegistrationTakenOver,
    RunMoved,
    /// Tells that a run takes place elsewhere.
    RunRelocated,
    RunCancelled,
    /// Tells that money went back.
    Refunded,
    /// Tells that money that was said to have gone back has not.
    RefundUndone,
    /// Tells that a run begins soon.
    RunReminder,
    /// Tells who was named among those who come that there is a place for them.
    CompanionNamed,
    /// Tells them that the run takes place at another time, or elsewhere.
    CompanionMoved,
    /// Tells them that they do not come along any more.
    CompanionDropped,
}

impl Occasion {
    /// All there are.
    pub const ALL: [Self; 51] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::PasswordChanged,
        Self::ConfirmNewEmail,
        Self::ConfirmEmailChange,
        Self::EmailChangeRequested,
        Self::EmailChanged,
        Self::EmailChangeReverted,
        Self::SecondFactorReset,
        Self::SecondFactorCode,
        Self::BackupPhoneAdded,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeyCopied,
        Self::UnusualSignIn,
        Self::RegistrationTried,
        Self::AccountUnused,
        Self::ClusterUnreachable,
        Self::ClusterDegraded,
        Self::ClusterRecovered,
        Self::ClusterShort,
        Self::UnusualSignIns,
        Self::MailsParked,
        Self::GuestInvited,
        Self::InvitationWithdrawn,
        Self::RegistrationRequested,
        Self::RegistrationApproved,
        Self::ApprovalWithdrawn,
        Self::PaymentAwaited,
        Self::PaymentReceived,
        Self::PaymentFailed,
        Self::PaymentUndone,
        Self::RegistrationConfirmed,
        Self::RegistrationWaitlisted,
        Self::PlaceOffered,
        Self::OfferLapsed,
        Self::RegistrationExpired,
        Self::RegistrationRejected,
        Self::RegistrationWithdrawn,
        Self::RegistrationCancelled,
        Self::RegistrationGivenAway,
        Self::RegistrationTakenOver,
        Self::RunMoved,
        Self::RunRelocated,
        Self::RunCancelled,
        Self::Refunded,
        Self::RefundUndone,
        Self::RunReminder,
        Self::CompanionNamed,
        Self::CompanionMoved,
        Self::CompanionDropped,
    ];

    /// Whether it is for operators, and not about the account that it goes to.
    #[must_use]
    pub const fn is_for_operators(self) -> bool {
        matches!(
            self,
            Self::ClusterUnreachable
                | Self::ClusterDegraded
                | Self::ClusterRecovered
                | Self::ClusterShort
                | Self::UnusualSignIns
                | Self::MailsParked
        )
    }

    /// Whether it is for who comes along by somebody else's registration.
    #[must_use]
    pub const fn is_for_companions(self) -> bool {
        matches!(self, Self::CompanionNamed | Self::CompanionMoved | Self::CompanionDropped)
    }

    /// Whether it is about a registration, and says nothing of an account.
    #[must_use]
    pub const fn is_of_booking(self) -> bool {
        match self {
            Self::VerifyEmail
            | Self::ResetPassword
            | Self::PasswordChanged
            | Self::ConfirmNewEmail
            | Self::ConfirmEmailChange
            | Self::EmailChangeRequested
            | Self::EmailChanged
            | Self::EmailChangeReverted
            | Self::SecondFactorReset
            | Self::SecondFactorCode
            | Self::BackupPhoneAdded
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::PasskeyCopied
            | Self::UnusualSignIn
            | Self::RegistrationTried
            | Self::AccountUnused
            | Self::ClusterUnreachable
            | Self::ClusterDegraded
            | Self::ClusterRecovered
            | Self::ClusterShort
            | Self::UnusualSignIns
            | Self::MailsParked => false,
            Self::GuestInvited
            | Self::InvitationWithdrawn
            | Self::RegistrationRequested
            | Self::RegistrationApproved
            | Self::ApprovalWithdrawn
            | Self::PaymentAwaited
            | Self::PaymentReceived
            | Self::PaymentFailed
            | Self::PaymentUndone
            | Self::RegistrationConfirmed
            | Self::RegistrationWaitlisted
            | Self::PlaceOffered
            | Self::OfferLapsed
            | Self::RegistrationExpired
            | Self::RegistrationRejected
            | Self::RegistrationWithdrawn
            | Self::RegistrationCancelled
            | Self::RegistrationGivenAway
            | Self::RegistrationTakenOver
            | Self::RunMoved
            | Self::RunRelocated
            | Self::RunCancelled
            | Self::Refunded
            | Self::RefundUndone
            | Self::RunReminder
            | Self::CompanionNamed
            | Self::CompanionMoved
            | Self::CompanionDropped => true,
        }
    }
}

/// What a mail about a registration says that nobody knows any more when it is sent. Everything else is looked up then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booked {
    pub registration: RegistrationId,
    /// Until when something is held for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When the run was to start before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// What is to be paid, came in, or went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// What the organiser gave as a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What else than money was missing when the registration ran out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
}

/// What somebody waited for who got no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// None became free.
    Place,
    /// The organiser had not decided.
    Approval,
}

impl Booked {
    /// About a registration, with nothing to say of it.
    #[must_use]
    pub const fn of(registration: RegistrationId) -> Self {
        Self { registration, until: None, before: None, amount: None, reason: None, missed: None }
    }
}
