//! Providers that people sign in with (`OpenID` Connect), beside passwords.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use domain::identity::{AnyRole, ProviderName};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{ConfigError, hidden, is_local};

/// Providers that people sign in with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInConfig {
    /// Where browsers reach this server: providers send them back there.
    pub public_url: Option<String>,
    /// The page that they are sent on to in the end; without, they are answered with JSON.
    pub return_to: Option<String>,
    /// Permits providers on this host, and plain http to them.
    pub allow_loopback: bool,
    /// Permits providers in private networks.
    pub allow_private: bool,
    pub providers: Vec<ProviderConfig>,
}

/// A provider, as it is written down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// What it goes by in addresses and in what is recorded.
    pub name: String,
    /// What people read; the name, if it is left out.
    pub label: Option<String>,
    /// Where it is found; its metadata is below that.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    #[serde(serialize_with = "hidden")]
    pub client_secret: Option<SecretString>,
    /// The file that it is in, instead.
    pub client_secret_file: Option<PathBuf>,
    /// A certificate authority (PEM) that is trusted in place of the host's.
    pub ca_file: Option<PathBuf>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Values of `amr` of which each says that more than one factor was shown.
    pub second_factor: Vec<String>,
    pub roles: Vec<RoleRule>,
}

/// Who is to hold a role.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleRule {
    /// The claim, such as `groups`, or `realm_access.roles` for one within another.
    pub claim: String,
    /// What it is, or has among others.
    pub value: String,
    pub role: String,
}

/// Providers, checked.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// With a slash at the end.
    pub(crate) public_url: Url,
    pub(crate) return_to: Option<Url>,
    pub(crate) allow_loopback: bool,
    pub(crate) allow_private: bool,
    pub(crate) providers: Vec<Party>,
}

/// A provider, checked.
pub(crate) struct Party {
    pub(crate) name: ProviderName,
    pub(crate) label: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) certificate_authority: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) second_factor: BTreeSet<String>,
    /// Claim, value, role.
    pub(crate) roles: Vec<(String, String, AnyRole)>,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("name", &self.name).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl SignInConfig {
    /// All of it, with secrets read; none, if no provider is configured.
    ///
    /// # Errors
    /// The first setting that is not as expected, by its name and never with its value.
    pub(crate) fn checked(&self) -> Result<Option<SignIn>, ConfigError> {
        if self.providers.is_empty() {
            return Ok(None);
        }
        let expected = |name: &str, what: &str| ConfigError(format!("sign_in.{name}: expected {what}"));
        let a_site = "https:// and a host, or http:// and an address of this host, without a query";
        let public_url = self.public_url.as_deref().and_then(|url| site(&format!("{}/", url.trim_end_matches('/'))));
        let public_url = public_url.ok_or_else(|| expected("public_url", a_site))?;
        let return_to = self.return_to.as_deref().map(|url| site(url).ok_or_else(|| expected("return_to", a_site))).transpose()?;
        let mut providers: Vec<Party> = Vec::new();
        for (number, provider) in self.providers.iter().enumerate() {
            let party = provider.checked(self.allow_loopback);
            let party = party.map_err(|(field, what)| expected(&format!("providers[{number}].{field}"), what))?;
            if providers.iter().any(|other| other.name == party.name) {
                return Err(expected(&format!("providers[{number}].name"), "one that no other has"));
            }
            providers.push(party);
        }
        let (allow_loopback, allow_private) = (self.allow_loopback, self.allow_private);
        Ok(Some(SignIn { public_url, return_to, allow_loopback, allow_private, providers }))
    }
}

impl ProviderConfig {
    fn checked(&self, allow_loopback: bool) -> Result<Party, (&'static str, &'static str)> {
        let name = ProviderName::try_new(&self.name).map_err(|_| ("name", "1 to 32 small letters, digits and hyphens"))?;
        let an_issuer = "https://, or with sign_in.allow_loopback also http:// and an address of this host such as http://127.0.0.1:9000";
        let is_whole = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let is_issuer = |url: &Url| url.scheme() == "https" || allow_loopback && is_local(url.as_str()) && url.domain().is_none();
        Url::parse(&self.issuer).ok().filter(|url| is_whole(url) && is_issuer(url)).ok_or(("issuer", an_issuer))?;
        if self.client_id.is_empty() {
            return Err(("client_id", "who this server is to the provider"));
        }
        let client_secret = match (&self.client_secret, &self.client_secret_file) {
            (Some(_), Some(_)) => return Err(("client_secret", "one, or client_secret_file, and not both")),
            (secret, None) => secret.clone(),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).map_err(|_| ("client_secret_file", "a file that can be read"))?;
                Some(SecretString::from(SecretString::from(text).expose_secret().trim().to_owned()))
            }
        };
        if client_secret.as_ref().is_some_and(|secret| secret.expose_secret().is_empty()) {
            return Err(("client_secret", "something, or nothing at all for a client without a secret"));
        }
        let read = |file: &PathBuf| std::fs::read_to_string(file).map_err(|_| ("ca_file", "a file that can be read"));
        let rule = |rule: &RoleRule| {
            let role = rule.role.parse().map_err(|_| ("roles", "roles that are built in, such as author, or rol_… for others"))?;
            let is_whole = !rule.claim.is_empty() && !rule.value.is_empty();
            if is_whole { Ok((rule.claim.clone(), rule.value.clone(), role)) } else { Err(("roles", "a claim, a value and a role each")) }
        };
        Ok(Party {
            label: self.label.clone().unwrap_or_else(|| name.as_str().to_owned()),
            name,
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret,
            certificate_authority: self.ca_file.as_ref().map(read).transpose()?,
            scopes: self.scopes.iter().filter(|scope| *scope != "openid").cloned().collect(),
            second_factor: self.second_factor.iter().cloned().collect(),
            roles: self.roles.iter().map(rule).collect::<Result<_, _>>()?,
        })
    }
}

fn site(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_safe = url.scheme() == "https" && url.has_host() || is_local(text);
    (is_safe && url.query().is_none() && url.fragment().is_none() && url.username().is_empty()).then_some(url)
}

#[cfg(test)]
mod tests;
