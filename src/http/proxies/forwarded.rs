//! The two forms in which proxies say where a request came from.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

use super::{Hop, lines};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const SCHEME: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// `X-Forwarded-For`, the client first, and beside it `X-Forwarded-Proto`: one for all, or one for each.
pub(super) fn de_facto(headers: &HeaderMap) -> Vec<Hop> {
    let (addresses, schemes) = (lines(headers, FOR), lines(headers, SCHEME));
    let schemes: Vec<&str> = schemes.split(',').map(str::trim).filter(|scheme| !scheme.is_empty()).collect();
    let mut hops: Vec<Hop> =
        addresses.split(',').filter(|part| !part.trim().is_empty()).map(|part| Hop { from: address(part), scheme: None }).collect();
    if hops.is_empty() {
        // Only how it came is said.
        return schemes.last().map(|scheme| Hop { from: None, scheme: Some((*scheme).to_owned()) }).into_iter().collect();
    }
    let each = schemes.len() == hops.len();
    let last = hops.len() - 1;
    for (at, hop) in hops.iter_mut().enumerate() {
        let scheme = if each { schemes.get(at) } else { schemes.last().filter(|_| at == last) };
        hop.scheme = scheme.map(|scheme| (*scheme).to_owned());
    }
    hops
}

/// `Forwarded` (RFC 7239): elements with commas between them, of pairs with semicolons between them.
pub(super) fn standard(headers: &HeaderMap) -> Vec<Hop> {
    let text = lines(headers, header::FORWARDED);
    // A client that leaves a quote open would have what the proxy adds taken for a part of what it said itself.
    split(&text, ',').unwrap_or_default().into_iter().filter(|element| !element.trim().is_empty()).map(hop).collect()
}

fn hop(element: &str) -> Hop {
    let pairs: Vec<(&str, String)> = split(element, ';')
        .unwrap_or_default()
        .into_iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim().trim_matches('"').replace('\\', "")))
        .collect();
    let value = |name: &str| pairs.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    Hop { from: value("for").and_then(|from| address(&from)), scheme: value("proto") }
}

/// Cuts at a character that is not within quotes; none, if a quote does not end.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == at && !quoted => {
                parts.push(&text[from..index]);
                from = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    (!quoted).then_some(parts)
}

/// An address, with or without a port; one of IPv6 with a port is in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip())).or_else(bare);
    address.map(|address: IpAddr| address.to_canonical())
}
