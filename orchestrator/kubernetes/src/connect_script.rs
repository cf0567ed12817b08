//! How an administrator of any cluster makes a service account for Nalabo.

use crate::permissions::cluster_role;

/// The namespace and the name of the service account.
const ACCOUNT: &str = "nalabo";

/// The manifest: a namespace, a service account, its token, the cluster role and its binding.
#[must_use]
pub fn manifest() -> String {
    format!(
        "apiVersion: v1
kind: Namespace
metadata:
  name: {ACCOUNT}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {ACCOUNT}
  namespace: {ACCOUNT}
automountServiceAccountToken: false
---
# A token that does not expire; delete this Secret to revoke it.
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata:
  name: {ACCOUNT}-token
  namespace: {ACCOUNT}
  annotations:
    kubernetes.io/service-account.name: {ACCOUNT}
---
{}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {ACCOUNT}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {ACCOUNT}
subjects:
  - kind: ServiceAccount
    name: {ACCOUNT}
    namespace: {ACCOUNT}
",
        cluster_role()
    )
}

/// A shell script with the manifest and three commands of kubectl; it prints a kubeconfig that Nalabo takes.
#[must_use]
pub fn connect_script() -> String {
    format!(
        r"#!/bin/sh
# Makes a service account for Nalabo in the cluster that kubectl speaks to, and prints a kubeconfig for it.
# Works with every conformant cluster: EKS, GKE, AKS, k3s, kind. Run it as a cluster administrator:
#   sh connect.sh > nalabo.kubeconfig
set -eu

# 1. The account and what it may do.
kubectl apply -f - >&2 <<'MANIFEST'
{manifest}MANIFEST

# 2. Its token, as soon as the cluster has filled it in.
kubectl wait --namespace {ACCOUNT} --for=jsonpath='{{.data.token}}' secret/{ACCOUNT}-token --timeout=60s >&2
token=$(kubectl get --namespace {ACCOUNT} secret/{ACCOUNT}-token --output jsonpath='{{.data.token}}' | base64 -d)

# 3. The cluster's address and certificate authority.
kubectl config view --minify --flatten --raw --output jsonpath='apiVersion: v1
kind: Config
current-context: {ACCOUNT}
clusters:
- name: {ACCOUNT}
  cluster:
    server: {{.clusters[0].cluster.server}}
    certificate-authority-data: {{.clusters[0].cluster.certificate-authority-data}}
'
cat <<KUBECONFIG
contexts:
- name: {ACCOUNT}
  context:
    cluster: {ACCOUNT}
    user: {ACCOUNT}
users:
- name: {ACCOUNT}
  user:
    token: $token
KUBECONFIG
",
        manifest = manifest()
    )
}

#[cfg(test)]
mod tests;
