//! The list, and the file that is written from it.

use super::*;

#[test]
fn the_file_is_written_from_the_list() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster-role.yaml");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, cluster_role()).expect("the file is written");
    }
    assert_eq!(std::fs::read_to_string(file).expect("the file"), cluster_role(), "BLESS=1 writes it anew");
}

#[test]
fn nothing_is_granted_wholesale() {
    let needed = needed();
    assert!(needed.iter().all(|permission| ![permission.group, permission.resource, permission.verb].contains(&"*")));
    let escalating = ["bind", "escalate", "impersonate"];
    assert!(needed.iter().all(|permission| !escalating.contains(&permission.verb)));
    assert!(needed.iter().all(|permission| permission.resource != "nodes" || READ.contains(&permission.verb)));
}

#[test]
fn learners_cannot_widen_their_own_rights_or_networks() {
    let of_learners = || LEARNER.iter().flat_map(each);
    assert!(of_learners().all(|permission| permission.group != "rbac.authorization.k8s.io"));
    let bounds = ["limitranges", "networkpolicies", "resourcequotas", "serviceaccounts"];
    assert!(of_learners().filter(|permission| bounds.contains(&permission.resource)).all(|permission| READ.contains(&permission.verb)));
}

#[test]
fn a_permission_reads_as_it_is_said() {
    let permission = |group, resource, verb| Permission { group, resource, verb }.to_string();
    assert_eq!(permission("", "pods/exec", "create"), "create pods/exec");
    assert_eq!(permission("apps", "deployments", "patch"), "patch deployments.apps");
}
