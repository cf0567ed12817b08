//! Into a learner's vCluster. Nobody has its address but who is in the cluster, so that the way there is the host's API server, which
//! forwards a port of the control plane's pod; what goes over it is encrypted from here to there.

mod tunnel;

use std::sync::Arc;

use commands::environments::ResourcesError;
use domain::{environments::EnvironmentRejection as Rejection, kernel::EnvironmentId};
use http::{Request, Uri};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::{Api, Client};
use orchestrator::driver::DriverError;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use self::tunnel::Tunnel;
use super::{Cluster, ready::is_ready};
use crate::{
    client::{ClientOptions, over},
    desired::{CONTROL_PLANE, KUBECONFIG_SECRET, learner_namespace, vcluster_host},
    failure::{code, describe, failure},
};

/// A way into a vCluster.
#[derive(Clone)]
pub(super) struct Inside {
    host: Client,
    environment: EnvironmentId,
    server: Uri,
    places: Arc<Semaphore>,
}

impl Inside {
    /// A client with the rights that the learner has in there. It connects as it is used, and what it is connected by ends with it.
    pub(super) fn client(&self) -> Client {
        let tunnel = Tunnel::new(self.host.clone(), self.environment, Arc::clone(&self.places));
        over(tunnel, self.server.clone(), None, &ClientOptions::default(), "default".to_owned())
    }
}

impl Cluster {
    /// The way into an environment's vCluster.
    ///
    /// # Errors
    /// The control plane is not ready.
    pub(super) async fn vcluster(&self, environment: EnvironmentId) -> Result<Inside, ResourcesError> {
        let (namespace, host) = (learner_namespace(environment), vcluster_host(environment));
        let is_seen = self.pods.get(&namespace, CONTROL_PLANE).is_some_and(|pod| is_ready(&pod));
        if !is_seen {
            let pods = Api::<Pod>::namespaced(self.client.clone(), &namespace);
            let pod = pods.get_opt(CONTROL_PLANE).await;
            let pod = pod.map_err(|error| ResourcesError::Failed(format!("the vCluster could not be looked at: {}", describe(&error))))?;
            if !pod.as_ref().is_some_and(is_ready) {
                return Err(Rejection::VclusterNotReady.into());
            }
        }
        let server = Uri::builder().scheme("https").authority(host).path_and_query("/").build();
        let server = server.map_err(|error| ResourcesError::Failed(error.to_string()))?;
        Ok(Inside { host: self.client.clone(), environment, server, places: Arc::clone(&self.tunnels) })
    }

    /// The administrator's, which the vCluster's control plane has put into a Secret.
    pub(super) async fn vcluster_kubeconfig(&self, environment: EnvironmentId) -> Result<SecretString, DriverError> {
        let config = kubeconfig(&self.client, environment).await;
        let config = config.map_err(|error| failure("the vCluster's kubeconfig could not be read", &error))?;
        config.ok_or_else(|| DriverError::Transient("the vCluster has not written its kubeconfig yet".to_owned()))
    }
}

/// The kubeconfig that a vCluster's learner has, if it is written.
async fn kubeconfig(host: &Client, environment: EnvironmentId) -> Result<Option<SecretString>, kube::Error> {
    let path = format!("/api/v1/namespaces/{}/secrets/{KUBECONFIG_SECRET}", learner_namespace(environment));
    let secret = match confidential::<Secret>(host, Request::get(path), Vec::new()).await {
        Ok(secret) => secret,
        Err(error) if code(&error) == Some(404) => return Ok(None),
        Err(error) => return Err(error),
    };
    let config = secret.data.and_then(|mut data| data.remove("config")).and_then(|config| String::from_utf8(config.0).ok());
    Ok(config.map(SecretString::from))
}

/// A request whose answer is a secret: kube logs answers that it cannot read, but not those that it does not read.
pub(super) async fn confidential<T: DeserializeOwned>(
    client: &Client,
    request: http::request::Builder,
    body: Vec<u8>,
) -> Result<T, kube::Error> {
    let request = request.header(http::header::CONTENT_TYPE, "application/json").body(body).map_err(kube::Error::HttpError)?;
    let text = client.request_text(request).await?;
    serde_json::from_str(&text).map_err(kube::Error::SerdeError)
}
