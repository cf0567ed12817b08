//! Money that comes in for registrations, and goes back.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Outcome, authorization::acts};
use domain::{
    booking::BookingRejection,
    kernel::{PaymentId, RefundId, RegistrationId, TypedId},
};

use super::{
    Registration,
    amounts::MoneyInput,
    asking::{asked, booking},
    errors::BookingError,
    registration, registration_inputs as ids,
};
use crate::{
    decided::{Decided, decided},
    failure::Result,
    input,
};

#[derive(InputObject)]
pub(crate) struct PaymentOpenInput {
    registration_id: ID,
    idempotency_key: Option<String>,
}

/// Money that came in.
#[derive(InputObject)]
pub(crate) struct PaymentRecordInput {
    registration_id: ID,
    /// The payment that was opened; left out: another one.
    payment_id: Option<ID>,
    amount: MoneyInput,
    idempotency_key: Option<String>,
}

/// Money that did not come in after all.
#[derive(InputObject)]
pub(crate) struct PaymentUndoRecordInput {
    registration_id: ID,
    /// The payment that was recorded.
    payment_id: ID,
    /// Told to who registered, at most 500 characters.
    #[graphql(default)]
    reason: String,
    idempotency_key: Option<String>,
}

/// Money that went back.
#[derive(InputObject)]
pub(crate) struct PaymentRefundInput {
    registration_id: ID,
    /// The payment that it is taken from.
    payment_id: ID,
    amount: MoneyInput,
    idempotency_key: Option<String>,
}

/// Money that did not go back after all.
#[derive(InputObject)]
pub(crate) struct PaymentUndoRefundInput {
    registration_id: ID,
    /// The refund that was recorded.
    refund_id: ID,
    /// Told to who registered, at most 500 characters.
    #[graphql(default)]
    reason: String,
    idempotency_key: Option<String>,
}

macro_rules! payload {
    ($($name:ident of $id:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            $id: Option<ID>,
            registration: Option<Registration>,
            errors: Vec<BookingError>,
            stale: bool,
        }
    )+};
}

payload!(
    PaymentOpenPayload of payment_id,
    PaymentRecordPayload of payment_id,
    PaymentUndoRecordPayload of payment_id,
    PaymentRefundPayload of refund_id,
    PaymentUndoRefundPayload of refund_id
);

/// What all payloads here say.
struct Told {
    id: Option<ID>,
    registration: Option<Registration>,
    errors: Vec<BookingError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct PaymentMutations;

#[Object]
impl PaymentMutations {
    /// Open a payment of what is due, or find the one that is open: for one's own registration, or somebody's for who runs the run.
    async fn payment_open(&self, ctx: &Context<'_>, input: PaymentOpenInput) -> Result<PaymentOpenPayload> {
        let request = asked(ctx, &acts::PAYMENT_OPEN, input.idempotency_key)?;
        let of = ids::registration(&input.registration_id)?;
        let outcome = booking(ctx).open_payment(&request, of).await?;
        let Told { id, registration, errors, stale } = told(ctx, of, outcome).await?;
        Ok(PaymentOpenPayload { payment_id: id, registration, errors, stale })
    }

    /// Record a payment that came another way, such as a bank transfer, for who runs the run. What is told twice of one payment is told
    /// once.
    async fn payment_record(&self, ctx: &Context<'_>, input: PaymentRecordInput) -> Result<PaymentRecordPayload> {
        let request = asked(ctx, &acts::PAYMENT_RECORD, input.idempotency_key)?;
        let of = ids::registration(&input.registration_id)?;
        let payment = input::optional_id("paymentId", input.payment_id.as_ref())?;
        let outcome = booking(ctx).record_payment(&request, of, payment, input.amount.read("amount")?).await?;
        let Told { id, registration, errors, stale } = told(ctx, of, outcome).await?;
        Ok(PaymentRecordPayload { payment_id: id, registration, errors, stale })
    }

    /// Take back that a payment came in which was recorded by hand, for who runs the run. Whoever was confirmed by it has to pay, and their
    /// place is held for them meanwhile; once the run has begun, they keep it, and what is due stays due.
    async fn payment_undo_record(&self, ctx: &Context<'_>, input: PaymentUndoRecordInput) -> Result<PaymentUndoRecordPayload> {
        let request = asked(ctx, &acts::PAYMENT_UNDO_RECORD, input.idempotency_key)?;
        let (of, payment) = (ids::registration(&input.registration_id)?, input::id::<PaymentId>("paymentId", &input.payment_id)?);
        let outcome = booking(ctx).undo_payment(&request, of, payment, &input.reason).await?;
        let Told { id, registration, errors, stale } = told(ctx, of, outcome).await?;
        Ok(PaymentUndoRecordPayload { payment_id: id, registration, errors, stale })
    }

    /// Record that money went back, for who runs the run.
    async fn payment_refund(&self, ctx: &Context<'_>, input: PaymentRefundInput) -> Result<PaymentRefundPayload> {
        let request = asked(ctx, &acts::PAYMENT_REFUND, input.idempotency_key)?;
        let (of, payment) = (ids::registration(&input.registration_id)?, input::id::<PaymentId>("paymentId", &input.payment_id)?);
        let outcome = booking(ctx).refund(&request, of, payment, None, input.amount.read("amount")?).await?;
        let Told { id, registration, errors, stale } = told(ctx, of, outcome).await?;
        Ok(PaymentRefundPayload { refund_id: id, registration, errors, stale })
    }

    /// Take back that money went back which was recorded by hand, for who runs the run. What it settled is owed again.
    async fn payment_undo_refund(&self, ctx: &Context<'_>, input: PaymentUndoRefundInput) -> Result<PaymentUndoRefundPayload> {
        let request = asked(ctx, &acts::PAYMENT_UNDO_REFUND, input.idempotency_key)?;
        let (of, refund) = (ids::registration(&input.registration_id)?, input::id::<RefundId>("refundId", &input.refund_id)?);
        let outcome = booking(ctx).undo_refund(&request, of, refund, &input.reason).await?;
        let Told { id, registration, errors, stale } = told(ctx, of, outcome).await?;
        Ok(PaymentUndoRefundPayload { refund_id: id, registration, errors, stale })
    }
}

async fn told<T: TypedId>(ctx: &Context<'_>, of: RegistrationId, outcome: Outcome<T, BookingRejection>) -> Result<Told> {
    let Decided { value, errors, stale } = decided(ctx, outcome).await;
    let registration = if value.is_some() { registration(ctx, of).await? } else { None };
    Ok(Told { id: value.map(|id| id.to_string().into()), registration, errors, stale })
}
