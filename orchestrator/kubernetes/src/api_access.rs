//! Where the API server is, seen from inside of the cluster.

use k8s_openapi::api::{core::v1::ConfigMap, discovery::v1::EndpointSlice};
use kube::{Api, Client, api::ListParams};

use crate::{connection::Connection, desired::ApiAccess, failure::code};

/// The namespace of the Service `kubernetes`, which leads to the API server on every cluster.
const NAMESPACE: &str = "default";
/// Where every cluster publishes the certificate authority of its API server.
const ROOT_CA: &str = "kube-root-ca.crt";

/// Asks the cluster. What it does not tell is taken from the connection.
///
/// # Errors
/// The cluster could not be asked.
pub async fn api_access(client: &Client, connection: &Connection) -> Result<ApiAccess, kube::Error> {
    let slices = Api::<EndpointSlice>::namespaced(client.clone(), NAMESPACE);
    let slices = match slices.list(&ListParams::default().labels("kubernetes.io/service-name=kubernetes")).await {
        Ok(slices) => slices.items,
        Err(error) if matches!(code(&error), Some(403 | 404)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let maps = Api::<ConfigMap>::namespaced(client.clone(), NAMESPACE);
    let published = match maps.get_opt(ROOT_CA).await {
        Ok(map) => map.and_then(|map| map.data?.remove("ca.crt")),
        Err(error) if code(&error) == Some(403) => None,
        Err(error) => return Err(error),
    };
    Ok(ApiAccess {
        server: format!("https://kubernetes.{NAMESPACE}.svc"),
        ca: published.or_else(|| connection.ca().map(str::to_owned)),
        endpoints: slices.iter().flat_map(endpoints).collect(),
    })
}

fn endpoints(slice: &EndpointSlice) -> Vec<(String, u16)> {
    let ports: Vec<u16> = slice.ports.iter().flatten().filter_map(|port| u16::try_from(port.port?).ok()).collect();
    let addresses = slice.endpoints.iter().flatten().flat_map(|endpoint| &endpoint.addresses);
    addresses.flat_map(|address| ports.iter().map(move |port| (address.clone(), *port))).collect()
}
