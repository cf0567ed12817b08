//! Rejections are stored too: a retry of a request is answered with the one its first try got.

use std::collections::BTreeSet;

use domain::{
    Rejection, booking::BookingRejection, booking::Flaw, communities::CommunityRejection, environments::EnvironmentRejection,
    identity::IdentityRejection, kernel::Currency, kernel::Money, kernel::MoneyError, kernel::Plan, kernel::RegistrationId,
    kernel::SessionId, kernel::Timestamp, learning::LearningRejection, variants, workshops::WorkshopRejection, workshops::defects::Defect,
};
use serde_json::{from_value, to_value};

use super::variant;

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().expect("an instant")
}

/// Each variant is given, says something, and is what it was once it has been stored.
fn survive<R: Rejection>(all: &[R]) {
    let mut found = BTreeSet::new();
    for rejection in all {
        let stored = to_value(rejection).expect("a rejection is JSON");
        assert!(from_value::<R>(stored.clone()).expect("the rejection that was stored") == *rejection, "{stored}");
        assert!(!rejection.to_string().is_empty(), "{stored}");
        found.insert(variant(&stored));
    }
    assert_eq!(found, variants::<R>().iter().map(|name| (*name).to_owned()).collect());
}

const OF_IDENTITY: &[IdentityRejection] = &[
    IdentityRejection::NotFound,
    IdentityRejection::EmailTaken,
    IdentityRejection::EmailInvalid,
    IdentityRejection::DisplayNameInvalid,
    IdentityRejection::PasswordInvalid,
    IdentityRejection::PasswordCommon,
    IdentityRejection::PasswordWrong,
    IdentityRejection::PasswordHashInvalid,
    IdentityRejection::SecondFactorOn,
    IdentityRejection::SecondFactorOff,
    IdentityRejection::SecondFactorNeeded,
    IdentityRejection::CodeRequired,
    IdentityRejection::CodeWrong,
    IdentityRejection::PhoneInvalid,
    IdentityRejection::PhoneMissing,
    IdentityRejection::ChannelOff,
    IdentityRejection::CodeSentJustNow,
    IdentityRejection::CodeNotSent,
    IdentityRejection::ChallengeInvalid,
    IdentityRejection::TooManyTries,
    IdentityRejection::TokenNameInvalid,
    IdentityRejection::ScopesInvalid,
    IdentityRejection::ExpiryInvalid,
    IdentityRejection::ScopesNotHeld,
    IdentityRejection::ServiceAccountNotFound,
    IdentityRejection::TokenNotFound,
    IdentityRejection::CredentialsWrong,
    IdentityRejection::RefreshTokenInvalid,
    IdentityRejection::DeviceNotFound,
    IdentityRejection::OwnRole,
    IdentityRejection::BasicRole,
    IdentityRejection::Erased,
    IdentityRejection::ReasonRequired,
    IdentityRejection::ReasonInvalid,
    IdentityRejection::OnHold,
    IdentityRejection::NotOnHold,
    IdentityRejection::OwnHold,
    IdentityRejection::LastAdministrator,
    IdentityRejection::RoleNotFound,
    IdentityRejection::RoleNameInvalid,
    IdentityRejection::RoleDescriptionInvalid,
    IdentityRejection::RoleNameTaken,
    IdentityRejection::NetworksInvalid,
    IdentityRejection::NetworksExcludeYou,
    IdentityRejection::TooManyRoles,
    IdentityRejection::MoreThanHeld,
    IdentityRejection::UntilPast,
    IdentityRejection::UntilBeyondOwn,
    IdentityRejection::RoleNotWithin,
    IdentityRejection::CommunityNotFound,
    IdentityRejection::TooManyWithin,
    IdentityRejection::UntilNotAllowed,
    IdentityRejection::LastSuperAdministrator,
    IdentityRejection::LinkInvalid,
    IdentityRejection::EmailVerified,
    IdentityRejection::EmailUnchanged,
    IdentityRejection::Suspended,
    IdentityRejection::OwnAccount,
    IdentityRejection::ProviderNotFound,
    IdentityRejection::IdentityTaken,
    IdentityRejection::IdentityNotFound,
    IdentityRejection::LinkRequired,
    IdentityRejection::EmailNotAllowed,
    IdentityRejection::ProviderCodeInvalid,
    IdentityRejection::PasskeysOff,
    IdentityRejection::PasskeyNameInvalid,
    IdentityRejection::PasskeyChallengeInvalid,
    IdentityRejection::PasskeyInvalid,
    IdentityRejection::PasskeyCopied,
    IdentityRejection::PasskeyTaken,
    IdentityRejection::TooManyPasskeys,
    IdentityRejection::PasskeyNotFound,
    IdentityRejection::PasskeyRequired,
    IdentityRejection::LastWayIn,
    IdentityRejection::TooManyLinked,
    IdentityRejection::ExportInvalid,
    IdentityRejection::AvatarTooLarge,
    IdentityRejection::AvatarKindInvalid,
    IdentityRejection::AvatarTooManyPixels,
    IdentityRejection::AvatarUnreadable,
    IdentityRejection::PlanSessionsInvalid,
    IdentityRejection::PlanStorageInvalid,
    IdentityRejection::PlanRunsInvalid,
    IdentityRejection::PlanCommunitiesInvalid,
    IdentityRejection::MailNotFound,
    IdentityRejection::MailNotParked,
];

