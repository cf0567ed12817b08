//! Whoever moves money: they are asked to, and tell what became of it. Here it is tracked, and never moved.

use std::{sync::Arc, time::Duration};

use domain::{
    Rejection as _,
    booking::{
        BookingRejection as Rejection,
        run::{PaymentReport, PaymentStatus, RefundReport, Scheduled, Teller},
    },
    kernel::{Money, PaymentId, RefundId, RegistrationId, Timestamp},
};
use tracing::Instrument;
use uuid::Uuid;

use super::Booking;
use crate::{Accepted, Actor, Fault, Outcome, Request};

/// How many characters the id of a message has at the most.
pub const LONGEST_EVENT: usize = 150;

/// Whoever moves money.
#[async_trait::async_trait]
pub trait PaymentProvider: Send + Sync + 'static {
    /// What it is called, in addresses too.
    fn name(&self) -> &'static str;

    /// How something that is due is paid. Asked again for the same payment, it is the same.
    ///
    /// Whoever asks waits for a while, and no longer.
    ///
    /// # Errors
    /// It could not be found out.
    async fn open(&self, due: &Due) -> Result<Checkout, Unopened>;

    /// What a message tells that says it is the provider's.
    ///
    /// # Errors
    /// It is not, or it is of another time, or not understood. Nothing is made of it then.
    fn hear(&self, message: &Message<'_>, now: Timestamp) -> Result<Heard, Unheard>;
}

/// Something that is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub payment: PaymentId,
    pub registration: RegistrationId,
    pub amount: Money,
}

/// How something is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkout {
    /// By going there.
    Link(String),
    /// By a transfer with this on it.
    Transfer { reference: String, instructions: Option<String> },
    /// It is, already.
    Captured,
}

/// Why it was not found out how something is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// Nothing was sent.
    #[error("whoever moves money could not be reached")]
    Unreached,
    /// They said that they do not take it.
    #[error("whoever moves money does not take the payment")]
    Refused,
    /// Something was sent, and no answer came that could be made sense of: they may have taken it.
    #[error("whoever moves money has not answered")]
    Unknown,
}

/// Whoever moves money, and how long they are waited for.
#[derive(Clone)]
pub(super) struct Cashier {
    pub(super) provider: Arc<dyn PaymentProvider>,
    pub(super) patience: Duration,
}

/// A payment that was opened, and how it is made.
#[derive(Clone, Debug)]
pub struct Opened {
    pub due: Due,
    pub checkout: Checkout,
}

/// A message as it came.
#[derive(Debug)]
pub struct Message<'a> {
    /// Names in lower case.
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a [u8],
}

impl Message<'_> {
    /// The value of a header that is there once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value);
        values.next().filter(|_| values.next().is_none())
    }
}

/// What a message tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What the provider knows the message by: one that comes again is the same.
    pub event: String,
    pub registration: RegistrationId,
    pub payment: PaymentId,
    pub news: News,
    pub amount: Money,
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It is so far.
    Status(PaymentStatus),
    /// So much of it went back, by this message.
    Refund,
}

/// Why nothing is made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    #[error("this provider sends no messages here")]
    NotExpected,
    #[error("expected a signature by the secret that was agreed on")]
    Unsigned,
    #[error("expected a message of the last five minutes")]
    Stale,
    #[error("{0}")]
    Malformed(&'static str),
}

