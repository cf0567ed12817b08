//! How people are written to.

use std::path::PathBuf;

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{ConfigError, hidden};

/// How people are written to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// Into files, or to a mail server.
    pub transport: MailTransport,
    /// Whom mails are from.
    pub from: String,
    /// Where the pages are that links lead to; without, mails have the codes alone.
    pub site: Option<String>,
    /// Where mails go that are written to files; `<data_dir>/outbox`.
    pub directory: Option<PathBuf>,
    pub smtp: SmtpConfig,
}

/// Where mails go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTransport {
    /// Into a directory, a file each.
    #[default]
    File,
    /// To a mail server.
    Smtp,
}

/// The mail server that takes mails.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpConfig {
    pub host: Option<String>,
    /// 0: 25, 587 or 465, as `tls` has it.
    pub port: u16,
    pub tls: MailTls,
    pub user: Option<String>,
    #[serde(serialize_with = "hidden")]
    pub password: Option<SecretString>,
    /// The file that it is in, instead.
    pub password_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted besides the host's.
    pub ca_file: Option<PathBuf>,
    /// For all that is said about one mail.
    pub timeout_seconds: u32,
}

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    None,
    /// Before anything is said of a mail, or not at all (RFC 3207).
    #[default]
    Starttls,
    /// From the beginning (RFC 8314).
    Tls,
}

impl Default for MailConfig {
    fn default() -> Self {
        let from = "Nalabo <no-reply@localhost>".to_owned();
        Self { transport: MailTransport::default(), from, site: None, directory: None, smtp: SmtpConfig::default() }
    }
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            host: None,
            port: 0,
            tls: MailTls::default(),
            user: None,
            password: None,
            password_file: None,
            ca_file: None,
            timeout_seconds: 30,
        }
    }
}

impl MailConfig {
    /// Whether every setting can be what it is.
    ///
    /// # Errors
    /// The first one that cannot, by its name.
    pub fn checked(&self) -> Result<(), ConfigError> {
        let expected = |name: &str, what: &str| Err(ConfigError(format!("mail.{name}: expected {what}")));
        if self.sender().is_none() {
            return expected("from", "an address, or a name and an address such as Nalabo <no-reply@example.org>");
        }
        if self.site.as_ref().is_some_and(|site| !is_site(site)) {
            return expected("site", "http:// or https:// and a host, without a query, such as https://nalabo.example.org");
        }
        let SmtpConfig { host, tls, user, password, password_file, timeout_seconds, .. } = &self.smtp;
        if self.transport == MailTransport::Smtp && host.as_ref().is_none_or(String::is_empty) {
            return expected("smtp.host", "the mail server's name");
        }
        if *timeout_seconds == 0 {
            return expected("smtp.timeout_seconds", "a number above 0");
        }
        if usize::from(user.is_some()) != usize::from(password.is_some()) + usize::from(password_file.is_some()) {
            return expected("smtp.password", "one with a user, or password_file, and not both");
        }
        let is_here =
            host.as_ref().is_some_and(|host| host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()));
        if user.is_some() && *tls == MailTls::None && !is_here {
            return expected("smtp.tls", "starttls or tls; a password does not go over a network in the clear");
        }
        Ok(())
    }

    /// Whom mails are from.
    pub(crate) fn sender(&self) -> Option<Mailbox> {
        self.from.parse().ok().filter(|_| !self.from.contains(char::is_control))
    }
}

impl SmtpConfig {
    /// The port that is connected to.
    pub(crate) fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (0, MailTls::None) => 25,
            (0, MailTls::Starttls) => 587,
            (0, MailTls::Tls) => 465,
            (port, _) => port,
        }
    }

    /// With what the server lets us in, if it asks for anything.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn credentials(&self) -> Result<Option<(&str, SecretString)>, ConfigError> {
        let Some(user) = &self.user else { return Ok(None) };
        let password = match (&self.password, &self.password_file) {
            (Some(password), _) => password.clone(),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| ConfigError(format!("mail.smtp.password_file: {}: {error}", file.display())))?;
                SecretString::from(SecretString::from(text).expose_secret().trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, None) => return Ok(None),
        };
        Ok(Some((user, password)))
    }
}

fn is_site(site: &str) -> bool {
    reqwest::Url::parse(site)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none())
}
