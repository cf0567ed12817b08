//! Guests who are erased: by the link that was mailed to them, and by rounds of a server after their run.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    ask,
    guests::{invite, mail, token},
    published, refused, text,
};
use crate::{
    engines::Engine,
    people::Person,
    retention::aging::age,
    site::{Server, Site, said},
};

crate::engines::on_each_engine! { a_guest_is_erased_by_their_link }

const PATH: &str = "/api/guest/erasure";
const SEEN: &str = "/api/guest/registration";
const SHOWN: &str = "query($run: ID!) { registrations(runId: $run, first: 10) { nodes { state registrant { name email } } } }";
const FORGOTTEN: &str = "{ events(filter: { types: [\"RegistrantForgotten\"] }, last: 10) { nodes { type } } }";

/// The guest who was invited registers; their token.
async fn registers(site: &Site, server: &Server) -> String {
    let token = token(&mail(&site.path().join("outbox"), "You are invited").await);
    let wanted = json!({ "name": "Joan Clarke", "ticket": "seat" });
    assert_eq!(ask(server, Some(&token), Method::POST, SEEN, Some(&wanted)).await.status(), StatusCode::OK);
    token
}

async fn a_guest_is_erased_by_their_link(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let grace = Person::with_role(&server, "grace", "organiser").await;
    let run = published(&grace, 1, 0).await;
    invite(&grace, &run).await;
    let token = registers(&site, &server).await;
    let shown = async || grace.query(SHOWN, json!({ "run": run })).await["registrations"]["nodes"].clone();
    let known = json!([{ "state": "CONFIRMED", "registrant": { "name": "Joan Clarke", "email": "joan@example.org" } }]);
    assert_eq!(shown().await, known);
    let file = format!("/api/registrations?format=csv&run={run}");
    assert!(text(&server, Some(&grace.tokens.access), &file).await.contains("joan@example.org"));

    for (worthless, code) in [(None, "UNAUTHENTICATED"), (Some("nonsense"), "GUEST_LINK_INVALID")] {
        assert_eq!(refused(ask(&server, worthless, Method::POST, PATH, None).await).await, (401, code.to_owned()));
    }
    assert_eq!(ask(&server, Some(&token), Method::POST, PATH, None).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(shown().await, json!([{ "state": "WITHDRAWN", "registrant": { "name": null, "email": null } }]));
    let listed = text(&server, Some(&grace.tokens.access), &file).await;
    assert!(listed.contains("withdrawn") && !listed.contains("Joan") && !listed.contains("joan@"), "{listed}");
    for (method, path) in [(Method::POST, PATH), (Method::GET, SEEN), (Method::GET, "/api/guest/check-in.svg")] {
        assert_eq!(refused(ask(&server, Some(&token), method, path, None).await).await, (401, "GUEST_LINK_INVALID".to_owned()), "{path}");
    }
    let entry = "{ auditTrail(filter: { action: \"guestErase\", outcome: ACCEPTED }, first: 10) { nodes { actor } } }";
    let by_the_link = json!([{ "actor": "anonymous" }]);
    let administrator = Person::administrator(&server).await;
    administrator.until(entry, Value::Null, |data| data["auditTrail"]["nodes"] == by_the_link).await;
    server.stop();
    let verified = site.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_are_erased_after_their_run_where_the_operator_wants_that() {
    let site = Site::new();
    let server = site.serve();
    let grace = Person::with_role(&server, "grace", "organiser").await;
    // In half a year.
    let run = published(&grace, 1, 0).await;
    invite(&grace, &run).await;
    let token = registers(&site, &server).await;
    server.stop();
    age(&site, 0, TimeDelta::days(220));

    // It was over forty days ago.
    let server = site.serve();
    assert_eq!(ask(&server, Some(&token), Method::GET, SEEN, None).await.status(), StatusCode::OK, "they are kept for ever");
    server.stop();
    let server = site.serve_with(&[("NALABO_RETENTION__GUEST_DAYS", "30")]);
    let administrator = Person::administrator(&server).await;
    administrator.until(FORGOTTEN, Value::Null, |data| data["events"]["nodes"].as_array().is_some_and(|events| events.len() == 1)).await;
    assert_eq!(refused(ask(&server, Some(&token), Method::GET, SEEN, None).await).await, (401, "GUEST_LINK_INVALID".to_owned()));
    let entry = "{ auditTrail(filter: { action: \"guestErase\", outcome: ACCEPTED }, first: 10) { nodes { actor } } }";
    let by_the_program = json!([{ "actor": "system:retention" }]);
    administrator.until(entry, Value::Null, |data| data["auditTrail"]["nodes"] == by_the_program).await;
    server.stop();
    let verified = site.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}
