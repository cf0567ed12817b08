//! Ids: UUIDs (version 7 where we draw them) under a typed prefix at the API, such as `wks_0192…`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An id that is not of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of the form {prefix}_<32 hexadecimal digits>")]
pub struct IdError {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// What all typed ids have in common.
pub trait TypedId: Copy + From<Uuid> + Into<Uuid> + std::fmt::Display + std::str::FromStr<Err = IdError> {
    /// What stands before the underscore in the API's form.
    const PREFIX: &'static str;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { prefix: $prefix };
                let digits = text.strip_prefix(concat!($prefix, "_")).filter(|digits| digits.len() == 32).ok_or(error.clone())?;
                Uuid::try_parse(digits).map(Self).map_err(|_| error)
            }
        }
    };
}

id! {
    /// A person's account, and the subject under whose key their personal values are sealed.
    AccountId, "acc"
}
id! {
    /// One sign-in on one device, until it is signed out or runs out.
    SignInId, "sgn"
}
id! {
    /// A role that administrators defined.
    RoleId, "rol"
}
id! {
    /// A token that a program comes with in a person's stead.
    AccessTokenId, "pat"
}
id! {
    /// A program that does something by itself.
    ServiceAccountId, "svc"
}
id! {
    /// A workshop through all its versions.
    WorkshopId, "wks"
}
id! {
    /// A learner's way through one version of a workshop.
    SessionId, "ses"
}
id! {
    /// An isolated place to work in, made for one session.
    EnvironmentId, "env"
}
id! {
    /// A cluster that environments are made on.
    ClusterId, "cls"
}
id! {
    /// What a cluster was connected with, as the vault keeps it: every rotation has one of its own.
    CredentialsId, "crd"
}
id! {
    /// A mail to somebody.
    MailId, "mal"
}
id! {
    /// A workshop at a time and a place, which people register for.
    RunId, "run"
}
id! {
    /// A person's, or a group's, registration for a run.
    RegistrationId, "reg"
}
id! {
    /// Somebody's attempt to pay for a registration.
    PaymentId, "pay"
}
id! {
    /// Money that is given back, once.
    RefundId, "rfd"
}
id! {
    /// A picture that somebody shows of themselves. It is random, since whoever knows it sees the picture.
    AvatarId, "avt"
}
id! {
    /// All that is known of a person, put together for them once.
    ExportId, "exp"
}
id! {
    /// A passkey, by which somebody signs in.
    PasskeyId, "psk"
}
id! {
    /// People who came together.
    CommunityId, "com"
}

#[cfg(test)]
mod tests;
