//! Why a server could not be spoken to, before it said anything that counts.

use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
};

/// What went wrong between us and an API server. No text of that server's is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// The name has no address.
    #[error("{host} cannot be resolved")]
    Name { host: String },
    /// An address that must not be connected to.
    #[error("{host} leads to {address}, which may not be connected to: {why}")]
    Refused { host: String, address: IpAddr, why: &'static str },
    /// Nobody listens there, or nothing gets there.
    #[error("no connection to {address}: {kind}")]
    Connect { address: SocketAddr, kind: std::io::ErrorKind },
    /// The connection broke off before it was encrypted.
    #[error("the handshake broke off: {kind}")]
    Handshake { kind: std::io::ErrorKind },
    /// The server is not who it should be.
    #[error("{0}")]
    Certificate(String),
    /// It did not answer in time.
    #[error("{what} took longer than {seconds} s")]
    TimedOut { what: &'static str, seconds: u64 },
    /// It sent us elsewhere, where we do not go.
    #[error("the server redirects (status {0}), which is not followed: give the API server's own address")]
    Redirected(u16),
    /// It answers, but not as an API server does.
    #[error("the server answers with {0}, not with JSON: it is no Kubernetes API server, or something stands before it")]
    NotKubernetes(String),
    /// It sent more than we take.
    #[error("the answer is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// A vCluster has not written yet what it is reached with.
    #[error("the vCluster is not ready")]
    NotReady,
    /// A vCluster has another authority than it had for this client, so that nothing that was seen of it counts any more.
    #[error("the vCluster has begun again")]
    BeganAgain,
    /// As many connections lead into vClusters as may.
    #[error("too many look into vClusters")]
    Busy,
    /// The host does not let us through to a vCluster, as its API server says.
    #[error("there is no way into the vCluster: {0}")]
    NoTunnel(String),
    /// The connection broke off.
    #[error("the connection broke off: {0}")]
    Broken(String),
}

impl Unreachable {
    /// Whether somebody must change something before it can work.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Certificate(_) | Self::Redirected(_) | Self::NotKubernetes(_))
    }

    /// The first of our errors in a chain of causes.
    pub(crate) fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found);
            }
            // An I/O error that wraps another names that one's cause, not itself.
            if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref)
                && let Some(found) = Self::find(inner)
            {
                return Some(found);
            }
            next = error.source();
        }
        None
    }
}
