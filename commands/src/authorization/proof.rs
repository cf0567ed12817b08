//! Dangerous acts need more than a sign-in that was left open: a proof of not long ago who has it (OWASP ASVS 5.0, 7.5.1 and 7.5.3).
//! Which these are, they declare; nobody else asks for a proof.

use domain::{
    identity::{
        second_factor::SecondFactor,
        sign_in::{Proof, SignIn},
    },
    kernel::CommunityId,
};

use crate::{Actor, Dispatcher, Fault, Request, authorization::Act};

impl Dispatcher {
    /// Lets through whoever an act may be done by at all, and if it is dangerous has shown who they are; so must whoever has a second
    /// factor where it takes the password. Commands that have effects or answers before they decide ask this first; all are asked when
    /// they are run.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::StepUpRequired`], or the journal could not be read.
    pub async fn permits(&self, request: &Request, act: &Act) -> Result<(), Fault> {
        self.permits_within(request, act, None).await
    }

    /// The same of what is asked for within a community, where it is enough to hold what is needed there.
    ///
    /// # Errors
    /// As [`Self::permits`].
    pub async fn permits_within(&self, request: &Request, act: &Act, community: Option<CommunityId>) -> Result<(), Fault> {
        request.actor.allowed_within(act, community)?;
        let is_dangerous = act.dangerous || act.takes_password && request.has_second_factor(self).await?;
        if is_dangerous { request.require_proof(self).await } else { Ok(()) }
    }
}

impl Request {
    /// Whether whoever is signed in has a second factor by now. Nobody in particular has none.
    async fn has_second_factor(&self, dispatcher: &Dispatcher) -> Result<bool, Fault> {
        let Ok((account, _)) = self.signed_in() else { return Ok(false) };
        Ok(dispatcher.state::<SecondFactor>(account.into()).await?.is_on())
    }

    /// Lets through whoever has shown who they are by the sign-in that they came by, and not too long ago: with a code, where there is a
    /// second factor by now. Parts of this program pass, as they do everywhere, and programs with a
    /// token do not.
    ///
    /// It is read from the journal, and so the same on every node.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::StepUpRequired`], or the journal could not be read.
    async fn require_proof(&self, dispatcher: &Dispatcher) -> Result<(), Fault> {
        if matches!(self.actor, Actor::System(_)) {
            return Ok(());
        }
        let (account, sign_in) = self.signed_in()?;
        let proof = match dispatcher.state::<SignIn>(sign_in.into()).await? {
            SignIn::Open { account: of, proof, .. } if of == account => proof,
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => None,
        };
        let Some(Proof { until, second_factor }) = proof else { return Err(Fault::StepUpRequired) };
        let code_needed = dispatcher.state::<SecondFactor>(account.into()).await?.is_on();
        if dispatcher.now() < until && (second_factor || !code_needed) { Ok(()) } else { Err(Fault::StepUpRequired) }
    }
}
