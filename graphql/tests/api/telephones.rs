//! What would have come to people's telephones.

use std::sync::Mutex;

use commands::identity::{NotTaken, TextMessage, Texter};
use secrecy::ExposeSecret;

/// Takes text messages.
#[derive(Default)]
pub(crate) struct Telephones(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Texter for Telephones {
    async fn deliver(&self, message: &TextMessage) -> Result<(), NotTaken> {
        self.0.lock().expect("not poisoned").push(message.code.expose_secret().to_owned());
        Ok(())
    }
}

impl Telephones {
    /// The code that came last.
    pub(crate) fn last(&self) -> String {
        self.0.lock().expect("not poisoned").last().cloned().expect("a message")
    }
}
