//! Ending sign-ins: this one, another, all (OWASP ASVS 5.0, 7.4.1, 7.4.3 and 7.5.2).

use domain::{
    identity::{
        IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        sign_in::{SignIn, SignInCommand},
    },
    kernel::SignInId,
};
use secrecy::SecretString;
use serde_json::json;

use super::Identity;
use crate::{
    Actor, Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::Operation,
};

/// Whoever finds a device open must not put its owner out everywhere (OWASP ASVS 5.0, 7.5.2).
const EVERYWHERE: Act = Act { dangerous: true, ..acts::SIGN_OUT };

impl Identity {
    /// Ends the sign-in the request came by: its tokens are worth nothing from now on.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault.
    pub async fn sign_out(&self, request: &Request) -> Result<Outcome<(), Rejection>, Fault> {
        let (_, sign_in) = request.signed_in()?;
        self.dispatcher.vault().refresh_revoke(sign_in.into()).await?;
        let operation = Operation::new(acts::SIGN_OUT, json!({ "signIn": sign_in }));
        self.dispatcher.command::<SignIn>(request, operation, sign_in.into(), || SignInCommand::Close).await
    }

    /// Ends every sign-in of the person asking, the one that the request came by included.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault.
    pub async fn sign_out_everywhere(&self, request: &Request) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, _) = request.signed_in()?;
        let operation = Operation::new(EVERYWHERE, json!({ "everywhere": true }));
        let everywhere = || AccountCommand::SignOutEverywhere { except: None };
        self.dispatcher.command::<Account>(request, operation, account.into(), everywhere).await
    }

    /// The same request as of whoever holds a refresh token: it is good for signing out, though the access token has expired.
    /// It permits nothing else.
    ///
    /// # Errors
    /// A fault; a token that is unknown, used or expired is a rejection.
    pub async fn by_refresh_token(&self, request: &Request, token: &SecretString) -> Result<Result<Request, Rejection>, Fault> {
        let Some(held) = self.held(request, token).await? else { return Ok(Err(Rejection::RefreshTokenInvalid)) };
        let actor = Actor::person(held.account, held.sign_in, [].into());
        Ok(Ok(Request { actor, ..request.clone() }))
    }

    /// Ends one's own sign-in on another device, or this one. That of another person is not there.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault.
    pub async fn revoke_device(&self, request: &Request, device: SignInId) -> Result<Outcome<(), Rejection>, Fault> {
        let (by, _) = request.in_person()?;
        self.dispatcher.permits(request, &acts::DEVICE_REVOKE).await?;
        let operation = Operation::new(acts::DEVICE_REVOKE, json!({ "device": device }));
        let outcome = self.dispatcher.command::<SignIn>(request, operation, device.into(), || SignInCommand::Revoke { by }).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.dispatcher.vault().refresh_revoke(device.into()).await?;
        }
        Ok(outcome)
    }
}
