//! Servers that do not behave, and connections that must not be.

use std::time::Duration;

use kube::Client;
use orchestrator_kubernetes::{
    Unreachable,
    client::{ClientOptions, client},
    connection::{Connection, Credential},
    guard::AddressPolicy,
};
use secrecy::SecretString;
use test_cluster_simulator::{Effect, Fault, Options, Simulator};

use crate::stage::{connect, options};

fn simulator() -> Simulator {
    Simulator::start(&Options::default()).expect("a simulator")
}

/// Asks for the version, and gives what came between.
async fn unreachable(client: &Client) -> Unreachable {
    let error = client.apiserver_version().await.expect_err("no answer that counts");
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Unreachable>() {
            return found.clone();
        }
        next = error.source();
    }
    panic!("not what was expected: {error:?}");
}

fn with(simulator: &Simulator, options: &ClientOptions) -> Client {
    let token = Credential::Token(SecretString::from(simulator.admin_token()));
    let connection = Connection::try_new(&simulator.url(), Some(simulator.ca_pem()), token).expect("a connection");
    client(&connection, options).expect("a client")
}

#[tokio::test]
async fn a_token_and_a_certificate_are_taken() {
    let simulator = simulator();
    assert!(connect(&simulator.kubeconfig()).apiserver_version().await.is_ok());
    let certificate = simulator.certificate_for("somebody", &["system:masters"]).expect("a certificate");
    assert!(connect(&simulator.kubeconfig_with(&certificate)).apiserver_version().await.is_ok());
}

#[tokio::test]
async fn another_clusters_authority_does_not_do() {
    let (simulator, other) = (simulator(), simulator());
    let token = Credential::Token(SecretString::from(simulator.admin_token()));
    let connection = Connection::try_new(&simulator.url(), Some(other.ca_pem()), token).expect("a connection");
    let error = unreachable(&client(&connection, &options()).expect("a client")).await;
    assert!(matches!(&error, Unreachable::Certificate(text) if text.contains("not signed by the given")), "{error:?}");
}

#[tokio::test]
async fn addresses_are_looked_at_at_every_connect() {
    let simulator = simulator();
    let closed = ClientOptions { addresses: AddressPolicy::default(), ..options() };
    let error = unreachable(&with(&simulator, &closed)).await;
    assert!(matches!(error, Unreachable::Refused { address, .. } if address.is_loopback()));
    // By name, too: what counts is where the name leads.
    let named = simulator.url().replace("127.0.0.1", "localhost");
    let token = Credential::Token(SecretString::from(simulator.admin_token()));
    let connection = Connection::try_new(&named, Some(simulator.ca_pem()), token).expect("a connection");
    let error = unreachable(&client(&connection, &closed).expect("a client")).await;
    assert!(matches!(error, Unreachable::Refused { address, .. } if address.is_loopback()));
}

#[tokio::test]
async fn what_is_no_api_server_is_told() {
    let simulator = simulator();
    let client = connect(&simulator.kubeconfig());
    let fault = simulator.inject(Fault::new(Effect::Html));
    assert!(matches!(unreachable(&client).await, Unreachable::NotKubernetes(_)));
    simulator.withdraw(fault);
    simulator.inject(Fault::new(Effect::Redirect { location: "https://169.254.169.254/".to_owned() }));
    assert_eq!(unreachable(&client).await, Unreachable::Redirected(302));
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    let simulator = simulator();
    let client = with(&simulator, &ClientOptions { timeout: Duration::from_millis(300), ..options() });
    simulator.inject(Fault::new(Effect::HalfOpen));
    assert!(matches!(unreachable(&client).await, Unreachable::TimedOut { .. }));
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let simulator = simulator();
    let client = connect(&simulator.kubeconfig());
    simulator.inject(Fault::new(Effect::Huge { bytes: 50 << 20 }));
    let error = unreachable(&client).await;
    assert!(matches!(error, Unreachable::TooLarge(_)), "{error:?}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_said_to() {
    let simulator = simulator();
    let client = connect(&simulator.kubeconfig());
    simulator.inject(Fault::new(Effect::TooManyRequests { retry_after: 0 }).when(test_cluster_simulator::When::First(2)));
    assert!(client.apiserver_version().await.is_ok());
    assert_eq!(simulator.requests().by_status.get(&429), Some(&2));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_are_bounded() {
    let simulator = simulator();
    let client = with(&simulator, &ClientOptions { concurrency: 3, ..options() });
    simulator.behave(|behaviour| behaviour.latency = Duration::from_millis(5));
    let asked: Vec<_> = (0..30)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { client.apiserver_version().await.is_ok() }
            })
        })
        .collect();
    for asked in asked {
        assert!(asked.await.expect("no panic"));
    }
    assert!(simulator.requests().peak <= 3, "{}", simulator.requests().peak);
}
