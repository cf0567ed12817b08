//! What stands between the network and the API: proxies, encryption, limits, sockets, what browsers are told, known documents.

mod browsers;
mod documents;
mod encryption;
mod proxies;
mod rates;
mod sockets;

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

use crate::site::Server;

/// A request to the API with these headers.
fn post(server: &Server, headers: &[(&str, &str)]) -> RequestBuilder {
    let request = reqwest::Client::new().post(format!("http://{}/graphql", server.address));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

/// Status, headers and body of an answer.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, HeaderMap, Value) {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.json().await.unwrap_or(Value::Null))
}

/// The value of a header, if it is there.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().expect("text"))
}
