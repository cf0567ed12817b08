//! What the learner finds: the part of the cluster, the workbench, the kubeconfig.

use domain::{kernel::EnvironmentId, workshops::content::ProvidedFile};
use http::Request;
use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    core::v1::Pod,
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, PostParams},
};
use orchestrator::driver::DriverError;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Cluster,
    ready::{is_ready, judge},
    vcluster::confidential,
    watch::{Sought, Verdict},
};
use crate::{
    desired::{CONTROL_PLANE, Facts, LEARNER_ACCOUNT, MANAGER, POD, kubeconfig, learner_namespace, workbench_namespace},
    exec,
    failure::{absent_is_done, code, failure},
};

impl Cluster {
    /// The learner's part: a vCluster, or the workshop's objects in the namespace.
    pub(super) async fn furnish(&self, facts: &Facts<'_>) -> Result<(), DriverError> {
        let objects = facts.objects().map_err(|error| DriverError::Terminal(error.to_string()))?;
        let Some(vcluster) = facts.vcluster() else {
            for (resource, object) in objects {
                let api = Api::namespaced_with(self.client.clone(), &learner_namespace(facts.environment), &resource);
                self.put_as(&api, &resource.kind, &object).await?;
            }
            return Ok(());
        };
        if !objects.is_empty() {
            let reason = "`environment.kubernetes.objects`: expected none with `isolation: vcluster`: they are not made inside of it";
            return Err(DriverError::Terminal(reason.to_owned()));
        }
        self.put_in(&vcluster.account).await?;
        self.put_in(&vcluster.role).await?;
        self.put_in(&vcluster.binding).await?;
        self.put_in(&vcluster.config).await?;
        for service in &vcluster.services {
            self.put_in(service).await?;
        }
        self.put_in(&vcluster.control_plane).await?;
        let namespace = learner_namespace(facts.environment);
        let pods = Api::<Pod>::namespaced(self.client.clone(), &namespace);
        self.pods.until(&pods, (Some(&namespace), CONTROL_PLANE), Sought::Any, self.patience, judge).await
    }

    pub(super) async fn stand_workbench(&self, facts: &Facts<'_>) -> Result<(), DriverError> {
        if let Some(service) = facts.service() {
            self.put_in(&service).await?;
        }
        let namespace = workbench_namespace(facts.environment);
        let pods = self.pods_of(facts.environment);
        let doing = "the workbench could not be made";
        let parameters = PostParams { field_manager: Some(MANAGER.to_owned()), dry_run: false };
        loop {
            let pod = match pods.create(&parameters, &facts.workbench()).await {
                Ok(pod) => pod,
                // One that stands is kept, with the learner's work in it. The quota, which it fills, is looked at before its name is.
                Err(error) if matches!(code(&error), Some(403 | 409)) => {
                    match pods.get_opt(POD).await.map_err(|error| failure(doing, &error))? {
                        Some(pod) => pod,
                        None if code(&error) == Some(409) => continue,
                        None => return Err(failure(doing, &error)),
                    }
                }
                Err(error) => return Err(failure(doing, &error)),
            };
            let is_over = pod.status.as_ref().is_some_and(|status| matches!(status.phase.as_deref(), Some("Failed" | "Succeeded")));
            if is_over || pod.metadata.deletion_timestamp.is_some() {
                self.remove_workbench(facts.environment).await?;
                let gone =
                    |pod: Option<&Pod>| if pod.is_none() { Verdict::Done(()) } else { Verdict::Wait("it is being removed".to_owned()) };
                self.pods.until(&pods, (Some(&namespace), POD), Sought::Gone(pod.uid().as_deref()), self.patience, gone).await?;
                continue;
            }
            let uid = pod.uid();
            return self.pods.until(&pods, (Some(&namespace), POD), Sought::Itself(uid.as_deref()), self.patience, judge).await;
        }
    }

    pub(super) async fn remove_workbench(&self, environment: EnvironmentId) -> Result<(), DriverError> {
        let deleted = self.pods_of(environment).delete(POD, &DeleteParams::default().grace_period(1)).await;
        absent_is_done(deleted.map(drop)).map_err(|error| failure("the workbench could not be removed", &error))
    }

    /// The pods of an environment whose workbench is there.
    pub(super) async fn standing(&self, environment: EnvironmentId) -> Result<Api<Pod>, DriverError> {
        let pods = self.pods_of(environment);
        let is_seen = self.pods.get(&workbench_namespace(environment), POD).is_some_and(|pod| is_ready(&pod));
        if !is_seen {
            let pod = pods.get_opt(POD).await.map_err(|error| failure("the workbench could not be looked at", &error))?;
            if !pod.as_ref().is_some_and(is_ready) {
                return Err(DriverError::Terminal(format!("the workbench of {environment} does not run")));
            }
        }
        Ok(pods)
    }

    /// Puts files into the home, and with them the learner's kubeconfig, with a token that lives as long as the environment may, and
    /// ends with the namespace.
    pub(super) async fn fill_home(&self, facts: &Facts<'_>, files: &[ProvidedFile]) -> Result<(), DriverError> {
        let mut files = files.to_vec();
        if facts.cluster().is_some() {
            let config =
                if facts.has_vcluster() { self.vcluster_kubeconfig(facts.environment).await? } else { self.own_kubeconfig(facts).await? };
            let contents = config.expose_secret().to_owned();
            files.push(ProvidedFile { path: ".kube/config".to_owned(), contents, executable: false });
        }
        exec::put(&self.pods_of(facts.environment), &files).await
    }

    async fn own_kubeconfig(&self, facts: &Facts<'_>) -> Result<SecretString, DriverError> {
        let doing = "the learner's token could not be made";
        let overtime = facts.cluster().and_then(|needs| needs.overtime).unwrap_or_default();
        let minutes = facts.needs.lifetime.0.saturating_add(overtime.0).max(10);
        let spec = TokenRequestSpec {
            expiration_seconds: Some(i64::from(minutes) * 60),
            // The pod runs under another account, so the token cannot be bound to it; it ends with the account, in the namespace.
            ..TokenRequestSpec::default()
        };
        let request = TokenRequest { spec: Some(spec), ..TokenRequest::default() };
        let body = serde_json::to_vec(&request).map_err(|error| DriverError::Terminal(format!("{doing}: {error}")))?;
        let namespace = workbench_namespace(facts.environment);
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{LEARNER_ACCOUNT}/token");
        let answer = confidential::<TokenRequest>(&self.client, Request::post(path), body).await;
        let status = answer.map_err(|error| failure(doing, &error))?.status;
        let token = status.and_then(|status| status.token).map(SecretString::from);
        let token = token.ok_or_else(|| DriverError::Transient(format!("{doing}: the server sent none")))?;
        let api = &self.settings.api;
        Ok(kubeconfig(&api.server, api.ca.as_deref(), &learner_namespace(facts.environment), &token))
    }
}