impl Booking {
    /// Opens a payment of what is due, or finds the one that is open, and says how it is made.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn checkout(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<Opened, Rejection>, Fault> {
        match self.open_payment(request, registration).await? {
            Outcome::Accepted(opened) => self.paid_whoever_waits(request, registration, opened).await,
            Outcome::Rejected(rejection) => Ok(Outcome::Rejected(rejection)),
        }
    }

    /// How a payment is made that was opened. Whoever moves money may take it though whoever asked has hung up: what they say, or that they
    /// say nothing, is recorded all the same.
    pub(super) async fn paid_whoever_waits(
        &self,
        request: &Request,
        registration: RegistrationId,
        opened: Accepted<PaymentId>,
    ) -> Result<Outcome<Opened, Rejection>, Fault> {
        let (booking, request, asking) = (self.clone(), request.clone(), Arc::clone(&self.asking_for_money).try_read_owned().ok());
        let paid = async move {
            let _asking = asking;
            booking.paid_by(&request, registration, opened).await
        };
        tokio::spawn(paid.in_current_span()).await.map_err(|gone| Fault::Outside(gone.to_string()))?
    }

    /// Comes back once nobody is being asked for money whose answer is yet to be recorded.
    pub async fn paid(&self) {
        drop(self.asking_for_money.write().await);
    }

    /// How a payment is made that was opened. That nobody answers says nothing of the payment: it is unknown then, and not failed.
    async fn paid_by(
        &self,
        request: &Request,
        registration: RegistrationId,
        opened: Accepted<PaymentId>,
    ) -> Result<Outcome<Opened, Rejection>, Fault> {
        let Accepted { value: payment, mut position } = opened;
        let Cashier { provider, patience } = self.payments.as_ref().ok_or_else(|| Fault::Outside("nobody moves money here".into()))?;
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let amount = |run: &Scheduled| {
            let amount = run.registration(registration)?.payments.get(&payment)?.amount;
            Some(Money::new(amount, run.plan.currency))
        };
        let Some(amount) = self.look(run, amount).await? else {
            return Ok(Outcome::Rejected(Rejection::PaymentNotFound));
        };
        let due = Due { payment, registration, amount };
        let answer = tokio::time::timeout(*patience, provider.open(&due)).await.unwrap_or(Err(Unopened::Unknown));
        let became = match &answer {
            Ok(Checkout::Captured) => Some(PaymentStatus::Succeeded),
            Err(Unopened::Refused) => Some(PaymentStatus::Failed),
            Err(Unopened::Unknown) => Some(PaymentStatus::Unknown),
            Ok(Checkout::Link(_) | Checkout::Transfer { .. }) | Err(Unopened::Unreached) => None,
        };
        if let Some(status) = became {
            let asked = Request { actor: Actor::System(provider.name()), key: None, ..request.clone() };
            let report = PaymentReport { by: Teller::Provider, registration, payment, status, amount };
            match self.report_payment(&asked, report).await? {
                Outcome::Accepted(accepted) => position = accepted.position,
                Outcome::Rejected(rejection) => return Ok(Outcome::Rejected(rejection)),
            }
        }
        match answer {
            Ok(checkout) => Ok(Outcome::Accepted(Accepted { value: Opened { due, checkout }, position })),
            Err(Unopened::Refused) => Ok(Outcome::Rejected(Rejection::PaymentRefused)),
            Err(Unopened::Unknown) => Ok(Outcome::Rejected(Rejection::PaymentUnknown)),
            Err(Unopened::Unreached) => Err(Fault::Outside(Unopened::Unreached.to_string())),
        }
    }

    /// Takes what a provider tells. A message that comes again is answered as it was, and does nothing; nothing at all is recorded of one
    /// that is not the provider's. What is turned down, such as money that went back before it is known to have come in, is decided anew
    /// when it comes again.
    ///
    /// # Errors
    /// A fault; [`Fault::KeyReused`], if another message had the same id.
    pub async fn hear_payment(
        &self,
        request: &Request,
        provider: &str,
        message: &Message<'_>,
    ) -> Result<Result<Outcome<PaymentId, Rejection>, Unheard>, Fault> {
        let known = self.payments.as_ref().map(|cashier| &cashier.provider);
        let Some(provider) = known.filter(|known| known.name() == provider) else { return Ok(Err(Unheard::NotExpected)) };
        let Heard { event, registration, payment, news, amount } = match provider.hear(message, self.dispatcher.now()) {
            Ok(heard) => heard,
            Err(unheard) => return Ok(Err(unheard)),
        };
        // Parts of this program have their receipts kept for ever.
        let refund = RefundId(Uuid::new_v5(&payment.0, event.as_bytes()));
        let asked = Request { actor: Actor::System(provider.name()), key: Some(event), ..request.clone() };
        let by = Teller::Provider;
        let heard = match news {
            News::Status(status) => self.report_payment(&asked, PaymentReport { by, registration, payment, status, amount }).await,
            News::Refund => self.report_refund(&asked, RefundReport { by, registration, payment, refund, amount }).await,
        }?;
        if let Outcome::Rejected(rejection) = &heard {
            let code = rejection.code();
            tracing::warn!(provider = provider.name(), %registration, %payment, %code, "what a provider told of a payment was turned down");
            metrics::counter!("nalabo_payment_messages_refused_total", "code" => code).increment(1);
        }
        Ok(Ok(heard))
    }
}
