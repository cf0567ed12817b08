//! Who may open a web socket from a browser: browsers let any page try, and say in `Origin` which one it was.

use axum::http::HeaderMap;

use super::circumstances::header;

/// Whether a request comes from a page of this host, from one that is allowed, or from no page at all.
#[must_use]
pub fn is_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get("origin") else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let same_host = origin.split_once("://").map(|(_, host)| host).zip(header(headers, "host"));
    same_host.is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host)) || allowed.iter().any(|one| one.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests;
