//! Reads: the fields of the API's queries and subscriptions, and what is read beside it.

use domain::identity::Permission;

use super::{Act, Needs};

acts! {
    // What is found is what whoever asks may see.
    NODE = "node" needs Needs::Nothing;
    ME = "me" needs Needs::Nothing;
    ACCOUNTS = "accounts" needs Needs::Permission(Permission::ReadAccounts);
    PROVIDERS = "providers" needs Needs::Nothing;
    LINKED_PROVIDERS = "linkedProviders" needs Needs::Person;
    PASSKEYS = "passkeys" needs Needs::Person;
    DEVICES = "devices" needs Needs::Person;
    ACCESS_TOKENS = "accessTokens" needs Needs::Person;
    SERVICE_ACCOUNTS = "serviceAccounts" needs Needs::Permission(Permission::ManageServiceAccounts);
    ROLES = "roles" needs Needs::Permission(Permission::GrantRoles);
    PLANS = "plans" needs Needs::Person;
    PLAN_USAGE = "planUsage" needs Needs::OwnOr(Permission::ManagePlans);
    ROLE_PROTECTIONS = "roleProtections" needs Needs::Permission(Permission::DefineRoles);
    PERMISSIONS = "permissions" needs Needs::Person;

    WORKSHOPS = "workshops" needs Needs::Nothing;
    WORKSHOP = "workshop" needs Needs::Nothing;

    SESSION = "session" needs Needs::Nothing;
    SESSIONS = "sessions" needs Needs::OwnOr(Permission::ManageSessions);
    SESSION_CHANGED = "sessionChanged" needs Needs::Person;
    LEARNER_DASHBOARD = "learnerDashboard" needs Needs::Person;
    AUTHOR_DASHBOARD = "authorDashboard" needs Needs::Permission(Permission::WriteWorkshops);
    LEADERBOARD = "leaderboard" needs Needs::Person;
    LEADERBOARD_CHANGED = "leaderboardChanged" needs Needs::Person;

    // What is found is what whoever asks may see.
    RUNS = "runs" needs Needs::Nothing;
    RUN = "run" needs Needs::Nothing;
    REGISTRATION = "registration" needs Needs::Person;
    REGISTRATIONS = "registrations" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    MY_REGISTRATIONS = "myRegistrations" needs Needs::Person;
    MY_BOOKINGS = "myBookings" needs Needs::Person;
    RUN_DASHBOARD = "runDashboard" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    BOOKING_DASHBOARD = "bookingDashboard" needs Needs::Permission(Permission::ManageRuns);
    RUN_AVAILABILITY_CHANGED = "runAvailabilityChanged" needs Needs::Nothing;
    REGISTRATION_CHANGED = "registrationChanged" needs Needs::Person;

    COMMUNITIES = "communities" needs Needs::Nothing;
    COMMUNITY = "community" needs Needs::Nothing;

    CLUSTERS = "clusters" needs Needs::Permission(Permission::ReadClusters);
    CLUSTER = "cluster" needs Needs::Permission(Permission::ReadClusters);
    CLUSTER_CHANGED = "clusterChanged" needs Needs::Permission(Permission::ReadClusters);
    RESOURCE_USAGE = "resourceUsage" needs Needs::Permission(Permission::ReadClusters);
    ENVIRONMENT_USAGE = "environmentUsage" needs Needs::Permission(Permission::ManageSessions);
    ALERTS = "alerts" needs Needs::Permission(Permission::ReadClusters);
    PLACEMENT_PREVIEW = "placementPreview" needs Needs::Permission(Permission::ReadClusters);
    ENVIRONMENT = "environment" needs Needs::Nothing;
    ENVIRONMENTS = "environments" needs Needs::Permission(Permission::ManageSessions);
    ENVIRONMENT_POOL = "environmentPool" needs Needs::Permission(Permission::OperateEnvironments);
    ENVIRONMENT_RESOURCES = "environmentResources" needs Needs::Person;
    ENVIRONMENT_RESOURCES_CHANGED = "environmentResourcesChanged" needs Needs::Person;
    ENVIRONMENT_LOG = "environmentLog" needs Needs::Person;
    ENVIRONMENT_LOG_FOLLOWED = "environmentLogFollowed" needs Needs::Person;

    PLATFORM_STATISTICS = "platformStatistics" needs Needs::Permission(Permission::OperatePlatform);
    OUTBOX = "outbox" needs Needs::Permission(Permission::OperatePlatform);
    PROJECTIONS = "projections" needs Needs::Permission(Permission::OperatePlatform);
    EVENTS = "events" needs Needs::Permission(Permission::ReadEvents);
    AUDIT_TRAIL = "auditTrail" needs Needs::Permission(Permission::ReadAudit);
    HISTORY = "history" needs Needs::Permission(Permission::ReadAudit);
    ACTIVITY = "activity" needs Needs::Permission(Permission::ReadAudit);
    JOURNAL_HEAD = "journalHead" needs Needs::Permission(Permission::ReadEvents);
    AS_OF = "asOf" needs Needs::Permission(Permission::ReadEvents);
}
