use chrono::TimeDelta;
use domain::{fact::Fact, identity::sign_in::SignInEvent, kernel::SignInId};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request, identity::Opened};

/// What is older says little of what is usual, and nothing that anybody must know.
const RECENT: TimeDelta = TimeDelta::days(30);

/// What is unusual about a sign-in is found out.
pub(super) struct LookForUnusualWhenSignedIn;

#[async_trait::async_trait]
impl Reaction for LookForUnusualWhenSignedIn {
    fn name(&self) -> &'static str {
        "look_for_unusual_when_signed_in"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::SignIn(SignInEvent::Opened { account, user_agent, address, .. }) = fact else { return Ok(vec![]) };
        let (identity, at) = (&commands.identity, event.recorded_at);
        if identity.now() - at <= RECENT {
            let (sign_in, user_agent, address) = (SignInId(event.stream.id), user_agent.as_ref(), address.as_ref());
            let opened = Opened { account: *account, sign_in, at, user_agent, address };
            identity.look_at_sign_in(&Request::because_of(self.name(), event), opened).await?;
        }
        Ok(vec![])
    }
}
