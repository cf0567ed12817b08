//! What may be used: a ResourceQuota for all together, a LimitRange for each.

use std::collections::BTreeMap;

use domain::{
    kernel::{Mebibytes, Millicores},
    workshops::cluster_needs::Amounts,
};
use k8s_openapi::{
    api::core::v1::{LimitRange, LimitRangeItem, LimitRangeSpec, ResourceQuota, ResourceQuotaSpec},
    apimachinery::pkg::api::resource::Quantity,
};
use orchestrator::placement::Need;

use super::{Facts, Part, Place, workbench::Share};

/// The name of both.
const NAME: &str = "nalabo";

pub(super) type Quantities = BTreeMap<String, Quantity>;

pub(super) fn quantities<const N: usize>(pairs: [(&str, String); N]) -> Quantities {
    pairs.into_iter().map(|(name, amount)| (name.to_owned(), Quantity(amount))).collect()
}

impl Facts<'_> {
    /// The budget; for the learner's part with what a vCluster's control plane takes on top, so that the budget is all theirs.
    pub(crate) fn quota(&self, place: &Place) -> ResourceQuota {
        let hard = match place.part {
            Part::Workbench => self.workbench_quota(),
            Part::Learner => self.learner_quota(),
        };
        let spec = ResourceQuotaSpec { hard: Some(hard), ..ResourceQuotaSpec::default() };
        ResourceQuota { metadata: self.metadata(Some(&place.namespace), NAME), spec: Some(spec), status: None }
    }

    fn workbench_quota(&self) -> Quantities {
        let shares = self.shares();
        let sum = |of: fn(&Share) -> u32| shares.iter().map(of).sum::<u32>();
        quantities([
            ("pods", "1".to_owned()),
            ("requests.cpu", format!("{}m", sum(|share| share.requested_millicpu))),
            ("limits.cpu", format!("{}m", sum(|share| share.millicpu))),
            ("requests.memory", format!("{}Mi", sum(|share| share.requested_memory))),
            ("limits.memory", format!("{}Mi", sum(|share| share.memory))),
            ("persistentvolumeclaims", "0".to_owned()),
            ("services.loadbalancers", "0".to_owned()),
            ("services.nodeports", "0".to_owned()),
        ])
    }

    /// What the cluster must have free for it: all that its namespaces may request.
    pub(crate) fn demand(&self) -> Need {
        let shares = self.shares();
        let sum = |of: fn(&Share) -> u32| shares.iter().map(of).sum::<u32>();
        let learner = self.cluster().map(|_| self.learner_amounts());
        let of_learner = |of: fn(&Amounts) -> u32| learner.as_ref().map(of).unwrap_or_default();
        let plus = u32::saturating_add;
        Need {
            cpu: Millicores(plus(sum(|share| share.requested_millicpu), of_learner(|amounts| amounts.millicpu))),
            memory: Mebibytes(plus(sum(|share| share.requested_memory), of_learner(|amounts| amounts.memory.0))),
            storage: Mebibytes(plus(sum(|share| share.disk), of_learner(|amounts| amounts.memory.0.saturating_mul(2)))),
            pods: plus(1, of_learner(|amounts| amounts.pods)),
            ..Need::default()
        }
    }

    /// The budget, with what a vCluster takes on top.
    fn learner_amounts(&self) -> Amounts {
        let mut amounts = self.budget();
        if self.has_vcluster() {
            // The control plane, and its name server.
            amounts.millicpu = amounts.millicpu.saturating_add(self.settings.vcluster.millicpu + 200);
            amounts.memory.0 = amounts.memory.0.saturating_add(self.settings.vcluster.memory.0 + 170);
            amounts.pods = amounts.pods.saturating_add(3);
        }
        amounts
    }

    fn learner_quota(&self) -> Quantities {
        let budget = self.budget();
        let Amounts { millicpu: cpu, memory: Mebibytes(memory), pods, .. } = self.learner_amounts();
        let objects = budget.pods.saturating_mul(2).max(20);
        quantities([
            ("requests.cpu", format!("{cpu}m")),
            ("limits.cpu", format!("{cpu}m")),
            ("requests.memory", format!("{memory}Mi")),
            ("limits.memory", format!("{memory}Mi")),
            ("requests.storage", format!("{}Mi", budget.storage.0)),
            ("requests.ephemeral-storage", format!("{}Mi", memory.saturating_mul(2))),
            ("pods", pods.to_string()),
            ("persistentvolumeclaims", if budget.storage.0 == 0 { "0".to_owned() } else { (budget.pods / 2).max(2).to_string() }),
            ("services", objects.to_string()),
            ("services.loadbalancers", "0".to_owned()),
            ("services.nodeports", "0".to_owned()),
            ("configmaps", (objects * 2).to_string()),
            ("secrets", (objects * 2).to_string()),
            ("count/deployments.apps", objects.to_string()),
            ("count/replicasets.apps", (objects * 4).to_string()),
            ("count/statefulsets.apps", objects.to_string()),
            ("count/jobs.batch", objects.to_string()),
            ("count/cronjobs.batch", objects.to_string()),
        ])
    }

    pub(super) fn budget(&self) -> Amounts {
        self.cluster().map(|needs| needs.budget).unwrap_or_default().amounts()
    }

    /// What containers get that do not say, and what one may have at the most.
    pub(crate) fn limits(&self, place: &Place) -> LimitRange {
        let items = match place.part {
            Part::Workbench => vec![self.workbench_limits()],
            Part::Learner => self.learner_limits(),
        };
        LimitRange { metadata: self.metadata(Some(&place.namespace), NAME), spec: Some(LimitRangeSpec { limits: items }) }
    }

    fn workbench_limits(&self) -> LimitRangeItem {
        let shares = self.shares();
        let most = |of: fn(&Share) -> u32| shares.iter().map(of).max().unwrap_or_default();
        LimitRangeItem {
            type_: "Container".to_owned(),
            max: Some(quantities([
                ("cpu", format!("{}m", most(|share| share.millicpu))),
                ("memory", format!("{}Mi", most(|share| share.memory))),
            ])),
            ..LimitRangeItem::default()
        }
    }

    fn learner_limits(&self) -> Vec<LimitRangeItem> {
        let budget = self.budget();
        let (mut cpu, mut memory) = (budget.millicpu, budget.memory.0);
        if self.has_vcluster() {
            (cpu, memory) = (cpu.max(self.settings.vcluster.millicpu), memory.max(self.settings.vcluster.memory.0));
        }
        // A quarter of the budget at the most, so that a few pods fit without a word about resources.
        let (usual_cpu, usual_memory) = ((budget.millicpu / 4).clamp(50, 500), (budget.memory.0 / 4).clamp(32, 2048));
        let container = LimitRangeItem {
            type_: "Container".to_owned(),
            max: Some(quantities([("cpu", format!("{cpu}m")), ("memory", format!("{memory}Mi"))])),
            default: Some(quantities([("cpu", format!("{usual_cpu}m")), ("memory", format!("{usual_memory}Mi"))])),
            default_request: Some(quantities([
                ("cpu", "50m".to_owned()),
                ("memory", format!("{}Mi", usual_memory.min(128))),
                ("ephemeral-storage", "64Mi".to_owned()),
            ])),
            ..LimitRangeItem::default()
        };
        let claim = LimitRangeItem {
            type_: "PersistentVolumeClaim".to_owned(),
            max: Some(quantities([("storage", format!("{}Mi", budget.storage.0))])),
            ..LimitRangeItem::default()
        };
        if budget.storage.0 == 0 { vec![container] } else { vec![container, claim] }
    }
}
