//! The cookie in which browsers keep the refresh token, out of reach of scripts (OWASP ASVS 5.0, 3.3.1 to 3.3.4). It signs nobody in: it
//! is read by `tokenRefresh` and `signOut` alone, and of no page that may not connect.

use async_graphql::Context;
use axum::http::{HeaderMap, request::Parts};
use chrono::Utc;
use domain::kernel::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    edge::{Client, origin_is_allowed},
    options::Options,
};

/// Only this host can have set it, and only over TLS: browsers see to that because of its prefix.
const NAME: &str = "__Host-nalabo-refresh";
/// While developing there may be no TLS.
const DEVELOPMENT: &str = "nalabo-refresh";

/// What a browser keeps for us, where the request can be answered with a cookie.
#[derive(Clone, Debug)]
pub(crate) struct Cookie {
    /// The refresh token.
    pub(crate) token: Option<SecretString>,
    secure: bool,
}

impl Cookie {
    /// As a request brings it. That of a page that may not connect is not looked at.
    pub(crate) fn of(headers: &HeaderMap, options: &Options, encrypted: bool) -> Self {
        let secure = !options.development || encrypted;
        let pairs = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        let mut ours = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == named(secure));
        let token = ours.next().filter(|_| origin_is_allowed(headers, &options.origins)).map(|(_, token)| token.to_owned().into());
        Self { token, secure }
    }

    /// Has the browser keep a token instead of what it kept.
    pub(crate) fn keep(&self, ctx: &Context<'_>, token: &SecretString, expires_at: Timestamp) {
        ctx.append_http_header("set-cookie", self.keeping(token, expires_at));
    }

    /// Has the browser forget it, if it has one.
    pub(crate) fn forget(&self, ctx: &Context<'_>) {
        if self.token.is_some() {
            ctx.append_http_header("set-cookie", self.line("", 0));
        }
    }

    fn keeping(&self, token: &SecretString, expires_at: Timestamp) -> String {
        self.line(token.expose_secret(), (expires_at - Utc::now()).num_seconds().max(0))
    }

    fn line(&self, value: &str, seconds: i64) -> String {
        let (name, secure) = (named(self.secure), if self.secure { "; Secure" } else { "" });
        format!("{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }
}

/// What has a browser keep a refresh token, as a value of `Set-Cookie`: for routes beside the API's own.
#[must_use]
pub fn refresh_cookie(parts: &Parts, options: &Options, token: &SecretString, expires_at: Timestamp) -> String {
    let encrypted = parts.extensions.get::<Client>().is_some_and(|client| client.secure);
    Cookie::of(&parts.headers, options, encrypted).keeping(token, expires_at)
}

const fn named(secure: bool) -> &'static str {
    if secure { NAME } else { DEVELOPMENT }
}
