//! What is asked of a run, and by whom.

use domain::{
    booking::{
        Answers, Discount, Invitation, Plan, Reduction,
        run::{Applicant, Application, By, Caller, PaymentReport, PaymentStatus, Person, RefundReport, RunCommand as Do, Teller},
    },
    kernel::{AccountId, Digest, Minutes, PaymentId, Plan as AccountPlan, RefundId, RegistrationId, SessionId},
};
use proptest::{prelude::*, sample::select};
use test_runs::eur;
use uuid::Uuid;

use super::{ORGANISER, START};
use crate::at;

const PEOPLE: u128 = 12;

/// What somebody asks for; which of the rest counts depends on it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) what: What,
    who: Who,
    /// Minutes since what was asked before.
    pub(super) after: u32,
    registration: usize,
    person: u128,
    number: u8,
    seats: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Come,
    ComeByCode,
    /// By one of the invitations.
    ComeAsGuest,
    OpenPayment,
    Pay(PaymentStatus),
    Refund,
    UndoPayment,
    UndoRefund,
    Withdraw,
    /// Because they are erased.
    GiveUp,
    /// The same of a guest.
    Forget,
    LeaveWaitlist,
    Accept,
    Decline,
    Transfer,
    Begin,
    Settle,
    Staff(Staff),
}

/// What is the organiser's to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Staff {
    Approve,
    WithdrawApproval,
    Reject,
    Reinstate,
    Prioritise,
    CancelRegistration,
    CheckIn,
    UndoCheckIn,
    RecordNoShow,
    UndoNoShow,
    Revise,
    Reschedule,
    CreateDiscount,
    RevokeDiscount,
    Invite,
    WithdrawInvitation,
    Complete,
    Cancel,
}

/// Whoever asks: it is not for them to ask for everything.
#[derive(Clone, Copy, Debug)]
enum Who {
    Manager,
    Organiser,
    /// Who registered, though it may be another's by now; of what is the organiser's, the organiser.
    Registrant,
    Anybody,
}

pub(super) fn asked() -> impl Strategy<Value = Asked> {
    let who = prop_oneof![4 => Just(Who::Manager), 3 => Just(Who::Organiser), 4 => Just(Who::Registrant), 1 => Just(Who::Anybody)];
    // Now and then it is the day of the run at once.
    let after = prop_oneof![120 => 0..5_u32, 60 => 50..70_u32, 20 => 0..1500_u32, 1 => Just(START)];
    (what(), who, after, 0..60_usize, 0..PEOPLE, 0..4_u8, 1..4_usize)
        .prop_map(|(what, who, after, registration, person, number, seats)| Asked { what, who, after, registration, person, number, seats })
}

/// Two who come, and then what is told of their money, over and over, and what is decided about them.
pub(super) fn asked_of_two() -> impl Strategy<Value = Vec<Asked>> {
    use Staff::{Approve, CancelRegistration, Reinstate, WithdrawApproval};
    let comes = |person| Asked { what: What::Come, who: Who::Registrant, after: 0, registration: 1, person, number: 0, seats: 1 };
    let money = [What::Pay(PaymentStatus::Succeeded), What::Refund, What::Refund, What::UndoRefund, What::UndoPayment];
    let staff = [Approve, CancelRegistration, Reinstate, WithdrawApproval].map(What::Staff);
    let what = prop_oneof![8 => select(money.to_vec()), 2 => select(staff.to_vec()), 1 => Just(What::Withdraw)];
    let who = prop_oneof![Just(Who::Manager), Just(Who::Organiser), Just(Who::Registrant)];
    let told = (what, who, 0..20_u32, 0..2_usize, 0..2_u8).prop_map(|(what, who, after, registration, number)| Asked {
        what,
        who,
        after,
        registration,
        person: 0,
        number,
        seats: 1,
    });
    proptest::collection::vec(told, 0..60).prop_map(move |told| [0, 2].map(comes).into_iter().chain(told).collect())
}

