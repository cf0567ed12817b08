//! Commands. Those that need [`Needs::Program`] are reactions', the saga's and the timers'. Some others are steps of what people do.
//! What takes something from people, or gives power over it, is dangerous. What takes the current password asks for no other proof, but
//! of who has a second factor.

use domain::identity::Permission;

use super::{Act, Needs};

acts! {
    ACCOUNT_REGISTER = "accountRegister" needs Needs::Nothing;
    ACCOUNT_IMPORT = "accountImport" needs Needs::Permission(Permission::ManageAccounts);
    ACCOUNT_ERASE = "accountErase" needs Needs::OwnOr(Permission::EraseAccounts), dangerous;
    ACCOUNT_EXPORT = "accountExport" needs Needs::OwnOr(Permission::ExportAccounts), dangerous;
    ACCOUNT_EXPORT_FETCH = "accountExportFetch" needs Needs::Nothing;
    SIGN_IN = "signIn" needs Needs::Nothing;
    SIGN_IN_COMPLETE = "signInComplete" needs Needs::Nothing;
    SIGN_IN_LOOK = "signInLook" needs Needs::Program;
    SIGN_IN_WITH_PROVIDER = "signInWithProvider" needs Needs::Nothing;
    PROVIDER_LINK_START = "providerLinkStart" needs Needs::Person, dangerous;
    PROVIDER_LINK = "providerLink" needs Needs::Person, dangerous;
    PROVIDER_UNLINK = "providerUnlink" needs Needs::Person, dangerous;
    PASSKEY_SIGN_IN_BEGIN = "passkeySignInBegin" needs Needs::Nothing;
    PASSKEY_SIGN_IN = "passkeySignIn" needs Needs::Nothing;
    PASSKEY_STEP_UP = "passkeyStepUp" needs Needs::Person, enrolling;
    PASSKEY_REGISTRATION_BEGIN = "passkeyRegistrationBegin" needs Needs::Person, enrolling, dangerous;
    PASSKEY_REGISTER = "passkeyRegister" needs Needs::Person, enrolling, dangerous;
    PASSKEY_REMOVE = "passkeyRemove" needs Needs::Person, dangerous;
    PASSKEY_REPORT = "passkeyReport" needs Needs::Nothing;
    PROVIDER_ROLES_MAP = "providerRolesMap" needs Needs::Program;
    SIGN_OUT = "signOut" needs Needs::Person, enrolling;
    TOKEN_REFRESH = "tokenRefresh" needs Needs::Nothing;
    DEVICE_REVOKE = "deviceRevoke" needs Needs::Person, dangerous;
    PASSWORD_CHANGE = "passwordChange" needs Needs::Person, takes_password;
    PASSWORD_REHASH = "passwordRehash" needs Needs::Nothing;
    ACCOUNT_SUSPEND = "accountSuspend" needs Needs::Permission(Permission::ManageAccounts), dangerous;
    ACCOUNT_REINSTATE = "accountReinstate" needs Needs::Permission(Permission::ManageAccounts), dangerous;
    PROFILE_REVISE = "profileRevise" needs Needs::Person;
    AVATAR_UPLOAD = "avatarUpload" needs Needs::Person;
    AVATAR_REMOVE = "avatarRemove" needs Needs::Person;
    EMAIL_VERIFICATION_REQUEST = "emailVerificationRequest" needs Needs::Person;
    EMAIL_VERIFY = "emailVerify" needs Needs::Nothing;
    EMAIL_CHANGE = "emailChange" needs Needs::Person, takes_password;
    EMAIL_CHANGE_CONFIRM = "emailChangeConfirm" needs Needs::Nothing;
    EMAIL_CHANGE_STOP = "emailChangeStop" needs Needs::Nothing;
    EMAIL_CHANGE_REVERT = "emailChangeRevert" needs Needs::Nothing;
    PASSWORD_RESET_REQUEST = "passwordResetRequest" needs Needs::Nothing;
    PASSWORD_RESET_OFFER = "passwordResetOffer" needs Needs::Program;
    PASSWORD_RESET = "passwordReset" needs Needs::Nothing;
    MAIL_QUEUE = "mailQueue" needs Needs::Program;
    MAIL_SEND = "mailSend" needs Needs::Program;
    MAIL_REQUEUE = "mailRequeue" needs Needs::Permission(Permission::OperatePlatform);
    STEP_UP = "stepUp" needs Needs::Person, enrolling;
    TOTP_ENROLL = "totpEnroll" needs Needs::Person, enrolling;
    TOTP_CONFIRM = "totpConfirm" needs Needs::Person, enrolling;
    TOTP_DISABLE = "totpDisable" needs Needs::Person, dangerous;
    SECOND_FACTOR_CODE_SEND = "secondFactorCodeSend" needs Needs::Nothing;
    PHONE_ENROLL = "phoneEnroll" needs Needs::Person, dangerous;
    PHONE_CONFIRM = "phoneConfirm" needs Needs::Person;
    PHONE_REMOVE = "phoneRemove" needs Needs::Person, dangerous;
    SECOND_FACTOR_RESET = "secondFactorReset" needs Needs::Permission(Permission::ManageAccounts), dangerous;
    RECOVERY_CODES_REGENERATE = "recoveryCodesRegenerate" needs Needs::Person, dangerous;
    ACCESS_TOKEN_CREATE = "accessTokenCreate" needs Needs::Person, dangerous;
    ACCESS_TOKEN_REVOKE = "accessTokenRevoke" needs Needs::Person;
    CALENDAR_FEED_CREATE = "calendarFeedCreate" needs Needs::Person, dangerous;
    PLAN_REVISE = "planRevise" needs Needs::Permission(Permission::ManagePlans);
    PLAN_ASSIGN = "planAssign" needs Needs::Permission(Permission::ManagePlans);
    SERVICE_ACCOUNT_CREATE = "serviceAccountCreate" needs Needs::Permission(Permission::ManageServiceAccounts), dangerous;
    SERVICE_ACCOUNT_REVOKE = "serviceAccountRevoke" needs Needs::Permission(Permission::ManageServiceAccounts);
    ROLE_DEFINE = "roleDefine" needs Needs::Permission(Permission::DefineRoles), dangerous;
    ROLE_REVISE = "roleRevise" needs Needs::Permission(Permission::DefineRoles), dangerous;
    ROLE_PROTECT = "roleProtect" needs Needs::Permission(Permission::DefineRoles), dangerous;
    ROLE_GRANT = "roleGrant" needs Needs::PermissionWithin(Permission::GrantRoles), dangerous;
    ROLE_REVOKE = "roleRevoke" needs Needs::PermissionWithin(Permission::GrantRoles), dangerous;

    WORKSHOP_DRAFT = "workshopDraft" needs Needs::Permission(Permission::WriteWorkshops);
    WORKSHOP_REVISE = "workshopRevise" needs Needs::OneOf(&[Permission::WriteWorkshops, Permission::ManageWorkshops]);
    WORKSHOP_PUBLISH = "workshopPublish" needs Needs::OneOf(&[Permission::PublishWorkshops, Permission::ManageWorkshops]);
    WORKSHOP_ARCHIVE = "workshopArchive" needs Needs::OneOf(&[Permission::WriteWorkshops, Permission::ManageWorkshops]);
    WORKSHOP_IMPORT = "workshopImport" needs Needs::Permission(Permission::ManageWorkshops);

    SESSION_START = "sessionStart" needs Needs::Permission(Permission::Learn);
    RUN_SESSION_START = "runSessionStart" needs Needs::Permission(Permission::Learn);
    SESSION_FINISH = "sessionFinish" needs Needs::Permission(Permission::Learn);
    SESSION_ABANDON = "sessionAbandon" needs Needs::Permission(Permission::Learn);
    SESSION_EXTEND = "sessionExtend" needs Needs::OneOf(&[Permission::Learn, Permission::ManageSessions]);
    SESSION_EXPIRE = "sessionExpire" needs Needs::Program;
    SESSION_RESCHEDULE = "sessionReschedule" needs Needs::Program;
    STEP_COMPLETE = "stepComplete" needs Needs::Permission(Permission::Learn);
    STEP_ANSWER = "stepAnswer" needs Needs::Permission(Permission::Learn);
    STEP_CHECK = "stepCheck" needs Needs::Permission(Permission::Learn);
    TERMINAL_TICKET_ISSUE = "terminalTicketIssue" needs Needs::Person;
    POINTS_AWARD = "pointsAward" needs Needs::Program;

    RUN_SCHEDULE = "runSchedule" needs Needs::Permission(Permission::OrganiseRuns);
    RUN_REVISE = "runRevise" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    RUN_PUBLISH = "runPublish" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    RUN_RESCHEDULE = "runReschedule" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    RUN_CANCEL = "runCancel" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    RUN_COMPLETE = "runComplete" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    DISCOUNT_CREATE = "discountCreate" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    DISCOUNT_REVOKE = "discountRevoke" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    GUEST_INVITE = "guestInvite" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    GUEST_WITHDRAW_INVITATION = "guestWithdrawInvitation" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_APPROVE = "registrationApprove" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_WITHDRAW_APPROVAL = "registrationWithdrawApproval" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_REJECT = "registrationReject" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_REINSTATE = "registrationReinstate" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_PRIORITISE = "registrationPrioritise" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_CANCEL = "registrationCancel" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_CHECK_IN = "registrationCheckIn" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_UNDO_CHECK_IN = "registrationUndoCheckIn" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_RECORD_NO_SHOW = "registrationRecordNoShow" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    PAYMENT_RECORD = "paymentRecord" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    PAYMENT_UNDO_RECORD = "paymentUndoRecord" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    PAYMENT_REFUND = "paymentRefund" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    PAYMENT_UNDO_REFUND = "paymentUndoRefund" needs Needs::OneOf(&[Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_REQUEST = "registrationRequest" needs Needs::Permission(Permission::Learn);
    WAITLIST_JOIN = "waitlistJoin" needs Needs::Permission(Permission::Learn);
    WAITLIST_LEAVE = "waitlistLeave" needs Needs::OneOf(&[Permission::Learn, Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_WITHDRAW = "registrationWithdraw" needs Needs::OneOf(&[Permission::Learn, Permission::OrganiseRuns, Permission::ManageRuns]);
    REGISTRATION_TRANSFER = "registrationTransfer" needs Needs::OneOf(&[Permission::Learn, Permission::OrganiseRuns, Permission::ManageRuns]);
    OFFER_ACCEPT = "offerAccept" needs Needs::OneOf(&[Permission::Learn, Permission::OrganiseRuns, Permission::ManageRuns]);
    OFFER_DECLINE = "offerDecline" needs Needs::OneOf(&[Permission::Learn, Permission::OrganiseRuns, Permission::ManageRuns]);
    PAYMENT_OPEN = "paymentOpen" needs Needs::OneOf(&[Permission::Learn, Permission::OrganiseRuns, Permission::ManageRuns]);
    // With the link that was mailed to them.
    GUEST_REGISTER = "guestRegister" needs Needs::Nothing;
    GUEST_WITHDRAW = "guestWithdraw" needs Needs::Nothing;
    GUEST_TRANSFER = "guestTransfer" needs Needs::Nothing;
    GUEST_ANSWER_OFFER = "guestAnswerOffer" needs Needs::Nothing;
    GUEST_PAYMENT_OPEN = "guestPaymentOpen" needs Needs::Nothing;
    GUEST_ERASE = "guestErase" needs Needs::Nothing;
    PAYMENT_REPORT = "paymentReport" needs Needs::Program;
    RUN_SETTLE = "runSettle" needs Needs::Program;
    REGISTRATION_GIVE_UP = "registrationGiveUp" needs Needs::Program;

    COMMUNITY_FOUND = "communityFound" needs Needs::OneOf(&[Permission::Learn, Permission::ModerateCommunities]);
    COMMUNITY_JOIN = "communityJoin" needs Needs::OneOf(&[Permission::Learn, Permission::ModerateCommunities]);
    COMMUNITY_LEAVE = "communityLeave" needs Needs::OneOf(&[Permission::Learn, Permission::ModerateCommunities]);
    COMMUNITY_REVISE = "communityRevise" needs Needs::OneOf(&[Permission::Learn, Permission::ModerateCommunities]);
    COMMUNITY_CLOSE = "communityClose" needs Needs::OneOf(&[Permission::Learn, Permission::ModerateCommunities]);
    COMMUNITY_MEMBER_REMOVE = "communityMemberRemove" needs Needs::OneOf(&[Permission::Learn, Permission::ModerateCommunities]);
    COMMUNITY_FORGET = "communityForget" needs Needs::Program;

    ENVIRONMENT_RETRY = "environmentRetry" needs Needs::Permission(Permission::OperateEnvironments);
    ENVIRONMENT_SKIP = "environmentSkip" needs Needs::Permission(Permission::OperateEnvironments);
    ENVIRONMENT_FORCE_TEARDOWN = "environmentForceTeardown" needs Needs::Permission(Permission::OperateEnvironments);
    ENVIRONMENT_POOL_RESERVE = "environmentPoolReserve" needs Needs::Permission(Permission::OperateEnvironments);
    ENVIRONMENT_POOL_NEED = "environmentPoolNeed" needs Needs::Program;
    ENVIRONMENT_RECORD = "environmentRecord" needs Needs::Program;
    ENVIRONMENT_PLACE = "environmentPlace" needs Needs::Program;
    ENVIRONMENT_LEAVE = "environmentLeave" needs Needs::Program;
    ENVIRONMENT_STOCK = "environmentStock" needs Needs::Program;
    ENVIRONMENT_UNSTOCK = "environmentUnstock" needs Needs::Program;

    CLUSTER_REGISTER = "clusterRegister" needs Needs::Permission(Permission::ManageClusters), dangerous;
    CLUSTER_REVISE = "clusterRevise" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_ROTATE_CREDENTIALS = "clusterRotateCredentials" needs Needs::Permission(Permission::RotateClusterCredentials), dangerous;
    CLUSTER_TEST = "clusterTest" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_SET_DEFAULT = "clusterSetDefault" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_CORDON = "clusterCordon" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_UNCORDON = "clusterUncordon" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_DRAIN = "clusterDrain" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_REMOVE = "clusterRemove" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_FINISH_REMOVAL = "clusterFinishRemoval" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_OBSERVE = "clusterObserve" needs Needs::Program;
    CLUSTER_ASSESS = "clusterAssess" needs Needs::Permission(Permission::ManageClusters);
    CLUSTER_MEASURE = "clusterMeasure" needs Needs::Program;
    CLUSTER_REPORT_LEFTOVERS = "clusterReportLeftovers" needs Needs::Program;

    LEGAL_HOLD_PLACE = "legalHoldPlace" needs Needs::Permission(Permission::HoldAudit), dangerous;
    LEGAL_HOLD_RELEASE = "legalHoldRelease" needs Needs::Permission(Permission::HoldAudit), dangerous;
    AUDIT_NOTE = "auditNote" needs Needs::Program;

    PROJECTION_RESUME = "projectionResume" needs Needs::Permission(Permission::OperatePlatform);
}
