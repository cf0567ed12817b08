//! What an account is signed in with besides its password: codes that go with the time (RFC 6238), and recovery codes. Whether a code
//! is right is found out before; here it is decided that each is used once (RFC 6238, section 5.2; OWASP ASVS 5.0, 6.5.1), and that a
//! short password never stands without it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ErasureReason, IdentityRejection as Rejection};
use crate::{
    Decider, Event,
    kernel::{AccountId, Personal, SignInId, Timestamp},
};

/// An account's second factor. The stream has the account's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum SecondFactor {
    #[default]
    Off,
    /// There is a seed, but no code of it was shown yet.
    Enrolling { account: AccountId, seed: Personal<String> },
    On {
        account: AccountId,
        seed: Personal<String>,
        /// The latest step of time whose code was used.
        step: i64,
        /// Digests of the recovery codes that are left.
        recovery: BTreeSet<String>,
        /// The password is too short to stand alone.
        needed: bool,
        /// When it was turned on; absent where an older build did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// Which sign-in turned it on; absent where an older build did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<SignInId>,
    },
}

#[derive(Debug)]
pub enum SecondFactorCommand {
    /// `seed` is in base32.
    Enroll {
        account: AccountId,
        seed: Personal<String>,
    },
    /// By a sign-in, which has shown a code thereby.
    Confirm {
        step: i64,
        recovery: BTreeSet<String>,
        sign_in: SignInId,
    },
    /// A right code of this step of time.
    UseCode {
        step: i64,
    },
    UseRecoveryCode {
        digest: String,
    },
    RegenerateRecoveryCodes {
        recovery: BTreeSet<String>,
    },
    /// Goes with a change of the password: one that is short may not be without a second factor.
    PasswordChanges {
        is_short: bool,
    },
    Disable,
    /// By an administrator, for an owner who has lost it.
    Reset {
        account: AccountId,
        by: Option<AccountId>,
        reason: ErasureReason,
    },
    /// One that was turned on at an instant or later goes: whoever did that has no business there.
    TakeBack {
        since: Timestamp,
        reason: ErasureReason,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SecondFactorEvent {
    Enrolled {
        account: AccountId,
        seed: Personal<String>,
    },
    Confirmed {
        account: AccountId,
        step: i64,
        recovery: BTreeSet<String>,
        /// Absent where an older build wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Which sign-in showed the code; absent where an older build wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign_in: Option<SignInId>,
    },
    CodeUsed {
        account: AccountId,
        step: i64,
    },
    RecoveryCodeUsed {
        account: AccountId,
        digest: String,
    },
    RecoveryCodesRegenerated {
        account: AccountId,
        recovery: BTreeSet<String>,
    },
    /// The password does not stand alone from now on.
    PasswordShortened {
        account: AccountId,
    },
    /// It does again.
    PasswordLengthened {
        account: AccountId,
    },
    Disabled {
        account: AccountId,
    },
    /// `by` is absent where a part of the program asked for it.
    Reset {
        account: AccountId,
        by: Option<AccountId>,
        reason: ErasureReason,
    },
}

impl SecondFactor {
    /// Whether a code is asked for.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::On { .. })
    }

    /// Whether it was a sign-in that turned it on, by a code.
    #[must_use]
    pub fn was_turned_on_by(&self, sign_in: SignInId) -> bool {
        matches!(self, Self::On { by: Some(by), .. } if *by == sign_in)
    }
}

impl Decider for SecondFactor {
    const STREAM: &'static str = "second_factor";
    const STATE_VERSION: u32 = 3;
    type Command = SecondFactorCommand;
    type Event = SecondFactorEvent;
    type Rejection = Rejection;

