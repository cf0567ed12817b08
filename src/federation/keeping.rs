//! What a provider says of itself, and its keys. They are asked for once in a while, by one at a time.

use std::time::{Duration, Instant};

use openidconnect::IssuerUrl;

use super::{
    Refusal,
    client::{Http, Metadata},
};

/// How long they are taken for what they were.
const GOOD: Duration = Duration::from_hours(1);
/// How long a provider that did not answer is not asked again.
const PAUSE: Duration = Duration::from_secs(2);

/// What is known of a provider.
#[derive(Default)]
pub(super) struct Kept {
    metadata: Option<(Instant, Metadata)>,
    failed: Option<Instant>,
}

impl Kept {
    /// As it is, or was not long ago.
    pub(super) async fn metadata(&mut self, http: &Http, issuer: &str) -> Result<Metadata, Refusal> {
        match &self.metadata {
            Some((since, metadata)) if since.elapsed() < GOOD => Ok(metadata.clone()),
            Some(_) | None => self.renewed(http, issuer).await,
        }
    }

    /// As it is now.
    pub(super) async fn renewed(&mut self, http: &Http, issuer: &str) -> Result<Metadata, Refusal> {
        if self.failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(Refusal::Unavailable("it did not answer a moment ago".into()));
        }
        self.failed = Some(Instant::now());
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|error| Refusal::untrusted(&error))?;
        let metadata = Metadata::discover_async(issuer, http).await.map_err(|error| Refusal::of(&error))?;
        http.check(&metadata)?;
        (self.failed, self.metadata) = (None, Some((Instant::now(), metadata.clone())));
        Ok(metadata)
    }
}
