//! Mails to a mail server.

use std::time::Duration;

use commands::identity::{Outgoing, Undelivered};
use domain::identity::mail::Failure;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        Error, PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;

use super::Route;
use crate::config::{ConfigError, MailTls, SmtpConfig};

/// Connections at once.
const CONNECTIONS: u32 = 4;
/// Replies that say something of our right to use the server and nothing of the mail (RFC 4954, section 6): an operator's to set right.
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// A mail server.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// For all that is said about one mail.
    patience: Duration,
}

impl Smtp {
    /// # Errors
    /// A file that is named cannot be read or is of no use.
    pub(super) fn try_new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        let host = config.host.clone().unwrap_or_default();
        let tls = match config.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(parameters(config, &host)?),
            MailTls::Tls => Tls::Wrapper(parameters(config, &host)?),
        };
        let patience = Duration::from_secs(config.timeout_seconds.into());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(config.port()).tls(tls);
        if let Some((user, password)) = config.credentials()? {
            builder = builder.credentials(Credentials::new(user.to_owned(), password.expose_secret().to_owned()));
        }
        // A pool for its answers: without one, a server that takes a mail and is gone before it is told good-bye has not taken it.
        let pool = PoolConfig::new().max_size(CONNECTIONS).min_idle(0);
        Ok(Self { transport: builder.timeout(Some(patience)).pool_config(pool).build(), patience })
    }
}

fn parameters(config: &SmtpConfig, host: &str) -> Result<TlsParameters, ConfigError> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(file) = &config.ca_file {
        let refused = |problem: String| ConfigError(format!("mail.smtp.ca_file: {}: {problem}", file.display()));
        let pem = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|_| refused("expected certificates in PEM".into()))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build().map_err(|error| ConfigError(format!("mail.smtp.tls: {error}")))
}

#[async_trait::async_trait]
impl Route for Smtp {
    async fn take(&self, mail: &Outgoing, message: &Message) -> Result<(), Undelivered> {
        // Neither a reply's words nor the address are told to the log.
        match tokio::time::timeout(self.patience, self.transport.send(message.clone())).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(undelivered(&error, mail.to.as_str().is_ascii())),
            Err(_) => Err(Undelivered { failure: Failure::Connection, permanent: false }),
        }
    }
}

fn undelivered(error: &Error, plain: bool) -> Undelivered {
    let passing = |failure| Undelivered { failure, permanent: false };
    match error.status().map(u16::from) {
        Some(code) => Undelivered { failure: Failure::Reply(code), permanent: error.is_permanent() && !ABOUT_US.contains(&code) },
        None if error.is_tls() => passing(Failure::Tls),
        // The server takes addresses of ASCII alone (RFC 6531).
        None if error.is_client() && !plain => Undelivered { failure: Failure::Address, permanent: true },
        None if error.is_client() => passing(Failure::Tls),
        None => passing(Failure::Connection),
    }
}

#[cfg(test)]
mod tests;
