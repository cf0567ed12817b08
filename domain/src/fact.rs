//! Every kind of event there is, decoded once for whoever reads the journal.

mod differences;
mod subjects;

pub use differences::{Difference, differences};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Decider, Event,
    audit::trail::{Trail, TrailEvent},
    booking::{
        programme::{Programme, ProgrammeEvent},
        registrant::{Registrant, RegistrantEvent},
        run::{Run, RunEvent},
    },
    communities::{
        circle::{Circle, CircleEvent},
        community::{Community, CommunityEvent},
    },
    environments::{
        cluster::{Cluster, ClusterEvent},
        environment::{Environment, EnvironmentEvent},
        pool::{Pool, PoolEvent},
        roster::{Roster, RosterEvent},
    },
    gamification::scorecard::{Scorecard, ScorecardEvent},
    identity::{
        access_token::{AccessToken, AccessTokenEvent},
        account::{Account, AccountEvent},
        backup_factor::{BackupFactor, BackupFactorEvent},
        contact::{Contact, ContactEvent},
        email_claim::{EmailClaim, EmailClaimEvent},
        export::{Export, ExportEvent},
        legal_hold::{LegalHold, LegalHoldEvent},
        mail::{Mail, MailEvent},
        membership::{Membership, MembershipEvent},
        plan_book::{PlanBook, PlanBookEvent},
        provider_claim::{ProviderClaim, ProviderClaimEvent},
        role_book::{RoleBook, RoleBookEvent},
        second_factor::{SecondFactor, SecondFactorEvent},
        service_account::{ServiceAccount, ServiceAccountEvent},
        sign_in::{SignIn, SignInEvent},
        ways_in::{WaysIn, WaysInEvent},
        whereabouts::{Whereabouts, WhereaboutsEvent},
    },
    learning::{
        desk::{Desk, DeskEvent},
        session::{Session, SessionEvent},
    },
    upcast,
    variants::variants,
    workshops::{
        shelf::{Shelf, ShelfEvent},
        slug_claim::{SlugClaim, SlugClaimEvent},
        workshop::{Workshop, WorkshopEvent},
    },
};

