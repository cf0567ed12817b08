use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use test_cluster_simulator::{Options, Simulator};

use super::*;

const CANARY: &str = "canary-5e1d";

fn token(server: &str, token: &str, ca: Option<&str>) -> ClusterAccess {
    let certificate_authority = ca.map(str::to_owned);
    ClusterAccess::Token { server: server.to_owned(), token: token.to_owned().into(), certificate_authority }
}

#[test]
fn what_is_given_can_be_connected_to_from_what_is_kept() {
    let fleet = KubernetesFleet::default();
    let connection = fleet.parse(&token("https://cluster.example:6443", CANARY, None)).expect("taken");
    assert_eq!((connection.endpoint.server.as_str(), connection.kind), ("https://cluster.example:6443", CredentialsKind::Token));
    assert!(!format!("{connection:?}").contains(CANARY));
    let kept = sealed::open(&connection.secret).expect("opened");
    let Credential::Token(kept) = kept.credential() else { panic!("a token") };
    assert_eq!(kept.expose_secret(), CANARY);
}

#[test]
fn what_is_refused_is_named_and_not_repeated() {
    let fleet = KubernetesFleet::default();
    let kubeconfig = format!("apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    exec: {CANARY}\n");
    let kubeconfig = ClusterAccess::Kubeconfig { text: kubeconfig.into(), context: None };
    for (access, at) in [
        (token(&format!("http://{CANARY}"), "t", None), "server"),
        (token("https://cluster.example", "", None), "token"),
        (token("https://cluster.example", "t", Some(CANARY)), "certificateAuthority"),
        (kubeconfig, "contexts"),
    ] {
        let error = fleet.parse(&access).expect_err(at);
        assert!(error.at.contains(at), "{error}");
        assert!(!error.to_string().contains(CANARY), "{error}");
    }
}

#[test]
fn a_certificates_own_end_is_known() {
    let simulator = Simulator::start(&Options::default()).expect("a simulator");
    let certificate = simulator.certificate_for("nalabo", &[]).expect("a certificate");
    let text = simulator.kubeconfig_with(&certificate);
    let connection = KubernetesFleet::default().parse(&ClusterAccess::Kubeconfig { text: text.into(), context: None }).expect("taken");
    assert_eq!(connection.kind, CredentialsKind::ClientCertificate);
    let ends = connection.expires_at.expect("an end");
    assert!(ends > commands::system_clock(), "{ends}");
}

#[test]
fn a_tokens_own_end_is_known() {
    let fleet = KubernetesFleet::default();
    let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"exp":1800000000,"sub":"nalabo"}"#);
    let connection = fleet.parse(&token("https://cluster.example", &format!("head.{claims}.signature"), None)).expect("taken");
    assert_eq!(connection.expires_at.map(|at| at.timestamp()), Some(1_800_000_000));
    let connection = fleet.parse(&token("https://cluster.example", "opaque", None)).expect("taken");
    assert_eq!(connection.expires_at, None);
}
