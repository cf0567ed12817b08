//! Effects across contexts: each file is a rule, and its name says which.
//!
//! A reaction is a durable subscriber. It turns an event into commands whose idempotency keys follow from the event,
//! so that a crash between the two does nothing twice. Each reaction is at work on one node at a time. An event that fails
//! sets its stream aside: that is tried again, less and less often, and after [`operator::TRIES`] waits for an operator or
//! a new start. Its later events wait with it; other streams go on, and nothing is lost.

mod award_points_when_session_finished;
mod award_points_when_step_completed;
mod discard_credentials_when_cluster_removed;
mod erase_keys_when_account_erased;
mod expire_session_when_its_time_is_over;
mod extend_environment_when_session_extended;
mod finish_removal_when_last_environment_left;
mod give_up_registrations_when_account_erased;
mod keep_sessions_with_their_run;
mod leave_communities_when_account_erased;
mod look_for_unusual_when_signed_in;
mod mail_operators_when_something_is_wrong;
mod mail_people_when_their_registration_changes;
mod mail_people_when_they_must_know;
mod mail_people_when_what_they_are_invited_to_changes;
pub mod operator;
mod provide_files_when_step_completed;
mod remind_people_when_their_run_is_near;
mod request_environment_when_session_started;
mod runner;
mod send_mail_when_it_is_due;
mod settle_run_when_something_runs_out;
mod tear_down_environment_when_session_ended;
mod tear_down_environments_when_cluster_removal_started;
mod warm_environments_when_run_is_near;

use domain::{environments::environment::Environment, fact::Fact, kernel::EnvironmentId};
use journal::{Recorded, Timer, TimerChange};

pub use runner::run;

use crate::{Commands, Fault};

/// A rule across contexts.
#[async_trait::async_trait]
pub trait Reaction: Send + Sync + 'static {
    /// The file's name. Stored with checkpoints and receipts, so never renamed.
    fn name(&self) -> &'static str;

    /// Whether doing it twice shows, as where a learner has removed meanwhile what is put there again: then the journal is told at
    /// once how far it is.
    fn shows_twice(&self) -> bool {
        false
    }

    /// Does what follows from an event; may be called again for the same one.
    ///
    /// # Errors
    /// A fault: it will be tried again, and the stream's later events wait for it.
    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault>;

    /// Does what a timer is for; may be called twice, or late.
    ///
    /// # Errors
    /// A fault: it will be tried again.
    async fn due(&self, _timer: &Timer, _commands: &Commands) -> Result<(), Fault> {
        Ok(())
    }
}

/// One reaction asks for a session's environment, and may come to that after others have come to what followed.
///
/// # Errors
/// It has not yet; or the journal could not be read.
async fn is_asked_for(commands: &Commands, environment: EnvironmentId) -> Result<(), Fault> {
    match commands.environments.environment(environment).await? {
        Environment::Absent => Err(Fault::Outside(format!("{environment} has not been asked for yet"))),
        _ => Ok(()),
    }
}

/// Every rule there is.
#[must_use]
pub fn all() -> Vec<Box<dyn Reaction>> {
    vec![
        Box::new(award_points_when_session_finished::AwardPointsWhenSessionFinished),
        Box::new(award_points_when_step_completed::AwardPointsWhenStepCompleted),
        Box::new(discard_credentials_when_cluster_removed::DiscardCredentialsWhenClusterRemoved),
        Box::new(erase_keys_when_account_erased::EraseKeysWhenAccountErased),
        Box::new(expire_session_when_its_time_is_over::ExpireSessionWhenItsTimeIsOver),
        Box::new(extend_environment_when_session_extended::ExtendEnvironmentWhenSessionExtended),
        Box::new(finish_removal_when_last_environment_left::FinishRemovalWhenLastEnvironmentLeft),
        Box::new(give_up_registrations_when_account_erased::GiveUpRegistrationsWhenAccountErased),
        Box::new(keep_sessions_with_their_run::KeepSessionsWithTheirRun),
        Box::new(leave_communities_when_account_erased::LeaveCommunitiesWhenAccountErased),
        Box::new(look_for_unusual_when_signed_in::LookForUnusualWhenSignedIn),
        Box::new(mail_operators_when_something_is_wrong::MailOperatorsWhenSomethingIsWrong),
        Box::new(mail_people_when_their_registration_changes::MailPeopleWhenTheirRegistrationChanges),
        Box::new(mail_people_when_they_must_know::MailPeopleWhenTheyMustKnow),
        Box::new(mail_people_when_what_they_are_invited_to_changes::MailPeopleWhenWhatTheyAreInvitedToChanges),
        Box::new(provide_files_when_step_completed::ProvideFilesWhenStepCompleted),
        Box::new(remind_people_when_their_run_is_near::RemindPeopleWhenTheirRunIsNear),
        Box::new(request_environment_when_session_started::RequestEnvironmentWhenSessionStarted),
        Box::new(send_mail_when_it_is_due::SendMailWhenItIsDue),
        Box::new(settle_run_when_something_runs_out::SettleRunWhenSomethingRunsOut),
        Box::new(tear_down_environment_when_session_ended::TearDownEnvironmentWhenSessionEnded),
        Box::new(tear_down_environments_when_cluster_removal_started::TearDownEnvironmentsWhenClusterRemovalStarted),
        Box::new(warm_environments_when_run_is_near::WarmEnvironmentsWhenRunIsNear),
    ]
}
