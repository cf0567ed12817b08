//! A program for the telephone, of the RFCs and not of what is tested.

use chrono::TimeDelta;
use commands::{
    Accepted, Outcome, Request,
    identity::{Begun, Challenge},
};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use journal::vault::ExposeSecret;
use secrecy::SecretString;
use sha1::Sha1;

use crate::{
    platform::{PASSWORD, Platform, accepted, anonymous, now, pass},
    sign_ins::{ada, request},
};

pub(crate) const EMAIL: &str = "ada@example.org";

pub(crate) struct Telephone(Vec<u8>);

impl Telephone {
    pub(crate) fn of(secret: &SecretString) -> Self {
        Self(BASE32_NOPAD.decode(secret.expose_secret().as_bytes()).expect("base32"))
    }

    /// What it shows so many steps from now.
    pub(crate) fn shows(&self, steps_ahead: i64) -> String {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.0).expect("a key");
        mac.update(&(now().timestamp() / 30 + steps_ahead).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let at = usize::from(hash[19] % 16);
        let number = u32::from_be_bytes(hash[at..at + 4].try_into().expect("four bytes")) % 0x8000_0000;
        format!("{:06}", number % 1_000_000)
    }
}

/// Somebody who has just turned a second factor on; their telephone and recovery codes.
pub(crate) async fn enrolled_just_now(platform: &Platform) -> (Request, Telephone, Vec<SecretString>) {
    let ada = request(&ada(platform).await);
    let identity = &platform.commands.identity;
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&ada, PASSWORD.into()).await).secret);
    let codes = accepted(identity.confirm_totp(&ada, &telephone.shows(0)).await);
    (ada, telephone, codes)
}

/// Somebody who did two steps of time ago.
pub(crate) async fn enrolled(platform: &Platform) -> (Request, Telephone, Vec<SecretString>) {
    let enrolled = enrolled_just_now(platform).await;
    pass(TimeDelta::seconds(60));
    enrolled
}

/// What the password gives.
pub(crate) async fn challenge(platform: &Platform) -> Challenge {
    match platform.commands.identity.sign_in(&anonymous(), EMAIL, PASSWORD.into()).await {
        Ok(Outcome::Accepted(Accepted { value: Begun::Challenged(challenge), .. })) => challenge,
        _ => panic!("no challenge"),
    }
}
