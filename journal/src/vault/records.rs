//! What vaults take and give.

use chrono::{DateTime, Utc};
use secrecy::SecretSlice;
use uuid::Uuid;

/// What a change of the master key came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// How many keys, of people and of the platform, and credentials are wrapped anew.
    pub keys: u64,
    /// The name of the new master key, as [`MasterKey::id`](super::MasterKey::id).
    pub master_key: String,
    /// Whether no copy of a key wrapped by the old master key is left beside the tables. If not, `SQLite`'s write-ahead log is
    /// in use by another process; on `PostgreSQL` older copies always outlive a change, in dead rows and its log.
    pub is_clean: bool,
}

/// Which credentials are meant. They are sealed together with all of it, so that no row can take another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialsKey {
    /// Whose they are, such as a cluster's.
    pub owner: Uuid,
    /// Which of the owner's, in order.
    pub version: u32,
    /// Drawn anew for each that is kept.
    pub id: Uuid,
}

/// The refresh tokens of one sign-in, of which one generation is current (RFC 9700, section 4.14.2). A personal access token has such a
/// row of its own, whose generations are not told apart: it became current when it was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Which sign-in.
    pub sign_in: Uuid,
    /// The current one, counted from 1.
    pub generation: i64,
    /// When it became current; absent for the first one.
    pub rotated_at: Option<DateTime<Utc>>,
    /// It may have expired already.
    pub expires_at: DateTime<Utc>,
}

/// From one generation of refresh tokens to the next.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    /// The generation that must be current.
    pub expected: i64,
    /// A digest of the token that is handed out.
    pub token_hash: &'a [u8],
    /// When that is.
    pub at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// What access tokens are signed with.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// One more than that of the key before, counted from 1. Of those that sign already the highest does.
    pub number: i64,
    /// What tokens name it by. It is sealed together with number and id.
    pub id: String,
    pub secret: SecretSlice<u8>,
    /// Before, it is only made known.
    pub signs_from: DateTime<Utc>,
    /// From then on keys of lower numbers are worth nothing.
    pub ends_others_at: DateTime<Utc>,
    /// Until then tokens that name no key are taken for this one's: older builds sign so.
    pub nameless_until: Option<DateTime<Utc>>,
}

/// How often something was tried that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many times in a row.
    pub count: i64,
    /// Until then it is not tried again.
    pub blocked_until: DateTime<Utc>,
    /// Until then whoever tries is known, because they succeeded once.
    pub known_until: Option<DateTime<Utc>>,
    /// From then on all of it is as if it had not been.
    pub expires_at: DateTime<Utc>,
}
