//! Of what each id is, and whose things may be reached by it. What is not placed here fails the test.

use domain::identity::Permission::{
    self, ManagePlans, ManageRuns, ManageSessions, ManageWorkshops, ModerateCommunities, OrganiseRuns, ReadAccounts, ReadAudit,
    ReadClusters,
};

use super::things::{
    Kind::{
        self, Account, Cluster, Community, Device, Draft, Environment, Link, Mail, Passkey, Payment, Registration, Role, Run, Service,
        Session, Slug, Stream, Token, Workshop,
    },
    Relation,
};

/// Whose things may be reached, once the act itself is permitted.
#[derive(Clone, Copy, Debug)]
pub(in crate::authorization) enum Whose {
    /// One's own, and nobody else's whatever one holds.
    Own,
    /// One's own; anybody's with the permission.
    OwnOr(Permission),
    /// One's own; with the permission anybody's who was not erased.
    LivingOr(Permission),
    /// Anybody's: the act itself needs a permission.
    Anybodys,
    /// Anybody's, also what never was: what was asked of it is found. So answers are not compared.
    Asked,
    /// Anybody's that is still there: the act itself needs a permission.
    Present,
    /// One's own and what is published; with the permission, everything.
    Seen(Permission),
    /// What is published alone.
    Public,
    /// Published workshops and one's own, by who wrote them.
    Written,
    /// It narrows a list in which there is nothing of these here, or is for who is registered, and nobody is.
    Nothing,
    /// Those of runs of one's own, and with the permission for all runs, all: the act itself needs one or the other.
    Staffed,
    /// One's own, and those that are reached as who runs the run.
    OwnOrStaffed,
    /// One's own, and those of runs of one's own; all with the permission for all runs.
    OwnOrHosted,
}