    fn decide(&self, command: SecondFactorCommand, now: Timestamp) -> Result<Vec<SecondFactorEvent>, Rejection> {
        use SecondFactorCommand::{
            Confirm, Disable, Enroll, PasswordChanges, RegenerateRecoveryCodes, Reset, TakeBack, UseCode, UseRecoveryCode,
        };
        let event = match (self, command) {
            (Self::Off | Self::Enrolling { .. }, Enroll { account, seed }) => SecondFactorEvent::Enrolled { account, seed },
            (Self::Enrolling { account, .. }, Confirm { step, recovery, sign_in }) => {
                SecondFactorEvent::Confirmed { account: *account, step, recovery, at: Some(now), sign_in: Some(sign_in) }
            }
            (Self::On { .. }, Enroll { .. } | Confirm { .. }) => return Err(Rejection::SecondFactorOn),
            (Self::On { step: used, .. }, UseCode { step }) if step <= *used => return Err(Rejection::CodeWrong),
            (Self::On { account, .. }, UseCode { step }) => SecondFactorEvent::CodeUsed { account: *account, step },
            (Self::On { recovery, .. }, UseRecoveryCode { digest }) if !recovery.contains(&digest) => return Err(Rejection::CodeWrong),
            (Self::On { account, .. }, UseRecoveryCode { digest }) => SecondFactorEvent::RecoveryCodeUsed { account: *account, digest },
            (Self::On { account, .. }, RegenerateRecoveryCodes { recovery }) => {
                SecondFactorEvent::RecoveryCodesRegenerated { account: *account, recovery }
            }
            (Self::On { account, needed: false, .. }, PasswordChanges { is_short: true }) => {
                SecondFactorEvent::PasswordShortened { account: *account }
            }
            (Self::On { account, needed: true, .. }, PasswordChanges { is_short: false }) => {
                SecondFactorEvent::PasswordLengthened { account: *account }
            }
            (Self::Off | Self::Enrolling { .. }, PasswordChanges { is_short: true }) => return Err(Rejection::PasswordInvalid),
            (Self::On { account, since: Some(on), .. }, TakeBack { since, reason }) if *on >= since => {
                SecondFactorEvent::Reset { account: *account, by: None, reason }
            }
            (Self::On { .. }, PasswordChanges { .. }) | (_, PasswordChanges { is_short: false } | TakeBack { .. }) => return Ok(vec![]),
            (_, Reset { account, by, .. }) if by == Some(account) => return Err(Rejection::OwnAccount),
            (Self::On { needed: true, .. }, Disable | Reset { .. }) => return Err(Rejection::SecondFactorNeeded),
            (Self::On { account, .. }, Disable) => SecondFactorEvent::Disabled { account: *account },
            (Self::On { account, .. }, Reset { by, reason, .. }) => SecondFactorEvent::Reset { account: *account, by, reason },
            (Self::Off | Self::Enrolling { .. }, _) => return Err(Rejection::SecondFactorOff),
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &SecondFactorEvent) {
        match (&mut *self, event) {
            (_, SecondFactorEvent::Enrolled { account, seed }) => *self = Self::Enrolling { account: *account, seed: seed.clone() },
            (Self::Enrolling { seed, .. }, SecondFactorEvent::Confirmed { account, step, recovery, at, sign_in }) => {
                let (seed, recovery) = (seed.clone(), recovery.clone());
                *self = Self::On { account: *account, seed, step: *step, recovery, needed: false, since: *at, by: *sign_in };
            }
            (Self::On { step, .. }, SecondFactorEvent::CodeUsed { step: used, .. }) => *step = *used,
            (Self::On { recovery, .. }, SecondFactorEvent::RecoveryCodeUsed { digest, .. }) => {
                recovery.remove(digest);
            }
            (Self::On { recovery, .. }, SecondFactorEvent::RecoveryCodesRegenerated { recovery: new, .. }) => recovery.clone_from(new),
            (Self::On { needed, .. }, SecondFactorEvent::PasswordShortened { .. }) => *needed = true,
            (Self::On { needed, .. }, SecondFactorEvent::PasswordLengthened { .. }) => *needed = false,
            (_, SecondFactorEvent::Disabled { .. } | SecondFactorEvent::Reset { .. }) => *self = Self::Off,
            (Self::Off | Self::Enrolling { .. } | Self::On { .. }, _) => {}
        }
    }
}

impl Event for SecondFactorEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Enrolled { .. } => "TotpEnrolled",
            Self::Confirmed { .. } => "TotpConfirmed",
            Self::CodeUsed { .. } => "TotpCodeUsed",
            Self::RecoveryCodeUsed { .. } => "RecoveryCodeUsed",
            Self::RecoveryCodesRegenerated { .. } => "RecoveryCodesRegenerated",
            Self::PasswordShortened { .. } => "PasswordNeedsSecondFactor",
            Self::PasswordLengthened { .. } => "PasswordStandsAlone",
            Self::Disabled { .. } => "TotpDisabled",
            Self::Reset { .. } => "SecondFactorReset",
        }
    }
}

#[cfg(test)]
mod tests;
