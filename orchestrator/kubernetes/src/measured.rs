//! What environments use, as metrics.k8s.io measures their pods.

use std::collections::BTreeMap;

use domain::kernel::{EnvironmentId, Mebibytes, Millicores};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::{
    Api, Client,
    api::ListParams,
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use orchestrator::sites::Used;
use serde_json::Value;

use crate::{desired::environment_in, failure::code, probe::milli};

/// By environment; none if it is not measured or not ours to see. Those of other installations are among them.
///
/// # Errors
/// The cluster could not be asked.
pub async fn measured(client: &Client) -> Result<Option<Vec<Used>>, kube::Error> {
    let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("metrics.k8s.io", "v1beta1", "PodMetrics"), "pods");
    let pods = match Api::<DynamicObject>::all_with(client.clone(), &resource).list(&ListParams::default()).await {
        Ok(pods) => pods.items,
        Err(error) if matches!(code(&error), Some(403 | 404 | 503)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut sums = BTreeMap::<EnvironmentId, (u64, u64)>::new();
    for pod in &pods {
        // Learners' own pods carry no labels of ours; the namespace is what they all have.
        let Some(environment) = pod.metadata.namespace.as_deref().and_then(environment_in) else { continue };
        let sum = sums.entry(environment).or_default();
        for container in pod.data["containers"].as_array().into_iter().flatten() {
            sum.0 += amount(&container["usage"]["cpu"]);
            sum.1 += amount(&container["usage"]["memory"]) / 1000;
        }
    }
    let number = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
    let used = |(environment, (cpu, memory))| Used { environment, cpu: Millicores(number(cpu)), memory: Mebibytes(number(memory >> 20)) };
    Ok(Some(sums.into_iter().map(used).collect()))
}

/// In thousandths.
fn amount(value: &Value) -> u64 {
    value.as_str().and_then(|text| milli(&Quantity(text.to_owned()))).unwrap_or_default()
}
