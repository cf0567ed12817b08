//! What a run's events say of its places.

use domain::booking::run::RunEvent;

/// How many places of a run are taken after an event, and how many registrations wait: as many as before, where the event does not say.
pub(super) fn filled(event: &RunEvent, capacity: i64, (taken, waiting): (i64, i64)) -> (i64, i64) {
    let (left, wait) = places(event);
    (left.map_or(taken, |left| capacity - i64::from(left)), wait.map_or(waiting, i64::from))
}

/// How many places nobody has after an event, and how many registrations wait, where the event says that.
pub(super) const fn places(event: &RunEvent) -> (Option<u32>, Option<u32>) {
    match event {
        RunEvent::ApprovalAwaited { left, waiting, .. }
        | RunEvent::RegistrationWaitlisted { left, waiting, .. }
        | RunEvent::PlaceOffered { left, waiting, .. }
        | RunEvent::RegistrationRejected { left, waiting, .. }
        | RunEvent::RegistrationExpired { left, waiting, .. }
        | RunEvent::RegistrationWithdrawn { left, waiting, .. }
        | RunEvent::RegistrationCancelled { left, waiting, .. } => (Some(*left), Some(*waiting)),
        RunEvent::PaymentAwaited { left, .. }
        | RunEvent::RegistrationConfirmed { left, .. }
        | RunEvent::OfferDeclined { left, .. }
        | RunEvent::OfferLapsed { left, .. } => (Some(*left), None),
        RunEvent::Scheduled { .. }
        | RunEvent::Revised { .. }
        | RunEvent::Published {}
        | RunEvent::Rescheduled { .. }
        | RunEvent::Cancelled { .. }
        | RunEvent::Completed { .. }
        | RunEvent::DiscountCreated { .. }
        | RunEvent::DiscountRevoked { .. }
        | RunEvent::InvitationIssued { .. }
        | RunEvent::InvitationWithdrawn { .. }
        | RunEvent::RegistrationRequested(_)
        | RunEvent::RegistrationApproved { .. }
        | RunEvent::ApprovalWithdrawn { .. }
        | RunEvent::RegistrationReinstated { .. }
        | RunEvent::RegistrationPrioritised { .. }
        | RunEvent::RegistrationTransferred { .. }
        | RunEvent::CheckedIn { .. }
        | RunEvent::CheckInUndone { .. }
        | RunEvent::NoShowRecorded { .. }
        | RunEvent::NoShowUndone { .. }
        | RunEvent::SessionBegun { .. }
        | RunEvent::PaymentReported { .. }
        | RunEvent::PaymentVouchedFor { .. }
        | RunEvent::PaymentUndone { .. }
        | RunEvent::RefundOwed { .. }
        | RunEvent::RefundRecorded { .. }
        | RunEvent::RefundVouchedFor { .. }
        | RunEvent::RefundUndone { .. } => (None, None),
    }
}
