//! What tokens of programs have in common: the prefix of their kind and 256 random bits in base64url. Each is shown once. The vault finds
//! it by a keyed digest, in the row that a sign-in's refresh token has; whose it is, what it may and for how long, the journal says.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Decider,
    identity::{
        Grants, IdentityRejection as Rejection, Scopes, TokenName,
        access_token::{AccessToken, AccessTokenCommand},
        account::Account,
        sign_in::SignIn,
    },
    kernel::{AccessTokenId, AccountId, Personal, Timestamp},
};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{CreatedAccessToken, Identity};
use crate::{
    Accepted, Fault, Outcome, Request,
    authorization::Act,
    dispatch::{Operation, Transaction},
    streams::Age,
};

/// How many tokens are known, so that nobody asks the vault for them again.
const KNOWN: u64 = 10_000;

/// A token that was in the vault: what it is worth is looked up each time.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownToken {
    pub(super) id: Uuid,
    /// When it was kept that it was used.
    pub(super) used_at: Timestamp,
}

/// Tokens by their digests.
pub(super) type KnownTokens = Cache<[u8; 32], KnownToken>;

pub(super) fn known_tokens() -> KnownTokens {
    Cache::new(KNOWN)
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A program in a person's stead.
    InStead,
    /// A program by itself.
    Service,
    /// A person's calendar, and nothing else.
    Calendar,
}

impl Kind {
    const ALL: [Self; 3] = [Self::InStead, Self::Service, Self::Calendar];

    /// The kind that something has the form of, whatever it is worth.
    pub(super) fn of(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| token.starts_with(kind.prefix()))
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::InStead => "nlb_pat_",
            Self::Service => "nlb_svc_",
            Self::Calendar => "nlb_cal_",
        }
    }

    /// What its digests are made for.
    const fn purpose(self) -> &'static str {
        match self {
            Self::InStead | Self::Service => "access-token",
            Self::Calendar => "calendar-feed",
        }
    }

    /// A token that nobody has had.
    fn random(self) -> SecretString {
        format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())).into()
    }
}

/// What a token in a person's stead is to be.
pub(super) struct InStead {
    pub(super) account: AccountId,
    pub(super) name: Personal<TokenName>,
    pub(super) scopes: Scopes,
    pub(super) expires_at: Timestamp,
}

/// A token in a person's stead that is good.
pub(super) struct Good {
    pub(super) account: AccountId,
    /// The roles of that person.
    pub(super) grants: Box<Grants>,
    pub(super) scopes: Scopes,
    pub(super) expires_at: Timestamp,
}

impl Identity {
    /// Makes a token in a person's stead, by an act that they do.
    pub(super) async fn issue_in_stead(
        &self,
        request: &Request,
        act: Act,
        kind: Kind,
        new: InStead,
    ) -> Result<Outcome<CreatedAccessToken, Rejection>, Fault> {
        let InStead { account, name, scopes, expires_at } = new;
        let id = AccessTokenId(Uuid::now_v7());
        let create = |epoch| AccessTokenCommand::Create { account, name: name.clone(), scopes: scopes.clone(), expires_at, epoch };
        let operation = Operation::new(act, json!({ "account": account }));
        Ok(match self.issue::<AccessToken>(request, operation, (kind, id.into(), expires_at), create).await? {
            Outcome::Accepted(Accepted { value: token, position }) => {
                Outcome::Accepted(Accepted { value: CreatedAccessToken { id, token }, position })
            }
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// Makes a token of a kind, of which the stream `id` tells, good until then, in the epoch of the account of whoever asks in person.
    pub(super) async fn issue<D: Decider<Rejection = Rejection>>(
        &self,
        request: &Request,
        operation: Operation,
        (kind, id, expires_at): (Kind, Uuid, Timestamp),
        create: impl Fn(u32) -> D::Command + Send + Sync,
    ) -> Result<Outcome<SecretString, Rejection>, Fault> {
        let token = kind.random();
        // Without a receipt: what is shown once is not answered again.
        let asked = request.clone().with_key(None);
        let create = &create;
        let work = |transaction: Transaction| async move {
            let epoch = epoch_by_now(&transaction, request).await?;
            transaction.decide::<D>(id, create(epoch)).await.map(drop)
        };
        Ok(match self.dispatcher.execute(&asked, operation, work).await? {
            Outcome::Accepted(Accepted { position, .. }) => {
                let digest = self.digest_of(kind, &token).await?;
                self.dispatcher.vault().refresh_issue(id, &digest, expires_at).await?;
                Outcome::Accepted(Accepted { value: token, position })
            }
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// What a token in a person's stead is worth by now; none if it is good for nothing: it was revoked or has expired, or its owner is
    /// suspended, was erased, or has ended what was made before.
    pub(super) async fn good(&self, age: Age, token: AccessTokenId) -> Result<Option<Good>, Fault> {
        let live = self.dispatcher.look_within(age, token.into(), AccessToken::clone).await?;
        let AccessToken::Live { account, scopes, expires_at, epoch } = live else { return Ok(None) };
        let owner = self.dispatcher.look_within(age, account.into(), Account::clone).await?;
        let is_good = self.dispatcher.now() < expires_at && epoch.unwrap_or_default() >= owner.programs_since();
        let Account::Open { grants, suspended: false, .. } = owner else { return Ok(None) };
        Ok(is_good.then_some(Good { account, grants, scopes, expires_at }))
    }

    /// By what the vault finds a token.
    pub(super) async fn digest_of(&self, kind: Kind, token: &SecretString) -> Result<[u8; 32], Fault> {
        Ok(self.dispatcher.vault().blind(kind.purpose(), token.expose_secret()).await?)
    }
}

/// The epoch of the account of whoever asks in person. They are signed in until what is decided because of it is written: of what was under
/// way when all of somebody's sign-ins were ended, nothing is to be good afterwards.
async fn epoch_by_now(transaction: &Transaction, request: &Request) -> Result<u32, Fault> {
    let (by, sign_in) = request.in_person()?;
    let opened = transaction.rely_on(sign_in.into(), |opened: &SignIn| match opened {
        SignIn::Open { account, epoch, .. } if *account == by => Some(*epoch),
        SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => None,
    });
    let opened_in = opened.await?.ok_or(Fault::Unauthenticated)?;
    let epoch = |account: &Account| match account {
        Account::Open { epoch, suspended: false, .. } if account.still_has(sign_in, opened_in) => Some(*epoch),
        Account::Absent | Account::Open { .. } | Account::Erased => None,
    };
    transaction.rely_on(by.into(), epoch).await?.ok_or(Fault::Unauthenticated)
}

#[cfg(test)]
mod tests;
