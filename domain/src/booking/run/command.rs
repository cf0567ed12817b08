use super::{
    super::{Answers, Discount, Plan},
    PaymentStatus, Person,
};
use crate::kernel::{AccountId, Money, PaymentId, Personal, RegistrationId, Timestamp};

/// Who runs a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its organiser alone may.
    Organiser(AccountId),
    /// Somebody who may manage all runs.
    Manager,
}

/// Whose registration it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrant {
    Account(AccountId),
    /// Anybody's: the organiser, or somebody who may manage all runs, acts in their stead.
    Staff(By),
}

/// What may be asked of a run.
#[derive(Debug)]
pub enum RunCommand {
    Schedule { organiser: AccountId, plan: Box<Plan> },
    Revise { by: By, plan: Box<Plan> },
    Publish { by: By },
    /// Registration closes at `closes_at`; none: at the start.
    Reschedule { by: By, starts_at: Timestamp, ends_at: Timestamp, closes_at: Option<Timestamp> },
    Cancel { by: By, reason: String },
    Complete { by: By },
    CreateDiscount { by: By, discount: Discount },
    RevokeDiscount { by: By, code: String },
    Request(Box<Application>),
    Approve { by: By, registration: RegistrationId },
    /// Takes an approval back while nobody has paid.
    WithdrawApproval { by: By, registration: RegistrationId },
    Reject { by: By, registration: RegistrationId, reason: String },
    /// Takes back that a registration was rejected, ran out, was withdrawn or cancelled.
    Reinstate { by: By, registration: RegistrationId },
    Withdraw { by: Registrant, registration: RegistrationId },
    CancelRegistration { by: By, registration: RegistrationId, reason: String },
    Transfer { by: Registrant, registration: RegistrationId, person: Person, name: Personal<String>, email: Personal<String> },
    AcceptOffer { by: Registrant, registration: RegistrationId },
    DeclineOffer { by: Registrant, registration: RegistrationId },
    CheckIn { by: By, registration: RegistrationId },
    UndoCheckIn { by: By, registration: RegistrationId },
    RecordNoShow { by: By, registration: RegistrationId },
    UndoNoShow { by: By, registration: RegistrationId },
    ReportPayment(PaymentReport),
    RecordRefund { by: By, registration: RegistrationId, payment: PaymentId, amount: Money },
    /// Lets go of what was held for too long, and offers what is free.
    Lapse,
}

/// Somebody wants to come.
#[derive(Debug)]
pub struct Application {
    pub registration: RegistrationId,
    pub person: Person,
    pub name: Personal<String>,
    pub email: Personal<String>,
    /// Names of all who come; as many as seats.
    pub attendees: Vec<String>,
    /// Under whose key their names and answers are sealed.
    pub subject: AccountId,
    pub answers: Answers,
    pub ticket: String,
    pub code: Option<String>,
    pub priority: u8,
    /// Wait, if there is no place.
    pub wait: bool,
}

/// What a payment's provider, or who looks after the bank account, tells.
#[derive(Clone, Copy, Debug)]
pub struct PaymentReport {
    pub registration: RegistrationId,
    pub payment: PaymentId,
    pub status: PaymentStatus,
    pub amount: Money,
}
