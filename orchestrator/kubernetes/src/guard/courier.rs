//! Posting to a receiver that an operator has chosen, over the same guarded connections.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;

use super::{AddressPolicy, Connector};
use crate::{Unreachable, client, connection::ConnectionError};

/// Posts to receivers: https, or plain http to this host if that is allowed. No redirects, no proxy, no name looked up twice, and
/// nothing of an answer but its status.
#[derive(Clone)]
pub struct Courier {
    policy: AddressPolicy,
    plain: Client<HttpConnector, Full<Bytes>>,
    secured: Client<Connector, Full<Bytes>>,
    timeout: Duration,
}

impl Courier {
    /// With trust in this certificate authority (PEM), or in those of this host. `timeout` is for all of a request.
    ///
    /// # Errors
    /// The certificate authority is none.
    pub fn new(policy: AddressPolicy, certificate_authority: Option<&str>, timeout: Duration) -> Result<Self, ConnectionError> {
        let tls = client::tls_with(client::roots(certificate_authority)?)?.with_no_client_auth();
        // Connections are not kept: alerts are rare, and what was cut in between would look like a failure.
        let builder = || Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).clone();
        Ok(Self { policy, plain: builder().build_http(), secured: builder().build(Connector::new(policy, tls)), timeout })
    }

    /// The status of the answer.
    ///
    /// # Errors
    /// There was none in time, or the address may not be called.
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<u16, Unreachable> {
        let broken = |what: &str| Unreachable::Broken(what.to_owned());
        let uri: Uri = url.parse().map_err(|_| broken("its address is none"))?;
        let is_plain = uri.scheme_str() == Some("http");
        if is_plain {
            self.check_plain(uri.host().unwrap_or_default())?;
        }
        let request = Request::builder().method(Method::POST).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Full::new(body.into())).map_err(|_| broken("its address or a header is none"))?;
        let answer = async { if is_plain { self.plain.request(request).await } else { self.secured.request(request).await } };
        match timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer.status().as_u16()),
            Ok(Err(error)) => Err(Unreachable::find(&error).cloned().unwrap_or_else(|| broken("no answer came"))),
            Err(_) => Err(Unreachable::TimedOut { what: "the answer", seconds: self.timeout.as_secs() }),
        }
    }

    /// Nothing goes over a network in the clear.
    fn check_plain(&self, host: &str) -> Result<(), Unreachable> {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().map_err(|_| Unreachable::Name { host: host.to_owned() })?;
        let why = match self.policy.refusal(address) {
            None if !address.is_loopback() => "it would be in the clear",
            None => return Ok(()),
            Some(why) => why,
        };
        Err(Unreachable::Refused { host: host.to_owned(), address, why })
    }
}
