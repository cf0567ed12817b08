use serde::{Deserialize, Serialize};

use crate::Rejection;

/// Why `identity` turns a command down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum IdentityRejection {
    #[error("there is no such account")]
    NotFound,
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    #[error("expected an e-mail address such as ada@example.org, of at most 254 characters")]
    EmailInvalid,
    #[error("expected a name of 1 to 80 characters without control characters")]
    DisplayNameInvalid,
    #[error("expected a password of 15 to 128 characters; with a second factor 8 are enough")]
    PasswordInvalid,
    #[error("this password is among the first that are tried: it is common, or made of your name or address; choose another")]
    PasswordCommon,
    #[error("this is not your password")]
    PasswordWrong,
    #[error("expected a bcrypt hash with 10 to 14 rounds, such as $2b$12$ and 53 characters")]
    PasswordHashInvalid,
    #[error("a second factor is on; turn it off first")]
    SecondFactorOn,
    #[error("no second factor is on")]
    SecondFactorOff,
    #[error("a password of fewer than 15 characters needs the second factor; change it to a longer one first")]
    SecondFactorNeeded,
    #[error("a second factor is on; expected a code of it, or a recovery code")]
    CodeRequired,
    #[error("the code is wrong, used up, or of another time")]
    CodeWrong,
    #[error("expected a telephone's number as all the world dials it, such as +33612345678")]
    PhoneInvalid,
    #[error("no telephone is known that a code could be sent to; name one by phoneEnroll")]
    PhoneMissing,
    #[error("codes are not sent that way here")]
    ChannelOff,
    #[error("a code was sent less than a minute ago; wait for it, or ask again in a minute")]
    CodeSentJustNow,
    #[error("the code could not be sent; ask again in a minute")]
    CodeNotSent,
    #[error("the sign-in was begun too long ago; begin it again")]
    ChallengeInvalid,
    #[error("too many tries; wait a moment, 15 minutes at the most, and try again")]
    TooManyTries,
    #[error("expected a name of 1 to 80 characters without control characters")]
    TokenNameInvalid,
    #[error("expected at least one scope, each the name of a permission such as workshop:write")]
    ScopesInvalid,
    #[error("expected a time that is to come, within a year")]
    ExpiryInvalid,
    #[error("nobody has a program do more than they may do themselves; expected scopes that you hold")]
    ScopesNotHeld,
    #[error("there is no such service account")]
    ServiceAccountNotFound,
    #[error("there is no such access token of yours")]
    TokenNotFound,
    #[error("the e-mail address or the password is wrong")]
    CredentialsWrong,
    #[error("the refresh token is unknown, used up or expired; sign in again")]
    RefreshTokenInvalid,
    #[error("there is no such sign-in of yours")]
    DeviceNotFound,
    #[error("administrators cannot take the administrator role from themselves")]
    OwnRole,
    #[error("every account is a learner; this role cannot be revoked")]
    BasicRole,
    #[error("the account has been erased")]
    Erased,
    #[error("expected a reason: whoever does this to somebody else must give one")]
    ReasonRequired,
    #[error("expected a reason of 1 to 500 characters without control characters")]
    ReasonInvalid,
    #[error("there is no such role")]
    RoleNotFound,
    #[error("expected a name of 1 to 60 characters without control characters")]
    RoleNameInvalid,
    #[error("expected at most 500 characters without control characters")]
    RoleDescriptionInvalid,
    #[error("another role goes by this name")]
    RoleNameTaken,
    #[error("200 roles are defined, which is as many as there may be")]
    TooManyRoles,
    #[error("nobody gives, takes or defines more than they hold, nor does anything to who holds more")]
    MoreThanHeld,
    #[error("expected at most 100 networks or addresses, each such as 10.0.0.0/8 or 2001:db8::1")]
    NetworksInvalid,
    #[error("you hold this role and ask from none of these networks; name the one that you are in, too")]
    NetworksExcludeYou,
    #[error("expected an instant that is yet to come")]
    UntilPast,
    #[error("this role is held everywhere or not at all; leave this out")]
    RoleNotWithin,
    #[error("there is no such community that is open")]
    CommunityNotFound,
    #[error("an account holds 100 roles within communities at the most; take one first")]
    TooManyWithin,
    #[error("nobody gives a role for longer than they hold what it permits, nor adds to one what they do not hold for good")]
    UntilBeyondOwn,
    #[error("super administrators hold the role for good; leave this out")]
    UntilNotAllowed,
    #[error("one super administrator is always left; appoint another first")]
    LastSuperAdministrator,
    #[error("an administrator can be erased by another administrator only, so that one is always left")]
    LastAdministrator,
    #[error("this link is not good: it was used, has expired, or a later one has taken its place; ask for another")]
    LinkInvalid,
    #[error("this address is known to be yours already")]
    EmailVerified,
    #[error("this is your address already")]
    EmailUnchanged,
    #[error("this account is suspended; an administrator can reinstate it")]
    Suspended,
    #[error("administrators cannot suspend themselves")]
    OwnAccount,
    #[error("this account is on legal hold; it can be erased once the hold is released")]
    OnHold,
    #[error("this account is not on legal hold")]
    NotOnHold,
    #[error("nobody releases a legal hold on themselves")]
    OwnHold,
    #[error("there is no such provider to sign in with")]
    ProviderNotFound,
    #[error("another account is signed in to by this person at the provider")]
    IdentityTaken,
    #[error("the account is linked with no such person at a provider")]
    IdentityNotFound,
    #[error("an account has this address: sign in to it and link the provider there")]
    LinkRequired,
    #[error("the provider names no address that an account here may have")]
    EmailNotAllowed,
    #[error("the code is not good: it was used, has expired, or is for another sign-in")]
    ProviderCodeInvalid,
    #[error("there are no passkeys here: nobody has configured for which site")]
    PasskeysOff,
    #[error("expected a name of 1 to 80 characters without control characters")]
    PasskeyNameInvalid,
    #[error("this was begun too long ago, elsewhere, or was tried before; begin it again")]
    PasskeyChallengeInvalid,
    #[error("the passkey is not good: unknown here or removed, made for another site, without a check of who holds it, or damaged")]
    PasskeyInvalid,
    #[error("the passkey's counter went back, so that somebody may have a copy: it is good no more; sign in in another way and remove it")]
    PasskeyCopied,
    #[error("this passkey is registered already")]
    PasskeyTaken,
    #[error("an account has 10 passkeys at the most; remove one first")]
    TooManyPasskeys,
    #[error("there is no such passkey of yours")]
    PasskeyNotFound,
    #[error("you have a passkey; show it by passkeyStepUp")]
    PasskeyRequired,
    #[error("nothing else would be left to sign in with; set a password first")]
    LastWayIn,
    #[error("an account is linked with 20 people at providers at the most")]
    TooManyLinked,
    #[error("this export is not good: it was downloaded, has expired, or was not offered to you; ask for another")]
    ExportInvalid,
    #[error("expected a picture of at most 2 MiB")]
    AvatarTooLarge,
    #[error("expected a picture: a PNG, JPEG or WebP")]
    AvatarKindInvalid,
    #[error("expected a picture of at most 16 megapixels")]
    AvatarTooManyPixels,
    #[error("this picture cannot be read; it is damaged, or not whole")]
    AvatarUnreadable,
    #[error("expected from 0 to 10000 sessions at once")]
    PlanSessionsInvalid,
    #[error("expected from 0 to 16777216 mebibytes, which are 16 TiB")]
    PlanStorageInvalid,
    #[error("expected from 0 to 10000 runs at once")]
    PlanRunsInvalid,
    #[error("expected from 0 to 10000 communities")]
    PlanCommunitiesInvalid,
    #[error("there is no such mail")]
    MailNotFound,
    #[error("this mail has not been set aside")]
    MailNotParked,
}

