use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use domain::identity::mail::Occasion;
use tempfile::TempDir;

use super::*;
use crate::{
    config::{MailConfig, MailTransport},
    mail::{postman, tests::outgoing},
};

/// A mail server of its own for one test. Dropping it kills it.
struct Server {
    child: Child,
    port: u16,
    directory: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Python with the mail server in it.
fn python() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let python = target.join("mail-server/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/test, which makes it", python.display());
    python
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nalabo/mail/server.py");
        let mut command = Command::new(python());
        let mut child = command.arg(script).arg(directory.path()).args(arguments).stdout(Stdio::piped()).spawn().expect("started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        Self { child, port: line.trim().parse().expect("a port"), directory }
    }

    /// With a certificate for localhost, which is in the file.
    fn with_certificate(folder: &TempDir, arguments: &[&str]) -> (Self, PathBuf) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let (cert_name, key_name) = (cert.display().to_string(), key.display().to_string());
        let arguments = [&["--cert", &cert_name, "--key", &key_name], arguments].concat();
        (Self::start(&arguments), cert)
    }

    fn config(&self, tls: MailTls) -> SmtpConfig {
        SmtpConfig { host: Some("localhost".into()), port: self.port, tls, timeout_seconds: 20, ..SmtpConfig::default() }
    }

    /// Whom it has taken mails for, and what they say.
    fn taken(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(self.directory.path()).expect("a directory").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> =
            entries.filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))).collect();
        files.sort();
        let read = |path: PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let (_, address) = name.split_once('-').expect("a number before it");
            (address.to_owned(), std::fs::read_to_string(&path).expect("text"))
        };
        files.into_iter().map(read).collect()
    }
}

async fn send(config: SmtpConfig, to: &str) -> Result<(), Undelivered> {
    let config = MailConfig { transport: MailTransport::Smtp, smtp: config, ..MailConfig::default() };
    let postman = postman(&config, Path::new("/nowhere")).expect("a postman");
    postman.deliver(&outgoing(to, Occasion::ResetPassword)).await
}

const fn passing(failure: Failure) -> Result<(), Undelivered> {
    Err(Undelivered { failure, permanent: false })
}

const fn permanent(failure: Failure) -> Result<(), Undelivered> {
    Err(Undelivered { failure, permanent: true })
}

#[tokio::test]
async fn what_a_server_answers_says_whether_to_try_again() {
    let server = Server::start(&[]);
    let send = async |to: &str| send(server.config(MailTls::None), to).await;
    assert_eq!(send("ada@example.org").await, Ok(()));
    assert_eq!(send("never@example.org").await, permanent(Failure::Reply(550)));
    assert_eq!(send("policy@example.org").await, permanent(Failure::Reply(554)));
    assert_eq!(send("later@example.org").await, passing(Failure::Reply(451)));
    assert_eq!(send("later@example.org").await, Ok(()));
    assert_eq!(send("half@example.org").await, passing(Failure::Connection));
    assert_eq!(send("half@example.org").await, Ok(()));
    let taken: Vec<_> = server.taken().into_iter().map(|(to, _)| to).collect();
    assert_eq!(taken, ["ada@example.org", "later@example.org", "half@example.org"]);
}

#[tokio::test]
async fn a_mail_of_which_nobody_knows_whether_it_was_taken_comes_again_under_its_id() {
    let server = Server::start(&[]);
    assert_eq!(send(server.config(MailTls::None), "unsaid@example.org").await, passing(Failure::Connection));
    assert_eq!(send(server.config(MailTls::None), "unsaid@example.org").await, Ok(()));
    let ids: Vec<_> =
        server.taken().iter().map(|(_, text)| text.lines().find(|line| line.starts_with("Message-ID:")).map(str::to_owned)).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[0].is_some() && ids[0] == ids[1], "{ids:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_says_nothing_is_tried_again() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let config = SmtpConfig { host: Some("127.0.0.1".into()), port, tls: MailTls::None, timeout_seconds: 1, ..SmtpConfig::default() };
    assert_eq!(send(config.clone(), "ada@example.org").await, passing(Failure::Connection));
    drop(silent);
    assert_eq!(send(config, "ada@example.org").await, passing(Failure::Connection));
}

