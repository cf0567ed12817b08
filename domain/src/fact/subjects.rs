//! What events are about, so that everything about something is found.

use uuid::Uuid;

use super::Fact;
use crate::{
    booking::{registrant::RegistrantEvent, run::RunEvent},
    communities::{circle::CircleEvent, community::CommunityEvent},
    environments::{environment::EnvironmentEvent, pool::PoolEvent, roster::RosterEvent},
    identity::{
        access_token::AccessTokenEvent, account::AccountEvent, email_claim::EmailClaimEvent, mail::MailEvent,
        provider_claim::ProviderClaimEvent, role_book::RoleBookEvent, service_account::ServiceAccountEvent, sign_in::SignInEvent,
        whereabouts::WhereaboutsEvent,
    },
    kernel::{
        AccessTokenId, AccountId, ClusterId, CommunityId, EnvironmentId, MailId, RegistrationId, RunId, ServiceAccountId, SessionId,
        SignInId, WorkshopId,
    },
    learning::{desk::DeskEvent, session::SessionEvent},
    workshops::slug_claim::SlugClaimEvent,
};

impl Fact {
    /// What it is about, given the id of its stream: ids in the API's form, first what it is about most.
    #[must_use]
    pub fn subjects(&self, stream: Uuid) -> Vec<String> {
        match self {
            Self::Account(
                AccountEvent::RoleGranted { within: Some(community), .. } | AccountEvent::RoleRevoked { within: Some(community), .. },
            ) => vec![AccountId(stream).to_string(), community.to_string()],
            Self::Account(_)
            | Self::Contact(_)
            | Self::SecondFactor(_)
            | Self::BackupFactor(_)
            | Self::WaysIn(_)
            | Self::LegalHold(_)
            | Self::Membership(_)
            | Self::Shelf(_)
            | Self::Programme(_)
            | Self::Scorecard(_) => vec![AccountId(stream).to_string()],
            Self::ServiceAccount(ServiceAccountEvent::Created { creator, .. }) => {
                vec![ServiceAccountId(stream).to_string(), creator.to_string()]
            }
            Self::ServiceAccount(_) => vec![ServiceAccountId(stream).to_string()],
            Self::EmailClaim(
                EmailClaimEvent::Claimed { account } | EmailClaimEvent::Released { account } | EmailClaimEvent::Kept { account, .. },
            )
            | Self::ProviderClaim(ProviderClaimEvent::Claimed { account } | ProviderClaimEvent::Released { account })
            | Self::RoleBook(
                RoleBookEvent::SuperAdministratorAppointed { account } | RoleBookEvent::SuperAdministratorDismissed { account },
            ) => vec![account.to_string()],
            Self::Export(event) => vec![event.account().to_string()],
            Self::Whereabouts(
                WhereaboutsEvent::Seen { sign_in, .. }
                | WhereaboutsEvent::SeenAgain { sign_in, .. }
                | WhereaboutsEvent::FoundUnusual { sign_in, .. },
            ) => vec![AccountId(stream).to_string(), sign_in.to_string()],
            Self::SignIn(event) => vec![signed_in(event).to_string(), SignInId(stream).to_string()],
            Self::RoleBook(RoleBookEvent::Defined { role, .. } | RoleBookEvent::Revised { role, .. }) => vec![role.to_string()],
            Self::RoleBook(RoleBookEvent::Protected { role, .. }) => vec![role.to_string()],
            Self::AccessToken(AccessTokenEvent::Created { account, .. } | AccessTokenEvent::Revoked { account }) => {
                vec![AccessTokenId(stream).to_string(), account.to_string()]
            }
            Self::Mail(MailEvent::Queued(letter)) => {
                let registration = letter.booked.as_ref().map(|booked| booked.registration.to_string());
                [MailId(stream).to_string(), letter.to.subject().to_string()].into_iter().chain(registration).collect()
            }
            Self::Mail(_) => vec![MailId(stream).to_string()],
            Self::Workshop(_) => vec![WorkshopId(stream).to_string()],
            Self::SlugClaim(SlugClaimEvent::Claimed { workshop, .. }) => vec![workshop.to_string()],
            Self::Session(event) => session(SessionId(stream), event),
            Self::Desk(DeskEvent::Taken { session, .. } | DeskEvent::Cleared { session, .. }) => {
                vec![session.to_string(), AccountId(stream).to_string()]
            }
            Self::Environment(event) => environment(EnvironmentId(stream), event),
            Self::Cluster(_) => vec![ClusterId(stream).to_string()],
            Self::Roster(event) => roster(event),
            Self::Pool(event) => pool(WorkshopId(stream), event),
            Self::Run(event) => run(RunId(stream), event),
            Self::Registrant(event) => registrant(RegistrationId(stream), event),
            Self::Community(event) => community(CommunityId(stream), event),
            Self::Circle(event) => circle(AccountId(stream), event),
            // A note says so itself; plans are everybody's.
            Self::Trail(_) | Self::PlanBook(_) | Self::EmailClaim(EmailClaimEvent::ResetAsked { .. }) | Self::Unknown => vec![],
        }
    }
}

