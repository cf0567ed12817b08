//! What stands between the network and the API: encryption, proxies, how often one may ask, on how many sockets, and for what.

use std::{collections::BTreeMap, path::PathBuf};

use axum::http::HeaderValue;
use graphql::{Quotas, SocketBounds};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};
use crate::http::Proxies;

/// The header in which proxies write where a request comes from. A proxy may pass on what clients write into others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// With `X-Forwarded-Proto` beside it.
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// How what is served is encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate and what leads to its root, in PEM; with it HTTPS is served, without it HTTP.
    pub certificate: Option<PathBuf>,
    /// Its key, in PEM.
    pub key: Option<PathBuf>,
    /// For so long browsers are told to ask by HTTPS alone; 0: they are not.
    pub hsts_days: u32,
}

/// How often one caller may ask.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RatesConfig {
    /// Whether it is counted at all.
    pub limited: bool,
    /// Requests and root fields a minute from one network address; 0: any number.
    pub address_per_minute: u32,
    /// The same of one account.
    pub account_per_minute: u32,
    /// Of one root field, by its name, or of the REST routes for the same, from one address and of one account.
    pub operations_per_minute: BTreeMap<String, u32>,
}

/// How many web sockets one caller has open at once, on each node.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SocketsConfig {
    /// From one network address; 0: any number.
    pub address_at_once: u32,
    /// Of one account.
    pub account_at_once: u32,
}

/// What may be asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphqlConfig {
    /// Which documents are executed.
    pub documents: DocumentPolicy,
    /// Where those are that are known: a folder of `.graphql` files, or a manifest.
    pub trusted_documents: Option<PathBuf>,
}

/// Which documents are executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentPolicy {
    /// Any.
    #[default]
    Any,
    /// Those of first-party clients.
    Trusted,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self { certificate: None, key: None, hsts_days: 365 }
    }
}

impl Default for RatesConfig {
    fn default() -> Self {
        // A whole course may sit behind one address.
        let operations = [
            ("signIn", 600),
            ("signInComplete", 600),
            ("accountRegister", 600),
            ("tokenRefresh", 3000),
            ("stepUp", 60),
            ("signInWithProvider", 600),
            ("passkeySignInBegin", 600),
            ("passkeySignIn", 600),
            ("passkeyStepUp", 60),
            ("passkeyRegistrationBegin", 60),
            ("passkeyRegister", 60),
            ("passwordChange", 60),
            ("passwordResetRequest", 60),
            ("emailVerificationRequest", 60),
            ("emailChange", 60),
            ("totpEnroll", 60),
            ("totpConfirm", 60),
            ("secondFactorReset", 60),
            ("secondFactorCodeSend", 60),
            ("phoneEnroll", 60),
            ("phoneConfirm", 60),
            ("accessTokenCreate", 60),
            ("serviceAccountCreate", 60),
            ("avatarUpload", 60),
            ("workshopDraft", 600),
            ("workshopRevise", 600),
            ("clusterTest", 60),
            ("registrationRequest", 600),
            ("waitlistJoin", 600),
            ("registrationTransfer", 600),
            ("guestRegister", 600),
            ("guestTransfer", 600),
        ];
        Self {
            limited: true,
            address_per_minute: 60_000,
            account_per_minute: 12_000,
            operations_per_minute: operations.map(|(name, quota)| (name.to_owned(), quota)).into(),
        }
    }
}

impl Default for SocketsConfig {
    fn default() -> Self {
        // A whole course may sit behind one address, each with some pages and terminals open.
        Self { address_at_once: 1000, account_at_once: 50 }
    }
}

impl SocketsConfig {
    /// As the API counts.
    pub(crate) fn bounds(&self) -> SocketBounds {
        SocketBounds { address: self.address_at_once, account: self.account_at_once }
    }
}

impl RatesConfig {
    /// As the API counts.
    pub(crate) fn quotas(&self) -> Quotas {
        if !self.limited {
            return Quotas::default();
        }
        Quotas { address: self.address_per_minute, account: self.account_per_minute, operations: self.operations_per_minute.clone() }
    }
}

impl Config {
    /// The proxies that are trusted.
    ///
    /// # Errors
    /// Something that is neither an address nor a network.
    pub(crate) fn proxies(&self) -> Result<Proxies, ConfigError> {
        let network = |text: &String| {
            let network = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
            network.map_err(|_| ConfigError(format!("trusted_proxies: expected networks such as 10.0.0.0/8, found {text}")))
        };
        let trusted = self.trusted_proxies.iter().map(network).collect::<Result<_, _>>()?;
        Ok(Proxies::new(trusted, self.forwarded_header))
    }

    /// Whether all of it can be what it is.
    pub(super) fn guards(&self) -> Result<(), ConfigError> {
        self.proxies()?;
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            return Err(ConfigError("tls.certificate and tls.key: expected both, or none".into()));
        }
        if self.graphql.documents == DocumentPolicy::Trusted && self.graphql.trusted_documents.is_none() {
            return Err(ConfigError(
                "graphql.trusted_documents: expected a folder or a manifest, since no other documents are taken".into(),
            ));
        }
        let is_origin = |origin: &&String| {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' '])) && HeaderValue::from_str(origin).is_ok()
        };
        if let Some(origin) = self.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(ConfigError(format!("origins: expected each as https://HOST or https://HOST:PORT, found {origin}")));
        }
        Ok(())
    }
}
