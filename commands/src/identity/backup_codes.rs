//! Codes that are sent to who does not have their second factor at hand (OWASP ASVS 5.0, 6.6).
//!
//! A code is six digits of an HMAC-SHA256 over `nalabo code v1 ‖ 0 ‖` the account and the request that it is for, under a key of the vault.
//! It is made when it is sent and when it is compared, and kept nowhere; which request is current, the account's stream says. A request's
//! id is six random bytes and a digest of them and of what asks, which is a challenge or an open sign-in: no other takes the code.

use domain::{
    identity::{
        Email, IdentityRejection as Rejection, Language, PhoneNumber,
        account::Account,
        backup_factor::{BackupFactor, BackupFactorCommand, Channel, LIFETIME},
    },
    kernel::{AccountId, Personal, Timestamp},
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Identity;
use crate::{
    Accepted, Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::Operation,
};

const PURPOSE: &[u8] = b"nalabo code v1\0";
/// Of how many random bytes the id of a request begins.
const RANDOM: usize = 6;

/// Takes text messages to where they are delivered.
#[async_trait::async_trait]
pub trait Texter: Send + Sync + 'static {
    /// Returns once the message is somebody else's to deliver.
    ///
    /// # Errors
    /// It was not taken, or that is not known. Why, the log has.
    async fn deliver(&self, message: &TextMessage) -> Result<(), NotTaken>;
}

/// A code on its way to a telephone.
#[derive(Debug)]
pub struct TextMessage {
    pub to: PhoneNumber,
    pub language: Language,
    pub code: SecretString,
}

/// A text message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTaken;

/// The id of a request for a code.
fn request_of(random: [u8; RANDOM], asks: &[u8]) -> Uuid {
    let digest = Sha256::new().chain_update(random).chain_update(asks).finalize();
    let mut bytes = [0; 16];
    bytes[..RANDOM].copy_from_slice(&random);
    bytes[RANDOM..].copy_from_slice(&digest[..16 - RANDOM]);
    Uuid::from_bytes(bytes)
}

/// Whether it is what asked for a code.
fn asked(request: Uuid, asks: &[u8]) -> bool {
    request.as_bytes().first_chunk().is_some_and(|random| request_of(*random, asks) == request)
}

impl Identity {
    /// Sends a code to who is signing in, by the challenge that the password gave, or to who is signed in.
    ///
    /// # Errors
    /// A fault; a way that is not there, and asking too often, are rejections.
    pub async fn send_code(
        &self,
        request: &Request,
        challenge: Option<&SecretString>,
        channel: Channel,
    ) -> Result<Outcome<Timestamp, Rejection>, Fault> {
        let (asking, asks) = if let Some(challenge) = challenge {
            (self.challenged(challenge).await?, challenge.expose_secret().as_bytes().to_vec())
        } else {
            let (account, email, _) = self.asking(request).await?;
            (Some((account, email)), request.signed_in()?.1.0.as_bytes().to_vec())
        };
        let Some((account, email)) = asking else { return Ok(Outcome::Rejected(Rejection::ChallengeInvalid)) };
        let is_there = match channel {
            Channel::Text => self.texter.is_some(),
            Channel::Email => self.email_codes,
        };
        if !is_there {
            return Ok(Outcome::Rejected(Rejection::ChannelOff));
        }
        if self.a_try(request, self.claim_of(&email).await?).await?.is_none() {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        }
        if !self.has_second_factor(account).await? {
            return Ok(Outcome::Rejected(Rejection::SecondFactorOff));
        }
        let id = request_of(rand::random(), &asks);
        let send = || BackupFactorCommand::Send { account, request: id, channel };
        let outcome = self.change_backup(request, acts::SECOND_FACTOR_CODE_SEND, account, send).await?;
        let position = match outcome {
            Outcome::Accepted(Accepted { position, .. }) => position,
            Outcome::Rejected(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        if channel == Channel::Text {
            let phone = self.dispatcher.state::<BackupFactor>(account.into()).await?.phone;
            if !self.text(request, account, phone, id).await? {
                return Ok(Outcome::Rejected(Rejection::CodeNotSent));
            }
        }
        Ok(Outcome::Accepted(Accepted { value: self.dispatcher.now() + LIFETIME, position }))
    }

    /// Sends a code to a telephone that is to be one's own, of who asks in person and has shown who they are.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn enroll_phone(&self, request: &Request, number: &str) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PHONE_ENROLL).await?;
        let (account, email, _) = self.asking(request).await?;
        let number = match PhoneNumber::try_new(number) {
            Ok(number) => Personal::new(account, number),
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        if self.texter.is_none() {
            return Ok(Outcome::Rejected(Rejection::ChannelOff));
        }
        if !self.has_second_factor(account).await? {
            return Ok(Outcome::Rejected(Rejection::SecondFactorOff));
        }
        if self.a_try(request, self.claim_of(&email).await?).await?.is_none() {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        }
        let id = Uuid::new_v4();
        let name = || BackupFactorCommand::NamePhone { account, number: number.clone(), request: id };
        let outcome = self.change_backup(request, acts::PHONE_ENROLL, account, name).await?;
        let named = self.dispatcher.state::<BackupFactor>(account.into()).await?.named.map(|(number, _)| number);
        if matches!(outcome, Outcome::Accepted(_)) && !self.text(request, account, named, id).await? {
            return Ok(Outcome::Rejected(Rejection::CodeNotSent));
        }
        Ok(outcome)
    }

    /// Takes the code that went to a telephone as proof that it is one's own.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; a wrong code is a rejection, and counts.
    pub async fn confirm_phone(&self, request: &Request, code: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, email, _) = self.asking(request).await?;
        let Some(a_try) = self.a_try(request, self.claim_of(&email).await?).await? else {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        };
        let named = self.dispatcher.state::<BackupFactor>(account.into()).await?.named;
        let Some((_, sent)) = named else { return Ok(Outcome::Rejected(Rejection::CodeWrong)) };
        if !self.is_code(account, sent.request, code).await? {
            return Ok(Outcome::Rejected(Rejection::CodeWrong));
        }
        let confirm = || BackupFactorCommand::ConfirmPhone { account, request: sent.request };
        let outcome = self.change_backup(request, acts::PHONE_CONFIRM, account, confirm).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.succeeded(a_try).await?;
        }
        Ok(outcome)
    }

