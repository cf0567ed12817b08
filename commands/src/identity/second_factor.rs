//! Turning a second factor on and off (OWASP ASVS 5.0, 6.5).

use std::collections::BTreeSet;

use domain::{
    identity::{
        Email, ErasureReason, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        backup_factor::{BackupFactor, BackupFactorCommand},
        second_factor::{SecondFactor, SecondFactorCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{Identity, owners, passkey_sign_ins::Shown, passkeys::may_enroll, recovery_codes, totp, tries::Try};
use crate::{
    Accepted, Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Halt, Operation, Transaction},
};

/// What somebody needs to have codes made. It is shown once.
pub struct Enrolment {
    /// The seed in base32.
    pub secret: SecretString,
    /// The same for a picture to be read.
    pub uri: SecretString,
}

/// A code that is right, and has not been used so far as is known.
pub(super) enum Code {
    Step(i64),
    Recovery(String),
    /// The request that it was sent for.
    Sent(Uuid),
    /// In place of a code.
    Passkey(Shown),
}

impl Code {
    /// Uses it up, once.
    pub(super) async fn spend(&self, transaction: &Transaction, account: AccountId) -> Result<bool, Halt<Rejection>> {
        let command = match self {
            Self::Step(step) => SecondFactorCommand::UseCode { step: *step },
            Self::Recovery(digest) => SecondFactorCommand::UseRecoveryCode { digest: digest.clone() },
            Self::Sent(request) => {
                let spend = BackupFactorCommand::Use { account, request: *request };
                return transaction.decide::<BackupFactor>(account.into(), spend).await;
            }
            Self::Passkey(shown) => return shown.spend(transaction).await,
        };
        transaction.decide::<SecondFactor>(account.into(), command).await
    }
}

impl Identity {
    /// Whether an account needs a code to sign in.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn has_second_factor(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(self.dispatcher.state::<SecondFactor>(account.into()).await?.is_on())
    }

    /// Makes a seed. It is used from [`Self::confirm_totp`] on; until then another one can be asked for.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; a wrong password, and a factor that is on, are rejections.
    pub async fn enroll_totp(&self, request: &Request, password: SecretString) -> Result<Outcome<Enrolment, Rejection>, Fault> {
        let (account, _) = request.signed_in()?;
        // Before a password is looked at, so that nobody without the factor finds out whether it is right.
        if self.has_second_factor(account).await? {
            return Ok(Outcome::Rejected(Rejection::SecondFactorOn));
        }
        self.dispatcher.permits(request, &acts::TOTP_ENROLL).await?;
        let (account, email, a_try) = match self.owner(request, password).await? {
            Ok(owner) => owner,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        self.knew_password(account, a_try).await?;
        if let Err(rejection) = may_enroll(request, &self.ways_in(account).await?) {
            return Ok(Outcome::Rejected(rejection));
        }
        let secret = totp::to_base32(totp::seed().expose_secret());
        let seed = Personal::new(account, secret.expose_secret().to_owned());
        let enroll = || SecondFactorCommand::Enroll { account, seed: seed.clone() };
        let outcome = self.change_second_factor(request, acts::TOTP_ENROLL, account, enroll).await?;
        let uri = totp::uri(self.tokens.issuer(), email.as_str(), &secret);
        Ok(with(&outcome, Enrolment { secret, uri }))
    }

    /// Turns it on, with a first code of it. The recovery codes are shown once.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault.
    pub async fn confirm_totp(&self, request: &Request, code: &str) -> Result<Outcome<Vec<SecretString>, Rejection>, Fault> {
        let ((account, email, _), (_, sign_in)) = (self.asking(request).await?, request.signed_in()?);
        if let Err(rejection) = may_enroll(request, &self.ways_in(account).await?) {
            return Ok(Outcome::Rejected(rejection));
        }
        let seed = match self.dispatcher.state::<SecondFactor>(account.into()).await? {
            SecondFactor::Off => return Ok(Outcome::Rejected(Rejection::SecondFactorOff)),
            SecondFactor::On { .. } => return Ok(Outcome::Rejected(Rejection::SecondFactorOn)),
            SecondFactor::Enrolling { seed, .. } => seed,
        };
        // Whoever finds a sign-in open must not guess a code either.
        let Some(a_try) = self.a_try(request, self.claim_of(&email).await?).await? else {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        };
        let Some(step) = self.step_of(&seed, code).await? else { return Ok(Outcome::Rejected(Rejection::CodeWrong)) };
        self.succeeded(a_try).await?;
        let (codes, recovery) = recovery_codes::make();
        let confirm = || SecondFactorCommand::Confirm { step, recovery: recovery.clone(), sign_in };
        Ok(with(&self.change_second_factor(request, acts::TOTP_CONFIRM, account, confirm).await?, codes))
    }

    /// Turns it off.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn disable_totp(&self, request: &Request) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        self.dispatcher.permits(request, &acts::TOTP_DISABLE).await?;
        let asked = Request { key: None, ..request.clone() };
        let work = |transaction: Transaction| async move {
            transaction.decide::<SecondFactor>(account.into(), SecondFactorCommand::Disable).await?;
            transaction.decide::<BackupFactor>(account.into(), BackupFactorCommand::Forget { account }).await.map(drop)
        };
        self.dispatcher.execute(&asked, Operation::new(acts::TOTP_DISABLE, json!({ "account": account })), work).await
    }

    /// Turns off what somebody else has lost, takes their passkeys away, and ends their sign-ins: whoever found the telephone may be
    /// among them.
    ///
    /// # Errors
    /// A fault, such as a missing permission; one's own, and that of who holds more, are rejections.
    pub async fn reset_second_factor(&self, request: &Request, account: AccountId, reason: &str) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::SECOND_FACTOR_RESET).await?;
        let reason = match ErasureReason::try_new(reason) {
            Ok(reason) => reason,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let operation = Operation::new(acts::SECOND_FACTOR_RESET, json!({ "account": account, "reason": reason }));
        let (by, held, reason) = (request.actor.account(), &request.actor.held(), &reason);
        let work = |transaction: Transaction| async move {
            owners::expect_let_in(&transaction, request).await?;
            Self::holds_as_much(&transaction, account, held.as_ref()).await?;
            let everywhere = AccountCommand::SignOutEverywhere { except: None };
            transaction.decide::<Account>(account.into(), everywhere).await?;
            // Where there are passkeys alone, there is nothing to turn off.
            if self.has_second_factor(account).await? || self.ways_in(account).await?.passkeys().next().is_none() {
                let reset = SecondFactorCommand::Reset { account, by, reason: reason.clone() };
                transaction.decide::<SecondFactor>(account.into(), reset).await?;
            }
            let reset = WaysInCommand::ResetPasskeys { account, by, reason: reason.clone() };
            transaction.decide::<WaysIn>(account.into(), reset).await?;
            transaction.decide::<BackupFactor>(account.into(), BackupFactorCommand::Forget { account }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// New recovery codes in place of those that are left. They are shown once.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn regenerate_recovery_codes(&self, request: &Request) -> Result<Outcome<Vec<SecretString>, Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        self.dispatcher.permits(request, &acts::RECOVERY_CODES_REGENERATE).await?;
        let (codes, recovery) = recovery_codes::make();
        let regenerate = || SecondFactorCommand::RegenerateRecoveryCodes { recovery: recovery.clone() };
        Ok(with(&self.change_second_factor(request, acts::RECOVERY_CODES_REGENERATE, account, regenerate).await?, codes))
    }

    /// Without a receipt: what is shown once is not answered again.
    async fn change_second_factor(
        &self,
        request: &Request,
        act: Act,
        account: AccountId,
        command: impl Fn() -> SecondFactorCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(act, json!({ "account": account }));
        self.dispatcher.command::<SecondFactor>(&asked, operation, account.into(), command).await
    }

    /// A code of an account, if it is right.
    pub(super) async fn code(&self, account: AccountId, code: &str, asks: &[u8]) -> Result<Result<Code, Rejection>, Fault> {
        let SecondFactor::On { seed, recovery, .. } = self.dispatcher.state::<SecondFactor>(account.into()).await? else {
            return Ok(Err(Rejection::SecondFactorOff));
        };
        Ok(match self.step_of(&seed, code).await? {
            Some(step) => Ok(Code::Step(step)),
            None => match self.sent_code(account, code, asks).await? {
                Some(request) => Ok(Code::Sent(request)),
                None => of_recovery(&recovery, code),
            },
        })
    }

    /// Which step of time a code is of, if it is a right one by now.
    async fn step_of(&self, seed: &Personal<String>, code: &str) -> Result<Option<i64>, Fault> {
        let Some(seed) = self.open_secret(seed).await? else { return Ok(None) };
        let seed = totp::from_base32(seed.expose_secret()).ok_or_else(|| Fault::Outside("a stored seed is not base32".into()))?;
        Ok(totp::step_of(&seed, code, self.dispatcher.now()))
    }

    /// Who asks and knows their password, and their address; the try is still counted.
    pub(super) async fn owner(
        &self,
        request: &Request,
        password: SecretString,
    ) -> Result<Result<(AccountId, Email, Try), Rejection>, Fault> {
        let (account, email, hash) = self.asking(request).await?;
        let Some(a_try) = self.a_try(request, self.claim_of(&email).await?).await? else { return Ok(Err(Rejection::TooManyTries)) };
        if !self.passwords.verify(password, Some(hash)).await? {
            return Ok(Err(Rejection::PasswordWrong));
        }
        Ok(Ok((account, email, a_try)))
    }

    /// Who asks, their address, and the hash of their password.
    pub(super) async fn asking(&self, request: &Request) -> Result<(AccountId, Email, SecretString), Fault> {
        let (account, _) = request.signed_in()?;
        let Account::Open { email, password, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Err(Fault::Unauthenticated);
        };
        match (self.open(&email).await?, self.open_secret(&password).await?) {
            (Some(email), Some(hash)) => Ok((account, email, hash)),
            _ => Err(Fault::Unauthenticated),
        }
    }
}

fn of_recovery(recovery: &BTreeSet<String>, code: &str) -> Result<Code, Rejection> {
    let digest = recovery_codes::digest(code);
    if recovery.contains(&digest) { Ok(Code::Recovery(digest)) } else { Err(Rejection::CodeWrong) }
}

fn with<T>(outcome: &Outcome<(), Rejection>, value: T) -> Outcome<T, Rejection> {
    match *outcome {
        Outcome::Accepted(Accepted { value: (), position }) => Outcome::Accepted(Accepted { value, position }),
        Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
    }
}
