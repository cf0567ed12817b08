//! Workshops' content, as events name it. What is under a digest never changes, so what was read stays at hand.

use std::sync::Arc;

use domain::{kernel::Digest, workshops::content::Content};
use journal::Journal;
use moka::sync::Cache;

use crate::Fault;

/// Bytes of stored content that stay at hand; in memory it takes somewhat more.
const KEPT: u64 = 16 << 20;

#[derive(Clone)]
pub(crate) struct Contents {
    journal: Arc<dyn Journal>,
    kept: Cache<Digest, Kept>,
}

#[derive(Clone)]
struct Kept {
    content: Arc<Content>,
    bytes: u32,
}

impl Contents {
    pub(crate) fn new(journal: &Arc<dyn Journal>) -> Self {
        let kept = Cache::builder().weigher(|_, kept: &Kept| kept.bytes).max_capacity(KEPT).build();
        Self { journal: Arc::clone(journal), kept }
    }

    /// # Errors
    /// It is not there, or not readable.
    pub(crate) async fn read(&self, digest: &Digest) -> Result<Arc<Content>, Fault> {
        Ok(self.kept(digest).await?.content)
    }

    /// How many bytes are stored of it.
    ///
    /// # Errors
    /// It is not there, or not readable.
    pub(crate) async fn bytes(&self, digest: &Digest) -> Result<u64, Fault> {
        Ok(self.kept(digest).await?.bytes.into())
    }

    async fn kept(&self, digest: &Digest) -> Result<Kept, Fault> {
        if let Some(kept) = self.kept.get(digest) {
            return Ok(kept);
        }
        let stored = self.journal.content(digest.as_str()).await?;
        let stored = stored.ok_or_else(|| Fault::ContentMissing(digest.to_string()))?;
        let content: Arc<Content> = Arc::new(serde_json::from_slice(&stored)?);
        let bytes = u32::try_from(stored.len()).unwrap_or(u32::MAX);
        let kept = Kept { content, bytes };
        self.kept.insert(digest.clone(), kept.clone());
        Ok(kept)
    }
}
