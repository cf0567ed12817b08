use super::{
    super::{Answers, Discount, Invitation, Plan},
    PaymentStatus, Person,
};
use crate::kernel::{
    AccountId, Digest, Minutes, Money, PaymentId, Plan as AccountPlan, RefundId, RegistrationId, RunId, SessionId, Timestamp,
};

/// Who runs a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its organiser alone may.
    Organiser(AccountId),
    /// Somebody who may manage all runs.
    Manager,
}

/// Who asks about a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whose registration it has to be.
    Account(AccountId),
    /// Somebody without an account, who was sent a link to this address.
    Guest(Digest),
    /// The organiser, or somebody who may manage all runs, acts in their stead.
    Staff(By),
}

/// Who tells of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// Who moves it, by a message whose signature was verified.
    Provider,
    /// Who looks after the bank account.
    Staff(By),
}

/// What may be asked of a run.
#[derive(Debug)]
pub enum RunCommand {
    Schedule {
        organiser: AccountId,
        series: Option<RunId>,
        plan: Box<Plan>,
    },
    Revise {
        by: By,
        plan: Box<Plan>,
    },
    Publish {
        by: By,
    },
    /// Registration closes at `closes_at`; none: at the start. Where that alone is another, or the time zone, the run is revised, and not
    /// moved.
    Reschedule {
        by: By,
        starts_at: Timestamp,
        ends_at: Timestamp,
        closes_at: Option<Timestamp>,
        /// None: as it was.
        time_zone: Option<String>,
    },
    Cancel {
        by: By,
        reason: String,
    },
    Complete {
        by: By,
    },
    CreateDiscount {
        by: By,
        discount: Discount,
    },
    RevokeDiscount {
        by: By,
        code: String,
    },
    Invite {
        by: By,
        invitation: Invitation,
    },
    WithdrawInvitation {
        by: By,
        address: Digest,
    },
    Request(Box<Application>),
    Approve {
        by: By,
        registration: RegistrationId,
    },
    /// Takes an approval back while nobody has paid.
    WithdrawApproval {
        by: By,
        registration: RegistrationId,
    },
    Reject {
        by: By,
        registration: RegistrationId,
        reason: String,
    },
    /// Takes back that a registration was rejected, ran out, was withdrawn or cancelled. It is the last in line.
    Reinstate {
        by: By,
        registration: RegistrationId,
    },
    Prioritise {
        by: By,
        registration: RegistrationId,
        priority: u8,
    },
    Withdraw {
        by: Caller,
        registration: RegistrationId,
    },
    /// Withdraws from the line, and from nothing else: who has come to a place meanwhile keeps it.
    LeaveWaitlist {
        by: Caller,
        registration: RegistrationId,
    },
    CancelRegistration {
        by: By,
        registration: RegistrationId,
        reason: String,
    },
    Transfer {
        by: Caller,
        registration: RegistrationId,
        to: Box<Applicant>,
    },
    AcceptOffer {
        by: Caller,
        registration: RegistrationId,
    },
    DeclineOffer {
        by: Caller,
        registration: RegistrationId,
    },
    CheckIn {
        by: By,
        registration: RegistrationId,
    },
    UndoCheckIn {
        by: By,
        registration: RegistrationId,
    },
    RecordNoShow {
        by: By,
        registration: RegistrationId,
    },
    UndoNoShow {
        by: By,
        registration: RegistrationId,
    },
    /// Whose account is confirmed begins a session of the run's workshop, so much ahead of its start or later.
    BeginSession {
        account: AccountId,
        /// A keyed digest of its address, if that was verified: by it, guests come who have an account by now.
        address: Option<Digest>,
        session: SessionId,
        ahead: Minutes,
    },
    /// Whose account is erased gives up what they have, as if they withdrew; once the run has begun it stays as it is.
    GiveUp {
        account: AccountId,
    },
    /// What is known of a guest, who has a registration or had it before, is to be read no more: they are not invited by it, and whoever
    /// has it gives up what they have, as if they withdrew.
    Forget {
        registration: RegistrationId,
        /// A keyed digest of where they are written to; none: nobody can read it any more.
        address: Option<Digest>,
        has_it: bool,
        /// Only if the run was called off, or was over by then; none: they ask for it.
        over_by: Option<Timestamp>,
    },
    /// Somebody is about to pay what is due; if they were before, that stands.
    OpenPayment {
        by: Caller,
        registration: RegistrationId,
        payment: PaymentId,
    },
    ReportPayment(PaymentReport),
    /// Takes back that a payment was recorded by hand: it never came in.
    UndoPayment {
        by: By,
        registration: RegistrationId,
        payment: PaymentId,
        reason: String,
    },
    ReportRefund(RefundReport),
    /// Takes back that a refund was recorded by hand: it never went back.
    UndoRefund {
        by: By,
        registration: RegistrationId,
        refund: RefundId,
        reason: String,
    },
    /// Lets go of what was held for too long, offers what is free, and goes on with what was too much for one decision.
    Settle,
}

/// Somebody who wants to come. Their names and answers are looked at and not kept: they are sealed elsewhere.
#[derive(Clone)]
pub struct Applicant {
    pub person: Person,
    /// What their account is on; none: they have none, or it was not looked up, which a ticket that asks for it says.
    pub plan: Option<AccountPlan>,
    /// Names of all who come; as many as seats.
    pub attendees: Vec<String>,
    /// Keyed digests of the addresses of those among them who begin a session by an account of their own.
    pub members: Vec<Digest>,
    pub answers: Answers,
}

/// Shows who it is, never what they say.
impl std::fmt::Debug for Applicant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Applicant").field("person", &self.person).finish_non_exhaustive()
    }
}

/// Somebody wants to come.
#[derive(Clone, Debug)]
pub struct Application {
    pub registration: RegistrationId,
    pub applicant: Applicant,
    /// Of a guest: whose account has the address, verified, by now.
    pub owner: Option<AccountId>,
    pub ticket: String,
    pub code: Option<String>,
    pub priority: u8,
    /// Wait, if there is no place.
    pub wait: bool,
}

/// What is told of a payment.
#[derive(Clone, Copy, Debug)]
pub struct PaymentReport {
    pub by: Teller,
    pub registration: RegistrationId,
    pub payment: PaymentId,
    pub status: PaymentStatus,
    pub amount: Money,
}

/// What is told of money that was given back.
#[derive(Clone, Copy, Debug)]
pub struct RefundReport {
    pub by: Teller,
    pub registration: RegistrationId,
    pub payment: PaymentId,
    pub refund: RefundId,
    pub amount: Money,
}
