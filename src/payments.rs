//! Whoever moves money, as configured. Nothing here does: people transfer it, or a provider takes it and tells of it by signed messages.

mod signed;

use std::sync::Arc;

use chrono::TimeDelta;
use commands::booking::{Checkout, Due, Heard, Message, PaymentProvider, Unheard, Unopened};
use domain::kernel::Timestamp;

use crate::config::PaymentWay;
use signed::Signed;

/// How much the clock of a provider may differ, and how long a message is good.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Whoever moves money, as configured.
pub(crate) fn provider(way: PaymentWay) -> Arc<dyn PaymentProvider> {
    match way {
        PaymentWay::BankTransfer { instructions } => Arc::new(BankTransfer { instructions }),
        PaymentWay::Webhook { checkout, secret } => Arc::new(Signed::new(checkout, secret)),
        PaymentWay::Capture => Arc::new(Capture),
    }
}

/// People transfer money, and organisers say that it came. What is written on a transfer is the payment's id, by which they find it.
struct BankTransfer {
    instructions: Option<String>,
}

#[async_trait::async_trait]
impl PaymentProvider for BankTransfer {
    fn name(&self) -> &'static str {
        "bank_transfer"
    }

    async fn open(&self, due: &Due) -> Result<Checkout, Unopened> {
        Ok(Checkout::Transfer { reference: due.payment.to_string(), instructions: self.instructions.clone() })
    }

    fn hear(&self, _message: &Message<'_>, _now: Timestamp) -> Result<Heard, Unheard> {
        Err(Unheard::NotExpected)
    }
}

/// Whatever is due is paid at once, with no money: for the demo and for developing.
struct Capture;

#[async_trait::async_trait]
impl PaymentProvider for Capture {
    fn name(&self) -> &'static str {
        "capture"
    }

    async fn open(&self, _due: &Due) -> Result<Checkout, Unopened> {
        Ok(Checkout::Captured)
    }

    fn hear(&self, _message: &Message<'_>, _now: Timestamp) -> Result<Heard, Unheard> {
        Err(Unheard::NotExpected)
    }
}

#[cfg(test)]
mod tests;
