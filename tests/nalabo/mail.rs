//! Mails, from a mutation to the file or the server that takes them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    engines::Engine,
    people::{PASSWORD, Person},
    site::{PATIENCE, Site},
};

crate::engines::on_each_engine! {
    a_new_person_verifies_their_address_and_sets_a_forgotten_password_by_what_is_mailed,
    a_mail_that_was_on_its_way_when_the_server_was_killed_is_sent_by_the_next,
}

/// The files of mails, the first first.
pub(crate) fn mails(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return vec![] };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut mails: Vec<_> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect();
    mails.sort();
    mails
}

/// What the last of so many mails says, once it is there.
async fn mail(directory: &Path, number: usize) -> String {
    let began = Instant::now();
    loop {
        if let Some(path) = mails(directory).get(number - 1) {
            return std::fs::read_to_string(path).expect("text");
        }
        assert!(began.elapsed() < PATIENCE, "there are {} mails", mails(directory).len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The code in the plain part. Long lines are broken by `=` (RFC 2045, section 6.7).
pub(crate) fn code(mail: &str) -> String {
    let text = mail.replace("=\r\n", "");
    let is_code = |line: &&str| line.len() == 87 && line.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    text.lines().find(is_code).unwrap_or_else(|| panic!("no code in {mail}")).to_owned()
}

async fn a_new_person_verifies_their_address_and_sets_a_forgotten_password_by_what_is_mailed(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve_with(&[("NALABO_TELEMETRY__LOG", "debug")]);
    let directory = site.path().join("outbox");
    let ada = Person::register(&server, "ada").await;
    let verify = code(&mail(&directory, 1).await);
    let verified = server.client().mutate("emailVerify", json!({ "token": verify }), "account { emailVerified }").await;
    assert_eq!(verified.expect("verified")["account"], json!({ "emailVerified": true }));
    server.client().mutate("passwordResetRequest", json!({ "email": "ada@example.org" }), "requested").await.expect("asked");
    let reset = code(&mail(&directory, 2).await);
    let another = "quite another password of hers";
    server.client().mutate("passwordReset", json!({ "token": reset, "password": another }), "changed").await.expect("set");
    let refused = ada.client.graphql("{ me { id } }", json!(null)).await.expect_err("signed out");
    assert_eq!(refused.codes(), ["UNAUTHENTICATED"]);
    server.client().sign_in("ada@example.org", PASSWORD).await.expect_err("it is not her password any more");
    Person::sign_in(&server, "ada@example.org", another).await;
    let told = mail(&directory, 3).await;
    assert!(told.contains("Subject: Your password has changed") && told.contains("To: ada <ada@example.org>"), "{told}");
    let printed = server.printed();
    for secret in [&verify, &reset, "ada@example.org", another] {
        assert!(!printed.contains(secret), "{secret} is in the log");
    }
    server.stop();
    let events = format!("{:?}", site.events());
    for secret in [&verify, &reset, "ada@example.org"] {
        assert!(!events.contains(secret), "{secret} is in the journal");
    }
}

async fn a_mail_that_was_on_its_way_when_the_server_was_killed_is_sent_by_the_next(engine: Engine) {
    let site = Site::on(engine);
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port().to_string();
    let server = site.serve_with(&[
        ("NALABO_MAIL__TRANSPORT", "smtp"),
        ("NALABO_MAIL__SMTP__HOST", "127.0.0.1"),
        ("NALABO_MAIL__SMTP__PORT", &port),
        ("NALABO_MAIL__SMTP__TLS", "none"),
    ]);
    Person::register(&server, "ada").await;
    let connection = tokio::time::timeout(PATIENCE, silent.accept()).await.expect("in time").expect("a mail is on its way");
    server.kill();
    drop(connection);
    let directory = site.path().join("outbox");
    assert_eq!(mails(&directory), [] as [PathBuf; 0]);
    let server = site.serve();
    code(&mail(&directory, 1).await);
    server.stop();
    let names: Vec<_> = site.events().into_iter().map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect();
    let of_mails: Vec<_> = names.iter().filter(|name| name.starts_with("Mail")).collect();
    assert_eq!(of_mails, ["MailQueued", "MailSent"], "{names:?}");
    assert_eq!(mails(&directory).len(), 1);
}