#[test]
fn rejections_of_identity_survive_being_stored() {
    survive(OF_IDENTITY);
}

#[test]
fn rejections_of_workshops_survive_being_stored() {
    use WorkshopRejection as No;
    survive(&[
        No::NotFound,
        No::SlugTaken,
        No::SlugInvalid,
        No::Archived,
        No::NothingToPublish,
        No::StorageExceeded { limit: 1 << 20, used: 9, plan: Plan::Free },
        No::Defective(vec![Defect::new("title", "a title")]),
    ]);
}

#[test]
fn rejections_of_learning_survive_being_stored() {
    use LearningRejection as No;
    let step = || "one".to_owned();
    survive(&[
        No::NotFound,
        No::WorkshopNotFound,
        No::AlreadyActive { session: SessionId(uuid::Uuid::from_u128(1)) },
        No::TooManyActive { cap: 3, active: 3, plan: Plan::Team },
        No::Ended,
        No::StepNotFound { step: step() },
        No::OutOfOrder { current: step() },
        No::WrongRule { expected: "stepCheck".to_owned() },
        No::ChoicesInvalid { choices: 3 },
        No::StepsRemaining { remaining: 2 },
        No::EnvironmentNotReady { state: "provisioning".to_owned() },
        No::CheckRunning,
        No::ExtensionInvalid { left: 10 },
        No::RunNotFound,
        No::NotLetIn { stage: "waitlisted".to_owned() },
        No::RunNotNow { from: noon(), until: noon() },
        No::SessionsTaken { seats: 2 },
    ]);
}

#[test]
fn rejections_of_environments_survive_being_stored() {
    use EnvironmentRejection as No;
    survive(&[
        No::NotFound,
        No::WrongState { state: "ready".to_owned() },
        No::ClusterNotFound,
        No::ClusterWrongState { state: "removing".to_owned() },
        No::ClusterClosed { state: "cordoned".to_owned() },
        No::ClusterUnreachable,
        No::ClusterFull { limit: 5 },
        No::NameInvalid,
        No::NameTaken,
        No::LabelInvalid { label: "Region".to_owned() },
        No::WeightInvalid,
        No::LimitInvalid,
        No::AccessInvalid { at: "users[0].user.exec".to_owned(), problem: "not allowed".to_owned() },
        No::NotUsable { failures: vec!["permissions: create pods/exec".to_owned()] },
        No::ServerDiffers { server: "https://one.example.org".to_owned() },
        No::RotatedMeanwhile,
        No::EnvironmentsLive { live: 3 },
        No::NotOnCluster,
        No::VclusterNotReady,
        No::WorkshopNotFound,
        No::PoolTooLarge { most: 50 },
        No::PoolFull,
        No::NotInPool,
        No::PodNotFound,
        No::LogUnavailable { problem: "a container is waiting to start".to_owned() },
    ]);
}

