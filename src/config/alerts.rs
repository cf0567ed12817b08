//! Who is told of alerts.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::identity::Email;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

use super::{ConfigError, hidden};

/// How secrets of Standard Webhooks begin.
const PREFIX: &str = "whsec_";
/// How many bytes they have.
const LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// Who is told of alerts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// Permits receivers on this host, and plain http to them.
    pub allow_loopback: bool,
    /// Who is told.
    pub webhooks: Vec<WebhookConfig>,
    /// Who is told by mail: addresses of accounts.
    pub mail_to: Vec<String>,
}

/// Who is told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where alerts go by POST; may hold a password.
    #[serde(serialize_with = "hidden")]
    pub url: Option<SecretString>,
    /// What they are signed with: `whsec_` and the base64 of 24 to 64 bytes.
    #[serde(serialize_with = "hidden")]
    pub secret: Option<SecretString>,
    /// The file that it is in, instead.
    pub secret_file: Option<PathBuf>,
}

/// A receiver of alerts, checked.
pub struct Webhook {
    pub(crate) url: SecretString,
    /// The bytes that what goes there is signed with.
    pub(crate) secret: SecretSlice<u8>,
    /// Its host, as the log tells it.
    pub(crate) host: String,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("host", &self.host).finish_non_exhaustive()
    }
}

impl AlertsConfig {
    /// All receivers.
    ///
    /// # Errors
    /// The first setting that is not as expected, by its name and never with its value.
    pub fn checked(&self) -> Result<Vec<Webhook>, ConfigError> {
        let webhook = |(number, config): (usize, &WebhookConfig)| {
            config
                .checked(self.allow_loopback)
                .map_err(|(field, expected)| ConfigError(format!("alerts.webhooks[{number}].{field}: expected {expected}")))
        };
        self.webhooks.iter().enumerate().map(webhook).collect()
    }
}

impl AlertsConfig {
    /// The addresses of operators who are told by mail.
    ///
    /// # Errors
    /// One that is none. It is not said, as it may be somebody's.
    pub fn operators(&self) -> Result<Vec<Email>, ConfigError> {
        let operator = |(number, address): (usize, &String)| {
            Email::try_new(address)
                .map_err(|_| ConfigError(format!("alerts.mail_to[{number}]: expected an address such as ops@example.org")))
        };
        self.mail_to.iter().enumerate().map(operator).collect()
    }
}

impl WebhookConfig {
    fn checked(&self, allow_loopback: bool) -> Result<Webhook, (&'static str, &'static str)> {
        let no_url =
            ("url", "https://, or with alerts.allow_loopback also http:// and an address of this host such as http://127.0.0.1:9000/");
        let url = self.url.as_ref().ok_or(no_url)?;
        let parsed = reqwest::Url::parse(url.expose_secret()).map_err(|_| no_url)?;
        let is_plain = allow_loopback && is_local(url.expose_secret()) && parsed.domain().is_none();
        if parsed.scheme() != "https" && !is_plain || !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(no_url);
        }
        let secret = signing_secret(self.secret.as_ref(), self.secret_file.as_deref())?;
        Ok(Webhook { url: url.clone(), secret, host: parsed.host_str().unwrap_or_default().to_owned() })
    }
}

/// The bytes that messages are signed with, given as they are or in a file.
///
/// # Errors
/// The field that is not as expected, and what is expected of it.
pub(super) fn signing_secret(given: Option<&SecretString>, file: Option<&Path>) -> Result<SecretSlice<u8>, (&'static str, &'static str)> {
    let text = match (given, file) {
        (Some(secret), None) => secret.clone(),
        (None, Some(file)) => std::fs::read_to_string(file).map_err(|_| ("secret_file", "a file that can be read"))?.into(),
        _ => return Err(("secret", "one, or secret_file, and not both")),
    };
    let bytes = text.expose_secret().trim().strip_prefix(PREFIX).and_then(|base64| STANDARD.decode(base64).ok());
    let bytes = bytes.filter(|bytes| LENGTH.contains(&bytes.len())).ok_or(("secret", "whsec_ and the base64 of 24 to 64 bytes"))?;
    Ok(bytes.into())
}

/// Whether a URL leads to this host. The client speaks no TLS, and nothing goes over a network in the clear.
pub(super) fn is_local(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    url.scheme() == "http" && address.map_or(host == "localhost", |address| address.is_loopback())
}
