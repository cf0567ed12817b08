//! Talking to whom an operator has chosen, over the same guarded connections.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;

use super::{AddressPolicy, Connector};
use crate::{Unreachable, client, connection::ConnectionError};

/// Talks to whom it is told to: https, or plain http to this host if that is allowed. No redirects, no proxy, no name looked up twice.
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

    /// The status of the answer, and nothing else of it.
    ///
    /// # Errors
    /// There was none in time, or the address may not be called.
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<u16, Unreachable> {
        let uri: Uri = url.parse().map_err(|_| broken("its address is none"))?;
        let request = Request::builder().method(Method::POST).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Full::new(body.into())).map_err(|_| broken("its address or a header is none"))?;
        self.in_time(async { Ok(self.send(request).await?.status().as_u16()) }).await
    }

    /// The whole answer, if it has no more bytes than that.
    ///
    /// # Errors
    /// There was none in time, it was too long, or the address may not be called.
    pub async fn exchange(&self, request: Request<Vec<u8>>, longest: usize) -> Result<Response<Vec<u8>>, Unreachable> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let exchanged = async {
            let (parts, body) = self.send(request).await?.into_parts();
            let body = Limited::new(body, longest).collect().await.map_err(|_| broken("its answer broke off or is too long"))?;
            Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
        };
        self.in_time(exchanged).await
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Unreachable> {
        let is_plain = request.uri().scheme_str() == Some("http");
        if is_plain {
            self.check_plain(request.uri().host().unwrap_or_default())?;
        }
        let answer = if is_plain { self.plain.request(request).await } else { self.secured.request(request).await };
        answer.map_err(|error| Unreachable::find(&error).cloned().unwrap_or_else(|| broken("no answer came")))
    }

    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Unreachable>>) -> Result<T, Unreachable> {
        let late = Unreachable::TimedOut { what: "the answer", seconds: self.timeout.as_secs() };
        timeout(self.timeout, answer).await.unwrap_or(Err(late))
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

fn broken(what: &str) -> Unreachable {
    Unreachable::Broken(what.to_owned())
}