#[test]
fn rejections_of_booking_survive_being_stored() {
    use BookingRejection as No;
    survive(&[
        No::NotFound,
        No::WorkshopNotFound,
        No::WrongState { state: "cancelled".to_owned() },
        No::Flawed(vec![Flaw::new("startsAt", "a time to come")]),
        No::CapacityBelowTaken { taken: 17 },
        No::QuotaBelowTaken { ticket: "regular".to_owned(), taken: 9 },
        No::SoldAlready,
        No::NotEnded,
        No::RunsExceeded { limit: 10, used: 9, plan: Plan::Team },
        No::SessionNotNow { from: noon(), until: noon() },
        No::SessionsTaken { seats: 2 },
        No::RegistrationNotFound,
        No::RegistrationTaken,
        No::WrongStage { stage: "waitlisted".to_owned() },
        No::NotOpen,
        No::AlreadyRegistered { registration: RegistrationId(uuid::Uuid::from_u128(1)) },
        No::Full,
        No::TicketNotFound,
        No::TicketNotForPlan,
        No::InvitationNeeded,
        No::InvitationNotFound,
        No::CodeNeeded,
        No::CodeInvalid,
        No::CodeUsedUp,
        No::CodeTaken,
        No::SeatsInvalid { most: 5 },
        No::SubjectsMixed,
        No::CheckInCodeInvalid,
        No::CheckInTooEarly { from: noon() },
        No::GuestLinkInvalid,
        No::Erased,
        No::OnHold,
        No::MoneyOwed { owed: Money::new(1250, Currency::try_new("EUR").expect("a currency")) },
        No::MoneyDue { due: Money::new(1250, Currency::try_new("EUR").expect("a currency")) },
        No::NothingDue,
        No::PaymentDiffers,
        No::PaymentNotFound,
        No::PaymentUndone,
        No::PaymentRefunded,
        No::PaymentByProvider,
        No::RefundNotFound,
        No::RefundUndone,
        No::RefundByProvider,
        No::PaymentRefused,
        No::PaymentUnknown,
        No::RefundTooLarge { most: Money::new(1250, Currency::try_new("EUR").expect("a currency")) },
        No::Money(MoneyError::CurrenciesMixed),
    ]);
}

#[test]
fn rejections_of_communities_survive_being_stored() {
    use CommunityRejection as No;
    survive(&[
        No::NotFound,
        No::Closed,
        No::NameInvalid,
        No::DescriptionInvalid,
        No::NotMember,
        No::FounderStays,
        No::Removed,
        No::Full { most: 10_000 },
        No::TooManyJoined { most: 1000 },
        No::CommunitiesExceeded { limit: 3, used: 3, plan: Plan::Free },
        No::Erased,
    ]);
}

#[test]
fn a_rejection_names_the_input_it_is_about() {
    assert_eq!(IdentityRejection::EmailTaken.field(), Some("email"));
    assert_eq!(IdentityRejection::CredentialsWrong.field(), None);
    assert_eq!(WorkshopRejection::Defective(vec![]).field(), Some("content"));
    assert_eq!(LearningRejection::OutOfOrder { current: "one".to_owned() }.field(), Some("step"));
    assert_eq!(EnvironmentRejection::NotFound.field(), Some("environmentId"));
    assert_eq!(EnvironmentRejection::NameTaken.field(), Some("name"));
    assert_eq!(BookingRejection::CapacityBelowTaken { taken: 1 }.field(), Some("capacity"));
    assert_eq!(CommunityRejection::Closed.field(), Some("communityId"));
}
