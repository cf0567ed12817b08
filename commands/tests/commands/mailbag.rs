//! What people would have been sent.

use std::sync::{Arc, Mutex};

use commands::{
    booking::Certainty,
    identity::{Outgoing, Postman, Undelivered},
    reactions,
};
use domain::identity::{Language, mail::Occasion};
use journal::vault::ExposeSecret;
use secrecy::SecretString;

use crate::{
    platform::{Platform, now},
    rules::{Running, eventually, settle},
};

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) occasion: Occasion,
    pub(crate) language: Language,
    /// Of the entry for calendars: how sure it is.
    pub(crate) certainty: Option<Certainty>,
    /// Of the same: higher after each change.
    pub(crate) sequence: Option<u32>,
    token: Option<String>,
}

impl Taken {
    /// What the link in it must bring back, if there is one.
    pub(crate) fn link(&self) -> Option<SecretString> {
        self.token.clone().map(Into::into)
    }

    pub(crate) fn token(&self) -> SecretString {
        self.link().expect("a link")
    }
}

/// Takes mails, unless it is told not to.
#[derive(Default)]
pub(crate) struct Mailbag {
    taken: Mutex<Vec<Taken>>,
    /// What the next ones are answered with, the last one first.
    refusals: Mutex<Vec<Undelivered>>,
}

#[async_trait::async_trait]
impl Postman for Mailbag {
    async fn deliver(&self, mail: &Outgoing) -> Result<(), Undelivered> {
        if let Some(refusal) = self.refusals.lock().expect("not poisoned").pop() {
            return Err(refusal);
        }
        let token = mail.token.as_ref().map(|token| token.expose_secret().to_owned());
        let (to, id) = (mail.to.as_str().to_owned(), mail.id.to_string());
        let certainty = mail.booking.as_ref().map(|news| news.appointment.certainty());
        let sequence = mail.booking.as_ref().map(|news| news.appointment.sequence);
        let mail = Taken { id, to, occasion: mail.occasion, language: mail.language, certainty, sequence, token };
        self.taken.lock().expect("not poisoned").push(mail);
        Ok(())
    }
}

impl Mailbag {
    /// A platform on which mails come here.
    pub(crate) async fn platform() -> (Platform, Arc<Self>) {
        let mut platform = Platform::init().await;
        let bag = Arc::new(Self::default());
        platform.commands = Arc::new(platform.commands_on(&platform.vault).await.with_postman(bag.clone()));
        (platform, bag)
    }

    pub(crate) fn refuse(&self, refusal: Undelivered) {
        self.refusals.lock().expect("not poisoned").push(refusal);
    }

    pub(crate) fn all(&self) -> Vec<Taken> {
        self.taken.lock().expect("not poisoned").clone()
    }

    /// The latest mail of this kind, once everything has come; none, if there is none.
    pub(crate) async fn latest(&self, platform: &Platform, occasion: Occasion) -> Option<Taken> {
        settle(platform).await;
        self.all().into_iter().rfind(|taken| taken.occasion == occasion)
    }

    /// Runs the reactions until a mail of this kind has come that was not there before; the latest.
    pub(crate) async fn next(&self, platform: &Platform, occasion: Occasion) -> Taken {
        let of_kind = || self.all().into_iter().filter(|taken| taken.occasion == occasion).collect::<Vec<_>>();
        let queued = async || {
            let events = platform.named("MailQueued").await;
            let word = serde_json::to_value(occasion).expect("JSON");
            events.iter().filter(|event| event.payload.to_value().expect("JSON")["Queued"]["occasion"] == word).count()
        };
        let before = of_kind().len();
        let running = Running::start(platform, reactions::all(), now);
        eventually("the mail comes", async || of_kind().len() > before && of_kind().len() == queued().await).await;
        running.stop().await;
        of_kind().pop().expect("it has come")
    }
}
