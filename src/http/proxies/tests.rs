use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{ForwardedHeader, Proxies};

fn proxies(header: ForwardedHeader) -> Proxies {
    let trusted = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8:aa::/48"].map(|network| network.parse().expect("a network"));
    Proxies::new(trusted.to_vec(), header)
}

/// Address and whether it came encrypted, as a request from `peer` with these headers is taken.
fn client(header: ForwardedHeader, peer: &str, lines: &[(&'static str, &str)]) -> (String, bool) {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
    }
    let peer: SocketAddr = peer.parse().expect("a peer");
    let client = proxies(header).client(peer, false, &headers);
    (client.address.to_string(), client.secure)
}

fn for_(peer: &str, lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
    client(ForwardedHeader::XForwardedFor, peer, &lines).0
}

#[test]
fn whoever_is_not_trusted_is_not_believed() {
    assert_eq!(for_("203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
    assert_eq!(for_("192.0.2.2:1", &["198.51.100.1"]), "192.0.2.2");
    let lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https"), ("forwarded", "for=198.51.100.1;proto=https")];
    for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
        assert_eq!(client(header, "203.0.113.9:1", &lines), ("203.0.113.9".into(), false));
        let nobody = Proxies::new(Vec::new(), header);
        let headers: HeaderMap =
            [(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static("198.51.100.1"))].into_iter().collect();
        assert_eq!(nobody.client(([127, 0, 0, 1], 1).into(), false, &headers).address.to_string(), "127.0.0.1");
    }
}

#[test]
fn the_client_is_the_last_who_is_no_proxy_and_never_the_first() {
    for (lines, expected) in [
        (&["198.51.100.1"][..], "198.51.100.1"),
        (&["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (&["10.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (&["1.1.1.1, 198.51.100.1, 10.2.2.2"], "198.51.100.1"),
        (&["1.1.1.1", "198.51.100.1", "10.2.2.2, 192.0.2.1"], "198.51.100.1"),
        (&["198.51.100.1:4711"], "198.51.100.1"),
        (&[" 198.51.100.1 ,, "], "198.51.100.1"),
        (&["::ffff:198.51.100.1"], "198.51.100.1"),
        (&["2001:db8::1"], "2001:db8::1"),
        (&["[2001:db8::1]:4711"], "2001:db8::1"),
        (&["[2001:db8::1]"], "2001:db8::1"),
        (&["2001:db8::1, 2001:db8:aa::5"], "2001:db8::1"),
    ] {
        assert_eq!(for_("10.0.0.1:1", lines), expected, "{lines:?}");
    }
    assert_eq!(for_("[::ffff:10.0.0.1]:1", &["198.51.100.1"]), "198.51.100.1");
}

#[test]
fn where_only_proxies_are_known_it_is_the_furthest() {
    assert_eq!(for_("10.0.0.1:1", &[]), "10.0.0.1");
    assert_eq!(for_("10.0.0.1:1", &["10.3.3.3, 10.2.2.2"]), "10.3.3.3");
}

#[test]
fn what_is_no_address_ends_what_is_believed() {
    for line in ["unknown", "198.51.100.1, unknown", "198.51.100.1, _hidden, 10.2.2.2", "198.51.100.1, '; DROP TABLE x, 10.2.2.2"] {
        let expected = if line.ends_with("10.2.2.2") { "10.2.2.2" } else { "10.0.0.1" };
        assert_eq!(for_("10.0.0.1:1", &[line]), expected, "{line}");
    }
}

#[test]
fn the_standard_form_is_taken_where_it_is_configured() {
    let of = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
        client(ForwardedHeader::Forwarded, "10.0.0.1:1", &lines)
    };
    for (lines, expected, secure) in [
        (&["for=198.51.100.1"][..], "198.51.100.1", false),
        (&["for=198.51.100.1;proto=https;by=10.0.0.1"], "198.51.100.1", true),
        (&["For=\"[2001:db8::1]:4711\";Proto=HTTPS"], "2001:db8::1", true),
        (&["for=1.1.1.1;proto=https, for=198.51.100.1;proto=http"], "198.51.100.1", false),
        (&["for=1.1.1.1", "for=198.51.100.1;proto=https, for=10.2.2.2;proto=http"], "198.51.100.1", true),
        (&["for=\"1.1.1.1, 2.2.2.2\", for=198.51.100.1"], "198.51.100.1", false),
        (&["for=198.51.100.1, for=_secret"], "10.0.0.1", false),
        (&["for=198.51.100.1, by=10.0.0.1"], "10.0.0.1", false),
        (&["for=\"198.51.100.1"], "10.0.0.1", false),
        (&["for=1.1.1.1;x=\", for=198.51.100.1"], "10.0.0.1", false),
        (&["for=1.1.1.1;x=\"", "for=\"[2001:db8::1]:1\""], "10.0.0.1", false),
        (&["for=1.1.1.1;x=\"\\", "for=\"[2001:db8::1]:1\""], "10.0.0.1", false),
        (&[""], "10.0.0.1", false),
    ] {
        assert_eq!(of(lines), (expected.to_owned(), secure), "{lines:?}");
    }
    // A header that the proxy does not write may be anybody's.
    assert_eq!(for_("10.0.0.1:1", &[]), "10.0.0.1");
    let other = [("x-forwarded-for", "198.51.100.1")];
    assert_eq!(client(ForwardedHeader::Forwarded, "10.0.0.1:1", &other).0, "10.0.0.1");
    let other = [("forwarded", "for=198.51.100.1;proto=https")];
    assert_eq!(client(ForwardedHeader::XForwardedFor, "10.0.0.1:1", &other), ("10.0.0.1".into(), false));
}

#[test]
fn a_trusted_proxy_says_whether_it_came_encrypted() {
    let of = |lines: &[(&'static str, &str)]| client(ForwardedHeader::XForwardedFor, "10.0.0.1:1", lines).1;
    assert!(of(&[("x-forwarded-proto", "https")]));
    assert!(of(&[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "HTTPS")]));
    assert!(!of(&[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "http")]));
    assert!(!of(&[("x-forwarded-for", "198.51.100.1")]));
    // Each proxy wrote one; the first of them is the one that the client reached.
    assert!(of(&[("x-forwarded-for", "198.51.100.1, 10.2.2.2"), ("x-forwarded-proto", "https, http")]));
    // Somebody wrote one before the proxy did.
    assert!(!of(&[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https, http")]));
}
