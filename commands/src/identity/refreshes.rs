//! Refreshing tokens. Each is good once; one that comes again gives away that two have it (RFC 9700, section 4.14.2; OWASP ASVS 5.0,
//! 10.4.5).

use chrono::TimeDelta;
use domain::{
    identity::{
        IdentityRejection as Rejection,
        account::Account,
        sign_in::{SignIn, SignInCommand},
    },
    kernel::{AccountId, SignInId, Timestamp},
};
use journal::{
    Position,
    vault::{Family, Rotation},
};
use secrecy::SecretString;
use serde_json::json;

use super::{Identity, SignedIn, refresh_tokens::Presented};
use crate::{Accepted, Actor, Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// How long the token before the current one is answered as the current one is: whoever asks twice at once, or did not get the answer,
/// is no thief. What they get is a sibling of the current token, of the same generation, never that token itself.
const GRACE: TimeDelta = TimeDelta::seconds(5);
/// How often somebody else may be first.
const TRIES: usize = 3;

/// A refresh token that is good for something.
pub(super) struct Held {
    pub(super) account: AccountId,
    pub(super) sign_in: SignInId,
    family: Family,
    /// Until when it is refreshed at the longest.
    until: Option<Timestamp>,
    /// Not so within the grace of the one after it.
    is_current: bool,
}

impl Identity {
    /// Trades a refresh token for a new pair. The old one is used up: if it comes again after a grace of five seconds, the sign-in ends
    /// with all its tokens, and an event tells of it.
    ///
    /// # Errors
    /// A fault; a token that is unknown, used or expired is a rejection.
    pub async fn refresh(&self, request: &Request, token: &SecretString) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        for _ in 0..TRIES {
            let Some(held) = self.held(request, token).await? else { return Ok(Outcome::Rejected(Rejection::RefreshTokenInvalid)) };
            let Held { account, sign_in, family, until, is_current } = held;
            let generation = family.generation + i64::from(is_current);
            let fresh = self.refresh_tokens.make(sign_in, generation)?;
            let mut expires_at = family.expires_at;
            if is_current {
                let at = self.dispatcher.now();
                let next = at + self.refresh_tokens.lifetime;
                expires_at = until.map_or(next, |until| next.min(until));
                let rotation = Rotation { expected: family.generation, token_hash: &fresh.digest, at, expires_at };
                if !self.dispatcher.vault().refresh_rotate(sign_in.into(), rotation).await? {
                    continue; // Somebody else used it just now: it is looked up what it is by then.
                }
            }
            let value = self.pair(account, sign_in, fresh, expires_at)?;
            return Ok(Outcome::Accepted(Accepted { value, position: Position(0) }));
        }
        Err(Fault::Contention)
    }

    /// What a token is good for. If it is of an earlier generation than the grace covers, and the current one has not expired, its sign-in
    /// has been ended when this returns.
    pub(super) async fn held(&self, request: &Request, token: &SecretString) -> Result<Option<Held>, Fault> {
        let vault = self.dispatcher.vault();
        let (family, generation) = match self.refresh_tokens.read(token)? {
            None => return Ok(None),
            Some(Presented::Old(digest)) => {
                let Some(family) = vault.refresh_find(&digest).await? else { return Ok(None) };
                (family, family.generation)
            }
            Some(Presented::Of { sign_in, generation }) => {
                let Some(family) = vault.refresh_families(&[sign_in.into()]).await?.pop() else { return Ok(None) };
                (family, generation)
            }
        };
        let sign_in = SignInId(family.sign_in);
        let SignIn::Open { account, epoch, until, .. } = self.dispatcher.state::<SignIn>(family.sign_in).await? else { return Ok(None) };
        // Who was erased has open sign-ins that are worth nothing.
        if !self.dispatcher.state::<Account>(account.into()).await?.still_has(sign_in, epoch) {
            return Ok(None);
        }
        let now = self.dispatcher.now();
        let in_grace = family.rotated_at.is_some_and(|rotated_at| now - rotated_at <= GRACE);
        match family.generation.saturating_sub(generation) {
            // Whatever comes after the end is late, and no theft that could be ended.
            _ if family.expires_at <= now => Ok(None),
            0 => Ok(Some(Held { account, sign_in, family, until, is_current: true })),
            1 if in_grace => Ok(Some(Held { account, sign_in, family, until, is_current: false })),
            1.. => self.reused(request, account, sign_in, generation).await.map(|()| None),
            // The vault was restored from a backup of before.
            ..0 => Ok(None),
        }
    }

    /// Ends a sign-in of which a used token came again: the event first, so that it is felt though this process may die.
    async fn reused(&self, request: &Request, account: AccountId, sign_in: SignInId, generation: i64) -> Result<(), Fault> {
        tracing::warn!(%account, %sign_in, generation, "a used refresh token came again; the sign-in ends");
        let operation = Operation {
            subject: Some(account),
            ..Operation::new(acts::TOKEN_REFRESH, json!({ "signIn": sign_in, "generation": generation }))
        };
        // Two have it, and which of them this is nobody knows: it is put down to the account, whose token it was.
        let asked = Request { key: None, actor: Actor::person(account, sign_in, [].into()), ..request.clone() };
        let reused = || SignInCommand::Reused { generation };
        self.dispatcher.command::<SignIn>(&asked, operation, sign_in.into(), reused).await?;
        Ok(self.dispatcher.vault().refresh_revoke(sign_in.into()).await?)
    }
}
