//! Showing anew who one is, before a dangerous act (OWASP ASVS 5.0, 7.5.1 and 7.5.3). Which acts those are, they
//! declare in [`acts`].

use domain::{
    identity::{
        IdentityRejection as Rejection, Method,
        sign_in::{Proof, SignIn, SignInCommand},
    },
    kernel::Timestamp,
};
use secrecy::SecretString;
use serde_json::json;

use super::Identity;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Identity {
    /// Shows anew who has the sign-in that the request came by: with the password, and a code where there is a second factor. Until when
    /// that is good.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; what is wrong is a rejection, and counts.
    pub async fn step_up(
        &self,
        request: &Request,
        password: SecretString,
        code: Option<&str>,
    ) -> Result<Outcome<Timestamp, Rejection>, Fault> {
        let (_, sign_in) = request.signed_in()?;
        let (account, _, a_try) = match self.owner(request, password).await? {
            Ok(owner) => owner,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let code = match (self.has_second_factor(account).await?, code) {
            (false, _) => None,
            (true, None) => return Ok(Outcome::Rejected(Rejection::CodeRequired)),
            (true, Some(code)) => match self.code(account, code, sign_in.0.as_bytes()).await? {
                Ok(code) => Some(code),
                Err(rejection) => return Ok(Outcome::Rejected(rejection)),
            },
        };
        let (proof, code) = (self.proof(code.is_some()), &code);
        let prove = |transaction: Transaction| async move {
            if let Some(code) = code {
                code.spend(&transaction, account).await?;
            }
            transaction.decide::<SignIn>(sign_in.into(), SignInCommand::Prove { proof, method: Method::Password }).await?;
            Ok(proof.until)
        };
        // What it answers is kept nowhere: it would be of another time.
        let asked = Request { key: None, ..request.clone() };
        let outcome = self.dispatcher.execute(&asked, Operation::new(acts::STEP_UP, json!({ "signIn": sign_in })), prove).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.succeeded(a_try).await?;
        }
        Ok(outcome)
    }

    /// As of now.
    pub(super) fn proof(&self, second_factor: bool) -> Proof {
        Proof { until: self.dispatcher.now() + self.tokens.step_up_lifetime(), second_factor }
    }
}
