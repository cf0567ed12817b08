//! HTTPS by the server itself.

use std::{path::Path, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use rcgen::generate_simple_self_signed;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
        version::{TLS12, TLS13},
    },
};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::site::{ADMINISTRATOR, PATIENCE, Server, Site, said};

const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// Writes a certificate for `localhost` and its key; the certificate.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).expect("written");
    made.cert.der().clone()
}

/// A server with a certificate in this folder.
fn serve(site: &Site, folder: &Path) -> Server {
    let path = |name: &str| folder.join(name).display().to_string();
    site.serve_with(&[("NALABO_TLS__CERTIFICATE", &path("cert.pem")), ("NALABO_TLS__KEY", &path("key.pem"))])
}

/// Connects, trusting this certificate alone.
async fn connect(
    server: &Server,
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a root");
    let builder =
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(versions).expect("versions");
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(server.address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").expect("a name"), stream).await
}

/// The whole answer to a query.
async fn ask(stream: &mut TlsStream<TcpStream>, query: &str, variables: Value) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer, and a farewell");
    answer
}

#[tokio::test]
async fn https_is_served_and_asked_for_from_then_on() {
    let (site, folder) = (Site::new(), tempfile::tempdir().expect("a folder"));
    let certificate = renew(folder.path());
    let server = serve(&site, folder.path());
    assert!(server.printed().contains("nalabo serves at https://"), "{}", server.printed());
    for version in BOTH {
        let mut stream = connect(&server, &certificate, &[version]).await.expect("a connection");
        let answer = ask(&mut stream, "{ __typename }", Value::Null).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"Query\""), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000; includeSubDomains\r\n"), "{answer}");
    }
    let other = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate").cert.der().clone();
    assert!(connect(&server, &other, BOTH).await.is_err(), "it is the certificate that is configured");
    server.stop();
}

#[tokio::test]
async fn who_does_not_speak_it_as_it_is_spoken_today_is_hung_up_on() {
    let (site, folder) = (Site::new(), tempfile::tempdir().expect("a folder"));
    let certificate = renew(folder.path());
    let server = serve(&site, folder.path());
    // A greeting of TLS 1.1, with one cipher and nothing else.
    let mut old = vec![22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2];
    old.extend([7; 32]);
    old.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    for (what, said, alerted) in
        [("TLS 1.1", old, true), ("HTTP", b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), true), ("nothing", vec![], false)]
    {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(&said).await.expect("sent");
        let mut answer = Vec::new();
        let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        drop(end.expect("it is closed")); // In order, or reset.
        // An alert, if anything, and nothing in the clear.
        assert!(answer.first().is_none_or(|first| *first == 21) && answer.len() < 16, "{what}: {answer:?}");
        assert!(!answer.is_empty() || !alerted, "{what} is told nothing");
    }
    assert!(connect(&server, &certificate, BOTH).await.is_ok(), "others are served");
    server.stop();
}

#[tokio::test]
async fn a_socket_goes_encrypted_too_and_is_told_when_the_server_ends() {
    let (site, folder) = (Site::new(), tempfile::tempdir().expect("a folder"));
    let certificate = renew(folder.path());
    let mut server = serve(&site, folder.path());
    let mut stream = connect(&server, &certificate, BOTH).await.expect("a connection");
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
    let answer = ask(&mut stream, sign_in, json!({ "input": { "email": ADMINISTRATOR.0, "password": ADMINISTRATOR.1 } })).await;
    let token = answer.split("\"accessToken\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token").to_owned();
    let stream = connect(&server, &certificate, BOTH).await.expect("a connection");
    let mut request = "wss://localhost/graphql/ws".into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a socket");
    let init = json!({ "type": "connection_init", "payload": { "accessToken": token } });
    socket.send(Message::text(init.to_string())).await.expect("sent");
    let welcome = socket.next().await.expect("told").expect("no fault");
    assert!(welcome.to_text().expect("text").contains("connection_ack"), "{welcome}");
    server.terminate();
    let farewell = tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time").expect("told").expect("no fault");
    assert!(matches!(&farewell, Message::Close(Some(frame)) if u16::from(frame.code) == 1001), "{farewell:?}");
    drop(socket);
    assert_eq!(server.wait().0.code(), Some(0), "{}", server.printed());
}

/// Connects again and again until it is with this certificate.
async fn until_it_is(server: &Server, certificate: &CertificateDer<'static>) {
    let connected = async {
        while connect(server, certificate, BOTH).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, connected).await.expect("it is taken soon");
}

#[tokio::test]
async fn a_new_certificate_is_taken_and_a_broken_one_is_not() {
    let (site, folder) = (Site::new(), tempfile::tempdir().expect("a folder"));
    let first = renew(folder.path());
    let server = serve(&site, folder.path());
    let mut open = connect(&server, &first, BOTH).await.expect("a connection");
    let second = renew(folder.path());
    until_it_is(&server, &second).await;
    assert!(connect(&server, &first, BOTH).await.is_err(), "the one before is not shown any more");
    let answer = ask(&mut open, "{ __typename }", Value::Null).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "who was connected stays so: {answer}");
    // A key that is another's, a file that is none, and one that is not there.
    let warned = |server: &Server| server.printed().matches("cannot be used; the one before stays").count();
    let before = warned(&server);
    let key = std::fs::read(folder.path().join("key.pem")).expect("a key");
    let broken: [(&str, Option<&str>); 3] = [("cert.pem", Some("nonsense")), ("key.pem", Some("nonsense")), ("key.pem", None)];
    for (n, (name, text)) in broken.into_iter().enumerate() {
        match text {
            Some(text) => std::fs::write(folder.path().join(name), text).expect("written"),
            None => std::fs::remove_file(folder.path().join(name)).expect("removed"),
        }
        let told = async {
            while warned(&server) <= before + n {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect("told of soon");
        connect(&server, &second, BOTH).await.expect("the one before stays");
    }
    // It has been looked several times since: each is told of once.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(warned(&server), before + 3, "{}", server.printed());
    assert!(!server.printed().contains(std::str::from_utf8(&key).expect("text").lines().nth(1).expect("a line")), "the key is not logged");
    let third = renew(folder.path());
    until_it_is(&server, &third).await;
    server.stop();
}

#[test]
fn a_server_does_not_start_without_what_it_needs_to_encrypt() {
    let (site, folder) = (Site::new(), tempfile::tempdir().expect("a folder"));
    renew(folder.path());
    let cert = folder.path().join("cert.pem");
    let other = tempfile::tempdir().expect("a folder");
    renew(other.path());
    for (key, told) in [
        (folder.path().join("nowhere.pem"), "nowhere.pem"),
        (cert.clone(), "a private key"),
        (other.path().join("key.pem"), "cannot be used with"),
    ] {
        let mut serve = site.command(&["serve", "--listen", "127.0.0.1:0"]);
        let output = serve.env("NALABO_TLS__CERTIFICATE", &cert).env("NALABO_TLS__KEY", &key).output().expect("the binary runs");
        assert!(!output.status.success() && said(&output).contains(told), "{told}: {}", said(&output));
    }
}
