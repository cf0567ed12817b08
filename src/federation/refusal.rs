//! Why nobody comes by a provider.

use std::{error::Error, fmt};

use openidconnect::{DiscoveryError, RequestTokenError, UserInfoError};

use super::client::Unanswered;

/// Why nobody comes by a provider. What is said in detail is for the log.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It does not answer.
    Unavailable(String),
    /// It turned somebody down, or they did not want to.
    Refused(String),
    /// What it answers cannot be believed.
    Untrusted(String),
}

impl Refusal {
    /// As programs know it.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "PROVIDER_UNAVAILABLE",
            Self::Refused(_) => "PROVIDER_REFUSED",
            Self::Untrusted(_) => "PROVIDER_NOT_TRUSTED",
        }
    }

    /// For who came back.
    pub(crate) const fn message(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "the provider cannot be asked; try again in a moment",
            Self::Refused(_) => "the provider did not let you sign in",
            Self::Untrusted(_) => "what the provider answered cannot be believed",
        }
    }

    pub(super) fn untrusted(error: &impl Error) -> Self {
        Self::Untrusted(chain(error))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unavailable(why) | Self::Refused(why) | Self::Untrusted(why)) = self;
        f.write_str(why)
    }
}

/// What of an error tells whether it is the network's, the provider's, or a lie.
pub(super) trait Cause: Error {
    fn refusal(&self) -> fn(String) -> Refusal;
}

impl<E: Error + 'static> Cause for DiscoveryError<E> {
    fn refusal(&self) -> fn(String) -> Refusal {
        match self {
            Self::Request(_) | Self::Response(..) => Refusal::Unavailable,
            _ => Refusal::Untrusted,
        }
    }
}

impl<E: Error + 'static, T: openidconnect::ErrorResponse + 'static> Cause for RequestTokenError<E, T> {
    fn refusal(&self) -> fn(String) -> Refusal {
        match self {
            Self::Request(error) => of_answer(error),
            Self::ServerResponse(_) => Refusal::Refused,
            _ => Refusal::Untrusted,
        }
    }
}

impl<E: Error + 'static> Cause for UserInfoError<E> {
    fn refusal(&self) -> fn(String) -> Refusal {
        match self {
            Self::Request(error) => of_answer(error),
            Self::Response(status, ..) if status.is_client_error() => Refusal::Refused,
            Self::Response(..) => Refusal::Unavailable,
            _ => Refusal::Untrusted,
        }
    }
}

/// Whether there was no answer, or one that turns us down.
fn of_answer(error: &(dyn Error + 'static)) -> fn(String) -> Refusal {
    match error.downcast_ref::<Unanswered>() {
        Some(Unanswered::Refusing(_)) => Refusal::Refused,
        Some(Unanswered::Unreachable(_) | Unanswered::Failing(_)) | None => Refusal::Unavailable,
    }
}

impl Refusal {
    pub(super) fn of(error: &impl Cause) -> Self {
        error.refusal()(chain(error))
    }
}

/// An error and what is behind it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
