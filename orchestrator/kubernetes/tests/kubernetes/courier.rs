//! Posting to receivers: over TLS with the guard, in the clear to this host alone.

use std::time::Duration;

use orchestrator_kubernetes::{
    Unreachable,
    guard::{AddressPolicy, Courier},
};
use test_cluster_simulator::{Options, Simulator};

const HERE: AddressPolicy = AddressPolicy { allow_loopback: true, allow_private: true };

fn courier(policy: AddressPolicy, authority: Option<&str>) -> Courier {
    Courier::new(policy, authority, Duration::from_secs(20)).expect("a courier")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_is_posted_to_if_its_certificate_is_trusted() {
    let simulator = Simulator::start(&Options::default()).expect("a simulator");
    let url = format!("{}/api/v1/namespaces", simulator.url());
    let bearer = format!("Bearer {}", simulator.admin_token());
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let namespace = || br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"posted"}}"#.to_vec();
    let authority = simulator.ca_pem();
    let posted = courier(HERE, Some(&authority)).post(&url, &headers, namespace()).await;
    assert_eq!(posted, Ok(201));
    assert!(simulator.object("namespaces", "", "posted").is_some());
    let stranger = Simulator::start(&Options::default()).expect("a simulator").ca_pem();
    let refused = courier(HERE, Some(&stranger)).post(&url, &headers, namespace()).await;
    assert!(matches!(refused, Err(Unreachable::Certificate(_))), "{refused:?}");
    let refused = courier(AddressPolicy::default(), Some(&authority)).post(&url, &headers, namespace()).await;
    assert!(matches!(refused, Err(Unreachable::Refused { .. })), "{refused:?}");
}

#[tokio::test]
async fn nothing_goes_over_a_network_in_the_clear() {
    let courier = courier(HERE, None);
    for url in ["http://192.168.0.1/", "http://169.254.169.254/", "http://example.org/", "http://[fe80::1]/"] {
        let refused = courier.post(url, &[], vec![]).await;
        assert!(matches!(refused, Err(Unreachable::Refused { .. } | Unreachable::Name { .. })), "{url}: {refused:?}");
    }
    for url in ["nonsense", "/path", "ftp://127.0.0.1/"] {
        assert!(courier.post(url, &[], vec![]).await.is_err(), "{url}");
    }
}
