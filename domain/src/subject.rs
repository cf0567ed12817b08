//! Whose history an event is part of, and what in it is kept from even them: what [`Fact`] is asked when all that is known of a person is
//! put together. A new kind of event does not compile until it is placed here.

use uuid::Uuid;

use crate::{
    audit::trail::TrailEvent,
    environments::environment::EnvironmentEvent,
    fact::Fact,
    identity::{
        access_token::AccessTokenEvent, account::AccountEvent, email_claim::EmailClaimEvent, mail::MailEvent,
        provider_claim::ProviderClaimEvent, second_factor::SecondFactorEvent, sign_in::SignInEvent,
    },
    kernel::AccountId,
    learning::session::SessionEvent,
    workshops::workshop::WorkshopEvent,
};

/// Whose a stream is from an event on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// This person's.
    Person(AccountId),
    /// Whoever's it was before.
    Unchanged,
    /// Nobody's.
    Nobody,
}

impl Fact {
    /// Whose the stream is from this event on; `stream` is its id.
    #[must_use]
    pub const fn subject(&self, stream: Uuid) -> Subject {
        match self {
            // These have the person's id.
            Self::Account(_)
            | Self::Contact(_)
            | Self::SecondFactor(_)
            | Self::BackupFactor(_)
            | Self::WaysIn(_)
            | Self::Whereabouts(_)
            | Self::Membership(_)
            | Self::Shelf(_)
            | Self::Programme(_)
            | Self::Desk(_)
            | Self::Circle(_)
            | Self::Scorecard(_) => Subject::Person(AccountId(stream)),
            Self::EmailClaim(EmailClaimEvent::Claimed { account } | EmailClaimEvent::Kept { account, .. })
            | Self::ProviderClaim(ProviderClaimEvent::Claimed { account })
            | Self::SignIn(SignInEvent::Opened { account, .. })
            | Self::AccessToken(AccessTokenEvent::Created { account, .. }) => Subject::Person(*account),
            Self::Export(event) => Subject::Person(event.account()),
            Self::Registrant(event) => Subject::Person(event.subject()),
            // Each note is somebody's, and notes of several are written together.
            Self::Trail(TrailEvent::Noted(note)) => match &note.address {
                Some(address) => Subject::Person(address.subject()),
                None => Subject::Nobody,
            },
            Self::Mail(MailEvent::Queued(letter)) => Subject::Person(letter.to.subject()),
            Self::Workshop(WorkshopEvent::Drafted { author, .. }) => Subject::Person(*author),
            Self::Session(SessionEvent::Started(start)) => Subject::Person(start.learner),
            Self::Environment(EnvironmentEvent::Requested(request) | EnvironmentEvent::Claimed(request)) => {
                Subject::Person(request.learner)
            }
            Self::EmailClaim(EmailClaimEvent::ResetAsked { .. })
            | Self::SignIn(_)
            | Self::AccessToken(_)
            | Self::Mail(_)
            | Self::Workshop(_)
            | Self::Session(_)
            | Self::Environment(_)
            | Self::Unknown => Subject::Unchanged,
            // What was given up may be another's next, and what is looked into is not told while it is.
            Self::EmailClaim(EmailClaimEvent::Released { .. })
            | Self::ProviderClaim(ProviderClaimEvent::Released { .. })
            | Self::RoleBook(_)
            | Self::PlanBook(_)
            | Self::LegalHold(_)
            | Self::ServiceAccount(_)
            | Self::SlugClaim(_)
            | Self::Cluster(_)
            | Self::Roster(_)
            | Self::Run(_)
            | Self::Community(_)
            | Self::Pool(_) => Subject::Nobody,
        }
    }

    /// Whether an event in somebody else's stream is about everybody whom it names. A learner's session names the author of its workshop,
    /// and is the learner's all the same.
    #[must_use]
    pub const fn is_about_whom_it_names(&self) -> bool {
        match self {
            Self::Session(_) => false,
            Self::Account(_)
            | Self::EmailClaim(_)
            | Self::SignIn(_)
            | Self::RoleBook(_)
            | Self::SecondFactor(_)
            | Self::BackupFactor(_)
            | Self::AccessToken(_)
            | Self::ServiceAccount(_)
            | Self::Contact(_)
            | Self::Mail(_)
            | Self::Export(_)
            | Self::ProviderClaim(_)
            | Self::WaysIn(_)
            | Self::Whereabouts(_)
            | Self::Membership(_)
            | Self::PlanBook(_)
            | Self::Workshop(_)
            | Self::SlugClaim(_)
            | Self::Shelf(_)
            | Self::Programme(_)
            | Self::Desk(_)
            | Self::Environment(_)
            | Self::Cluster(_)
            | Self::Roster(_)
            | Self::Pool(_)
            | Self::Scorecard(_)
            | Self::LegalHold(_)
            | Self::Trail(_)
            | Self::Run(_)
            | Self::Registrant(_)
            | Self::Community(_)
            | Self::Circle(_)
            | Self::Unknown => true,
        }
    }

    /// Fields of the payload by which somebody could sign in, or try to: they are told to nobody, nor is a digest of them.
    #[must_use]
    pub const fn secrets(&self) -> &'static [&'static str] {
        match self {
            Self::Account(event) => match event {
                AccountEvent::Registered { .. } | AccountEvent::PasswordChanged { .. } | AccountEvent::PasswordRehashed { .. } => {
                    &["password"]
                }
                AccountEvent::RoleGranted { .. }
                | AccountEvent::RoleRevoked { .. }
                | AccountEvent::Renamed { .. }
                | AccountEvent::AvatarChosen { .. }
                | AccountEvent::AvatarRemoved { .. }
                | AccountEvent::EmailChanged { .. }
                | AccountEvent::SignedOutEverywhere { .. }
                | AccountEvent::Suspended { .. }
                | AccountEvent::Reinstated { .. }
                | AccountEvent::Erased { .. } => &[],
            },
            Self::SecondFactor(event) => match event {
                SecondFactorEvent::Enrolled { .. } => &["seed"],
                SecondFactorEvent::Confirmed { .. } | SecondFactorEvent::RecoveryCodesRegenerated { .. } => &["recovery"],
                SecondFactorEvent::RecoveryCodeUsed { .. } => &["digest"],
                SecondFactorEvent::CodeUsed { .. }
                | SecondFactorEvent::PasswordShortened { .. }
                | SecondFactorEvent::PasswordLengthened { .. }
                | SecondFactorEvent::Disabled { .. }
                | SecondFactorEvent::Reset { .. } => &[],
            },
            Self::EmailClaim(_)
            | Self::SignIn(_)
            | Self::RoleBook(_)
            | Self::BackupFactor(_)
            | Self::AccessToken(_)
            | Self::ServiceAccount(_)
            | Self::Contact(_)
            | Self::Mail(_)
            | Self::Export(_)
            | Self::ProviderClaim(_)
            | Self::WaysIn(_)
            | Self::Whereabouts(_)
            | Self::Membership(_)
            | Self::PlanBook(_)
            | Self::Workshop(_)
            | Self::SlugClaim(_)
            | Self::Shelf(_)
            | Self::Programme(_)
            | Self::Session(_)
            | Self::Desk(_)
            | Self::Environment(_)
            | Self::Cluster(_)
            | Self::Roster(_)
            | Self::Pool(_)
            | Self::Scorecard(_)
            | Self::LegalHold(_)
            | Self::Trail(_)
            | Self::Run(_)
            | Self::Registrant(_)
            | Self::Community(_)
            | Self::Circle(_)
            | Self::Unknown => &[],
        }
    }
}
