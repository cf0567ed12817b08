//! Bringing objects about by server-side apply: the same request makes an object, mends it, and drops what is no longer wanted.

use std::fmt::Debug;

use k8s_openapi::{NamespaceResourceScope, api::core::v1::ResourceQuota};
use kube::{
    Api, Resource, ResourceExt,
    api::{Patch, PatchParams},
};
use orchestrator::driver::DriverError;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Cluster,
    watch::{Sought, Verdict},
};
use crate::{
    desired::{Facts, LEARNER_ACCOUNT, MANAGER, workbench_namespace},
    failure::failure,
};

impl Cluster {
    /// Applies an object, and takes over fields that others set.
    pub(super) async fn put<K>(&self, api: &Api<K>, object: &K) -> Result<K, DriverError>
    where
        K: Resource + Clone + Debug + DeserializeOwned + Serialize,
        K::DynamicType: Default,
    {
        let kind = K::kind(&K::DynamicType::default()).into_owned();
        self.put_as(api, &kind, object).await
    }

    pub(super) async fn put_as<K>(&self, api: &Api<K>, kind: &str, object: &K) -> Result<K, DriverError>
    where
        K: Resource + Clone + Debug + DeserializeOwned + Serialize,
    {
        let name = object.name_any();
        let applied = api.patch(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(object)).await;
        applied.map_err(|error| failure(&format!("the {kind} {name} could not be applied"), &error))
    }

    /// Applies an object of a namespace.
    pub(super) async fn put_in<K>(&self, object: &K) -> Result<K, DriverError>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Serialize,
        K::DynamicType: Default,
    {
        let api = Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default());
        self.put(&api, object).await
    }

    pub(super) async fn limit(&self, facts: &Facts<'_>) -> Result<(), DriverError> {
        for place in facts.places() {
            self.put_in(&facts.limits(&place)).await?;
            let quota = facts.quota(&place);
            let applied = self.put_in(&quota).await?;
            self.in_force(&quota, &applied).await?;
        }
        Ok(())
    }

    /// A quota counts once the cluster has taken it up; before, pods would be refused.
    async fn in_force(&self, quota: &ResourceQuota, applied: &ResourceQuota) -> Result<(), DriverError> {
        let (namespace, name) = (quota.namespace().unwrap_or_default(), quota.name_any());
        let api = Api::<ResourceQuota>::namespaced(self.client.clone(), &namespace);
        let wanted = quota.spec.as_ref().and_then(|spec| spec.hard.as_ref());
        let judge = |seen: Option<&ResourceQuota>| {
            let hard = seen.and_then(|seen| seen.status.as_ref()?.hard.as_ref());
            let is_in_force = hard.is_some_and(|hard| wanted.is_none_or(|wanted| wanted.keys().all(|name| hard.contains_key(name))));
            if is_in_force { Verdict::Done(()) } else { Verdict::Wait("it is not in force yet".to_owned()) }
        };
        // At once, if the cluster is fast or the quota was there before.
        if let Verdict::Done(()) = judge(Some(applied)) {
            return Ok(());
        }
        let uid = applied.uid();
        self.quotas.until(&api, (Some(&namespace), &name), Sought::Itself(uid.as_deref()), self.patience, judge).await
    }

    pub(super) async fn wall_off(&self, facts: &Facts<'_>) -> Result<(), DriverError> {
        for place in facts.places() {
            let policies = facts.policies(&place).map_err(|error| DriverError::Terminal(error.to_string()))?;
            for policy in policies {
                self.put_in(&policy).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn grant(&self, facts: &Facts<'_>) -> Result<(), DriverError> {
        for place in facts.places() {
            self.put_in(&facts.account(&place.namespace, "default")).await?;
        }
        if facts.cluster().is_none() {
            return Ok(());
        }
        self.put_in(&facts.account(&workbench_namespace(facts.environment), LEARNER_ACCOUNT)).await?;
        if !facts.has_vcluster() {
            self.put_in(&facts.role()).await?;
            self.put_in(&facts.role_binding()).await?;
        }
        Ok(())
    }
}
