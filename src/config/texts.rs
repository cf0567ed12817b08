//! How codes get to telephones.

use std::{fmt, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{ConfigError, hidden, is_local};

/// How codes get to telephones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextsConfig {
    /// Not at all, into files, or to a provider.
    pub transport: TextTransport,
    /// Where messages go that are written to files; `<data_dir>/texts`.
    pub directory: Option<PathBuf>,
    pub http: TextProviderConfig,
}

/// Where text messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextTransport {
    /// Nowhere: there are none.
    #[default]
    None,
    /// Into a directory, a file each.
    File,
    /// To a provider, by HTTP.
    Http,
}

/// A provider of text messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextProviderConfig {
    /// Where messages go by POST; may hold a password.
    #[serde(serialize_with = "hidden")]
    pub url: Option<SecretString>,
    /// `application/json` or `application/x-www-form-urlencoded`.
    pub content_type: String,
    /// What is posted, with `{to}` and `{text}` in it.
    pub body: String,
    /// The header `Authorization`, with `{secret}` in it.
    pub authorization: String,
    #[serde(serialize_with = "hidden")]
    pub secret: Option<SecretString>,
    /// The file that it is in, instead.
    pub secret_file: Option<PathBuf>,
    /// For an answer.
    pub timeout_seconds: u32,
}

/// How a message is put into what is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyForm {
    Json,
    Urlencoded,
}

/// A provider, checked.
pub(crate) struct TextProvider {
    pub(crate) url: SecretString,
    /// Its host, as the log tells it.
    pub(crate) host: String,
    pub(crate) form: BodyForm,
    pub(crate) body: String,
    pub(crate) authorization: Option<SecretString>,
    pub(crate) timeout: std::time::Duration,
}

impl fmt::Debug for TextProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextProvider").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Default for TextProviderConfig {
    fn default() -> Self {
        Self {
            url: None,
            content_type: "application/json".into(),
            body: r#"{"to":"{to}","text":"{text}"}"#.into(),
            authorization: "Bearer {secret}".into(),
            secret: None,
            secret_file: None,
            timeout_seconds: 10,
        }
    }
}

impl BodyForm {
    /// As it stands in the header `Content-Type`.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Urlencoded => "application/x-www-form-urlencoded",
        }
    }

    /// A template with these in it: each is one value, whatever it says.
    pub(crate) fn filled(self, template: &str, to: &str, text: &str) -> String {
        let escaped = |value: &str| match self {
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Urlencoded => {
                let mut text = String::with_capacity(value.len());
                for byte in value.bytes() {
                    match byte {
                        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => text.push(char::from(byte)),
                        _ => text.extend(['%', digit(byte >> 4), digit(byte & 15)]),
                    }
                }
                text
            }
        };
        // What is put in is not looked at again.
        let fill = |part: &str| part.replace("{to}", &escaped(to));
        template.split("{text}").map(fill).collect::<Vec<_>>().join(&escaped(text))
    }
}

/// In base 16.
fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

impl TextsConfig {
    /// Whether every setting can be what it is.
    ///
    /// # Errors
    /// The first one that cannot, by its name and never with its value.
    pub(crate) fn checked(&self) -> Result<(), ConfigError> {
        if self.transport == TextTransport::Http { self.http.checked().map(drop) } else { Ok(()) }
    }
}

impl TextProviderConfig {
    pub(crate) fn checked(&self) -> Result<TextProvider, ConfigError> {
        let expected = |name: &str, what: &str| ConfigError(format!("text_messages.http.{name}: expected {what}"));
        let no_url = || expected("url", "https://, or http:// and an address of this host such as http://127.0.0.1:9000/");
        let url = self.url.as_ref().ok_or_else(no_url)?;
        let parsed = reqwest::Url::parse(url.expose_secret()).map_err(|_| no_url())?;
        let is_safe = parsed.scheme() == "https" || is_local(url.expose_secret()) && parsed.domain().is_none();
        if !is_safe || !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(no_url());
        }
        let forms = [BodyForm::Json, BodyForm::Urlencoded];
        let form = forms.into_iter().find(|form| form.media_type() == self.content_type);
        let form = form.ok_or_else(|| expected("content_type", "application/json or application/x-www-form-urlencoded"))?;
        let sample = form.filled(&self.body, "+33612345678", "\"1\"");
        let is_body = form == BodyForm::Urlencoded || serde_json::from_str::<serde_json::Value>(&sample).is_ok();
        if !self.body.contains("{to}") || !self.body.contains("{text}") || !is_body {
            return Err(expected("body", "a body of that type with {to} and {text} in it"));
        }
        let secret = match (&self.secret, &self.secret_file) {
            (Some(_), Some(_)) => return Err(expected("secret", "it or secret_file, and not both")),
            (Some(secret), None) => Some(secret.clone()),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).map_err(|_| expected("secret_file", "a file that can be read"))?;
                Some(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
            (None, None) => None,
        };
        let authorization = secret.map(|secret| self.authorization.replace("{secret}", secret.expose_secret()).into());
        if authorization.as_ref().is_some_and(|value: &SecretString| value.expose_secret().contains(char::is_control)) {
            return Err(expected("secret", "one line"));
        }
        if self.timeout_seconds == 0 {
            return Err(expected("timeout_seconds", "a number above 0"));
        }
        Ok(TextProvider {
            url: url.clone(),
            host: parsed.host_str().unwrap_or_default().to_owned(),
            form,
            body: self.body.clone(),
            authorization,
            timeout: std::time::Duration::from_secs(self.timeout_seconds.into()),
        })
    }
}
