//! Making namespaces, and unmaking them. A namespace under our name that is somebody else's is neither used nor removed.

use domain::kernel::EnvironmentId;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, PostParams, Preconditions},
};
use orchestrator::driver::{DriverError, Observed};

use super::{
    Cluster,
    ready::is_ready,
    watch::{Sought, Verdict, ours},
};
use crate::{
    desired::{Facts, INSTANCE, MANAGER, POD, environment_of, learner_namespace, workbench_namespace},
    failure::{absent_is_done, code, failure},
};

/// Namespaces per page of a list.
const PAGE: u32 = 500;

impl Cluster {
    fn all(&self) -> Api<Namespace> {
        Api::all(self.client.clone())
    }

    pub(super) async fn make_namespaces(&self, facts: &Facts<'_>) -> Result<(), DriverError> {
        for place in facts.places() {
            self.make_namespace(facts.environment, &facts.namespace(&place)).await?;
        }
        Ok(())
    }

    async fn make_namespace(&self, environment: EnvironmentId, wanted: &Namespace) -> Result<(), DriverError> {
        let name = wanted.name_any();
        let doing = format!("the namespace {name} could not be made");
        let parameters = PostParams { field_manager: Some(MANAGER.to_owned()), dry_run: false };
        loop {
            match self.all().create(&parameters, wanted).await {
                Ok(_) => return Ok(()),
                Err(error) if code(&error) == Some(409) => {}
                Err(error) => return Err(failure(&doing, &error)),
            }
            let existing = self.all().get_opt(&name).await.map_err(|error| failure(&doing, &error))?;
            let Some(existing) = existing else { continue };
            if !self.is_ours(&existing, environment) {
                return Err(DriverError::Terminal(format!(
                    "the namespace {name} exists and is not this environment's: somebody else made it; remove or rename it"
                )));
            }
            if existing.metadata.deletion_timestamp.is_none() {
                return self.put(&self.all(), wanted).await.map(drop);
            }
            // An earlier try's, on its way out.
            self.gone(&name, existing.uid().as_deref()).await?;
        }
    }

    fn is_ours(&self, namespace: &Namespace, environment: EnvironmentId) -> bool {
        environment_of(namespace.labels()) == Some(environment) && namespace.labels().get(INSTANCE) == Some(&self.settings.instance)
    }

    pub(super) async fn remove_namespaces(&self, environment: EnvironmentId) -> Result<(), DriverError> {
        // Side by side: each takes its time.
        let (learners, workbenchs) = (learner_namespace(environment), workbench_namespace(environment));
        let (one, other) = tokio::join!(self.remove_namespace(environment, &learners), self.remove_namespace(environment, &workbenchs));
        one.and(other)
    }

    async fn remove_namespace(&self, environment: EnvironmentId, name: &str) -> Result<(), DriverError> {
        let doing = format!("the namespace {name} could not be removed");
        // What the watch shows may be outdated; then it is refused under this id, and asked for.
        let seen = self.namespaces.cluster_wide(name).filter(|seen| self.is_ours(seen, environment));
        if let Some(seen) = seen
            && self.begin_to_remove(name, &seen).await.map_err(|error| failure(&doing, &error))?
        {
            return self.gone(name, seen.uid().as_deref()).await;
        }
        let existing = self.all().get_opt(name).await.map_err(|error| failure(&doing, &error))?;
        let Some(existing) = existing.filter(|existing| self.is_ours(existing, environment)) else { return Ok(()) };
        if !self.begin_to_remove(name, &existing).await.map_err(|error| failure(&doing, &error))? {
            return Err(DriverError::Transient(format!("{doing}: it is another by now")));
        }
        self.gone(name, existing.uid().as_deref()).await
    }

    /// Under this id alone, should it be made again meanwhile; whether it is this one.
    async fn begin_to_remove(&self, name: &str, existing: &Namespace) -> Result<bool, kube::Error> {
        if existing.metadata.deletion_timestamp.is_some() {
            return Ok(true);
        }
        let preconditions = Preconditions { uid: existing.uid(), resource_version: None };
        let parameters = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::background() };
        match absent_is_done(self.all().delete(name, &parameters).await) {
            Ok(()) => Ok(true),
            Err(error) if code(&error) == Some(409) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits until a namespace that is being removed is gone, or says what holds it up.
    async fn gone(&self, name: &str, uid: Option<&str>) -> Result<(), DriverError> {
        let judge = |namespace: Option<&Namespace>| match namespace {
            None => Verdict::Done(()),
            Some(namespace) => Verdict::Wait(hindrance(namespace)),
        };
        self.namespaces.until(&self.all(), (None, name), Sought::Gone(uid), self.patience, judge).await
    }

    pub(super) async fn observe(&self, environment: EnvironmentId) -> Result<Observed, DriverError> {
        let doing = "the environment could not be looked at";
        let (workbench, learner) = (workbench_namespace(environment), learner_namespace(environment));
        let all = self.all();
        let found = tokio::try_join!(all.get_opt(&workbench), all.get_opt(&learner));
        let found = found.map_err(|error| failure(doing, &error))?;
        let ours = [found.0, found.1].map(|namespace| namespace.filter(|namespace| self.is_ours(namespace, environment)));
        if ours.iter().all(Option::is_none) {
            return Ok(Observed::Absent);
        }
        if ours.iter().flatten().any(|namespace| namespace.metadata.deletion_timestamp.is_some()) || ours[0].is_none() {
            return Ok(Observed::Partial);
        }
        let pod = self.pods_of(environment).get_opt(POD).await.map_err(|error| failure(doing, &error))?;
        Ok(if pod.as_ref().is_some_and(is_ready) { Observed::Running } else { Observed::Partial })
    }

    /// Whether the watches see all of an environment.
    pub(super) fn is_seen(&self, environment: EnvironmentId) -> bool {
        let (workbench, learner) = (workbench_namespace(environment), learner_namespace(environment));
        let is_whole = |namespace: &Namespace| self.is_ours(namespace, environment) && namespace.metadata.deletion_timestamp.is_none();
        self.namespaces.cluster_wide(&workbench).is_some_and(|namespace| is_whole(&namespace))
            && self.namespaces.cluster_wide(&learner).is_none_or(|namespace| is_whole(&namespace))
            && self.pods.get(&workbench, POD).is_some_and(|pod| is_ready(&pod))
    }

    pub(super) async fn list(&self) -> Result<Vec<EnvironmentId>, DriverError> {
        let mut parameters = ListParams::default().labels(&ours(&self.settings.instance)).limit(PAGE);
        let mut found = Vec::new();
        loop {
            let page = self.all().list(&parameters).await.map_err(|error| failure("environments could not be listed", &error))?;
            found.extend(page.items.iter().filter_map(|namespace| environment_of(namespace.labels())));
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => parameters = parameters.continue_token(&token),
                None => break,
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// Why a namespace that is being removed is still there, in the words of its own conditions.
fn hindrance(namespace: &Namespace) -> String {
    if namespace.metadata.deletion_timestamp.is_none() {
        return "it is not being removed".to_owned();
    }
    let conditions = namespace.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let hindering = conditions.filter(|condition| condition.status == "True" && condition.type_ != "NamespaceDeletionDiscoveryFailure");
    let told: Vec<_> =
        hindering.map(|condition| format!("{}: {}", condition.type_, condition.message.as_deref().unwrap_or_default())).collect();
    if told.is_empty() { "it is being removed".to_owned() } else { told.join("; ") }
}
