//! Takes codes to telephones: into files, for developing and for tests, or to a provider by HTTP.

use std::{path::Path, sync::Arc};

use commands::identity::{NotTaken, TextMessage, Texter};
use domain::identity::Language;
use orchestrator_kubernetes::guard::{AddressPolicy, Courier};
use secrecy::ExposeSecret;

use crate::{
    config::{ConfigError, TextProvider, TextTransport, TextsConfig},
    mail::write_private,
};

/// Whoever takes text messages, as configured; nobody, where there are none.
///
/// # Errors
/// A setting, or a file it names, that is of no use.
pub(crate) fn texter(config: &TextsConfig, data_dir: &Path) -> Result<Option<Arc<dyn Texter>>, ConfigError> {
    Ok(match config.transport {
        TextTransport::None => None,
        TextTransport::File => {
            let directory = config.directory.clone().unwrap_or_else(|| data_dir.join("texts"));
            Some(Arc::new(Directory(directory)))
        }
        TextTransport::Http => Some(Arc::new(Provider::try_new(config.http.checked()?)?)),
    })
}

/// What a message says.
fn words(message: &TextMessage) -> String {
    let code = message.code.expose_secret();
    match message.language {
        Language::En => format!("{code} is your code for Nalabo. It is good for 10 minutes. Nobody of ours ever asks you for it."),
        Language::Fr => format!("{code} est votre code Nalabo, valable 10 minutes. Personne chez nous ne vous le demandera."),
    }
}

/// A directory, for its owner alone: what is in the files is in the clear.
struct Directory(std::path::PathBuf);

#[async_trait::async_trait]
impl Texter for Directory {
    async fn deliver(&self, message: &TextMessage) -> Result<(), NotTaken> {
        let (directory, name) = (self.0.clone(), format!("{}.txt", uuid::Uuid::now_v7()));
        let text = format!("To: {}\n\n{}\n", message.to.as_str(), words(message));
        let written = tokio::task::spawn_blocking(move || write_private(&directory, &name, text.as_bytes())).await;
        if let Ok(Ok(())) = written {
            return Ok(());
        }
        tracing::error!(directory = %self.0.display(), "a text message could not be written");
        Err(NotTaken)
    }
}

/// A provider that takes messages by HTTP.
struct Provider {
    settings: TextProvider,
    courier: Courier,
}

impl Provider {
    fn try_new(settings: TextProvider) -> Result<Self, ConfigError> {
        // The configuration permits plain http to this host alone, and where a provider is, is its operator's choice.
        let addresses = AddressPolicy { allow_loopback: true, allow_private: true };
        let courier = Courier::new(addresses, None, settings.timeout);
        let courier = courier.map_err(|error| ConfigError(format!("text_messages.http: {error}")))?;
        Ok(Self { settings, courier })
    }
}

#[async_trait::async_trait]
impl Texter for Provider {
    async fn deliver(&self, message: &TextMessage) -> Result<(), NotTaken> {
        let TextProvider { url, host, form, body, authorization, .. } = &self.settings;
        let mut headers = vec![("content-type", form.media_type()), ("user-agent", "nalabo")];
        headers.extend(authorization.as_ref().map(|value| ("authorization", value.expose_secret())));
        let body = form.filled(body, message.to.as_str(), &words(message));
        // What it answers may repeat the message, so its words are not logged.
        match self.courier.post(url.expose_secret(), &headers, body.into_bytes()).await {
            Ok(200..=299) => Ok(()),
            Ok(status) => {
                tracing::warn!(host, status, "a text message was not taken");
                Err(NotTaken)
            }
            Err(error) => {
                tracing::warn!(host, %error, "a text message was not taken");
                Err(NotTaken)
            }
        }
    }
}

#[cfg(test)]
mod tests;
