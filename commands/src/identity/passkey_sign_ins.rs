//! Signing in by passkey, and showing anew who one is by one. Nobody says who they are before: the device does, and by that it is found
//! out whose key it must be. A device asks whoever holds it for a PIN or a finger, so that it counts as both factors.

use domain::{
    identity::{
        IdentityRejection as Rejection, Method,
        account::Account,
        sign_in::{SignIn, SignInCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::{AccountId, PasskeyId, Timestamp},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential};

use super::{
    Identity, SignedIn,
    passkeys::{Ceremony, PasskeySite, outside, read},
    second_factor::Code,
    sign_ins::Opening,
    tries::Try,
};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

const SHOWING: &str = "passkey-showing";

/// A passkey whose signature was right. Whether its counter is, is decided when it is used.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    account: AccountId,
    /// Of before anything was looked at.
    epoch: u32,
    id: PasskeyId,
    counter: u32,
    backed_up: bool,
}

impl Shown {
    pub(super) async fn spend(self, transaction: &Transaction) -> Result<bool, Halt<Rejection>> {
        let Self { account, id, counter, backed_up, .. } = self;
        let command = WaysInCommand::UsePasskey { account, id, counter, backed_up };
        transaction.decide::<WaysIn>(account.into(), command).await
    }
}

impl Identity {
    /// Begins to show a passkey, to sign in by it or to show anew who one is. It is the same for everybody.
    ///
    /// # Errors
    /// The vault could not be written to.
    pub async fn begin_passkey_sign_in(&self) -> Result<Result<Ceremony, Rejection>, Fault> {
        let Some(site) = &self.passkeys else { return Ok(Err(Rejection::PasskeysOff)) };
        let (options, state) = site.webauthn.start_discoverable_authentication().map_err(|error| outside(&error))?;
        self.ceremony(SHOWING, serde_json::to_string(&options.public_key)?, &state).await.map(Ok)
    }

    /// Signs in by a passkey.
    ///
    /// # Errors
    /// A fault; a passkey that is not good is a rejection, and counts.
    pub async fn sign_in_with_passkey(
        &self,
        request: &Request,
        challenge: &SecretString,
        credential: &str,
    ) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        let (shown, a_try) = match self.shown(request, challenge, credential).await? {
            Ok(shown) => shown,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let Shown { account, epoch, .. } = shown;
        let (code, proof) = (Some(Code::Passkey(shown)), Some(self.proof(true)));
        let opening = Opening { account, epoch, code, method: Method::Passkey, proof };
        let outcome = self.open_sign_in(request, opening).await?;
        self.used(request, shown, a_try, &outcome).await?;
        Ok(outcome)
    }

    /// Shows anew who has the sign-in that the request came by. Until when that is good.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; a passkey that is not good is a rejection, and counts.
    pub async fn step_up_with_passkey(
        &self,
        request: &Request,
        challenge: &SecretString,
        credential: &str,
    ) -> Result<Outcome<Timestamp, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::PASSKEY_STEP_UP).await?;
        let (account, sign_in) = request.signed_in()?;
        let (shown, a_try) = match self.shown(request, challenge, credential).await? {
            // Another's is nothing to them.
            Ok((shown, _)) if shown.account != account => return Ok(Outcome::Rejected(Rejection::PasskeyInvalid)),
            Ok(shown) => shown,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let proof = self.proof(true);
        let prove = |transaction: Transaction| async move {
            shown.spend(&transaction).await?;
            let prove = SignInCommand::Prove { proof, method: Method::Passkey };
            transaction.decide::<SignIn>(sign_in.into(), prove).await?;
            Ok(proof.until)
        };
        // What it answers is kept nowhere: it would be of another time.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::PASSKEY_STEP_UP, json!({ "signIn": sign_in }));
        let outcome = self.dispatcher.execute(&asked, operation, prove).await?;
        self.used(request, shown, a_try, &outcome).await?;
        Ok(outcome)
    }

    /// Whose passkey was shown, and that it signed what it was asked to. One that is wrong counts as a try; one that is right was not
    /// guessed, so that nobody who guesses keeps its owner out.
    async fn shown(&self, request: &Request, challenge: &SecretString, credential: &str) -> Result<Result<(Shown, Try), Rejection>, Fault> {
        let invalid = Ok(Err(Rejection::PasskeyInvalid));
        let Some(site) = &self.passkeys else { return Ok(Err(Rejection::PasskeysOff)) };
        let Some(answer) = read::<PublicKeyCredential>(credential) else { return invalid };
        let Some(state) = self.passed::<DiscoverableAuthentication>(SHOWING, challenge).await? else {
            return Ok(Err(Rejection::PasskeyChallengeInvalid));
        };
        let Some(account) = answer.get_user_unique_id().and_then(|handle| Uuid::from_slice(handle).ok()).map(AccountId) else {
            return invalid;
        };
        // Nobody's counts like somebody's.
        let claim = self.held_by(account).await?.unwrap_or(account.0);
        match self.signed_with(site, request, account, &answer, state).await? {
            Some(shown) => Ok(Ok((shown, self.uncounted_try(request, claim).await?))),
            None if self.a_try(request, claim).await?.is_none() => Ok(Err(Rejection::TooManyTries)),
            None => invalid,
        }
    }

    /// What a passkey of an account's has signed; none, where it is not theirs, or has not signed it.
    async fn signed_with(
        &self,
        site: &PasskeySite,
        request: &Request,
        account: AccountId,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
    ) -> Result<Option<Shown>, Fault> {
        let Account::Open { epoch, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
        request.traces.about(&account);
        let (ways, id) = (self.ways_in(account).await?, self.passkey_id(answer.get_credential_id()).await?);
        let Some(kept) = ways.passkey(id) else { return Ok(None) };
        let Some(known) = self.credential(kept).await? else { return Ok(None) };
        match site.webauthn.finish_discoverable_authentication_v2(answer, state, &known) {
            Ok(found) if found.user_verified() => {
                Ok(Some(Shown { account, epoch, id, counter: found.counter(), backed_up: found.backup_state() }))
            }
            Ok(_) => Ok(None),
            Err(error) => {
                tracing::debug!(%account, %error, "a passkey was not good");
                Ok(None)
            }
        }
    }

    /// What is to be remembered once it is known whether somebody got in.
    async fn used<T>(&self, request: &Request, shown: Shown, a_try: Try, outcome: &Outcome<T, Rejection>) -> Result<(), Fault> {
        match outcome {
            Outcome::Accepted(_) => self.succeeded(a_try).await,
            Outcome::Rejected(Rejection::PasskeyCopied) => {
                let Shown { account, id, counter, .. } = shown;
                let operation = Operation::new(acts::PASSKEY_REPORT, json!({ "account": account, "passkey": id }));
                let operation = Operation { subject: Some(account), ..operation };
                let asked = Request { key: None, ..request.clone() };
                let report = || WaysInCommand::ReportPasskey { account, id, counter };
                self.dispatcher.command::<WaysIn>(&asked, operation, account.into(), report).await.map(drop)
            }
            Outcome::Rejected(_) => Ok(()),
        }
    }
}
