//! Passkeys (`WebAuthn`): keys on people's devices, by which they sign in. What is asked of a device and what it answers is `webauthn-rs`';
//! here it is kept between the two steps, and becomes a passkey of an account.
//!
//! A ceremony leaves what must come back in the vault, under a keyed digest of a random challenge, sealed, once and for five minutes: it is
//! good on whichever node it ends.

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    identity::{
        IdentityRejection as Rejection,
        account::Account,
        passkey::{Kept, MOST, Passkey, PasskeyName, Transport},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::{AccountId, PasskeyId, Personal, SignInId, Timestamp},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use webauthn_rs::prelude::{Credential, PasskeyRegistration, RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError};

use super::Identity;
use crate::{
    Actor, Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

/// How long somebody may take.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// What a device answers with is a tenth of this.
const LARGEST: usize = 16 * 1024;
const REGISTRATION: &str = "passkey-registration";

/// For which site passkeys are.
#[derive(Clone, Debug)]
pub struct PasskeySite {
    pub(super) webauthn: Webauthn,
}

impl PasskeySite {
    /// `domain` is what passkeys are made for, and never changes: all of them are worth nothing in another. Pages of `origins`, which are
    /// within it, may ask for them. Devices show `name`. None, if that cannot be.
    #[must_use]
    pub fn try_new(domain: &str, origins: &[String], name: &str) -> Option<Self> {
        let origins = origins.iter().map(|origin| Url::parse(origin).ok()).collect::<Option<Vec<_>>>()?;
        let is_within = |origin: &Url| WebauthnBuilder::new(domain, origin).is_ok();
        let first = origins.first().filter(|_| !domain.is_empty() && origins.iter().all(is_within))?;
        let builder = WebauthnBuilder::new(domain, first).ok()?.rp_name(name);
        let builder = origins[1..].iter().fold(builder, WebauthnBuilder::append_allowed_origin);
        Some(Self { webauthn: builder.build().ok()? })
    }
}

/// What a browser is to ask a device.
pub struct Ceremony {
    /// JSON, for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    pub options: String,
    /// What comes back with the answer.
    pub challenge: SecretString,
    pub expires_at: Timestamp,
}

/// What is kept of who registers a passkey.
#[derive(Serialize, Deserialize)]
struct Registering {
    account: AccountId,
    sign_in: SignInId,
    state: PasskeyRegistration,
}

impl Identity {
    /// The same, with passkeys for a site.
    #[must_use]
    pub fn with_passkeys(self, site: Option<PasskeySite>) -> Self {
        Self { passkeys: site, ..self }
    }

    /// Begins to register a passkey of whoever asks.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn begin_passkey(&self, request: &Request) -> Result<Result<Ceremony, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PASSKEY_REGISTRATION_BEGIN).await?;
        let (account, sign_in) = request.signed_in()?;
        let Some(site) = &self.passkeys else { return Ok(Err(Rejection::PasskeysOff)) };
        let ways = self.ways_in(account).await?;
        if let Err(rejection) = may_enroll(request, &ways) {
            return Ok(Err(rejection));
        }
        if ways.passkeys().count() >= MOST {
            return Ok(Err(Rejection::TooManyPasskeys));
        }
        let Account::Open { email, display_name, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Err(Fault::Unauthenticated);
        };
        let (Some(email), Some(name)) = (self.open(&email).await?, self.open(&display_name).await?) else {
            return Err(Fault::Unauthenticated);
        };
        // A device that has one already makes no other.
        let mut known = Vec::new();
        for (_, kept) in ways.passkeys() {
            known.extend(self.credential(kept).await?.map(|credential| credential.cred_id));
        }
        let begun = site.webauthn.start_passkey_registration(account.0, email.as_str(), name.as_str(), Some(known));
        let (options, state) = begun.map_err(|error| outside(&error))?;
        let mut options = serde_json::to_value(options.public_key)?;
        // Nobody is asked who they are before they show it, so the device must know.
        options["authenticatorSelection"]["residentKey"] = "required".into();
        options["authenticatorSelection"]["requireResidentKey"] = true.into();
        self.ceremony(REGISTRATION, options.to_string(), &Registering { account, sign_in, state }).await.map(Ok)
    }

    /// Registers what a device answered with, for the sign-in that began. Its owner may call it what they like.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault; what is wrong with it is a rejection.
    pub async fn register_passkey(
        &self,
        request: &Request,
        challenge: &SecretString,
        credential: &str,
        name: &str,
    ) -> Result<Outcome<PasskeyId, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PASSKEY_REGISTER).await?;
        let (account, sign_in) = request.signed_in()?;
        let no = |rejection| Ok(Outcome::Rejected(rejection));
        let Some(site) = &self.passkeys else { return no(Rejection::PasskeysOff) };
        let ways = self.ways_in(account).await?;
        if let Err(rejection) = may_enroll(request, &ways) {
            return no(rejection);
        }
        let name = match PasskeyName::try_new(name) {
            Ok(name) => Personal::new(account, name),
            Err(rejection) => return no(rejection),
        };
        let Some(answer) = read::<RegisterPublicKeyCredential>(credential) else { return no(Rejection::PasskeyInvalid) };
        let kept = self.passed::<Registering>(REGISTRATION, challenge).await?;
        let Some(Registering { state, .. }) = kept.filter(|kept| (kept.account, kept.sign_in) == (account, sign_in)) else {
            return no(Rejection::PasskeyChallengeInvalid);
        };
        // A browser would not have let them: it was told which are known. The library has no error of its own for it.
        let answered = self.passkey_id(answer.raw_id.as_ref()).await?;
        if ways.passkey(answered).is_some() {
            return no(Rejection::PasskeyTaken);
        }
        let registered = match site.webauthn.finish_passkey_registration(&answer, &state) {
            Ok(registered) => Credential::from(registered),
            Err(error) => {
                tracing::debug!(%account, %error, "a passkey was not taken");
                return no(Rejection::PasskeyInvalid);
            }
        };
        let id = self.passkey_id(&registered.cred_id).await?;
        // The library keeps them where a manufacturer answers for them; here they are a hint for browsers.
        let transports = serde_json::to_value(&answer.response.transports)?;
        let passkey = &self.kept_as(account, name, registered, &transports)?;
        let work = |transaction: Transaction| async move {
            let register = WaysInCommand::RegisterPasskey { account, id, passkey: passkey.clone() };
            transaction.decide::<WaysIn>(account.into(), register).await?;
            Ok(id)
        };
        // The challenge is gone: a retry could not be answered.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::PASSKEY_REGISTER, json!({ "account": account, "passkey": id }));
        self.dispatcher.execute(&asked, operation, work).await
    }

    /// Removes a passkey of whoever asks, if they can sign in by something else.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn remove_passkey(&self, request: &Request, id: PasskeyId) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PASSKEY_REMOVE).await?;
        let (account, _) = request.in_person()?;
        let operation = Operation::new(acts::PASSKEY_REMOVE, json!({ "account": account, "passkey": id }));
        let remove = || WaysInCommand::RemovePasskey { account, id };
        self.dispatcher.command::<WaysIn>(request, operation, account.into(), remove).await
    }

    /// As the library has it, which keeps reading what it has written. What changes with each use is beside it.
    fn kept_as(
        &self,
        account: AccountId,
        name: Personal<PasskeyName>,
        registered: Credential,
        transports: &serde_json::Value,
    ) -> Result<Passkey, Fault> {
        let named = transports.as_array().into_iter().flatten();
        let transports = named.filter_map(|transport| serde_json::from_value::<Transport>(transport.clone()).ok()).collect();
        let (counter, backup_eligible, backed_up) = (registered.counter, registered.backup_eligible, registered.backup_state);
        let credential = serde_json::to_string(&Credential { counter: 0, ..registered })?;
        Ok(Passkey {
            name,
            credential: Personal::new(account, credential),
            counter,
            backup_eligible,
            backed_up,
            transports,
            registered_at: self.now(),
        })
    }

    /// The id and the public key; none once its owner was erased.
    pub(super) async fn credential(&self, kept: &Kept) -> Result<Option<Credential>, Fault> {
        let Some(text) = self.open(&kept.passkey.credential).await? else { return Ok(None) };
        Ok(Some(serde_json::from_str(&text)?))
    }

    /// Follows from what the device calls it, and does not tell that.
    pub(super) async fn passkey_id(&self, credential: &[u8]) -> Result<PasskeyId, Fault> {
        self.dispatcher.claim("passkey", &BASE64URL_NOPAD.encode(credential)).await.map(PasskeyId)
    }

    pub(super) async fn ceremony(&self, purpose: &str, options: String, state: &impl Serialize) -> Result<Ceremony, Fault> {
        let expires_at = self.now() + LIFETIME;
        Ok(Ceremony { options, challenge: self.keep(purpose, state, LIFETIME).await?, expires_at })
    }

    /// What was kept for a challenge, once.
    pub(super) async fn passed<T: DeserializeOwned>(&self, purpose: &str, challenge: &SecretString) -> Result<Option<T>, Fault> {
        self.taken(purpose, challenge.expose_secret()).await
    }
}

/// Whoever must have a second factor and has not shown theirs sets up none beside it: they may know no more than the password.
pub(super) fn may_enroll(request: &Request, ways: &WaysIn) -> Result<(), Rejection> {
    match request.actor {
        Actor::Enrolling { .. } if ways.has_passkey() => Err(Rejection::PasskeyRequired),
        _ => Ok(()),
    }
}

/// What a device answered, if it is that at all.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok().filter(|_| text.len() <= LARGEST)
}

pub(super) fn outside(error: &WebauthnError) -> Fault {
    Fault::Outside(format!("passkeys: {error}"))
}

#[cfg(test)]
mod tests;
