//! Takes mails to where they are delivered: words and form here, the way out in `capture` and `smtp`.

mod capture;
mod letters;
mod smtp;

use std::{path::Path, sync::Arc};

use commands::identity::{Outgoing, Postman, Undelivered};
use domain::identity::mail::Failure;
use lettre::Message;

use crate::config::{ConfigError, MailConfig, MailTransport};
use capture::Directory;
pub(crate) use capture::write as write_private;
use letters::Letters;
use smtp::Smtp;

/// A way out.
#[async_trait::async_trait]
trait Route: Send + Sync + 'static {
    /// Returns once it is somebody else's to deliver.
    async fn take(&self, mail: &Outgoing, message: &Message) -> Result<(), Undelivered>;
}

/// Writes mails, and hands them over.
struct Post {
    letters: Letters,
    route: Box<dyn Route>,
}

/// Whoever takes mails, as configured.
///
/// # Errors
/// A setting, or a file it names, that is of no use.
pub(crate) fn postman(config: &MailConfig, data_dir: &Path) -> Result<Arc<dyn Postman>, ConfigError> {
    config.checked()?;
    let letters = Letters::try_new(config)?;
    let route: Box<dyn Route> = match config.transport {
        MailTransport::File => Box::new(Directory::new(config.directory.clone().unwrap_or_else(|| data_dir.join("outbox")))),
        MailTransport::Smtp => Box::new(Smtp::try_new(&config.smtp)?),
    };
    Ok(Arc::new(Post { letters, route }))
}

#[async_trait::async_trait]
impl Postman for Post {
    async fn deliver(&self, mail: &Outgoing) -> Result<(), Undelivered> {
        let message = self.letters.write(mail).map_err(|failure| Undelivered { failure, permanent: failure == Failure::Address })?;
        self.route.take(mail, &message).await
    }
}

#[cfg(test)]
mod tests;
