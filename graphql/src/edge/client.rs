//! From where a request comes. Whoever puts the server together may know better than the connection, such as behind a proxy.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, request::Parts},
};

/// From where a request comes, and how. It is looked for among the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its network address.
    pub address: IpAddr,
    /// Whether it came encrypted.
    pub secure: bool,
}

impl Client {
    /// Who asks; without better knowledge the connection's peer.
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        let peer = || extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| Self { address: peer.ip(), secure: false });
        extensions.get().copied().or_else(peer)
    }
}

/// The network address that a request comes from, if it is known: for routes beside the API's own.
#[must_use]
pub fn address(parts: &Parts) -> Option<IpAddr> {
    Client::of(&parts.extensions).map(|client| client.address)
}
