mod names;

use serde::{Deserialize, Serialize};

use super::{
    super::{Discount, Invitation, PlaceBefore, Plan, Quote},
    PaymentStatus, Person, Stage,
};
use crate::kernel::{AccountId, Digest, Money, PaymentId, RefundId, RegistrationId, RunId, SessionId, Timestamp};

/// What happened to a run. `left` is how many places nobody has afterwards, and `waiting` how many registrations wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RunEvent {
    Scheduled {
        organiser: AccountId,
        series: Option<RunId>,
        plan: Box<Plan>,
    },
    Revised {
        plan: Box<Plan>,
        /// Absent: it takes place where it was to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Box<PlaceBefore>>,
    },
    Published {},
    Rescheduled {
        starts_at: Timestamp,
        ends_at: Timestamp,
        closes_at: Option<Timestamp>,
        /// Absent: the clocks are those of before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_zone: Option<String>,
        from: Timestamp,
    },
    Cancelled {
        reason: String,
    },
    Completed {
        attended: u32,
        absent: u32,
    },
    DiscountCreated {
        discount: Discount,
    },
    DiscountRevoked {
        code: String,
    },
    InvitationIssued {
        invitation: Invitation,
    },
    InvitationWithdrawn {
        address: Digest,
        /// As of the invitation; none: it had run out, or an older build wrote this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        registration: Option<RegistrationId>,
    },
    /// What becomes of it is the event after this one.
    RegistrationRequested(Box<Requested>),
    ApprovalAwaited {
        registration: RegistrationId,
        holds_place: bool,
        left: u32,
        waiting: u32,
    },
    PaymentAwaited {
        registration: RegistrationId,
        due: Money,
        until: Timestamp,
        left: u32,
    },
    RegistrationConfirmed {
        registration: RegistrationId,
        left: u32,
    },
    RegistrationWaitlisted {
        registration: RegistrationId,
        left: u32,
        waiting: u32,
    },
    PlaceOffered {
        registration: RegistrationId,
        until: Timestamp,
        left: u32,
        waiting: u32,
    },
    OfferDeclined {
        registration: RegistrationId,
        left: u32,
    },
    OfferLapsed {
        registration: RegistrationId,
        left: u32,
    },
    RegistrationApproved {
        registration: RegistrationId,
    },
    /// The organiser takes an approval back, or it was another's.
    ApprovalWithdrawn {
        registration: RegistrationId,
    },
    RegistrationRejected {
        registration: RegistrationId,
        reason: String,
        left: u32,
        waiting: u32,
    },
    /// What becomes of it is the event after this one.
    RegistrationReinstated {
        registration: RegistrationId,
        number: u32,
    },
    RegistrationPrioritised {
        registration: RegistrationId,
        priority: u8,
    },
    /// The time to pay is over, or the run.
    RegistrationExpired {
        registration: RegistrationId,
        /// What it was at. Absent: an older build did not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Stage>,
        left: u32,
        waiting: u32,
    },
    RegistrationWithdrawn {
        registration: RegistrationId,
        left: u32,
        waiting: u32,
    },
    RegistrationCancelled {
        registration: RegistrationId,
        reason: String,
        left: u32,
        waiting: u32,
    },
    RegistrationTransferred {
        registration: RegistrationId,
        person: Person,
        /// As of a request.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<Digest>,
    },
    CheckedIn {
        registration: RegistrationId,
        at: Timestamp,
    },
    CheckInUndone {
        registration: RegistrationId,
    },
    NoShowRecorded {
        registration: RegistrationId,
    },
    NoShowUndone {
        registration: RegistrationId,
    },
    /// Somebody who has a place is at work on the run's workshop.
    SessionBegun {
        registration: RegistrationId,
        account: AccountId,
        session: SessionId,
    },
    /// `kept` is what came in for the registration and was not given back.
    PaymentReported {
        registration: RegistrationId,
        payment: PaymentId,
        status: PaymentStatus,
        amount: Money,
        kept: Money,
        /// Whoever looks after the bank account said that it came in, and nobody who moves money. An older build did not say.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
    },
    /// Who moves the money said as well that a payment came in that was recorded by hand.
    PaymentVouchedFor {
        registration: RegistrationId,
        payment: PaymentId,
    },
    /// A payment that was recorded by hand never came in.
    PaymentUndone {
        registration: RegistrationId,
        payment: PaymentId,
        amount: Money,
        reason: String,
        kept: Money,
        owed: Money,
    },
    RefundOwed {
        registration: RegistrationId,
        amount: Money,
        reason: RefundReason,
        owed: Money,
    },
    RefundRecorded {
        registration: RegistrationId,
        payment: PaymentId,
        refund: RefundId,
        amount: Money,
        kept: Money,
        owed: Money,
        /// As of a payment.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
    },
    /// Who moves the money said as well that a refund went back that was recorded by hand.
    RefundVouchedFor {
        registration: RegistrationId,
        payment: PaymentId,
        refund: RefundId,
        /// What they know it by.
        told_as: RefundId,
    },
    /// A refund that was recorded by hand never went back.
    RefundUndone {
        registration: RegistrationId,
        payment: PaymentId,
        refund: RefundId,
        amount: Money,
        reason: String,
        kept: Money,
        owed: Money,
        /// What nobody is asked for any more.
        forgiven: Money,
    },
}

