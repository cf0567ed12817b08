//! Why `identity` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{Rejection, identity::IdentityRejection};

use crate::decided::Errors;

/// Why `identity` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "IdentityRejection")]
pub(crate) enum IdentityErrorCode {
    NotFound,
    EmailTaken,
    EmailInvalid,
    DisplayNameInvalid,
    PasswordInvalid,
    PasswordCommon,
    PasswordWrong,
    PasswordHashInvalid,
    SecondFactorOn,
    SecondFactorOff,
    SecondFactorNeeded,
    CodeRequired,
    CodeWrong,
    PhoneInvalid,
    PhoneMissing,
    ChannelOff,
    CodeSentJustNow,
    CodeNotSent,
    ChallengeInvalid,
    TooManyTries,
    TokenNameInvalid,
    ScopesInvalid,
    ExpiryInvalid,
    ScopesNotHeld,
    ServiceAccountNotFound,
    TokenNotFound,
    CredentialsWrong,
    RefreshTokenInvalid,
    DeviceNotFound,
    OwnRole,
    BasicRole,
    Erased,
    ReasonRequired,
    ReasonInvalid,
    LastAdministrator,
    RoleNotFound,
    RoleNameInvalid,
    RoleDescriptionInvalid,
    RoleNameTaken,
    TooManyRoles,
    MoreThanHeld,
    NetworksInvalid,
    NetworksExcludeYou,
    UntilPast,
    /// Nobody gives a role for longer than they hold what it permits.
    UntilBeyondOwn,
    /// It is held everywhere or not at all.
    RoleNotWithin,
    CommunityNotFound,
    TooManyWithin,
    UntilNotAllowed,
    LastSuperAdministrator,
    LinkInvalid,
    EmailVerified,
    EmailUnchanged,
    Suspended,
    OwnAccount,
    /// A legal hold keeps the account from being erased.
    OnHold,
    NotOnHold,
    OwnHold,
    ProviderNotFound,
    IdentityTaken,
    IdentityNotFound,
    LinkRequired,
    EmailNotAllowed,
    ProviderCodeInvalid,
    PasskeysOff,
    PasskeyNameInvalid,
    PasskeyChallengeInvalid,
    PasskeyInvalid,
    /// Its counter went back.
    PasskeyCopied,
    PasskeyTaken,
    TooManyPasskeys,
    PasskeyNotFound,
    /// Whoever holds a role that needs a second factor, and has a passkey, shows it first.
    PasskeyRequired,
    LastWayIn,
    TooManyLinked,
    ExportInvalid,
    AvatarTooLarge,
    AvatarKindInvalid,
    AvatarTooManyPixels,
    AvatarUnreadable,
    PlanSessionsInvalid,
    PlanStorageInvalid,
    PlanRunsInvalid,
    PlanCommunitiesInvalid,
    MailNotFound,
    MailNotParked,
}

/// Why `identity` turned something down.
#[derive(SimpleObject)]
pub(crate) struct IdentityError {
    code: IdentityErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about.
    field: Option<String>,
}

impl Errors<IdentityError> for IdentityRejection {
    fn errors(self) -> Vec<IdentityError> {
        vec![IdentityError { code: self.into(), message: self.to_string(), field: self.field().map(Into::into) }]
    }
}
