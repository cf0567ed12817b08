use domain::{
    fact::Fact,
    kernel::SessionId,
    learning::session::{Session, SessionEvent},
};
use journal::{Recorded, Timer, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// A session that is neither finished nor abandoned ends when its time is over.
pub(super) struct ExpireSessionWhenItsTimeIsOver;

#[async_trait::async_trait]
impl Reaction for ExpireSessionWhenItsTimeIsOver {
    fn name(&self) -> &'static str {
        "expire_session_when_its_time_is_over"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, _commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let key = SessionId(event.stream.id).to_string();
        Ok(match fact {
            Fact::Session(SessionEvent::Started(start)) => vec![TimerChange::Set(Timer { key, due: start.expires_at })],
            Fact::Session(SessionEvent::Extended { expires_at, .. } | SessionEvent::Rescheduled { expires_at, .. }) => {
                vec![TimerChange::Set(Timer { key, due: *expires_at })]
            }
            Fact::Session(SessionEvent::Finished { .. } | SessionEvent::Abandoned { .. } | SessionEvent::Expired { .. }) => {
                vec![TimerChange::Cancel(key)]
            }
            _ => vec![],
        })
    }

    async fn due(&self, timer: &Timer, commands: &Commands) -> Result<(), Fault> {
        if let Ok(session) = timer.key.parse::<SessionId>() {
            commands.learning.expire(&Request::system(self.name()), session).await?;
            // The timer must outlive a clock that was set back.
            if let Session::Active(_) = commands.learning.session(session).await? {
                return Err(Fault::Outside(format!("{session} is not over yet")));
            }
        }
        Ok(())
    }
}
