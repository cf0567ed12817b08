//! What is taken of a kubeconfig, and what is refused.

use secrecy::ExposeSecret;

use super::*;

const PLAIN: &str = "apiVersion: v1
kind: Config
preferences: {}
current-context: one
clusters:
- name: cluster
  cluster:
    server: https://cluster.example:6443
users:
- name: user
  user:
    token: very-secret
contexts:
- name: one
  context: {cluster: cluster, user: user, namespace: here}
";

fn with(cluster: &str, user: &str) -> String {
    PLAIN.replace("    server:", &format!("    {cluster}\n    server:")).replace("    token:", &format!("    {user}\n    token:"))
}

fn refusal(text: &str) -> String {
    let error = read(text, None).expect_err("it is refused");
    assert!(!error.to_string().contains("very-secret"), "{error}");
    error.field
}

#[test]
fn a_plain_one_is_read() {
    let connection = read(PLAIN, None).expect("a connection");
    assert_eq!((connection.server().as_str(), connection.namespace()), ("https://cluster.example:6443", Some("here")));
    assert!(matches!(connection.credential(), Credential::Token(token) if token.expose_secret() == "very-secret"));
    assert!(!format!("{connection:?}").contains("very-secret"));
}

#[test]
fn what_would_run_read_or_trust_something_is_refused_by_name_with_the_way_out() {
    let of_users =
        ["exec: {command: sh}", "auth-provider: {name: gcp}", "client-certificate: /a", "client-key: /a", "tokenFile: /a", "as: root"];
    for field in of_users.into_iter().chain(["act-as: root", "act-as-groups: [a]", "username: a", "password: very-secret"]) {
        let (name, _) = field.split_once(':').expect("a field");
        assert_eq!(refusal(&with("", field)), format!("users[0].user.{name}"));
    }
    let of_clusters =
        ["certificate-authority: /a", "proxy-url: http://a", "insecure-skip-tls-verify: true", "tls-server-name: a", "strange: a"];
    for field in of_clusters {
        let (name, _) = field.split_once(':').expect("a field");
        assert_eq!(refusal(&with(field, "")), format!("clusters[0].cluster.{name}"));
    }
    let error = read(&with("", "exec: {command: sh}"), None).expect_err("it is refused").to_string();
    assert!(error.contains("nalabo clusters connect-script"), "{error}");
}

#[test]
fn a_context_must_be_chosen_among_several() {
    let several = format!("{}- name: two\n  context: {{cluster: cluster, user: user}}\n", PLAIN.replace("current-context: one\n", ""));
    assert_eq!(refusal(&several), "current-context");
    assert_eq!(read(&several, Some("two")).expect("a connection").namespace(), None);
    assert_eq!(read(&several, Some("three")).expect_err("no such context").field, "current-context");
    assert_eq!(read(&PLAIN.replace("current-context: one\n", ""), None).expect("the only one").namespace(), Some("here"));
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let faults = [
        (PLAIN.replace("    token: very-secret", "    extensions: []"), "users[0].user.token"),
        (PLAIN.replace("token: very-secret", "client-key-data: very-secret"), "users[0].user.client-certificate-data"),
        (with("", "client-certificate-data: YQ=="), "users[0].user.token"),
        (with("certificate-authority-data: '*very-secret*'", ""), "clusters[0].cluster.certificate-authority-data"),
        (with("certificate-authority-data: YQ==", ""), "certificate-authority-data"),
        (PLAIN.replace("https://", "http://"), "clusters[0].cluster.server"),
        (PLAIN.replace("kind: Config", "kind: Secret"), "kind"),
        (PLAIN.replace("cluster: cluster, user: user", "cluster: other, user: user"), "contexts[0].context.cluster"),
        (PLAIN.replace("users:", "people:"), "people"),
        (format!("{PLAIN}---\na: b\n"), "kubeconfig, line 16"),
        ("{very-secret".to_owned(), "kubeconfig, line 2"),
        (String::new(), "kubeconfig, line 1"),
        ("a".repeat(LARGEST + 1), "kubeconfig"),
    ];
    for (text, field) in faults {
        assert_eq!(refusal(&text), field);
    }
}

#[test]
fn aliases_are_followed_up_to_a_bound() {
    let anchored = PLAIN.replace("namespace: here", "namespace: &n here").replace("preferences: {}", "preferences: {}\nextensions: &e []");
    assert!(read(&anchored, None).is_ok());
    let bomb = format!("extensions: &e [a, b]\npreferences: [{}]\n{PLAIN}", "*e, ".repeat(17)).replacen("preferences: {}\n", "", 1);
    assert!(read(&bomb, None).expect_err("too many").reason.contains("aliases"));
    let doubling = (1..16).map(|at| format!("- &a{at} [*a{0}, *a{0}]\n", at - 1)).collect::<Vec<_>>().concat();
    let error = read(&format!("extensions:\n- &a0 [x, x, x, x]\n{doubling}{PLAIN}"), None).expect_err("too many");
    assert!(error.field.starts_with("kubeconfig, line"), "{error}");
    let deep = format!("extensions: {}{}\n", "[".repeat(40), "]".repeat(40));
    assert!(read(&deep, None).expect_err("too deep").reason.contains("deep"));
}
