//! Money that came in or went back, as far as it is told here.

use domain::{
    booking::{
        BookingRejection as Rejection,
        run::{Caller, PaymentReport, PaymentStatus, RefundReport, Run, RunCommand, Teller},
    },
    kernel::{Money, PaymentId, RefundId, RegistrationId, RunId},
};
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
        request.allowed(&act)?;
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let by = self.caller(request, &act, run, registration).await?;
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
            let open = |run: &Run| match run {
                Run::Scheduled(run) => run.registration(registration).and_then(domain::booking::run::Entry::open_payment),
                Run::Absent => None,
            };
            let open = self.dispatcher.look::<Run, _>(run.into(), open).await?;
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
        self.tell(request, Operation::new(acts::PAYMENT_RECORD, input), report).await
    }

    /// Takes what a provider tells of a payment; that it was the provider was verified.
    ///
    /// # Errors
    /// A fault.
    pub async fn report_payment(&self, request: &Request, report: PaymentReport) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let PaymentReport { registration, payment, status, amount, .. } = report;
        let input = json!({ "registration": registration, "payment": payment, "status": status, "amount": amount });
        self.tell(request, Operation::new(acts::PAYMENT_REPORT, input), report).await
    }

    /// Takes what a provider tells of money that went back; that it was the provider was verified. Of an id that was given before, it is
    /// told once.
    ///
    /// # Errors
    /// A fault.
    pub async fn report_refund(&self, request: &Request, report: RefundReport) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let RefundReport { registration, payment, refund, amount, .. } = report;
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let input = json!({ "registration": registration, "payment": payment, "refund": refund, "amount": amount });
        let work = |transaction: Transaction| async move {
            transaction.decide::<Run>(run.into(), RunCommand::ReportRefund(report)).await?;
            Ok(payment)
        };
        self.dispatcher.execute(request, Operation::new(acts::PAYMENT_REPORT, input), work).await
    }

    async fn tell(&self, request: &Request, operation: Operation, report: PaymentReport) -> Result<Outcome<PaymentId, Rejection>, Fault> {
        let Some(run) = self.run_of(report.registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let work = |transaction: Transaction| async move {
            transaction.decide::<Run>(run.into(), RunCommand::ReportPayment(report)).await?;
            Ok(report.payment)
        };
        self.dispatcher.execute(request, operation, work).await
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
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let input = json!({ "registration": registration, "payment": payment, "refund": refund, "amount": amount });
        let refund = refund.unwrap_or_else(|| RefundId(Uuid::now_v7()));
        let report = RefundReport { by, registration, payment, refund, amount };
        let work = |transaction: Transaction| async move {
            transaction.decide::<Run>(run.into(), RunCommand::ReportRefund(report)).await?;
            Ok(refund)
        };
        self.dispatcher.execute(request, Operation::new(acts::PAYMENT_REFUND, input), work).await
    }
}
