//! Finding out whether a sign-in is unusual, once it is open: signing in waits for none of that.

use domain::{
    identity::{
        IdentityRejection as Rejection, UserAgent,
        account::Account,
        watch::{Judgement, Sighting},
        whereabouts::{Look, Whereabouts, WhereaboutsCommand},
    },
    kernel::{AccountId, Personal, SignInId, Timestamp},
};
use serde_json::json;

use super::Identity;
use crate::{
    Fault, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// A sign-in, as it was recorded.
pub(crate) struct Opened<'e> {
    pub(crate) account: AccountId,
    pub(crate) sign_in: SignInId,
    pub(crate) at: Timestamp,
    pub(crate) user_agent: Option<&'e Personal<UserAgent>>,
    pub(crate) address: Option<&'e Personal<String>>,
}

impl Identity {
    /// Records from where and with what somebody signed in, and what of that is unusual. Nothing, if nothing is looked for, nothing of
    /// that is known, or nobody has the account any more.
    pub(crate) async fn look_at_sign_in(&self, request: &Request, opened: Opened<'_>) -> Result<(), Fault> {
        let Opened { account, sign_in, at, .. } = opened;
        let sighting = &self.sighting(&opened).await?;
        let is_open = matches!(self.dispatcher.state::<Account>(account.into()).await?, Account::Open { .. });
        if sighting.is_blank() || !is_open {
            return Ok(());
        }
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::SIGN_IN_LOOK, json!({ "signIn": sign_in }));
        let look = |transaction: Transaction| async move {
            let known = self.dispatcher.state::<Whereabouts>(account.into()).await?;
            let (firsts, others) = self.opened(&known).await?;
            let Judgement { unusual, like, too_far_from } = self.watch.judge(&others, at, sighting);
            let first = |place: usize| firsts.get(place).copied();
            let (like, too_far_from) = (like.and_then(first), too_far_from.and_then(first));
            if like.is_some_and(|like| known.is_known(like, at)) {
                return Ok(());
            }
            let sighting = Personal::new(account, sighting.clone());
            let look = Look { sign_in, at, sighting, like, unusual, too_far_from, looks: known.looks() };
            if !transaction.decide::<Whereabouts>(account.into(), WhereaboutsCommand::Look(Box::new(look))).await? {
                // Another sign-in has been looked at since.
                transaction.start_over().await;
            }
            Ok::<_, Halt<Rejection>>(())
        };
        self.dispatcher.execute::<(), Rejection, _, _>(&asked, operation, look).await.map(drop)
    }

    /// What is seen of a sign-in, as far as that is watched.
    async fn sighting(&self, opened: &Opened<'_>) -> Result<Sighting, Fault> {
        if !self.watch.is_on() {
            return Ok(Sighting::default());
        }
        let agent = match opened.user_agent {
            Some(agent) => self.open(agent).await?,
            None => None,
        };
        let address = match opened.address {
            Some(address) => self.open(address).await?,
            None => None,
        };
        let address = address.and_then(|address| address.parse().ok());
        Ok(self.watch.see(address, agent.as_ref().map(UserAgent::as_str)))
    }

    /// What is remembered, opened, each with the first sign-in of it.
    async fn opened(&self, known: &Whereabouts) -> Result<(Vec<SignInId>, Vec<(Timestamp, Sighting)>), Fault> {
        let (mut firsts, mut others) = (Vec::new(), Vec::new());
        for seen in known.seen() {
            if let Some(sighting) = self.open(&seen.sighting).await? {
                firsts.push(seen.sign_in);
                others.push((seen.at, sighting));
            }
        }
        Ok((firsts, others))
    }
}
