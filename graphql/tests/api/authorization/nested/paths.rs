//! The fields that lead from one object to the next, and what must come of following each. What is not placed here fails the test.

use async_graphql::parser::types::{ServiceDocument, TypeSystemDefinition};
use domain::identity::Permission::{self, ManageSessions};

use crate::authorization::{
    arguments::is_leaf,
    selections::{fields, is_thing, leads_to},
};

/// What must come of following a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// What `node` gives whoever follows it; null where that is null.
    Node,
    /// Who it is, as everybody sees people; all that `node` gives of them to whom it gives it.
    Person,
    /// The person that whoever asks has just shown to be.
    Proven,
    /// What `node` gives, for who holds this beside what let them come so far; others are refused.
    Needs(Permission),
    /// Of a workshop, for who wrote it or manages all; null for others.
    Writers,
    /// Of a community, for who is of it and who moderates all; null for others.
    Members,
    /// It belongs to what it is found at, and is seen with it.
    Part,
}

use Door::{Members, Needs, Node, Part, Person, Proven, Writers};

/// What leads on where nothing is here: clusters that are not well, environments that are measured, sessions that were finished,
/// clusters that do not take a workshop, and unusual sign-ins; runs that are over, that have a workshop, a place, codes or an instructor
/// with an account, and registrations that wait.
pub(super) const EMPTY: [&str; 12] = [
    "Alert.cluster",
    "EnvironmentUsage.environment",
    "LearnerDashboard.finishedSessions",
    "MyBookings.past",
    "MyBookings.waiting",
    "PlacementRefusal.cluster",
    "RegistrationPayment.refunds",
    "Run.instructorAccount",
    "Run.venue",
    "Run.workshop",
    "RunVenue.coordinates",
    "SignInAlert.account",
];

