//! What links prove that are mailed to people without an account: that whoever comes with one has read the mail.
//!
//! The token in a link is 64 bytes in base64url: the registration (16), whose it was when the mail was sent (16), and an HMAC-SHA256 (32)
//! over `nalabo guest v1 ‖ 0 ‖` what precedes it, under a key of the vault. It is made when the mail is sent and kept nowhere. It is good
//! until somebody else comes instead, or who it was made for is forgotten: who handed over is still forgotten by it. A run by code is seen by it only as long as they are invited,
//! unless they have registered.

use domain::{
    booking::registrant::Registrant,
    identity::Email,
    kernel::{AccountId, Digest, RegistrationId, RunId},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::Booking;
use crate::{Dispatcher, Fault, identity::Authentic};

const PURPOSE: &[u8] = b"nalabo guest v1\0";
/// Of what is authenticated.
const BODY: usize = 16 + 16;

async fn links(dispatcher: &Dispatcher) -> Result<Authentic, Fault> {
    Ok(Authentic::new(dispatcher.vault().secret("guest-links", 32).await?, PURPOSE))
}

/// The token for a guest's registration, or for the one that they are invited to make.
pub(crate) async fn guest_token(dispatcher: &Dispatcher, registration: RegistrationId, guest: AccountId) -> Result<SecretString, Fault> {
    let body = [registration.0.as_bytes().as_slice(), guest.0.as_bytes()].concat();
    Ok(links(dispatcher).await?.token(&body)?.into())
}

/// Somebody who came by a link.
pub(super) struct Holder {
    pub(super) registration: RegistrationId,
    pub(super) run: RunId,
    /// Under whose key what is known of them is sealed.
    pub(super) subject: AccountId,
    pub(super) email: Email,
    /// A keyed digest of it.
    pub(super) address: Digest,
}

impl Booking {
    /// Which registration a link is for, and whose it was when that was mailed; none if nobody was mailed it.
    pub(super) async fn linked(&self, token: &SecretString) -> Result<Option<(RegistrationId, AccountId)>, Fault> {
        // Mail programs and people who copy add blanks.
        let body = links(&self.dispatcher).await?.body::<BODY>(token.expose_secret().trim())?;
        let Some(body) = body else { return Ok(None) };
        let (registration, subject) = body.split_at(16);
        let id = |bytes: &[u8]| Uuid::from_slice(bytes).ok();
        Ok(id(registration).map(RegistrationId).zip(id(subject).map(AccountId)))
    }

    /// Who comes by a link; none if it is not good, or not any more.
    pub(super) async fn holder(&self, token: &SecretString) -> Result<Option<Holder>, Fault> {
        let Some((registration, subject)) = self.linked(token).await? else { return Ok(None) };
        let registrant = self.dispatcher.state::<Registrant>(registration.into()).await?;
        let Some((run, _, email)) = registrant.reached().filter(|(_, now, _)| *now == subject) else { return Ok(None) };
        let Some(email) = self.dispatcher.open::<String>(email).await?.and_then(|email| Email::try_new(&email).ok()) else {
            return Ok(None);
        };
        let address = self.digest(&email).await?;
        Ok(Some(Holder { registration, run, subject, email, address }))
    }
}
