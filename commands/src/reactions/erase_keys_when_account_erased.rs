use domain::{booking::registrant::RegistrantEvent, fact::Fact, identity::account::AccountEvent, kernel::AccountId};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault};

/// After how many events the vault is told how far this has come.
const TELL: i64 = 1024;

/// The key of who is erased, of an account or a guest, is destroyed, though the process that was asked for it died before it came to that.
pub(super) struct EraseKeysWhenAccountErased;

#[async_trait::async_trait]
impl Reaction for EraseKeysWhenAccountErased {
    fn name(&self) -> &'static str {
        "erase_keys_when_account_erased"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        match fact {
            Fact::Account(AccountEvent::Erased { .. }) => commands.identity.destroy_key(AccountId(event.stream.id)).await?,
            Fact::Registrant(RegistrantEvent::Forgotten { subject }) => commands.identity.destroy_key(*subject).await?,
            _ => {}
        }
        if event.position.0 % TELL == 0 {
            commands.identity.erasures_applied(self.name()).await?;
        }
        Ok(vec![])
    }
}