pub(super) const PATHS: &[(&str, Door)] = &[
    ("Account.roles", Part),
    ("Account.rolesWithin", Part),
    ("AccountErasePayload.account", Person),
    ("AccountRegisterPayload.account", Proven),
    ("AccountReinstatePayload.account", Person),
    ("AccountSuspendPayload.account", Person),
    ("Alert.cluster", Node),
    ("AuditEntry.account", Person),
    ("AuditEntry.events", Part),
    ("AvatarRemovePayload.account", Proven),
    ("AvatarUploadPayload.account", Proven),
    ("Cluster.environments", Needs(ManageSessions)),
    ("ClusterCordonPayload.cluster", Node),
    ("ClusterDrainPayload.cluster", Node),
    ("ClusterRegisterPayload.cluster", Node),
    ("ClusterRemovePayload.cluster", Node),
    ("ClusterRevisePayload.cluster", Node),
    ("ClusterRotateCredentialsPayload.cluster", Node),
    ("ClusterSetDefaultPayload.cluster", Node),
    ("ClusterTestPayload.report", Part),
    ("ClusterUncordonPayload.cluster", Node),
    ("Community.founder", Person),
    ("Community.members", Members),
    ("CommunityClosePayload.community", Node),
    ("CommunityError.limitReached", Part),
    ("CommunityFoundPayload.community", Node),
    ("CommunityJoinPayload.community", Node),
    ("CommunityLeavePayload.community", Node),
    ("CommunityMember.account", Person),
    ("CommunityMemberRemovePayload.community", Node),
    ("CommunityRevisePayload.community", Node),
    ("EmailChangeConfirmPayload.account", Proven),
    ("EmailVerifyPayload.account", Proven),
    ("Environment.session", Node),
    ("Environment.cluster", Node),
    ("Environment.cost", Part),
    ("EnvironmentForceTeardownPayload.environment", Node),
    ("EnvironmentNeeds.kubernetes", Part),
    ("EnvironmentPool.workshop", Node),
    ("EnvironmentPoolReservePayload.pool", Part),
    ("EnvironmentRetryPayload.environment", Node),
    ("EnvironmentSkipPayload.environment", Node),
    ("EnvironmentUsage.environment", Node),
    ("EnvironmentUsage.unusedHourly", Part),
    ("Event.stream", Part),
    ("HeldRole.role", Part),
    ("HistoryItem.event", Part),
    ("JournalHead.checkpoint", Part),
    ("LeaderboardEntry.learner", Person),
    ("LearnerDashboard.activeSessions", Node),
    ("LearnerDashboard.finishedSessions", Node),
    ("LearningError.limitReached", Part),
    ("LegalHoldPlacePayload.account", Person),
    ("LegalHoldReleasePayload.account", Person),
    ("MailRequeuePayload.mail", Part),
    ("OpenSignIn.account", Person),
    ("PlacementChoice.cluster", Node),
    ("PlacementRefusal.cluster", Node),
    ("PlanAssignPayload.usage", Part),
    ("PlanRevisePayload.limits", Part),
    ("PlatformStatistics.costToday", Part),
    ("ProfileRevisePayload.account", Proven),
    ("RequestCount.account", Person),
    ("RoleDefinePayload.role", Part),
    ("RoleGrantPayload.account", Person),
    ("RoleProtectPayload.protection", Part),
    ("RoleRevisePayload.role", Part),
    ("RoleRevokePayload.account", Person),
    ("RoleWithin.community", Node),
    ("RoleWithin.role", Part),
    ("SecondFactorResetPayload.account", Person),
    ("ServiceAccount.creator", Person),
    ("Session.workshop", Node),
    ("Session.learner", Person),
    ("Session.currentStep", Part),
    ("Session.environment", Node),
    ("SessionAbandonPayload.session", Node),
    ("SessionExtendPayload.session", Node),
    ("SessionFinishPayload.session", Node),
    ("SessionStartPayload.session", Node),
    ("SessionStep.page", Part),
    ("SignInAlert.account", Person),
    ("SignInAlert.whereabout", Part),
    ("SignInAlert.tooFarFrom", Part),
    ("SignInPayload.account", Proven),
    ("StepAnswerPayload.session", Node),
    ("StepCheckPayload.session", Node),
    ("StepCompletePayload.session", Node),
    ("StepPage.question", Part),
    ("TokenRefreshPayload.account", Proven),
    ("UsagePoint.cost", Part),
    ("Workshop.author", Person),
    ("Workshop.draft", Writers),
    ("Workshop.versions", Writers),
    ("Workshop.statistics", Writers),
    ("WorkshopArchivePayload.workshop", Node),
    ("WorkshopDraft.environment", Part),
    ("WorkshopDraftPayload.workshop", Node),
    ("WorkshopError.limitReached", Part),
    ("WorkshopPublishPayload.workshop", Node),
    ("WorkshopRevisePayload.workshop", Node),
    ("WorkshopStatistics.workshop", Node),
    ("BookingDashboard.registrations", Node),
    ("BookingError.limitReached", Part),
    ("BookingDashboard.runs", Node),
    ("DiscountCreatePayload.run", Node),
    ("DiscountRevokePayload.run", Node),
    ("MyBookings.ended", Node),
    ("MyBookings.past", Node),
    ("MyBookings.upcoming", Node),
    ("MyBookings.waiting", Node),
    ("OfferAcceptPayload.registration", Node),
    ("OfferDeclinePayload.registration", Node),
    ("PaymentOpenPayload.registration", Node),
    ("PaymentRecordPayload.registration", Node),
    ("PaymentRefundPayload.registration", Node),
    ("PaymentUndoRecordPayload.registration", Node),
    ("PaymentUndoRefundPayload.registration", Node),
    ("Registrant.answers", Part),
    ("Registration.account", Person),
    ("Registration.payments", Part),
    ("Registration.registrant", Part),
    ("Registration.run", Node),
    ("RegistrationApprovePayload.registration", Node),
    ("RegistrationCancelPayload.registration", Node),
    ("RegistrationCheckInPayload.registration", Node),
    ("RegistrationPayment.refunds", Part),
    ("RegistrationPrioritisePayload.registration", Node),
    ("RegistrationRecordNoShowPayload.registration", Node),
    ("RegistrationReinstatePayload.registration", Node),
    ("RegistrationRejectPayload.registration", Node),
    ("RegistrationRequestPayload.registration", Node),
    ("RegistrationTransferPayload.registration", Node),
    ("RegistrationUndoCheckInPayload.registration", Node),
    ("RegistrationWithdrawApprovalPayload.registration", Node),
    ("RegistrationWithdrawPayload.registration", Node),
    ("Run.codes", Part),
    ("Run.instructorAccount", Person),
    ("Run.myRegistration", Node),
    ("Run.organiser", Person),
    ("Run.venue", Part),
    ("Run.workshop", Node),
    ("RunCancelPayload.run", Node),
    ("RunCode.amount", Part),
    ("RunCompletePayload.run", Node),
    ("RunDashboard.revenue", Part),
    ("RunDashboard.run", Node),
    ("RunPublishPayload.run", Node),
    ("RunReschedulePayload.run", Node),
    ("RunRevisePayload.run", Node),
    ("RunSchedulePayload.run", Node),
    ("RunSessionStartPayload.session", Node),
    ("RunVenue.coordinates", Part),
    ("WaitlistJoinPayload.registration", Node),
    ("WaitlistLeavePayload.registration", Node),
];

/// What must come of following a field of a type, such as `Session.environment`.
pub(super) fn door(path: &str) -> Option<Door> {
    PATHS.iter().find(|(placed, _)| *placed == path).map(|(_, door)| *door)
}

/// Types whose fields are asked for, and not found on the way.
const ROOTS: [&str; 5] = ["Query", "Mutation", "Subscription", "AsOf", "Activity"];

/// Every field that leads to something with an id, or to what may be kept from whoever sees the object, and to what type it leads.
/// Pages of lists are seen through. What is always there and has no id is part of the object, and needs no place.
pub(super) fn all(schema: &ServiceDocument) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for definition in &schema.definitions {
        let TypeSystemDefinition::Type(found) = definition else { continue };
        let on = found.node.name.node.as_str();
        if ROOTS.contains(&on) || on.ends_with("Connection") || on.ends_with("Edge") {
            continue;
        }
        for field in fields(schema, on) {
            let (to, is_object) = (leads_to(schema, field), !is_leaf(schema, &field.ty.node));
            if is_object && (is_thing(schema, to) || field.ty.node.nullable) {
                paths.push((format!("{on}.{}", field.name.node), to.to_owned()));
            }
        }
    }
    paths
}
