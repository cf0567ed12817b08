//! Addresses and credentials.

use super::*;

fn token() -> Credential {
    Credential::Token(SecretString::from("very-secret"))
}

#[test]
fn addresses_are_https_and_plain() {
    for server in ["https://cluster.example", "https://10.0.0.1:6443", "https://[fd00::1]:6443/k8s/clusters/c-1"] {
        let connection = Connection::try_new(server, None, token()).expect("an address");
        assert_eq!(connection.server(), server);
    }
    let refused =
        ["http://cluster.example", "cluster.example", "https://", "https://user@host", "https://host/?a=b", "https://host/#a", "ftp://h"];
    for server in refused {
        let error = Connection::try_new(server, None, token()).expect_err(server);
        assert_eq!(error.field, "server");
    }
}

#[test]
fn certificates_that_cannot_be_used_are_refused_by_name() {
    let ca = Connection::try_new("https://host", Some("no certificate".into()), token()).expect_err("no certificate");
    assert_eq!(ca.field, "certificate-authority-data");
    let pair = Credential::ClientCertificate { certificate: "no".into(), key: SecretString::from("very-secret") };
    let error = Connection::try_new("https://host", None, pair).expect_err("no certificate");
    assert_eq!(error.field, "client-certificate-data");
    assert!(!error.to_string().contains("very-secret"));
    let token = Credential::Token(SecretString::from("with\nnewline"));
    assert_eq!(Connection::try_new("https://host", None, token).expect_err("no token").field, "token");
}

#[test]
fn secrets_are_not_printed() {
    let connection = Connection::try_new("https://host", None, token()).expect("an address");
    assert!(!format!("{connection:?}").contains("very-secret"));
}