/// Somebody wants to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    pub registration: RegistrationId,
    pub person: Person,
    /// Keyed digests of the addresses of those who come along and are named by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Digest>,
    pub ticket: String,
    pub seats: u16,
    pub priority: u8,
    pub number: u32,
    pub code: Option<String>,
    pub quote: Quote,
}

/// Why money is to be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    RunCancelled,
    /// By the run's policy.
    Withdrawn,
    CancelledByOrganiser,
    Rejected,
    /// It came when there was no place any more, or no registration to pay for.
    CameTooLate,
    PaidTooMuch,
}

impl RunEvent {
    /// The registration it is about, if it is about one.
    #[must_use]
    pub fn registration(&self) -> Option<RegistrationId> {
        match self {
            Self::Scheduled { .. }
            | Self::Revised { .. }
            | Self::Published {}
            | Self::Rescheduled { .. }
            | Self::Cancelled { .. }
            | Self::Completed { .. }
            | Self::DiscountCreated { .. }
            | Self::DiscountRevoked { .. }
            | Self::InvitationIssued { .. }
            | Self::InvitationWithdrawn { .. } => None,
            Self::RegistrationRequested(requested) => Some(requested.registration),
            Self::ApprovalAwaited { registration, .. }
            | Self::PaymentAwaited { registration, .. }
            | Self::RegistrationConfirmed { registration, .. }
            | Self::RegistrationWaitlisted { registration, .. }
            | Self::PlaceOffered { registration, .. }
            | Self::OfferDeclined { registration, .. }
            | Self::OfferLapsed { registration, .. }
            | Self::RegistrationApproved { registration }
            | Self::ApprovalWithdrawn { registration }
            | Self::RegistrationRejected { registration, .. }
            | Self::RegistrationReinstated { registration, .. }
            | Self::RegistrationPrioritised { registration, .. }
            | Self::RegistrationExpired { registration, .. }
            | Self::RegistrationWithdrawn { registration, .. }
            | Self::RegistrationCancelled { registration, .. }
            | Self::RegistrationTransferred { registration, .. }
            | Self::CheckedIn { registration, .. }
            | Self::CheckInUndone { registration }
            | Self::NoShowRecorded { registration }
            | Self::NoShowUndone { registration }
            | Self::SessionBegun { registration, .. }
            | Self::PaymentReported { registration, .. }
            | Self::PaymentVouchedFor { registration, .. }
            | Self::PaymentUndone { registration, .. }
            | Self::RefundOwed { registration, .. }
            | Self::RefundRecorded { registration, .. }
            | Self::RefundVouchedFor { registration, .. }
            | Self::RefundUndone { registration, .. } => Some(*registration),
        }
    }
}
