//! Who may do what: the learner's account, its role in the learner's namespace, and the kubeconfig that goes with it.

use base64::{Engine, prelude::BASE64_STANDARD};
use k8s_openapi::api::{
    core::v1::ServiceAccount,
    rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject},
};
use secrecy::{ExposeSecret, SecretString};

use super::{Facts, learner_namespace, workbench_namespace};
use crate::permissions::{Grant, LEARNER};

/// The learner's account. It is where the workbench is, so that learners cannot reach it.
pub(crate) const LEARNER_ACCOUNT: &str = "learner";
const RBAC: &str = "rbac.authorization.k8s.io";

impl Facts<'_> {
    /// An account whose token is in no pod. `default` is made by us too, so that nobody has to wait for it.
    pub(crate) fn account(&self, namespace: &str, name: &str) -> ServiceAccount {
        ServiceAccount {
            metadata: self.metadata(Some(namespace), name),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        }
    }

    /// What the learner may do in the learner's namespace.
    pub(crate) fn role(&self) -> Role {
        self.role_of(LEARNER_ACCOUNT, &LEARNER)
    }

    pub(super) fn role_of(&self, name: &str, grants: &[Grant]) -> Role {
        let metadata = self.metadata(Some(&learner_namespace(self.environment)), name);
        Role { metadata, rules: Some(grants.iter().map(rule).collect()) }
    }

    pub(crate) fn role_binding(&self) -> RoleBinding {
        self.binding_of(LEARNER_ACCOUNT, &workbench_namespace(self.environment))
    }

    /// Binds the role of this name to the account of the same name in `namespace`.
    pub(super) fn binding_of(&self, name: &str, namespace: &str) -> RoleBinding {
        let subject = Subject {
            kind: "ServiceAccount".to_owned(),
            name: name.to_owned(),
            namespace: Some(namespace.to_owned()),
            ..Subject::default()
        };
        RoleBinding {
            metadata: self.metadata(Some(&learner_namespace(self.environment)), name),
            role_ref: RoleRef { api_group: Some(RBAC.to_owned()), kind: "Role".to_owned(), name: name.to_owned() },
            subjects: Some(vec![subject]),
        }
    }
}

fn rule(grant: &Grant) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    PolicyRule {
        api_groups: Some(vec![grant.group.to_owned()]),
        resources: Some(owned(grant.resources)),
        verbs: owned(grant.verbs),
        ..PolicyRule::default()
    }
}

/// The learner's kubeconfig.
pub(crate) fn kubeconfig(server: &str, ca: Option<&str>, namespace: &str, token: &SecretString) -> SecretString {
    let ca = ca.map(|ca| format!("    certificate-authority-data: {}\n", BASE64_STANDARD.encode(ca))).unwrap_or_default();
    let token = token.expose_secret();
    SecretString::from(format!(
        "apiVersion: v1
kind: Config
current-context: workshop
clusters:
- name: workshop
  cluster:
    server: {server}
{ca}contexts:
- name: workshop
  context:
    cluster: workshop
    user: learner
    namespace: {namespace}
users:
- name: learner
  user:
    token: {token}
"
    ))
}
