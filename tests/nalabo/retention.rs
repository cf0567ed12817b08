//! Accounts that nobody uses, from the mail about it to their end, and old keys of addresses, as rounds of a server find them.

mod addresses;
pub(crate) mod aging;

use std::path::Path;

use chrono::TimeDelta;
use serde_json::{Value, json};

use self::aging::age;
use crate::{
    mail::mails,
    people::{PASSWORD, Person},
    runs::{published, registered},
    site::{Site, said},
    waiting::until,
};

const SETTINGS: [(&str, &str); 1] = [("NALABO_RETENTION__INACTIVE_DAYS", "30")];
const MAILS: &str = "{ events(filter: { types: [\"MailQueued\", \"MailSent\"] }, last: 50) { nodes { type } } }";
const ERASED: &str = "{ events(filter: { types: [\"AccountErased\"] }, last: 50) { nodes { type } } }";

/// To whom mails went about being unused, in the order of their names.
fn told(outbox: &Path) -> Vec<String> {
    let mails = mails(outbox).into_iter().map(|path| std::fs::read_to_string(path).expect("text"));
    let about = mails.filter(|mail| mail.contains("Subject: Your account is about to be erased"));
    let to = |mail: String| mail.lines().find_map(|line| line.strip_prefix("To: ")).expect("somebody").to_owned();
    let mut told: Vec<_> = about.map(to).collect();
    told.sort();
    told
}

/// How many events of a name there are.
fn of(data: &Value, name: &str) -> usize {
    data["events"]["nodes"].as_array().expect("events").iter().filter(|event| event["type"] == name).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_come_back_is_told_and_erased_and_nobody_else_is() {
    let site = Site::new();
    let outbox = site.path().join("outbox");
    let server = site.serve();
    let ada = Person::register(&server, "ada").await;
    Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let grace = Person::with_role(&server, "grace", "organiser").await;
    // Both have a run before them, in half a year.
    registered(&carol, &published(&grace, 5, 0).await).await;
    server.stop();

    // It is forty days later. Who has an account that is kept for thirty was to be told by now.
    let head = age(&site, 0, TimeDelta::days(40));
    let server = site.serve_with(&SETTINGS);
    let administrator = Person::administrator(&server).await;
    let both = until("who is told", async || told(&outbox), |told| told.len() == 2).await;
    assert_eq!(both, ["ada <ada@example.org>", "bob <bob@example.org>"]);
    // When they were told counts from when the journal knows of it.
    administrator.until(MAILS, Value::Null, |data| of(data, "MailSent") == of(data, "MailQueued")).await;
    Person::sign_in(&server, "bob@example.org", PASSWORD).await;
    server.stop();
    assert!(!site.events().iter().any(|event| event["type"] == "AccountErased"), "there are two weeks to come back in");

    // That was fifteen days ago.
    age(&site, head, TimeDelta::days(15));
    let server = site.serve_with(&SETTINGS);
    let administrator = Person::administrator(&server).await;
    administrator.until(ERASED, Value::Null, |data| of(data, "AccountErased") > 0).await;
    server.client().sign_in("ada@example.org", PASSWORD).await.expect_err("there is no such account any more");
    for name in ["bob", "carol", "grace"] {
        Person::sign_in(&server, &format!("{name}@example.org"), PASSWORD).await;
    }
    let query = "query($subject: String!) {
        auditTrail(filter: { action: \"accountErase\", outcome: ACCEPTED, subject: $subject }, first: 10) { nodes { actor } }
    }";
    let by_the_program = json!([{ "actor": "system:retention" }]);
    administrator.until(query, json!({ "subject": ada.account }), |data| data["auditTrail"]["nodes"] == by_the_program).await;
    server.stop();
    let erased = site.events().into_iter().filter(|event| event["type"] == "AccountErased").count();
    assert_eq!((erased, told(&outbox).len()), (1, 2), "nobody else is erased, and nobody is told twice");
    let verified = site.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}
