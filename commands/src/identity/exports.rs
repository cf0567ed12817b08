//! All that is known of a person, put together for them, or for an administrator whom they asked (GDPR, articles 15 and 20).
//!
//! It is offered first, which is an event, and fetched once within ten minutes by a token: `nlb_exp_` and an authentic body, the id of the
//! offer. The token goes into a header, never into an address, which others would log.

mod document;
mod scan;
mod sections;
mod values;

use domain::{
    Decider,
    identity::{
        ErasureReason, IdentityRejection as Rejection, Permission,
        account::Account,
        export::{self, Export, ExportCommand},
        sign_in::SignIn,
    },
    kernel::{AccountId, ExportId, SignInId, Timestamp},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::Identity;
use crate::{
    Accepted, Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
    streams::Age,
};

/// What tokens are made for.
pub(super) const PURPOSE: &[u8] = b"nalabo export v1\0";
const PREFIX: &str = "nlb_exp_";

/// The right to fetch it, once and soon. Shown once.
pub struct OfferedExport {
    pub token: SecretString,
    pub expires_at: Timestamp,
}

/// What is about to be put together.
pub struct AccountExport {
    identity: Identity,
    pub account: AccountId,
    by: Option<AccountId>,
    at: Timestamp,
}

/// What a token stands for.
struct Offered {
    id: Uuid,
    account: AccountId,
    /// Who asked; none: a part of the program.
    by: Option<AccountId>,
    /// By which they asked, where they were signed in.
    sign_in: Option<SignInId>,
}

impl Identity {
    /// Offers somebody all that is known of them, or an administrator who gives a reason that of somebody who holds no more.
    ///
    /// # Errors
    /// A fault, such as a missing permission or proof; an account that is not there is a rejection.
    pub async fn offer_export(
        &self,
        request: &Request,
        account: AccountId,
        reason: Option<&str>,
    ) -> Result<Outcome<OfferedExport, Rejection>, Fault> {
        request.allowed(&acts::ACCOUNT_EXPORT)?;
        let by = request.actor.account();
        if by != Some(account) {
            request.actor.holds(Permission::ExportAccounts)?;
        }
        self.dispatcher.permits(request, &acts::ACCOUNT_EXPORT).await?;
        let no = |rejection| Ok(Outcome::Rejected(rejection));
        let reason = match reason.map(ErasureReason::try_new).transpose() {
            Ok(reason) => reason,
            Err(rejection) => return no(rejection),
        };
        match self.dispatcher.state::<Account>(account.into()).await? {
            Account::Open { .. } => {}
            Account::Absent => return no(Rejection::NotFound),
            Account::Erased => return no(Rejection::Erased),
        }
        let id = ExportId(Uuid::now_v7());
        let token = format!("{PREFIX}{}", self.exports.token(id.0.as_bytes())?).into();
        let expires_at = self.dispatcher.now() + export::OFFERED;
        // Without a receipt: what is shown once is not answered again.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::ACCOUNT_EXPORT, json!({ "account": account }));
        // Whoever asks for what is theirs holds what they hold.
        let held = if by == Some(account) { None } else { request.actor.held() };
        let sign_in = request.signed_in().ok().map(|(_, sign_in)| sign_in);
        let (reason, held) = (&reason, &held);
        let work = |transaction: Transaction| async move {
            Self::holds_as_much(&transaction, account, held.as_ref()).await?;
            let offer = ExportCommand::Offer { account, by, sign_in, reason: reason.clone() };
            transaction.decide::<Export>(id.into(), offer).await.map(drop)
        };
        Ok(match self.dispatcher.execute(&asked, operation, work).await? {
            Outcome::Accepted(Accepted { position, .. }) => {
                Outcome::Accepted(Accepted { value: OfferedExport { token, expires_at }, position })
            }
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// Uses the token up of whoever may still have what it stands for.
    ///
    /// # Errors
    /// A fault; a token that is not good is a rejection.
    pub async fn fetch_export(&self, request: &Request, token: &SecretString) -> Result<Outcome<AccountExport, Rejection>, Fault> {
        let no = || Ok(Outcome::Rejected(Rejection::ExportInvalid));
        let Some(Offered { id, account, by, sign_in }) = self.offered(token).await? else { return no() };
        if !self.may_still_have(request, account, by.map(|by| (by, sign_in))).await? {
            return no();
        }
        let asked = Request { key: None, ..request.clone() };
        let operation =
            Operation { subject: by, ..Operation::new(acts::ACCOUNT_EXPORT_FETCH, json!({ "account": account, "export": id })) };
        let fetched = self.dispatcher.command::<Export>(&asked, operation, id, || ExportCommand::Fetch).await?;
        Ok(match fetched {
            Outcome::Accepted(Accepted { position, .. }) => {
                let value = AccountExport { identity: self.clone(), account, by, at: self.dispatcher.now() };
                Outcome::Accepted(Accepted { value, position })
            }
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// Who asked for what a token stands for, or whose it is where a part of the program did; nobody, where it stands for nothing, or that
    /// was fetched. The token is not used up.
    ///
    /// # Errors
    /// A fault.
    pub async fn export_asked_by(&self, token: &SecretString) -> Result<Option<AccountId>, Fault> {
        Ok(self.offered(token).await?.map(|offered| offered.by.unwrap_or(offered.account)))
    }

    /// The offer that a token stands for.
    async fn offered(&self, token: &SecretString) -> Result<Option<Offered>, Fault> {
        let Some(body) = token.expose_secret().strip_prefix(PREFIX) else { return Ok(None) };
        let Some(id) = self.exports.body::<16>(body)?.map(Uuid::from_bytes) else { return Ok(None) };
        Ok(match self.dispatcher.state::<Export>(id).await? {
            Export::Offered { account, by, sign_in, .. } => Some(Offered { id, account, by, sign_in }),
            Export::Absent | Export::Fetched => None,
        })
    }

    /// Whether nothing has happened to either of them since it was offered, nor to the sign-in by which it was asked for.
    async fn may_still_have(
        &self,
        request: &Request,
        account: AccountId,
        by: Option<(AccountId, Option<SignInId>)>,
    ) -> Result<bool, Fault> {
        if !self.is_open(account).await? {
            return Ok(false);
        }
        let Some((by, sign_in)) = by else { return Ok(true) };
        let asker = self.dispatcher.state::<Account>(by.into()).await?;
        if let Some(sign_in) = sign_in {
            match self.dispatcher.state::<SignIn>(sign_in.into()).await? {
                SignIn::Open { epoch, .. } if asker.still_has(sign_in, epoch) => {}
                SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => return Ok(false),
            }
        }
        let Account::Open { grants, suspended: false, .. } = asker else { return Ok(false) };
        Ok(by == account
            || self.permitted(Age::Current, &grants, request.came_from()).await?.permissions.contains(&Permission::ExportAccounts))
    }
}

/// What the document calls the kinds of streams that have a section of their own, and those streams' kind.
const SECTIONS: [(&str, &str); 6] = [
    ("signIns", domain::identity::sign_in::SignIn::STREAM),
    ("accessTokens", domain::identity::access_token::AccessToken::STREAM),
    ("sessions", domain::learning::session::Session::STREAM),
    ("points", domain::gamification::scorecard::Scorecard::STREAM),
    ("workshops", domain::workshops::workshop::Workshop::STREAM),
    ("mails", domain::identity::mail::Mail::STREAM),
];
