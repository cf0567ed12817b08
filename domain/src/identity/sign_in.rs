//! One sign-in on one device: the family of all refresh tokens that come of it (RFC 9700, section 4.14.2). Refreshing is no
//! event; the vault counts it.

use serde::{Deserialize, Serialize};

use super::{IdentityRejection as Rejection, Method, UserAgent};
use crate::{
    Decider, Event,
    kernel::{AccountId, Personal, Timestamp},
};

/// One sign-in on one device.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub enum SignIn {
    #[default]
    Absent,
    Open {
        account: AccountId,
        /// How often the account had been signed out everywhere by then.
        epoch: u32,
        /// When it was last shown who has it; absent where an older build opened it.
        proof: Option<Proof>,
        /// Until when it is refreshed at the longest; absent where an older build opened it.
        until: Option<Timestamp>,
        /// What was shown beside a password, when it was opened or since.
        shown: Factors,
    },
    Closed {
        account: AccountId,
    },
}

/// What whoever has a sign-in has shown beside a password. It is not forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// A code of the second factor, or another one to a provider.
    pub code: bool,
    /// A passkey: that is both factors.
    pub passkey: bool,
}

impl Factors {
    /// These, and what was shown by a proof.
    fn and(self, proof: Option<Proof>, method: Option<&Method>) -> Self {
        let by_passkey = method == Some(&Method::Passkey);
        // Where an older build asked for it, and did not say by what, it was a code: there were no passkeys.
        let by_code = !by_passkey && proof.is_some_and(|proof| proof.second_factor);
        Self { code: self.code || by_code, passkey: self.passkey || by_passkey }
    }
}

#[derive(Debug)]
pub enum SignInCommand {
    Open {
        account: AccountId,
        epoch: u32,
        device: Device,
        proof: Option<Proof>,
        method: Option<Method>,
        until: Timestamp,
    },
    /// Its owner showed anew who they are.
    Prove {
        proof: Proof,
        method: Method,
    },
    Close,
    /// By its owner, from whichever device.
    Revoke {
        by: AccountId,
    },
    /// Somebody came with a refresh token that had been used up: that of this generation, while another was current.
    Reused {
        generation: i64,
    },
}

/// That somebody showed who they are, so that dangerous acts are not those of whoever found a sign-in open (OWASP ASVS 5.0, 7.5.1 and
/// 7.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// How long it is good. It may be over when it is kept: then it says what was shown, and permits nothing dangerous.
    pub until: Timestamp,
    /// Whether a second factor was shown: a code besides the password, a passkey, or one that a provider has seen.
    pub second_factor: bool,
}

/// From where somebody signed in, as they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    pub user_agent: Option<Personal<UserAgent>>,
    /// A network address.
    pub address: Option<Personal<String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SignInEvent {
    Opened {
        account: AccountId,
        #[serde(default, skip_serializing_if = "is_first")]
        epoch: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_agent: Option<Personal<UserAgent>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<Personal<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Proof>,
        /// By what; absent where an older build opened it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<Method>,
        /// Until when it is refreshed at the longest (OWASP ASVS 5.0, 7.3.2); absent where an older build opened it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// Its owner showed anew who they are.
    Proven {
        account: AccountId,
        proof: Proof,
        /// By what; absent where an older build asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<Method>,
    },
    Closed {
        account: AccountId,
    },
    /// Why it is closed by the event that follows: its owner wanted that, from another device or this one.
    Revoked {
        account: AccountId,
    },
    /// Why it is closed by the event that follows: a used refresh token came again, so two have them (RFC 9700, section 4.14.2).
    TokenReused {
        account: AccountId,
        /// Which one came, counted from 1.
        generation: i64,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
const fn is_first(epoch: &u32) -> bool {
    *epoch == 0
}

impl SignInEvent {
    /// On a device of which nothing is known.
    #[must_use]
    pub const fn opened(account: AccountId) -> Self {
        Self::Opened { account, epoch: 0, user_agent: None, address: None, proof: None, method: None, until: None }
    }
}

impl Decider for SignIn {
    const STREAM: &'static str = "sign_in";
    const STATE_VERSION: u32 = 6;
    type Command = SignInCommand;
    type Event = SignInEvent;
    type Rejection = Rejection;

    fn decide(&self, command: SignInCommand, _now: Timestamp) -> Result<Vec<SignInEvent>, Rejection> {
        use SignInCommand::{Close, Open, Prove, Reused, Revoke};
        let closed = |because: SignInEvent, account| Ok(vec![because, SignInEvent::Closed { account }]);
        match (*self, command) {
            (Self::Absent, Open { account, epoch, device: Device { user_agent, address }, proof, method, until }) => {
                Ok(vec![SignInEvent::Opened { account, epoch, user_agent, address, proof, method, until: Some(until) }])
            }
            (Self::Open { account, .. }, Prove { proof, method }) => Ok(vec![SignInEvent::Proven { account, proof, method: Some(method) }]),
            (Self::Open { account, .. }, Close) => Ok(vec![SignInEvent::Closed { account }]),
            // What is another's is not there.
            (Self::Open { account, .. } | Self::Closed { account }, Revoke { by }) if by != account => Err(Rejection::DeviceNotFound),
            (Self::Open { account, .. }, Revoke { .. }) => closed(SignInEvent::Revoked { account }, account),
            (Self::Open { account, .. }, Reused { generation }) => closed(SignInEvent::TokenReused { account, generation }, account),
            (Self::Closed { .. }, Close | Revoke { .. } | Reused { .. }) => Ok(vec![]), // Doing it twice is no mistake.
            (Self::Absent, Revoke { .. } | Prove { .. }) | (Self::Closed { .. }, Prove { .. }) => Err(Rejection::DeviceNotFound),
            (Self::Absent, Close | Reused { .. }) | (Self::Open { .. } | Self::Closed { .. }, Open { .. }) => Err(Rejection::NotFound),
        }
    }

    fn evolve(&mut self, event: &SignInEvent) {
        match event {
            SignInEvent::Opened { account, epoch, proof, method, until, .. } => {
                let shown = Factors::default().and(*proof, method.as_ref());
                *self = Self::Open { account: *account, epoch: *epoch, proof: *proof, until: *until, shown };
            }
            SignInEvent::Proven { proof: new, method, .. } => {
                if let Self::Open { proof, shown, .. } = self {
                    (*proof, *shown) = (Some(*new), shown.and(Some(*new), method.as_ref()));
                }
            }
            SignInEvent::Closed { account } => *self = Self::Closed { account: *account },
            SignInEvent::Revoked { .. } | SignInEvent::TokenReused { .. } => {}
        }
    }
}

impl Event for SignInEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "SignedIn",
            Self::Proven { .. } => "SignInProven",
            Self::Closed { .. } => "SignedOut",
            Self::Revoked { .. } => "SignInRevoked",
            Self::TokenReused { .. } => "RefreshTokenReused",
        }
    }
}

#[cfg(test)]
mod tests;