/// A stored payload that is not of the shape its stream's kind says.
#[derive(Debug, thiserror::Error)]
#[error("{kind} event {}is unreadable: {source}", event.as_ref().map(|event| format!("{event} ")).unwrap_or_default())]
pub struct Undecodable {
    /// The stream's kind.
    pub kind: String,
    /// Its stored name and version, where they are known.
    pub event: Option<String>,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

/// Reads a stored event, JSON, as one of its stream's kind, old forms brought forward. `None`: a newer build wrote it, under a
/// name or in a version that this one does not know.
///
/// # Errors
/// The payload does not fit a name and version that are known.
pub fn read<D: Decider>(name: &str, version: u16, payload: &str) -> Result<Option<D::Event>, Undecodable> {
    let newest = upcast::newest(D::UPCASTS, name);
    if version > newest {
        return Ok(None);
    }
    // What has the newest form, as most has, is read without a tree in between.
    if version == newest
        && let Ok(event) = serde_json::from_str(payload)
    {
        return Ok(Some(event));
    }
    let unreadable = |source| Undecodable { kind: D::STREAM.to_owned(), event: Some(format!("{name} v{version}")), source };
    let form = upcast::forward(D::UPCASTS, name, version, serde_json::from_str(payload).map_err(unreadable)?);
    match D::Event::deserialize(&form) {
        Ok(event) => Ok(Some(event)),
        Err(_) if is_unknown::<D::Event>(&form) => Ok(None),
        Err(source) => Err(unreadable(source)),
    }
}

/// Whether a payload is of a variant that the enum does not have.
fn is_unknown<E: Event>(payload: &Value) -> bool {
    let variant = match payload {
        Value::String(word) => Some(word),
        Value::Object(fields) if fields.len() == 1 => fields.keys().next(),
        _ => None,
    };
    variant.is_some_and(|variant| !variants::<E>().contains(&variant.as_str()))
}

macro_rules! facts {
    ($($context:ident: $decider:ident => $event:ident),* $(,)?) => {
        /// An event of any stream.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Fact {
            $($decider($event),)*
            /// Of a kind, a name or a version this build does not know, as a newer one writes them: kept, and left alone.
            Unknown,
        }

        impl Fact {
            /// Reads a stored event, JSON, old forms brought forward.
            ///
            /// # Errors
            /// The payload does not fit a kind, name and version that are known.
            pub fn read(kind: &str, name: &str, version: u16, payload: &str) -> Result<Self, Undecodable> {
                match kind {
                    $($decider::STREAM => Ok(read::<$decider>(name, version, payload)?.map_or(Self::Unknown, Self::$decider)),)*
                    _ => Ok(Self::Unknown),
                }
            }

            /// Reads a payload of the newest form, whatever name it goes by.
            ///
            /// # Errors
            /// The payload does not fit a kind that is known.
            pub fn decode(kind: &str, payload: &Value) -> Result<Self, Undecodable> {
                match kind {
                    $($decider::STREAM => match <$event>::deserialize(payload) {
                        Ok(event) => Ok(Self::$decider(event)),
                        Err(_) if is_unknown::<$event>(payload) => Ok(Self::Unknown),
                        Err(source) => Err(Undecodable { kind: kind.to_owned(), event: None, source }),
                    },)*
                    _ => Ok(Self::Unknown),
                }
            }

            /// The kinds of streams that this build knows.
            pub const KINDS: &'static [&'static str] = &[$($decider::STREAM),*];

            /// Whether this build knows streams of a kind.
            #[must_use]
            pub fn knows(kind: &str) -> bool {
                Self::KINDS.contains(&kind)
            }

            /// The stored name; none for an unknown one.
            #[must_use]
            pub fn name(&self) -> Option<&'static str> {
                match self {
                    $(Self::$decider(event) => Some(event.name()),)*
                    Self::Unknown => None,
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

        /// The state of a stream of whatever kind.
        #[derive(Debug)]
        pub enum State {
            $($decider(Box<$decider>),)*
        }

        impl State {
            /// Before its first event; none for a kind that is not known.
            #[must_use]
            pub fn blank(kind: &str) -> Option<Self> {
                match kind {
                    $($decider::STREAM => Some(Self::$decider(Box::default())),)*
                    _ => None,
                }
            }

            /// After an event. One of another kind changes nothing.
            pub fn evolve(&mut self, fact: &Fact) {
                match (self, fact) {
                    $((Self::$decider(state), Fact::$decider(event)) => state.evolve(event),)*
                    _ => {}
                }
            }

            /// As JSON.
            ///
            /// # Errors
            /// It is none that JSON can take.
            pub fn to_value(&self) -> Result<Value, serde_json::Error> {
                match self {
                    $(Self::$decider(state) => serde_json::to_value(state),)*
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
    identity: RoleBook => RoleBookEvent,
    identity: SecondFactor => SecondFactorEvent,
    identity: AccessToken => AccessTokenEvent,
    identity: BackupFactor => BackupFactorEvent,
    identity: ServiceAccount => ServiceAccountEvent,
    identity: Contact => ContactEvent,
    identity: Mail => MailEvent,
    identity: LegalHold => LegalHoldEvent,
    identity: ProviderClaim => ProviderClaimEvent,
    identity: WaysIn => WaysInEvent,
    identity: Whereabouts => WhereaboutsEvent,
    identity: Export => ExportEvent,
    identity: Membership => MembershipEvent,
    identity: PlanBook => PlanBookEvent,
    workshops: Workshop => WorkshopEvent,
    workshops: SlugClaim => SlugClaimEvent,
    workshops: Shelf => ShelfEvent,
    learning: Session => SessionEvent,
    learning: Desk => DeskEvent,
    environments: Environment => EnvironmentEvent,
    environments: Cluster => ClusterEvent,
    environments: Roster => RosterEvent,
    environments: Pool => PoolEvent,
    gamification: Scorecard => ScorecardEvent,
    audit: Trail => TrailEvent,
    booking: Run => RunEvent,
    booking: Registrant => RegistrantEvent,
    booking: Programme => ProgrammeEvent,
    communities: Community => CommunityEvent,
    communities: Circle => CircleEvent,
}
