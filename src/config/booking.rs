//! Runs: when people are reminded of them, and how they are paid.

use std::{fmt, path::PathBuf, time::Duration};

use chrono::TimeDelta;
use reqwest::Url;
use secrecy::{SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

use super::{ConfigError, alerts::signing_secret, hidden, is_local};

/// Runs of workshops.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BookingConfig {
    /// How long before a run who is confirmed is reminded; 0: they are not.
    pub reminder_hours: u32,
}

/// How runs are paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentsConfig {
    pub provider: PaymentKind,
    /// How long a provider is waited for; what it has not said by then is not known.
    pub timeout_seconds: u32,
    /// What people who transfer money must know, such as the account's number.
    pub instructions: Option<String>,
    pub webhook: PaymentWebhookConfig,
}

/// Who moves money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// People transfer it, and organisers say that it came.
    #[default]
    BankTransfer,
    /// A provider, who tells of it by signed messages.
    Webhook,
    /// Nobody: everything counts as paid. For developing alone.
    Capture,
}

/// A provider that takes money.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentWebhookConfig {
    /// Where people go to pay.
    pub checkout: Option<String>,
    /// What messages are signed with: `whsec_` and the base64 of 24 to 64 bytes.
    #[serde(serialize_with = "hidden")]
    pub secret: Option<SecretString>,
    /// The file that it is in, instead.
    pub secret_file: Option<PathBuf>,
}

/// Who moves money, checked.
pub(crate) enum PaymentWay {
    BankTransfer { instructions: Option<String> },
    Webhook { checkout: Url, secret: SecretSlice<u8> },
    Capture,
}

impl fmt::Debug for PaymentWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BankTransfer { .. } => "BankTransfer",
            Self::Webhook { .. } => "Webhook",
            Self::Capture => "Capture",
        })
    }
}

impl Default for BookingConfig {
    fn default() -> Self {
        Self { reminder_hours: 24 }
    }
}

impl BookingConfig {
    /// How long before a run people are reminded; none: they are not.
    ///
    /// # Errors
    /// More than a year.
    pub fn reminded_before(&self) -> Result<Option<TimeDelta>, ConfigError> {
        match self.reminder_hours {
            0 => Ok(None),
            hours @ 1..=8760 => Ok(Some(TimeDelta::hours(hours.into()))),
            _ => Err(ConfigError("booking.reminder_hours: expected 0 to 8760".into())),
        }
    }
}

impl Default for PaymentsConfig {
    fn default() -> Self {
        Self { provider: PaymentKind::default(), timeout_seconds: 10, instructions: None, webhook: PaymentWebhookConfig::default() }
    }
}

impl PaymentsConfig {
    /// How long a provider is waited for.
    ///
    /// # Errors
    /// Not at all, or more than a minute.
    pub fn patience(&self) -> Result<Duration, ConfigError> {
        match self.timeout_seconds {
            seconds @ 1..=60 => Ok(Duration::from_secs(seconds.into())),
            _ => Err(ConfigError("payments.timeout_seconds: expected 1 to 60".into())),
        }
    }

    /// Who moves money; `development`: also nobody.
    ///
    /// # Errors
    /// The first setting that is not as expected, by its name and never with its value.
    pub(crate) fn checked(&self, development: bool) -> Result<PaymentWay, ConfigError> {
        let expected = |name: &str, what: &str| ConfigError(format!("payments.{name}: expected {what}"));
        match self.provider {
            PaymentKind::BankTransfer => Ok(PaymentWay::BankTransfer { instructions: self.instructions.clone() }),
            PaymentKind::Capture if development => Ok(PaymentWay::Capture),
            PaymentKind::Capture => Err(expected("provider", "bank_transfer or webhook; capture takes no money, and needs development")),
            PaymentKind::Webhook => {
                let no_checkout = || expected("webhook.checkout", "https://, or http:// and an address of this host, with no user in it");
                let text = self.webhook.checkout.as_deref().ok_or_else(no_checkout)?;
                let checkout = Url::parse(text).map_err(|_| no_checkout())?;
                let is_safe = checkout.scheme() == "https" && checkout.has_host() || is_local(text);
                if !is_safe || !checkout.username().is_empty() || checkout.password().is_some() || checkout.fragment().is_some() {
                    return Err(no_checkout());
                }
                let secret = signing_secret(self.webhook.secret.as_ref(), self.webhook.secret_file.as_deref());
                let secret = secret.map_err(|(field, what)| expected(&format!("webhook.{field}"), what))?;
                Ok(PaymentWay::Webhook { checkout, secret })
            }
        }
    }
}
