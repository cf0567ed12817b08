//! Who a request is from, where proxies stand before the server. What a peer says of others is believed if the peer is a proxy that the
//! operator trusts, and of what it says only the part that trusted proxies have written: each adds on the right the address that it
//! was connected from, and anybody could have written what stands left of that.

mod forwarded;

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use graphql::Client;
use ipnet::IpNet;

use crate::config::ForwardedHeader;

/// Which peers are believed, and where they write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    trusted: Vec<IpNet>,
    header: ForwardedHeader,
}

/// What a proxy says of a request.
struct Hop {
    /// From where it came; none, if that is no address.
    from: Option<IpAddr>,
    /// How it came, if that is said.
    scheme: Option<String>,
}

impl Proxies {
    /// Proxies in these networks, which write this header.
    pub(crate) const fn new(trusted: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { trusted, header }
    }

    /// Who asks: the peer, or the one furthest to the right who is no trusted proxy.
    pub(super) fn client(&self, peer: SocketAddr, encrypted: bool, headers: &HeaderMap) -> Client {
        let mut client = Client { address: peer.ip().to_canonical(), secure: encrypted };
        if !self.trust(client.address) {
            return client;
        }
        let hops = match self.header {
            ForwardedHeader::XForwardedFor => forwarded::de_facto(headers),
            ForwardedHeader::Forwarded => forwarded::standard(headers),
        };
        // How it came to the proxy that is nearest to the client, as far as trusted ones say so.
        client.secure = false;
        for hop in hops.iter().rev() {
            if let Some(scheme) = &hop.scheme {
                client.secure = scheme.eq_ignore_ascii_case("https");
            }
            // Whatever that is, what stands left of it was not written by a proxy that is known.
            let Some(from) = hop.from else { break };
            client.address = from;
            if !self.trust(from) {
                break;
            }
        }
        client
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }
}

/// All lines of a header as one text.
fn lines(headers: &HeaderMap, name: HeaderName) -> String {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or("unknown")).collect();
    lines.join(",")
}

#[cfg(test)]
mod tests;