#[tokio::test]
async fn an_address_that_the_server_cannot_write_is_not_tried_again() {
    let server = Server::start(&[]);
    let sent = send(server.config(MailTls::None), "zoë@example.org").await;
    // This server says that it takes such addresses (RFC 6531).
    assert_eq!(sent, Ok(()));
    let config = SmtpConfig { host: Some("127.0.0.1".into()), port: plain_server().await, tls: MailTls::None, ..SmtpConfig::default() };
    assert_eq!(send(config, "zoë@example.org").await, permanent(Failure::Address));
}

/// A server that knows nothing beyond RFC 821.
async fn plain_server() -> u16 {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let (reader, mut writer) = stream.into_split();
        writer.write_all(b"220 localhost\r\n").await.expect("written");
        let mut lines = tokio::io::BufReader::new(reader).lines();
        while let Ok(Some(_)) = lines.next_line().await {
            writer.write_all(b"250 localhost\r\n").await.expect("written");
        }
    });
    port
}

#[tokio::test]
async fn mails_go_through_tls_from_the_beginning_or_by_starttls_with_a_certificate_that_is_trusted() {
    let folder = TempDir::new().expect("a folder");
    for (tls, arguments) in [(MailTls::Starttls, &[][..]), (MailTls::Tls, &["--wrapped"])] {
        let (server, cert) = Server::with_certificate(&folder, arguments);
        assert_eq!(send(server.config(tls), "ada@example.org").await, passing(Failure::Connection), "{tls:?}: nobody trusts it");
        let trusting = SmtpConfig { ca_file: Some(cert), ..server.config(tls) };
        assert_eq!(send(trusting.clone(), "ada@example.org").await, Ok(()), "{tls:?}");
        let by_address = SmtpConfig { host: Some("127.0.0.1".into()), ..trusting };
        assert_eq!(send(by_address, "ada@example.org").await, passing(Failure::Connection), "{tls:?}: it is another's");
        assert_eq!(server.taken().len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_to_a_server_without_starttls() {
    let server = Server::start(&[]);
    assert_eq!(send(server.config(MailTls::Starttls), "ada@example.org").await, passing(Failure::Tls));
    assert_eq!(server.taken(), []);
}

#[tokio::test]
async fn a_user_with_a_password_is_let_in_and_a_wrong_one_parks_nothing() {
    let folder = TempDir::new().expect("a folder");
    let (server, cert) = Server::with_certificate(&folder, &["--login", "nalabo", "a good word"]);
    let file = folder.path().join("password");
    std::fs::write(&file, "a good word\n").expect("written");
    let config = SmtpConfig { ca_file: Some(cert), user: Some("nalabo".into()), ..server.config(MailTls::Starttls) };
    let right = SmtpConfig { password_file: Some(file), ..config.clone() };
    assert_eq!(send(right, "ada@example.org").await, Ok(()));
    let wrong = SmtpConfig { password: Some("another".to_owned().into()), ..config.clone() };
    assert_eq!(send(wrong, "ada@example.org").await, passing(Failure::Reply(535)));
    assert_eq!(send(SmtpConfig { user: None, ..config }, "ada@example.org").await, passing(Failure::Reply(530)));
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn an_entry_for_calendars_arrives_as_it_was_attached() {
    let server = Server::start(&[]);
    let config = MailConfig { transport: MailTransport::Smtp, smtp: server.config(MailTls::None), ..MailConfig::default() };
    let postman = postman(&config, Path::new("/nowhere")).expect("a postman");
    for occasion in [Occasion::RegistrationConfirmed, Occasion::RunMoved, Occasion::RunCancelled] {
        postman.deliver(&outgoing("guest@example.org", occasion)).await.expect("taken");
    }
    let taken = server.taken();
    assert_eq!(taken.len(), 3);
    for (_, mail) in taken {
        let read = crate::calendar::tests::read_attached(&mail);
        assert_eq!((&read["events"][0]["SUMMARY"], &read["events"][0]["LOCATION"]), (&"Containers".into(), &"Technopark, Zürich".into()));
    }
}
