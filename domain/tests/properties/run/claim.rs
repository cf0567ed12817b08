//! Who may ask for what: everybody for some things, for others who runs the run, or whose registration it is.

use domain::{
    booking::run::{By, Caller, PaymentReport, RefundReport, RunCommand as Do, Teller},
    kernel::RegistrationId,
};

/// Whose the run or a registration has to be.
#[derive(Debug)]
pub(super) enum Claim {
    Nothing,
    Run(By),
    Registration(Caller, RegistrationId),
}

impl Claim {
    pub(super) fn of(command: &Do) -> Self {
        match command {
            Do::Schedule { .. } | Do::Request(_) | Do::BeginSession { .. } | Do::GiveUp { .. } | Do::Forget { .. } | Do::Settle => {
                Self::Nothing
            }
            Do::Revise { by, .. }
            | Do::Publish { by }
            | Do::Reschedule { by, .. }
            | Do::Cancel { by, .. }
            | Do::Complete { by }
            | Do::CreateDiscount { by, .. }
            | Do::RevokeDiscount { by, .. }
            | Do::Invite { by, .. }
            | Do::WithdrawInvitation { by, .. } => Self::Run(*by),
            Do::Approve { by, registration }
            | Do::WithdrawApproval { by, registration }
            | Do::Reject { by, registration, .. }
            | Do::Reinstate { by, registration }
            | Do::Prioritise { by, registration, .. }
            | Do::CancelRegistration { by, registration, .. }
            | Do::CheckIn { by, registration }
            | Do::UndoCheckIn { by, registration }
            | Do::RecordNoShow { by, registration }
            | Do::UndoNoShow { by, registration }
            | Do::UndoPayment { by, registration, .. }
            | Do::UndoRefund { by, registration, .. } => Self::Registration(Caller::Staff(*by), *registration),
            Do::Withdraw { by, registration }
            | Do::LeaveWaitlist { by, registration }
            | Do::Transfer { by, registration, .. }
            | Do::AcceptOffer { by, registration }
            | Do::DeclineOffer { by, registration }
            | Do::OpenPayment { by, registration, .. } => Self::Registration(by.clone(), *registration),
            Do::ReportPayment(PaymentReport { by, registration, .. }) | Do::ReportRefund(RefundReport { by, registration, .. }) => {
                let by = match by {
                    // Who moves the money knows of all registrations.
                    Teller::Provider => By::Manager,
                    Teller::Staff(by) => *by,
                };
                Self::Registration(Caller::Staff(by), *registration)
            }
        }
    }

    /// Which registration it is about.
    pub(super) const fn registration(&self) -> Option<RegistrationId> {
        match self {
            Self::Nothing | Self::Run(_) => None,
            Self::Registration(_, registration) => Some(*registration),
        }
    }
}
