//! What events of a run are called where they are stored.

use super::RunEvent;
use crate::Event;

impl Event for RunEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Scheduled { .. } => "RunScheduled",
            Self::Revised { .. } => "RunRevised",
            Self::Published {} => "RunPublished",
            Self::Rescheduled { .. } => "RunRescheduled",
            Self::Cancelled { .. } => "RunCancelled",
            Self::Completed { .. } => "RunCompleted",
            Self::DiscountCreated { .. } => "DiscountCreated",
            Self::DiscountRevoked { .. } => "DiscountRevoked",
            Self::InvitationIssued { .. } => "InvitationIssued",
            Self::InvitationWithdrawn { .. } => "InvitationWithdrawn",
            Self::RegistrationRequested(_) => "RegistrationRequested",
            Self::ApprovalAwaited { .. } => "ApprovalAwaited",
            Self::PaymentAwaited { .. } => "PaymentAwaited",
            Self::RegistrationConfirmed { .. } => "RegistrationConfirmed",
            Self::RegistrationWaitlisted { .. } => "RegistrationWaitlisted",
            Self::PlaceOffered { .. } => "PlaceOffered",
            Self::OfferDeclined { .. } => "OfferDeclined",
            Self::OfferLapsed { .. } => "OfferLapsed",
            Self::RegistrationApproved { .. } => "RegistrationApproved",
            Self::ApprovalWithdrawn { .. } => "ApprovalWithdrawn",
            Self::RegistrationRejected { .. } => "RegistrationRejected",
            Self::RegistrationReinstated { .. } => "RegistrationReinstated",
            Self::RegistrationPrioritised { .. } => "RegistrationPrioritised",
            Self::RegistrationExpired { .. } => "RegistrationExpired",
            Self::RegistrationWithdrawn { .. } => "RegistrationWithdrawn",
            Self::RegistrationCancelled { .. } => "RegistrationCancelled",
            Self::RegistrationTransferred { .. } => "RegistrationTransferred",
            Self::CheckedIn { .. } => "CheckedIn",
            Self::CheckInUndone { .. } => "CheckInUndone",
            Self::NoShowRecorded { .. } => "NoShowRecorded",
            Self::NoShowUndone { .. } => "NoShowUndone",
            Self::SessionBegun { .. } => "RunSessionBegun",
            Self::PaymentReported { .. } => "PaymentReported",
            Self::PaymentVouchedFor { .. } => "PaymentVouchedFor",
            Self::PaymentUndone { .. } => "PaymentUndone",
            Self::RefundOwed { .. } => "RefundOwed",
            Self::RefundRecorded { .. } => "RefundRecorded",
            Self::RefundVouchedFor { .. } => "RefundVouchedFor",
            Self::RefundUndone { .. } => "RefundUndone",
        }
    }
}
