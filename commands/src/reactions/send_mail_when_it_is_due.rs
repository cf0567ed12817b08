use domain::{fact::Fact, identity::mail::MailEvent, kernel::MailId};
use journal::{Recorded, Timer, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// What is queued is sent: at once, and again after a wait where it was not taken.
pub(super) struct SendMailWhenItIsDue;

#[async_trait::async_trait]
impl Reaction for SendMailWhenItIsDue {
    fn name(&self) -> &'static str {
        "send_mail_when_it_is_due"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let mail = MailId(event.stream.id);
        match fact {
            // Whatever came of it is an event: of that, and of a mail that is past this one, nothing is left to do here.
            Fact::Mail(MailEvent::Queued(_) | MailEvent::Requeued {}) if commands.identity.is_untried(mail).await? => {
                commands.identity.send(&Request::because_of(self.name(), event), mail).await?;
                Ok(vec![])
            }
            Fact::Mail(MailEvent::Deferred { until, .. }) => Ok(vec![TimerChange::Set(Timer { key: mail.to_string(), due: *until })]),
            _ => Ok(vec![]),
        }
    }

    async fn due(&self, timer: &Timer, commands: &Commands) -> Result<(), Fault> {
        match timer.key.parse() {
            Ok(mail) => commands.identity.send(&Request::system(self.name()), mail).await,
            Err(_) => Ok(()),
        }
    }
}
