//! What a cluster has, and what of it is taken.

use k8s_openapi::{
    api::core::v1::{Node, Pod},
    apimachinery::pkg::api::resource::Quantity,
};
use kube::{
    Api, Client,
    api::ListParams,
    core::{ApiResource, DynamicObject, GroupVersionKind},
};

use super::{Point, quantity::milli};
use crate::failure::code;

/// Objects per page of a list.
const PAGE: u32 = 500;

/// Amounts of what pods use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a CPU.
    pub millicpu: u64,
    /// Bytes.
    pub memory: u64,
    /// Bytes of the nodes' own disks.
    pub storage: u64,
    pub pods: u64,
}

/// What there is and what is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    pub nodes: u32,
    /// Of those, ready and open for pods.
    pub open_nodes: u32,
    /// Of the open nodes together.
    pub allocatable: Resources,
    /// By all pods that have not ended.
    pub requested: Resources,
    /// Measured; none where metrics.k8s.io is not served.
    pub used: Option<Resources>,
}

impl Capacity {
    pub(super) fn judged(&self) -> Point {
        let Resources { millicpu, memory, pods, .. } = self.allocatable;
        let found =
            format!("{} of {} nodes open, {millicpu}m CPU, {} MiB, {pods} pods allocatable", self.open_nodes, self.nodes, memory >> 20);
        if self.open_nodes == 0 {
            Point::failed("capacity", format!("{found}; expected at least one"))
        } else {
            Point::passed("capacity", found)
        }
    }

    pub(super) fn metrics(&self) -> Point {
        match self.used {
            Some(_) => Point::passed("metrics", "metrics.k8s.io is served"),
            None => {
                Point::warned("metrics", "metrics.k8s.io is not served: usage is taken from requests; install metrics-server to measure it")
            }
        }
    }
}

/// Looks at a cluster's nodes, pods and metrics.
///
/// # Errors
/// Nodes or pods cannot be listed.
pub async fn capacity(client: &Client) -> Result<Capacity, kube::Error> {
    let mut capacity = Capacity::default();
    let nodes = all(&Api::<Node>::all(client.clone())).await?;
    capacity.nodes = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    for node in nodes.iter().filter(|node| is_open(node)) {
        capacity.open_nodes += 1;
        let allocatable = node.status.as_ref().and_then(|status| status.allocatable.as_ref());
        capacity.allocatable.add(allocatable.into_iter().flatten());
        let pods = allocatable.and_then(|all| all.get("pods")).and_then(milli);
        capacity.allocatable.pods += pods.unwrap_or_default() / 1000;
    }
    let (mut next, mut page) = (Some(String::new()), ListParams::default().limit(PAGE));
    while next.is_some() {
        let pods = Api::<Pod>::all(client.clone()).list(&page).await?;
        pods.items.iter().filter(|pod| runs(pod)).for_each(|pod| capacity.requested.add_requests(pod));
        next = pods.metadata.continue_.filter(|token| !token.is_empty());
        page = page.continue_token(next.as_deref().unwrap_or_default());
    }
    capacity.used = used(client).await?;
    Ok(capacity)
}

/// All objects of a kind, page by page.
async fn all(api: &Api<Node>) -> Result<Vec<Node>, kube::Error> {
    let (mut found, mut page) = (Vec::new(), ListParams::default().limit(PAGE));
    loop {
        let list = api.list(&page).await?;
        found.extend(list.items);
        match list.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => page = page.continue_token(&token),
            None => return Ok(found),
        }
    }
}

fn is_open(node: &Node) -> bool {
    let mut conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let is_ready = conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    is_ready && !node.spec.as_ref().and_then(|spec| spec.unschedulable).unwrap_or_default()
}

fn runs(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    !matches!(phase, Some("Succeeded" | "Failed"))
}

/// What metrics.k8s.io measures; none if it is not served or not ours to see.
async fn used(client: &Client) -> Result<Option<Resources>, kube::Error> {
    let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("metrics.k8s.io", "v1beta1", "NodeMetrics"), "nodes");
    let measured = match Api::<DynamicObject>::all_with(client.clone(), &resource).list(&ListParams::default()).await {
        Ok(measured) => measured,
        Err(error) if matches!(code(&error), Some(403 | 404 | 503)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut sum = Resources::default();
    for node in measured.items {
        let usage = node.data.get("usage").and_then(serde_json::Value::as_object);
        let text = |(name, amount): (&String, &serde_json::Value)| Some((name.clone(), Quantity(amount.as_str()?.to_owned())));
        let usage: Vec<_> = usage.into_iter().flatten().filter_map(text).collect();
        sum.add(usage.iter().map(|(name, amount)| (name, amount)));
    }
    Ok(Some(sum))
}

impl Resources {
    fn add<'a>(&mut self, amounts: impl Iterator<Item = (&'a String, &'a Quantity)>) {
        for (name, amount) in amounts {
            let Some(milli) = milli(amount) else { continue };
            match name.as_str() {
                "cpu" => self.millicpu += milli,
                "memory" => self.memory += milli / 1000,
                "ephemeral-storage" => self.storage += milli / 1000,
                _ => {}
            }
        }
    }

    fn add_requests(&mut self, pod: &Pod) {
        self.pods += 1;
        for container in pod.spec.iter().flat_map(|spec| &spec.containers) {
            let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
            self.add(requests.into_iter().flatten());
        }
    }
}