    /// Has no codes sent to one's telephone any more.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn remove_phone(&self, request: &Request) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        self.dispatcher.permits(request, &acts::PHONE_REMOVE).await?;
        self.change_backup(request, acts::PHONE_REMOVE, account, || BackupFactorCommand::Forget { account }).await
    }

    /// The end of the number that codes are sent to, if there is one.
    ///
    /// # Errors
    /// The journal or the vault could not be read.
    pub async fn backup_phone(&self, account: AccountId) -> Result<Option<String>, Fault> {
        let Some(phone) = self.dispatcher.state::<BackupFactor>(account.into()).await?.phone else { return Ok(None) };
        Ok(self.open(&phone).await?.map(|number: PhoneNumber| number.hint()))
    }

    /// The request of the code that was sent last, if this is it and who `asks` asked for it.
    pub(super) async fn sent_code(&self, account: AccountId, code: &str, asks: &[u8]) -> Result<Option<Uuid>, Fault> {
        let sent = self.dispatcher.state::<BackupFactor>(account.into()).await?.sent;
        let Some(sent) = sent.filter(|sent| asked(sent.request, asks)) else { return Ok(None) };
        Ok(self.is_code(account, sent.request, code).await?.then_some(sent.request))
    }

    /// The code that is mailed for a request; none once it would be good for nothing.
    pub(super) async fn mailed_code(&self, account: AccountId, request: Uuid) -> Result<Option<SecretString>, Fault> {
        let sent = self.dispatcher.state::<BackupFactor>(account.into()).await?.sent;
        if sent.is_none_or(|sent| !sent.is_good(request, self.dispatcher.now())) {
            return Ok(None);
        }
        self.digits(account, request).await.map(Some)
    }

    /// Whether a message was taken.
    async fn text(&self, request: &Request, account: AccountId, to: Option<Personal<PhoneNumber>>, id: Uuid) -> Result<bool, Fault> {
        let (Some(texter), Some(to)) = (&self.texter, to) else { return Ok(false) };
        let Some(to) = self.open(&to).await? else { return Ok(false) };
        let language = self.language(request, account).await?;
        let taken = texter.deliver(&TextMessage { to, language, code: self.digits(account, id).await? }).await.is_ok();
        metrics::counter!("nalabo_text_messages_total", "outcome" => if taken { "sent" } else { "failed" }).increment(1);
        Ok(taken)
    }

    /// Without a receipt: another code is another one.
    async fn change_backup(
        &self,
        request: &Request,
        act: Act,
        account: AccountId,
        command: impl Fn() -> BackupFactorCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation { subject: Some(account), ..Operation::new(act, json!({ "account": account })) };
        self.dispatcher.command::<BackupFactor>(&asked, operation, account.into(), command).await
    }

    /// Who is signing in.
    async fn challenged(&self, challenge: &SecretString) -> Result<Option<(AccountId, Email)>, Fault> {
        let Some((account, epoch, _)) = self.read_challenge(challenge).await? else { return Ok(None) };
        let Account::Open { email, epoch: current, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
        Ok(self.open(&email).await?.filter(|_| current == epoch).map(|email| (account, email)))
    }

    async fn is_code(&self, account: AccountId, request: Uuid, code: &str) -> Result<bool, Fault> {
        let (right, shown) = (self.digits(account, request).await?, code.trim());
        // In constant time, though each try counts.
        let differs = right.expose_secret().bytes().zip(shown.bytes()).fold(0, |differs, (right, shown)| differs | (right ^ shown));
        Ok(shown.len() == right.expose_secret().len() && differs == 0)
    }

    async fn digits(&self, account: AccountId, request: Uuid) -> Result<SecretString, Fault> {
        let key = self.dispatcher.vault().secret("backup-codes", 32).await?;
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret());
        let mut mac = mac.map_err(|error| Fault::Outside(format!("the key of codes: {error}")))?;
        mac.update(PURPOSE);
        mac.update(account.0.as_bytes());
        mac.update(request.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let number = bytes.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Ok(format!("{:06}", number % 1_000_000).into())
    }
}
