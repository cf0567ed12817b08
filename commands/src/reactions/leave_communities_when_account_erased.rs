use domain::{fact::Fact, identity::account::AccountEvent, kernel::AccountId};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// Who is erased is of no community any more.
pub(super) struct LeaveCommunitiesWhenAccountErased;

#[async_trait::async_trait]
impl Reaction for LeaveCommunitiesWhenAccountErased {
    fn name(&self) -> &'static str {
        "leave_communities_when_account_erased"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if let Fact::Account(AccountEvent::Erased { .. }) = fact {
            let request = Request::because_of(self.name(), event);
            commands.communities.forget(&request, AccountId(event.stream.id)).await?;
        }
        Ok(vec![])
    }
}
