//! Every kind of event there is, decoded once for whoever reads the journal.

use serde_json::Value;

use crate::{
    Decider,
    environments::environment::{Environment, EnvironmentEvent},
    gamification::scorecard::{Scorecard, ScorecardEvent},
    identity::{
        account::{Account, AccountEvent},
        email_claim::{EmailClaim, EmailClaimEvent},
        sign_in::{SignIn, SignInEvent},
    },
    learning::{
        desk::{Desk, DeskEvent},
        session::{Session, SessionEvent},
    },
    workshops::{
        slug_claim::{SlugClaim, SlugClaimEvent},
        workshop::{Workshop, WorkshopEvent},
    },
};

/// A stored payload that is not of the shape its stream's kind says.
#[derive(Debug, thiserror::Error)]
#[error("{kind} event is unreadable: {source}")]
pub struct Undecodable {
    /// The stream's kind.
    pub kind: String,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

macro_rules! facts {
    ($($context:ident: $decider:ident => $event:ident),* $(,)?) => {
        /// An event of any stream.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Fact {
            $($decider($event),)*
            /// Of a kind this build does not know, as after a downgrade: kept, and left alone.
            Unknown,
        }

        impl Fact {
            /// Reads a stored payload as an event of its stream's kind.
            ///
            /// # Errors
            /// The payload does not fit a kind that is known.
            pub fn decode(kind: &str, payload: &Value) -> Result<Self, Undecodable> {
                match kind {
                    $($decider::STREAM => <$event as serde::Deserialize>::deserialize(payload)
                        .map(Self::$decider)
                        .map_err(|source| Undecodable { kind: kind.to_owned(), source }),)*
                    _ => Ok(Self::Unknown),
                }
            }

            /// The context whose event it is; none for an unknown one.
            #[must_use]
            pub const fn context(&self) -> Option<&'static str> {
                match self {
                    $(Self::$decider(_) => Some(stringify!($context)),)*
                    Self::Unknown => None,
                }
            }
        }

        $(impl From<$event> for Fact {
            fn from(event: $event) -> Self {
                Self::$decider(event)
            }
        })*
    };
}

facts! {
    identity: Account => AccountEvent,
    identity: EmailClaim => EmailClaimEvent,
    identity: SignIn => SignInEvent,
    workshops: Workshop => WorkshopEvent,
    workshops: SlugClaim => SlugClaimEvent,
    learning: Session => SessionEvent,
    learning: Desk => DeskEvent,
    environments: Environment => EnvironmentEvent,
    gamification: Scorecard => ScorecardEvent,
}