fn what() -> impl Strategy<Value = What> {
    use PaymentStatus::{Failed, Pending, Succeeded, Unknown};
    use Staff::{
        Approve, Cancel, CancelRegistration, CheckIn, Complete, CreateDiscount, Invite, Prioritise, RecordNoShow, Reinstate, Reject,
        Reschedule, Revise, RevokeDiscount, UndoCheckIn, UndoNoShow, WithdrawApproval, WithdrawInvitation,
    };
    use What::{
        Accept, Begin, Come, ComeAsGuest, ComeByCode, Decline, Forget, GiveUp, LeaveWaitlist, OpenPayment, Pay, Refund, Settle, Transfer,
        UndoPayment, UndoRefund, Withdraw,
    };
    let staff = |which: &'static [Staff]| select(which).prop_map(What::Staff);
    prop_oneof![
        180 => Just(Come),
        80 => select(&[ComeAsGuest, ComeByCode]),
        80 => staff(&[Invite, Invite, CreateDiscount]),
        70 => Just(Pay(Succeeded)),
        70 => select(&[Pay(Pending), Pay(Unknown), Pay(Failed), Refund, Refund, UndoRefund, UndoPayment, OpenPayment, OpenPayment, Transfer, Settle]),
        80 => select(&[Withdraw, GiveUp, Forget, Accept, Accept, Accept, Decline, LeaveWaitlist]),
        100 => staff(&[Approve, Approve, Approve, WithdrawApproval, Reject, CancelRegistration, Reinstate, Prioritise, Revise]),
        60 => staff(&[CheckIn, UndoCheckIn, RecordNoShow, UndoNoShow, Reschedule, Complete, RevokeDiscount, WithdrawInvitation]),
        30 => Just(Begin),
        3 => staff(&[Cancel]),
    ]
}

/// The `index`th thing asked for. Registrations go by when they were asked for, those of guests by when these were invited.
pub(super) fn command(all: &[Asked], index: usize, plan: &Plan) -> Do {
    let asked = &all[index];
    let Asked { what, registration, person, number, seats, .. } = *asked;
    let target = registration % (index + 1);
    let (registration, by) = (id(target), asked.caller(&all[target]));
    let payment = PaymentId(Uuid::from_u128(1000 + registration.0.as_u128() * 10 + u128::from(number)));
    match what {
        What::Come | What::ComeByCode => asked.comes(id(index), applicant(person, seats)),
        What::ComeAsGuest => {
            let invite = asked.invite(&all[..index]).unwrap_or(index);
            asked.comes(id(invite), guest(all[invite].person, seats))
        }
        What::OpenPayment => Do::OpenPayment { by, registration, payment },
        What::Pay(status) => {
            let amount = eur([10_000, 20_000, 30_000, 2_500][usize::from(number)]);
            Do::ReportPayment(PaymentReport { by: asked.teller(), registration, payment, status, amount })
        }
        What::Refund => {
            let (by, amount) = (asked.teller(), eur(1_000 * i64::from(number + 1)));
            // Whoever moves money knows it by another id.
            let told = if matches!(by, Teller::Provider) { 5 } else { 0 };
            let refund = RefundId(Uuid::from_u128(payment.0.as_u128() + told));
            Do::ReportRefund(RefundReport { by, registration, payment, refund, amount })
        }
        What::UndoRefund => Do::UndoRefund { by: asked.by(), registration, refund: RefundId(payment.0), reason: String::new() },
        What::UndoPayment => Do::UndoPayment { by: asked.by(), registration, payment, reason: String::new() },
        What::Withdraw => Do::Withdraw { by, registration },
        What::GiveUp => Do::GiveUp { account: account(person) },
        What::Forget => {
            let address = Some(address(all[target].person));
            Do::Forget { registration, address, has_it: number > 0, over_by: None }
        }
        What::LeaveWaitlist => Do::LeaveWaitlist { by, registration },
        What::Accept => Do::AcceptOffer { by, registration },
        What::Decline => Do::DeclineOffer { by, registration },
        What::Transfer => {
            let to = if number == 3 { guest(person, seats) } else { applicant(person, seats) };
            Do::Transfer { by, registration, to: Box::new(to) }
        }
        // As early as anything is asked.
        What::Begin => {
            let session = SessionId(Uuid::from_u128(index as u128));
            Do::BeginSession { account: account(person), address: Some(address(person)), session, ahead: Minutes(START) }
        }
        What::Settle => Do::Settle,
        What::Staff(what) => asked.manages(what, registration, id(index), plan),
    }
}

impl Asked {
    fn by(&self) -> By {
        match self.who {
            Who::Manager => By::Manager,
            Who::Organiser | Who::Registrant => By::Organiser(ORGANISER),
            Who::Anybody => By::Organiser(account(self.person)),
        }
    }

    fn teller(&self) -> Teller {
        match self.who {
            Who::Manager | Who::Registrant => Teller::Provider,
            Who::Organiser | Who::Anybody => Teller::Staff(self.by()),
        }
    }

    /// Who asks about what came of something that was asked for before.
    fn caller(&self, before: &Self) -> Caller {
        match self.who {
            Who::Manager | Who::Organiser => Caller::Staff(self.by()),
            Who::Registrant if before.what == What::Staff(Staff::Invite) => Caller::Guest(address(before.person)),
            Who::Registrant => Caller::Account(account(before.person)),
            Who::Anybody => match self.number {
                0 => Caller::Staff(self.by()),
                1 => Caller::Guest(address(self.person)),
                _ => Caller::Account(account(self.person)),
            },
        }
    }