const fn signed_in(event: &SignInEvent) -> AccountId {
    match event {
        SignInEvent::Opened { account, .. }
        | SignInEvent::Proven { account, .. }
        | SignInEvent::Closed { account }
        | SignInEvent::Revoked { account }
        | SignInEvent::TokenReused { account, .. } => *account,
    }
}

fn session(session: SessionId, event: &SessionEvent) -> Vec<String> {
    let others = match event {
        SessionEvent::Started(start) => vec![start.learner.to_string(), start.workshop.to_string()],
        SessionEvent::Finished { end } | SessionEvent::Abandoned { end } | SessionEvent::Expired { end } => vec![end.learner.to_string()],
        SessionEvent::StepAnswered { .. }
        | SessionEvent::StepCheckPassed { .. }
        | SessionEvent::StepCheckFailed { .. }
        | SessionEvent::StepCompleted { .. }
        | SessionEvent::Extended { .. }
        | SessionEvent::Rescheduled { .. } => vec![],
    };
    std::iter::once(session.to_string()).chain(others).collect()
}

fn environment(environment: EnvironmentId, event: &EnvironmentEvent) -> Vec<String> {
    let session = match event {
        EnvironmentEvent::Requested(request) | EnvironmentEvent::Claimed(request) => Some(request.session),
        EnvironmentEvent::Ready { session }
        | EnvironmentEvent::Lost { session }
        | EnvironmentEvent::TeardownStarted { session, .. }
        | EnvironmentEvent::TornDown { session, .. }
        | EnvironmentEvent::Stuck { session, .. }
        | EnvironmentEvent::Skipped { session, .. } => Some(*session),
        EnvironmentEvent::Prepared(_)
        | EnvironmentEvent::Placed(_)
        | EnvironmentEvent::StepStarted { .. }
        | EnvironmentEvent::StepSucceeded { .. }
        | EnvironmentEvent::StepFailed { .. }
        | EnvironmentEvent::Resolved
        | EnvironmentEvent::Extended { .. } => None,
    };
    std::iter::once(environment.to_string()).chain(session.map(|session| session.to_string())).collect()
}

fn roster(event: &RosterEvent) -> Vec<String> {
    match event {
        RosterEvent::Named { cluster, .. } | RosterEvent::Dismissed { cluster } => vec![cluster.to_string()],
        RosterEvent::DefaultChanged { default, previous } => [default, previous].into_iter().flatten().map(ToString::to_string).collect(),
    }
}

fn pool(workshop: WorkshopId, event: &PoolEvent) -> Vec<String> {
    match event {
        PoolEvent::Reserved { .. } => vec![workshop.to_string()],
        PoolEvent::Needed { run, .. } => vec![workshop.to_string(), run.to_string()],
        PoolEvent::Stocked { environment, .. } | PoolEvent::Claimed { environment } | PoolEvent::Dropped { environment } => {
            vec![workshop.to_string(), environment.to_string()]
        }
    }
}

fn run(run: RunId, event: &RunEvent) -> Vec<String> {
    let account = match event {
        RunEvent::Scheduled { organiser, .. } => Some(*organiser),
        RunEvent::RegistrationRequested(requested) => requested.person.account,
        RunEvent::RegistrationTransferred { person, .. } => person.account,
        RunEvent::SessionBegun { account, .. } => Some(*account),
        _ => None,
    };
    let session = if let RunEvent::SessionBegun { session, .. } = event { Some(session.to_string()) } else { None };
    let registration = event.registration().map(|registration| registration.to_string());
    std::iter::once(run.to_string()).chain(registration).chain(account.map(|account| account.to_string())).chain(session).collect()
}

fn registrant(registration: RegistrationId, event: &RegistrantEvent) -> Vec<String> {
    let run = match event {
        RegistrantEvent::Invited { run, .. } | RegistrantEvent::Registered { run, .. } => Some(run.to_string()),
        RegistrantEvent::Replaced { .. } | RegistrantEvent::Forgotten { .. } => None,
    };
    [registration.to_string(), event.subject().to_string()].into_iter().chain(run).collect()
}

fn community(community: CommunityId, event: &CommunityEvent) -> Vec<String> {
    let account = match event {
        CommunityEvent::Founded { founder: account, .. }
        | CommunityEvent::Joined { account, .. }
        | CommunityEvent::Left { account, .. }
        | CommunityEvent::Removed { account, .. } => Some(account.to_string()),
        CommunityEvent::Revised { .. } | CommunityEvent::Closed => None,
    };
    std::iter::once(community.to_string()).chain(account).collect()
}

fn circle(account: AccountId, event: &CircleEvent) -> Vec<String> {
    let community = match event {
        CircleEvent::Founded { community, .. }
        | CircleEvent::Entered { community }
        | CircleEvent::Left { community }
        | CircleEvent::Freed { community, .. } => Some(community.to_string()),
        CircleEvent::Dissolved => None,
    };
    std::iter::once(account.to_string()).chain(community).collect()
}

#[cfg(test)]
mod tests;
