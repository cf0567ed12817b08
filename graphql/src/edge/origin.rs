//! Who may open a web socket from a browser: browsers let any page try, and say in `Origin` which one it was.

use axum::http::HeaderMap;

use super::circumstances::header;

/// Whether a request comes from a page of this host, from one that is allowed, or from no page at all.
#[must_use]
pub fn is_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let mut origins = headers.get_all("origin").iter();
    let Some(origin) = origins.next() else { return true };
    // Browsers send one. Which of several is meant, nobody knows.
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else { return false };
    let of_web = |scheme: &str| ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let host = origin.split_once("://").filter(|(scheme, _)| of_web(scheme)).map(|(_, host)| host);
    let same_host = host.zip(header(headers, "host"));
    same_host.is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host)) || allowed.iter().any(|one| one.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests;