    /// When one of those was invited who are by now.
    fn invite(&self, before: &[Self]) -> Option<usize> {
        let is_invite = |index: &usize| before[*index].what == What::Staff(Staff::Invite);
        let invites: Vec<usize> = (0..before.len()).filter(is_invite).collect();
        invites.get(self.registration % invites.len().max(1)).copied()
    }

    fn comes(&self, registration: RegistrationId, applicant: Applicant) -> Do {
        let by_code = self.what == What::ComeByCode;
        let ticket = if self.registration.is_multiple_of(2) && !by_code { "free" } else { "paid" }.to_owned();
        let code = by_code.then(|| discount(self.number).code);
        Do::Request(Box::new(Application { registration, applicant, owner: None, ticket, code, priority: self.number, wait: true }))
    }

    fn manages(&self, what: Staff, registration: RegistrationId, invited: RegistrationId, plan: &Plan) -> Do {
        let (by, number) = (self.by(), self.number);
        match what {
            Staff::Approve => Do::Approve { by, registration },
            Staff::WithdrawApproval => Do::WithdrawApproval { by, registration },
            Staff::Reject => Do::Reject { by, registration, reason: String::new() },
            Staff::Reinstate => Do::Reinstate { by, registration },
            Staff::Prioritise => Do::Prioritise { by, registration, priority: number },
            Staff::CancelRegistration => Do::CancelRegistration { by, registration, reason: String::new() },
            Staff::CheckIn => Do::CheckIn { by, registration },
            Staff::UndoCheckIn => Do::UndoCheckIn { by, registration },
            Staff::RecordNoShow => Do::RecordNoShow { by, registration },
            Staff::UndoNoShow => Do::UndoNoShow { by, registration },
            Staff::Revise => {
                let capacity = u32::from(number) * 3 + 1;
                Do::Revise { by, plan: Box::new(Plan { capacity, ..plan.clone() }) }
            }
            Staff::Reschedule => {
                let start = START + [0, 60, 120, START][usize::from(number)];
                Do::Reschedule { by, starts_at: at(start * 60), ends_at: at((start + 60) * 60), closes_at: None, time_zone: None }
            }
            Staff::CreateDiscount => Do::CreateDiscount { by, discount: discount(number) },
            Staff::RevokeDiscount => Do::RevokeDiscount { by, code: discount(number).code },
            Staff::Invite => {
                let ticket = (number == 2).then(|| "free".to_owned());
                let invitation = Invitation { address: address(self.person), registration: invited, ticket, priority: number, until: None };
                Do::Invite { by, invitation }
            }
            Staff::WithdrawInvitation => Do::WithdrawInvitation { by, address: address(self.person) },
            Staff::Complete => Do::Complete { by },
            Staff::Cancel => Do::Cancel { by, reason: String::new() },
        }
    }
}

const fn id(number: usize) -> RegistrationId {
    RegistrationId(Uuid::from_u128(number as u128))
}

/// Some have the same.
fn account(person: u128) -> AccountId {
    AccountId(Uuid::from_u128(100 + person / 2 * 2))
}

fn address(person: u128) -> Digest {
    Digest::try_from(format!("{person:064x}")).expect("64 digits")
}

/// Somebody, who has others come along: of the accounts that are next.
fn applicant(person: u128, seats: usize) -> Applicant {
    let attendees = vec!["Somebody".to_owned(); seats];
    let members = (1..seats as u128).map(|next| address((person + 2 * next) % PEOPLE)).collect();
    Applicant {
        person: Person { account: Some(account(person)), address: address(person) },
        plan: Some(AccountPlan::Free),
        attendees,
        members,
        answers: Answers::new(),
    }
}

/// The same without an account.
fn guest(person: u128, seats: usize) -> Applicant {
    let mut guest = applicant(person, seats);
    (guest.person.account, guest.plan) = (None, None);
    guest
}

/// One of four codes.
fn discount(number: u8) -> Discount {
    let (code, reduction, uses) = [
        ("HALF-PRICE", Reduction::Share(5_000), None),
        ("THIRTY-OFF", Reduction::Amount(eur(3_000)), Some(2)),
        ("FREE", Reduction::Share(10_000), Some(1)),
        ("TEN-PERCENT", Reduction::Share(1_000), Some(1)),
    ][usize::from(number)];
    Discount { code: code.to_owned(), reduction, admits: false, uses, until: None, tickets: [].into() }
}
