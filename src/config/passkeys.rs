//! For which site passkeys are.

use commands::identity::PasskeySite;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// For which site passkeys are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasskeysConfig {
    /// Where browsers reach the pages that ask for them; `sign_in.public_url`, if it is left out. Without either there are none.
    pub site: Option<String>,
    /// The domain that they are made for, which the site is in; its host, if it is left out. All are worth nothing in another.
    pub domain: Option<String>,
    /// More origins within the domain whose pages may ask for them.
    pub origins: Vec<String>,
}

impl Config {
    /// The site, if there are passkeys.
    ///
    /// # Errors
    /// A site that none can be made for, or an origin outside of it.
    pub(crate) fn passkeys(&self) -> Result<Option<PasskeySite>, ConfigError> {
        let PasskeysConfig { site, domain, origins } = &self.passkeys;
        let is_named = site.is_some() || domain.is_some() || !origins.is_empty();
        let expected = ConfigError(
            "passkeys: expected site as https://HOST or http://localhost:PORT, domain as its host or what that ends with, and origins \
             within the domain"
                .into(),
        );
        let Some(site) = site.as_ref().or(self.sign_in.public_url.as_ref()) else {
            return if is_named { Err(expected) } else { Ok(None) };
        };
        let found = Url::parse(site).ok().and_then(|url| {
            // Browsers ask devices for nothing on a page that somebody on the way may have changed.
            let is_safe = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && url.domain() == Some("localhost"));
            let all: Vec<_> = std::iter::once(url.origin().ascii_serialization()).chain(origins.iter().cloned()).collect();
            let safe = all.iter().all(|origin| Url::parse(origin).is_ok_and(|url| is_safe(&url)));
            let domain = domain.as_deref().or_else(|| url.domain())?;
            PasskeySite::try_new(domain, &all, &self.tokens.issuer).filter(|_| safe)
        });
        // A site by its number does for providers.
        if found.is_none() && is_named { Err(expected) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests;