impl Rejection for IdentityRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::EmailTaken | Self::EmailInvalid | Self::EmailUnchanged => Some("email"),
            Self::DisplayNameInvalid => Some("displayName"),
            Self::PasswordInvalid | Self::PasswordCommon => Some("password"),
            Self::PasswordWrong => Some("currentPassword"),
            Self::CodeWrong | Self::CodeRequired | Self::ProviderCodeInvalid => Some("code"),
            Self::PhoneInvalid => Some("number"),
            Self::ChannelOff | Self::PhoneMissing => Some("channel"),
            Self::ScopesInvalid | Self::ScopesNotHeld => Some("scopes"),
            Self::ExpiryInvalid => Some("expiresAt"),
            Self::ServiceAccountNotFound => Some("serviceAccountId"),
            Self::TokenNotFound => Some("accessTokenId"),
            Self::ChallengeInvalid | Self::PasskeyChallengeInvalid => Some("challenge"),
            Self::PasswordHashInvalid => Some("passwordHash"),
            Self::RefreshTokenInvalid => Some("refreshToken"),
            Self::DeviceNotFound => Some("deviceId"),
            Self::OwnRole | Self::BasicRole | Self::RoleNotFound | Self::MoreThanHeld | Self::LastSuperAdministrator => Some("role"),
            Self::RoleNameInvalid | Self::RoleNameTaken | Self::TokenNameInvalid | Self::PasskeyNameInvalid => Some("name"),
            Self::RoleDescriptionInvalid => Some("description"),
            Self::NetworksInvalid | Self::NetworksExcludeYou => Some("networks"),
            Self::UntilPast | Self::UntilBeyondOwn | Self::UntilNotAllowed => Some("until"),
            Self::RoleNotWithin | Self::CommunityNotFound | Self::TooManyWithin => Some("within"),
            Self::ReasonRequired | Self::ReasonInvalid => Some("reason"),
            Self::NotFound | Self::Erased | Self::LastAdministrator | Self::OwnAccount | Self::OnHold | Self::NotOnHold | Self::OwnHold => {
                Some("accountId")
            }
            Self::LinkInvalid | Self::ExportInvalid => Some("token"),
            Self::AvatarTooLarge | Self::AvatarKindInvalid | Self::AvatarTooManyPixels | Self::AvatarUnreadable => Some("image"),
            Self::ProviderNotFound => Some("provider"),
            Self::IdentityNotFound | Self::LastWayIn => Some("identity"),
            Self::PasskeyInvalid | Self::PasskeyCopied | Self::PasskeyTaken => Some("credential"),
            Self::PasskeyNotFound => Some("passkeyId"),
            Self::MailNotFound | Self::MailNotParked => Some("mailId"),
            Self::PlanSessionsInvalid => Some("sessions"),
            Self::PlanStorageInvalid => Some("storageMebibytes"),
            Self::PlanRunsInvalid => Some("runs"),
            Self::PlanCommunitiesInvalid => Some("communities"),
            Self::CredentialsWrong
            | Self::CodeSentJustNow
            | Self::CodeNotSent
            | Self::TooManyTries
            | Self::TooManyRoles
            | Self::IdentityTaken
            | Self::LinkRequired
            | Self::EmailNotAllowed
            | Self::TooManyLinked
            | Self::PasskeysOff
            | Self::TooManyPasskeys
            | Self::PasskeyRequired
            | Self::EmailVerified
            | Self::Suspended
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::SecondFactorNeeded => None,
        }
    }
}
