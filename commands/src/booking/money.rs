//! Money that came in or went back, as far as it is told here.

use domain::{
    booking::{
        BookingRejection as Rejection,
        run::{Caller, Entry, PaymentReport, PaymentStatus, RefundReport, Run, RunCommand, Scheduled, Teller},
    },
    kernel::{Money, PaymentId, RefundId, RegistrationId, RunId},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use super::{Booking, staff};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Booking {
    /// Opens a payment of what is due, or finds the one that is open.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn open_payment(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let act = acts::PAYMENT_OPEN;
        let Some((run, by)) = self.caller(request, &act, registration).await? else {
            return Ok(Outcome::Rejected(Rejection::RegistrationNotFound));
        };
        let operation = Operation::new(act, json!({ "registration": registration }));
        self.open_payment_by(request, operation, run, registration, &by).await
    }

    pub(super) async fn open_payment_by(
        &self,
        request: &Request,
        operation: Operation,
        run: RunId,
        registration: RegistrationId,
        by: &Caller,
    ) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let new = PaymentId(Uuid::now_v7());
        let work = |transaction: Transaction| async move {
            let command = RunCommand::OpenPayment { by: by.clone(), registration, payment: new };
            // Something else may have become due meanwhile, so that there is news although the payment was open before.
            let is_news = transaction.decide::<Run>(run.into(), command).await?;
            let open = self.look(run, |run: &Scheduled| run.registration(registration).and_then(Entry::open_payment)).await?;
            open.or(is_news.then_some(new)).ok_or(Halt::Rejected(Rejection::NothingDue))
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Records a payment that came another way, such as a bank transfer: of an id that was given before, or of a new one.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn record_payment(
        &self,
        request: &Request,
        registration: RegistrationId,
        payment: Option<PaymentId>,
        amount: Money,
    ) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let by = Teller::Staff(staff(request, &acts::PAYMENT_RECORD)?);
        let input = json!({ "registration": registration, "payment": payment, "amount": amount });
        let payment = payment.unwrap_or_else(|| PaymentId(Uuid::now_v7()));
        let report = PaymentReport { by, registration, payment, status: PaymentStatus::Succeeded, amount };
        let told = || RunCommand::ReportPayment(report);
        self.told(request, Operation::new(acts::PAYMENT_RECORD, input), registration, told, payment).await
    }

    /// Takes back that a payment came in which was recorded by hand.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn undo_payment(
        &self,
        request: &Request,
        registration: RegistrationId,
        payment: PaymentId,
        reason: &str,
    ) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let by = staff(request, &acts::PAYMENT_UNDO_RECORD)?;
        let input = json!({ "registration": registration, "payment": payment, "reason": reason });
        let told = || RunCommand::UndoPayment { by, registration, payment, reason: reason.to_owned() };
        self.told(request, Operation::new(acts::PAYMENT_UNDO_RECORD, input), registration, told, payment).await
    }

    /// Takes what a provider tells of a payment; that it was the provider was verified.
    ///
    /// # Errors
    /// A fault.
    pub async fn report_payment(&self, request: &Request, report: PaymentReport) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let PaymentReport { registration, payment, status, amount, .. } = report;
        let input = json!({ "registration": registration, "payment": payment, "status": status, "amount": amount });
        let told = || RunCommand::ReportPayment(report);
        self.told(request, Operation::new(acts::PAYMENT_REPORT, input).anew_if_rejected(), registration, told, payment).await
    }

    /// Takes what a provider tells of money that went back; that it was the provider was verified. Of an id that was given before, it is
    /// told once. Nothing is kept of what is told before the payment has succeeded, so that it is taken when it is told again.
    ///
    /// # Errors
    /// A fault.
    pub async fn report_refund(&self, request: &Request, report: RefundReport) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let RefundReport { registration, payment, refund, amount, .. } = report;
        let input = json!({ "registration": registration, "payment": payment, "refund": refund, "amount": amount });
        let told = || RunCommand::ReportRefund(report);
        self.told(request, Operation::new(acts::PAYMENT_REPORT, input).anew_if_rejected(), registration, told, payment).await
    }

    /// Records money that went back. Of an id that was given before, it is recorded once.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn refund(
        &self,
        request: &Request,
        registration: RegistrationId,
        payment: PaymentId,
        refund: Option<RefundId>,
        amount: Money,
    ) -> Result<Outcome<RefundId, Rejection>, Fault> {
        let by = Teller::Staff(staff(request, &acts::PAYMENT_REFUND)?);
        let input = json!({ "registration": registration, "payment": payment, "refund": refund, "amount": amount });
        let refund = refund.unwrap_or_else(|| RefundId(Uuid::now_v7()));
        let report = RefundReport { by, registration, payment, refund, amount };
        let told = || RunCommand::ReportRefund(report);
        self.told(request, Operation::new(acts::PAYMENT_REFUND, input), registration, told, refund).await
    }

    /// Takes back that money went back which was recorded by hand.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn undo_refund(
        &self,
        request: &Request,
        registration: RegistrationId,
        refund: RefundId,
        reason: &str,
    ) -> Result<Outcome<RefundId, Rejection>, Fault> {
        let by = staff(request, &acts::PAYMENT_UNDO_REFUND)?;
        let input = json!({ "registration": registration, "refund": refund, "reason": reason });
        let told = || RunCommand::UndoRefund { by, registration, refund, reason: reason.to_owned() };
        self.told(request, Operation::new(acts::PAYMENT_UNDO_REFUND, input), registration, told, refund).await
    }

    /// Something that is told of a registration's money; the answer is what it is known by.
    async fn told<T: Copy + Serialize + DeserializeOwned + Send + Sync>(
        &self,
        request: &Request,
        operation: Operation,
        registration: RegistrationId,
        command: impl Fn() -> RunCommand + Send + Sync,
        known_by: T,
    ) -> Result<Outcome<T, Rejection>, Fault> {
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let command = &command;
        let work = |transaction: Transaction| async move {
            transaction.decide::<Run>(run.into(), command()).await?;
            Ok(known_by)
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