/// Of which argument, of what it is the id, and whose may be reached. In the order in which they are asked: what ends things comes last.
pub(in crate::authorization) const PLACES: &[(&str, Kind, Whose)] = &[
    ("Query.events filter.streamId", Stream, Whose::Anybodys),
    ("Query.events filter.actor", Stream, Whose::Anybodys),
    ("Query.auditTrail filter.actor", Stream, Whose::Anybodys),
    ("Query.auditTrail filter.subject", Account, Whose::Asked),
    ("Query.history nodeId", Account, Whose::Anybodys),
    ("Activity.alerts filter.accountId", Account, Whose::Nothing),
    ("Activity.requestsByActor actor", Account, Whose::Anybodys),
    ("Activity.signIns accountId", Account, Whose::LivingOr(ReadAudit)),
    ("AsOf.session id", Session, Whose::OwnOr(ManageSessions)),
    ("AsOf.sessions filter.learnerId", Account, Whose::OwnOr(ManageSessions)),
    ("AsOf.sessions filter.workshopId", Workshop, Whose::Public),
    ("AsOf.workshop slug", Slug, Whose::Seen(ManageWorkshops)),
    ("AsOf.workshops filter.authorId", Account, Whose::Written),
    ("AsOf.leaderboard workshopId", Workshop, Whose::Public),
    ("Query.node id", Account, Whose::OwnOr(ReadAccounts)),
    ("Query.node id", Workshop, Whose::Seen(ManageWorkshops)),
    ("Query.node id", Session, Whose::OwnOr(ManageSessions)),
    ("Query.node id", Environment, Whose::OwnOr(ManageSessions)),
    ("Query.node id", Cluster, Whose::OwnOr(ReadClusters)),
    ("Query.node id", Run, Whose::Seen(ManageRuns)),
    ("Query.node id", Draft, Whose::Seen(ManageRuns)),
    ("Query.node id", Registration, Whose::OwnOrHosted),
    ("Query.node id", Community, Whose::Anybodys),
    ("Query.community id", Community, Whose::Anybodys),
    ("Query.run id", Run, Whose::Seen(ManageRuns)),
    ("Query.run id", Draft, Whose::Seen(ManageRuns)),
    ("Query.registration id", Registration, Whose::OwnOrHosted),
    ("Query.registrations runId", Run, Whose::OwnOr(ManageRuns)),
    ("Query.runDashboard runId", Run, Whose::OwnOr(ManageRuns)),
    ("Query.workshop slug", Slug, Whose::Seen(ManageWorkshops)),
    ("Query.workshops filter.authorId", Account, Whose::Written),
    ("Query.session id", Session, Whose::OwnOr(ManageSessions)),
    ("Query.sessions filter.learnerId", Account, Whose::OwnOr(ManageSessions)),
    ("Query.sessions filter.workshopId", Workshop, Whose::Public),
    ("Query.leaderboard workshopId", Workshop, Whose::Public),
    ("Query.environment id", Environment, Whose::OwnOr(ManageSessions)),
    ("Query.environmentResources sessionId", Session, Whose::OwnOr(ManageSessions)),
    ("Query.environmentLog sessionId", Session, Whose::OwnOr(ManageSessions)),
    ("Query.planUsage accountId", Account, Whose::LivingOr(ManagePlans)),
    ("Query.environments clusterId", Cluster, Whose::Present),
    ("Query.environmentUsage clusterId", Cluster, Whose::Nothing),
    ("Query.environmentPool workshopId", Workshop, Whose::Anybodys),
    ("Query.placementPreview workshopId", Workshop, Whose::Anybodys),
    ("Query.cluster id", Cluster, Whose::Anybodys),
    ("Query.alerts clusterId", Cluster, Whose::Nothing),
    ("Query.resourceUsage clusterId", Cluster, Whose::Nothing),
    ("Mutation.mailRequeue input.mailId", Mail, Whose::Anybodys),
    ("Mutation.roleRevise input.role", Role, Whose::Anybodys),
    ("Mutation.roleProtect input.role", Role, Whose::Anybodys),
    ("Mutation.roleGrant input.role", Role, Whose::Anybodys),
    ("Mutation.roleRevoke input.role", Role, Whose::Anybodys),
    ("Mutation.roleGrant input.accountId", Account, Whose::Anybodys),
    ("Mutation.roleRevoke input.accountId", Account, Whose::Anybodys),
    ("Mutation.clusterTest input.clusterId", Cluster, Whose::Present),
    ("Mutation.clusterRevise input.clusterId", Cluster, Whose::Present),
    ("Mutation.clusterRotateCredentials input.clusterId", Cluster, Whose::Present),
    ("Mutation.clusterSetDefault input.clusterId", Cluster, Whose::Present),
    ("Mutation.clusterCordon input.clusterId", Cluster, Whose::Present),
    ("Mutation.clusterUncordon input.clusterId", Cluster, Whose::Present),
    ("Mutation.clusterDrain input.clusterId", Cluster, Whose::Present),
    ("Mutation.environmentPoolReserve input.workshopId", Workshop, Whose::Present),
    ("Mutation.sessionStart input.workshopId", Workshop, Whose::Public),
    ("Mutation.runSessionStart input.runId", Draft, Whose::Nothing),
    ("Mutation.stepComplete input.sessionId", Session, Whose::Own),
    ("Mutation.stepAnswer input.sessionId", Session, Whose::Own),
    ("Mutation.stepCheck input.sessionId", Session, Whose::Own),
    ("Mutation.sessionExtend input.sessionId", Session, Whose::OwnOr(ManageSessions)),
    ("Mutation.sessionFinish input.sessionId", Session, Whose::Own),
    ("Mutation.terminalTicketIssue input.environmentId", Environment, Whose::Own),
    ("Mutation.workshopRevise input.workshopId", Workshop, Whose::OwnOr(ManageWorkshops)),
    ("Mutation.workshopPublish input.workshopId", Workshop, Whose::OwnOr(ManageWorkshops)),
    ("Mutation.runSchedule input.workshopId", Workshop, Whose::Public),
    ("Mutation.runSchedule input.instructorId", Account, Whose::Asked),
    ("Mutation.runRevise input.workshopId", Workshop, Whose::Public),
    ("Mutation.runRevise input.instructorId", Account, Whose::Asked),
    ("Mutation.runRevise input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.runPublish input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.runReschedule input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.runComplete input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.discountCreate input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.discountRevoke input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.guestInvite input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.guestWithdrawInvitation input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.registrationRequest input.runId", Run, Whose::Anybodys),
    ("Mutation.registrationRequest input.runId", Draft, Whose::Nothing),
    ("Mutation.waitlistJoin input.runId", Run, Whose::Anybodys),
    ("Mutation.waitlistJoin input.runId", Draft, Whose::Nothing),
    ("Mutation.registrationApprove input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationWithdrawApproval input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationReject input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationReinstate input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationPrioritise input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationCheckIn input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationUndoCheckIn input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationRecordNoShow input.registrationId", Registration, Whose::Staffed),
    ("Mutation.paymentRecord input.registrationId", Registration, Whose::Staffed),
    ("Mutation.paymentRecord input.paymentId", Payment, Whose::Asked),
    ("Mutation.paymentRefund input.registrationId", Registration, Whose::Staffed),
    ("Mutation.paymentRefund input.paymentId", Payment, Whose::OwnOr(ManageRuns)),
    ("Mutation.paymentOpen input.registrationId", Registration, Whose::OwnOrStaffed),
    ("Mutation.offerAccept input.registrationId", Registration, Whose::OwnOrStaffed),
    ("Mutation.offerDecline input.registrationId", Registration, Whose::OwnOrStaffed),
    ("Mutation.environmentRetry input.environmentId", Environment, Whose::Anybodys),
    ("Mutation.environmentSkip input.environmentId", Environment, Whose::Anybodys),
    ("Mutation.accountExport input.accountId", Account, Whose::Anybodys),
    ("Subscription.sessionChanged id", Session, Whose::OwnOr(ManageSessions)),
    ("Subscription.environmentResourcesChanged sessionId", Session, Whose::OwnOr(ManageSessions)),
    ("Subscription.environmentLogFollowed sessionId", Session, Whose::OwnOr(ManageSessions)),
    ("Subscription.clusterChanged id", Cluster, Whose::Anybodys),
    ("Subscription.leaderboardChanged workshopId", Workshop, Whose::Public),
    ("Subscription.runAvailabilityChanged runId", Run, Whose::Seen(ManageRuns)),
    ("Subscription.runAvailabilityChanged runId", Draft, Whose::Seen(ManageRuns)),
    ("Subscription.registrationChanged runId", Run, Whose::OwnOr(ManageRuns)),
    ("Subscription.events filter.streamId", Stream, Whose::Anybodys),
    ("Subscription.events filter.actor", Stream, Whose::Anybodys),
    ("Mutation.communityJoin input.communityId", Community, Whose::Anybodys),
    ("Mutation.communityLeave input.communityId", Community, Whose::Anybodys),
    ("Mutation.communityRevise input.communityId", Community, Whose::OwnOr(ModerateCommunities)),
    ("Mutation.communityMemberRemove input.communityId", Community, Whose::OwnOr(ModerateCommunities)),
    ("Mutation.communityMemberRemove input.accountId", Account, Whose::Asked),
    ("Mutation.communityClose input.communityId", Community, Whose::OwnOr(ModerateCommunities)),
    ("Mutation.registrationWithdraw input.registrationId", Registration, Whose::OwnOrStaffed),
    ("Mutation.registrationCancel input.registrationId", Registration, Whose::Staffed),
    ("Mutation.registrationTransfer input.registrationId", Registration, Whose::OwnOrStaffed),
    ("Mutation.runCancel input.runId", Run, Whose::OwnOr(ManageRuns)),
    ("Mutation.environmentForceTeardown input.environmentId", Environment, Whose::Anybodys),
    ("Mutation.sessionAbandon input.sessionId", Session, Whose::Own),
    ("Mutation.workshopArchive input.workshopId", Workshop, Whose::OwnOr(ManageWorkshops)),
    ("Mutation.clusterRemove input.clusterId", Cluster, Whose::Anybodys),
    ("Mutation.accessTokenRevoke input.accessTokenId", Token, Whose::Own),
    ("Mutation.deviceRevoke input.deviceId", Device, Whose::Own),
    ("Mutation.serviceAccountRevoke input.serviceAccountId", Service, Whose::Anybodys),
    ("Mutation.planAssign input.accountId", Account, Whose::Anybodys),
    ("Mutation.secondFactorReset input.accountId", Account, Whose::Anybodys),
    ("Mutation.legalHoldPlace input.accountId", Account, Whose::Anybodys),
    ("Mutation.legalHoldRelease input.accountId", Account, Whose::Anybodys),
    ("Mutation.providerUnlink input.identity", Link, Whose::Own),
    ("Mutation.passkeyRemove input.passkeyId", Passkey, Whose::Own),
    ("Mutation.accountReinstate input.accountId", Account, Whose::Anybodys),
    ("Mutation.accountSuspend input.accountId", Account, Whose::Anybodys),
    ("Mutation.accountErase input.accountId", Account, Whose::Anybodys),
];

