use serde::{Deserialize, Serialize};

use crate::kernel::{AvatarId, Digest};

/// A picture that somebody shows of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avatar {
    pub id: AvatarId,
    /// Of the picture, sealed under the person's key, which is kept beside the events.
    pub content: Digest,
}
