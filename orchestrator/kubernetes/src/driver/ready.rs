//! Whether a pod is ready, and why it is not.

use k8s_openapi::api::core::v1::{Pod, PodStatus};
use orchestrator::driver::DriverError;

use super::watch::Verdict;

/// Reasons of a waiting container that no waiting changes.
const LASTING: [&str; 4] = ["InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError"];

/// Whether all of its containers run, and it is not on its way out.
pub(super) fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    pod.metadata.deletion_timestamp.is_none() && conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

pub(super) fn judge(pod: Option<&Pod>) -> Verdict<()> {
    let Some(pod) = pod else { return Verdict::Wait("it is not there yet".to_owned()) };
    if is_ready(pod) {
        return Verdict::Done(());
    }
    let Some(status) = &pod.status else { return Verdict::Wait("nothing is known of it yet".to_owned()) };
    if matches!(status.phase.as_deref(), Some("Failed" | "Succeeded")) {
        let reason = status.reason.as_deref().unwrap_or("its containers ended");
        return Verdict::Failed(DriverError::Transient(format!("the pod failed: {reason}")));
    }
    match waiting(status) {
        Some((reason, text)) if LASTING.contains(&reason.as_str()) => Verdict::Failed(DriverError::Terminal(format!("{reason}: {text}"))),
        Some((reason, text)) => Verdict::Wait(format!("{reason}: {text}")),
        None => Verdict::Wait(unscheduled(status).unwrap_or_else(|| "it is not ready yet".to_owned())),
    }
}

/// Why the first container that waits does so.
fn waiting(status: &PodStatus) -> Option<(String, String)> {
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    let mut waiting = containers.filter_map(|container| container.state.as_ref()?.waiting.as_ref());
    waiting.find_map(|waiting| Some((waiting.reason.clone()?, waiting.message.clone().unwrap_or_default())))
}

fn unscheduled(status: &PodStatus) -> Option<String> {
    let mut conditions = status.conditions.iter().flatten();
    let condition = conditions.find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    Some(format!("it fits nowhere: {}", condition.message.as_deref().unwrap_or_default()))
}