/// Texts that are no ids of what is there: of a new workshop.
pub(in crate::authorization) const NO_IDS: [&str; 1] = ["Mutation.workshopDraft input.slug"];

impl Whose {
    /// Whether something may be reached by who holds this much.
    pub(in crate::authorization) fn reaches(self, relation: Relation, may: impl Fn(Permission) -> bool) -> bool {
        use Relation::{Absent, Erased, Hosted, Others, OthersGone, Own, OwnGone, Public};
        let own = matches!(relation, Own | OwnGone);
        match (self, relation) {
            (Self::Asked, _) => true,
            (_, Absent) | (Self::Nothing, _) => false,
            (Self::Anybodys, _) => true,
            (Self::Present, _) => !matches!(relation, OthersGone | OwnGone),
            (Self::LivingOr(anybodys), _) => own || (relation != Erased && may(anybodys)),
            (Self::Own, _) => own,
            (Self::OwnOr(anybodys), _) => own || may(anybodys),
            (Self::Seen(everything), _) => own || relation == Public || may(everything),
            (Self::Public, _) => relation == Public,
            (Self::Written, Erased) => may(ManageWorkshops),
            (Self::Written, _) => own || relation == Others,
            (Self::Staffed, _) => relation == Hosted || may(ManageRuns),
            (Self::OwnOrStaffed, _) => own || may(ManageRuns) || (relation == Hosted && may(OrganiseRuns)),
            (Self::OwnOrHosted, _) => own || relation == Hosted || may(ManageRuns),
        }
    }
}
