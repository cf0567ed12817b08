//! What the fuzzer asks: it is not in any other build.

use secrecy::SecretString;

use super::{
    links::{Links, Purpose},
    refresh_tokens::{Presented, RefreshTokens},
    signing_keys::Ring,
    tokens::{TokenSettings, Tokens},
};
use journal::vault::SigningKey;

/// Whether a text is taken for a token that was made here, of any kind. Old refresh tokens are random: whether they are ours, the vault
/// tells.
///
/// # Panics
/// The keys are none.
#[must_use]
pub fn is_taken(text: &str) -> bool {
    let settings = TokenSettings::default();
    let (refresh_lifetime, now) = (settings.refresh_lifetime, chrono::Utc::now());
    let tokens = Tokens::new(settings);
    let key =
        SigningKey { number: 1, id: "key".into(), secret: vec![7; 32].into(), signs_from: now, ends_others_at: now, nameless_until: None };
    tokens.follow(Ring::try_new(&[key]).expect("a seed of 32 bytes"));
    let token = SecretString::from(text);
    let refresh = RefreshTokens::new(vec![8; 32].into(), refresh_lifetime).read(&token).expect("a key");
    let links = Links::new(vec![9; 32].into());
    let purposes = [Purpose::Verify, Purpose::Reset, Purpose::ConfirmChange, Purpose::StopChange];
    tokens.verify(text).is_ok()
        || matches!(refresh, Some(Presented::Of { .. }))
        || purposes.into_iter().any(|purpose| links.read(purpose, &token).expect("a key").is_some())
}
