//! An event that a read model cannot take: it is parked, which everybody is told of, and the others and the API go on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    authoring::reading,
    engines::{Engine, on_each_engine},
    feed,
    people::{PASSWORD, Person},
    site::{PATIENCE, Server, Site, said},
};

on_each_engine! {
    a_poisonous_event_parks_one_read_model_and_everything_else_goes_on,
}

mod mended {
    crate::engines::on_postgres! {
        a_read_model_whose_fault_was_mended_goes_on_when_it_is_told_to(),
    }
}

/// What the command line tells of a read model.
fn status(site: &Site, name: &str) -> Value {
    let output = site.run(&["projections", "status", "--json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    let found = status["models"].as_array().expect("read models").iter().find(|model| model["name"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {status}")).clone()
}

async fn metric(server: &Server, name: &str) -> Option<String> {
    let (_, metrics) = server.client().get("/metrics").await.expect("an answer");
    let line = format!("nalabo_projection_parked{{read_model=\"{name}\"}} ");
    metrics.lines().find_map(|text| text.strip_prefix(line.as_str()).map(ToOwned::to_owned))
}

/// Waits until the metric says so.
async fn parked(server: &Server, name: &str, wanted: &str) {
    let began = Instant::now();
    while metric(server, name).await.as_deref() != Some(wanted) {
        assert!(began.elapsed() < PATIENCE, "{name} is not {wanted}: {}", server.printed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn resume(site: &Site, name: &str) {
    let output = site.run(&["projections", "resume", name, "--json"]);
    let resumed: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert_eq!(resumed, json!({ "name": name, "wasParked": true }));
}

async fn a_poisonous_event_parks_one_read_model_and_everything_else_goes_on(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    server.stop();
    feed::streams(&site, "account", "AccountRegistered", &json!({ "Registered": {} }), 1).await;

    let server = site.serve();
    parked(&server, "accounts", "1").await;
    assert_eq!(metric(&server, "workshops").await.as_deref(), Some("0"));
    let printed = server.printed();
    let line = printed.lines().find(|line| line.contains("is parked")).unwrap_or_else(|| panic!("nothing in the log: {printed}"));
    assert!(line.contains("accounts") && line.contains("ERROR"), "{line}");
    let told = status(&site, "accounts");
    assert_eq!(told["state"], "parked", "{told}");
    assert!(told["parked"].as_str().is_some_and(|why| why.contains("account/")), "{told}");
    let (ready, body) = server.client().get("/readyz").await.expect("an answer");
    assert_eq!(ready, 200, "the others are served: {body}");

    // The API goes on, what is read from the others included; nobody waits for the parked one.
    let author = Person { client: server.client().with_token(author.tokens.access.clone()), ..author };
    for number in 0..3 {
        let drafted = author
            .mutate("workshopDraft", json!({ "slug": format!("draft-{number}"), "content": reading(1, 1) }), "workshop { id } stale")
            .await;
        assert_eq!(drafted["stale"], false);
    }
    assert_eq!(author.query("{ me { id } }", Value::Null).await["me"]["id"], author.account.as_str());
    Person::sign_in(&server, "author@example.org", PASSWORD).await;
    assert!(status(&site, "workshops")["position"].as_i64() > status(&site, "accounts")["position"].as_i64());

    // It tries again, and stops at the same event, which is not passed over.
    let before = status(&site, "accounts");
    resume(&site, "accounts");
    let began = Instant::now();
    while server.printed().matches("is parked").count() < 2 {
        assert!(began.elapsed() < PATIENCE, "it does not try again: {}", server.printed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let after = status(&site, "accounts");
    assert_eq!((&after["position"], &after["parked"]), (&before["position"], &before["parked"]));
    server.stop();
}

async fn a_read_model_whose_fault_was_mended_goes_on_when_it_is_told_to() {
    let site = Site::on(Engine::Postgres);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let schema = site.sql("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'read\\_models\\_%'");
    site.sql(&format!(
        "CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room' USING ERRCODE = 'check_violation'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON {schema}.workshops FOR EACH ROW EXECUTE FUNCTION {schema}.refuse()"
    ));
    let input = json!({ "slug": "late", "content": reading(1, 1) });
    author.mutate("workshopDraft", input, "errors { code }").await;
    parked(&server, "workshops", "1").await;
    assert!(status(&site, "workshops")["parked"].as_str().is_some_and(|why| why.contains("no room")), "{}", status(&site, "workshops"));
    let gisela = Person::register(&server, "gisela").await;
    assert_eq!(gisela.query("{ me { displayName } }", Value::Null).await["me"]["displayName"], "gisela", "the others go on");

    site.sql(&format!("DROP TRIGGER refuse ON {schema}.workshops"));
    resume(&site, "workshops");
    parked(&server, "workshops", "0").await;
    let began = Instant::now();
    loop {
        let found = author.query("query($slug: String!) { workshop(slug: $slug) { id } }", json!({ "slug": "late" })).await;
        if !found["workshop"].is_null() {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "what came meanwhile is not taken");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop();
}
