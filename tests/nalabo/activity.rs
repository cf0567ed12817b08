//! What administrators see of what goes on, and sign-ins that are unusual.

use serde_json::{Value, json};

use crate::{
    engines::Engine,
    guards::answer,
    people::{PASSWORD, Person, text},
    site::{Server, Site, files_in},
    waiting::until,
};

crate::engines::on_each_engine! {
    who_signs_in_from_two_places_at_once_is_shown_to_administrators_and_told,
}

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
const ALERTS: &str = "query($account: ID) { activity { alerts(filter: { accountId: $account }) {
    nodes { reasons address userAgent account { id } whereabout { country place } tooFarFrom { country place } } } } }";
const ACTIVITY: &str = "query($account: ID, $actor: String) { activity {
    signIns(accountId: $account) { nodes { address userAgent unusual account { id } } }
    requestsByOperation(per: HOUR, operation: \"signIn\") { nodes { accepted refused } }
    requestsByActor(per: DAY, actor: $actor) { nodes { accepted refused } } } }";
const PLACES: &str = "[{country=\"FR\",place=\"Paris\",networks=[\"192.0.2.0/24\"],latitude=48.86,longitude=2.35},\
    {country=\"JP\",networks=[\"198.51.100.0/24\"],latitude=35.68,longitude=139.69}]";

/// Signs in by a proxy; the access token, or none if the password is wrong.
async fn sign_in(server: &Server, address: &str, password: &str) -> Option<String> {
    let input = json!({ "email": "kit@example.org", "password": password });
    let request = reqwest::Client::new().post(format!("http://{}/graphql", server.address));
    let request = request.header("x-forwarded-for", address).header("user-agent", "Browser/1.0");
    let (status, _, body) = answer(request.json(&json!({ "query": SIGN_IN, "variables": { "input": input } }))).await;
    assert_eq!(status, 200, "{body}");
    body["data"]["signIn"]["accessToken"].as_str().map(str::to_owned)
}

async fn who_signs_in_from_two_places_at_once_is_shown_to_administrators_and_told(engine: Engine) {
    let site = Site::on(engine);
    let settings = [("NALABO_TRUSTED_PROXIES", "[\"127.0.0.0/8\"]"), ("NALABO_UNUSUAL_SIGN_INS__PLACES", PLACES)];
    let server = site.serve_with(&settings);
    let administrator = Person::administrator(&server).await;
    let input = json!({ "email": "kit@example.org", "displayName": "kit", "password": PASSWORD });
    server.client().mutate("accountRegister", input, "account { id }").await.expect("registered");
    let first = sign_in(&server, "192.0.2.7", PASSWORD).await.expect("signed in");
    let me = server.client().with_token(first.clone()).graphql("{ me { id } }", Value::Null).await.expect("answered");
    let kit = text(&me["me"]["id"]);
    // Otherwise it could be the other that is found too far away.
    let seen = |data: &Value| data.to_string().contains("SignInSeen");
    let events = "query($account: String) { events(last: 20, filter: { streamId: $account }) { nodes { type } } }";
    administrator.until(events, json!({ "account": kit }), seen).await;
    assert_eq!(sign_in(&server, "198.51.100.7", "a password that is wrong").await, None);
    sign_in(&server, "198.51.100.7", PASSWORD).await.expect("signed in");

    let count = |data: &Value| data["activity"]["alerts"]["nodes"].as_array().map_or(0, Vec::len);
    let data = administrator.until(ALERTS, json!({ "account": kit }), |data| count(data) > 0).await;
    let expected = json!([{ "reasons": ["NEW_COUNTRY", "TOO_FAR"], "address": "198.51.100.7", "userAgent": "Browser/1.0",
        "account": { "id": kit }, "whereabout": { "country": "JP", "place": null }, "tooFarFrom": { "country": "FR", "place": "Paris" } }]);
    assert_eq!(data["activity"]["alerts"]["nodes"], expected);

    let sum = |data: &Value, list: &str, what: &str| -> i64 {
        data["activity"][list]["nodes"].as_array().expect("counts").iter().filter_map(|count| count[what].as_i64()).sum()
    };
    let refused = |data: &Value| sum(data, "requestsByOperation", "refused") == 1;
    let data = administrator.until(ACTIVITY, json!({ "account": kit, "actor": kit }), refused).await;
    let sign_ins = &data["activity"]["signIns"]["nodes"];
    assert_eq!((&sign_ins[0]["address"], &sign_ins[1]["address"]), (&json!("198.51.100.7"), &json!("192.0.2.7")), "{data}");
    assert_eq!((&sign_ins[0]["unusual"], &sign_ins[1]["unusual"]), (&json!(["NEW_COUNTRY", "TOO_FAR"]), &json!([])), "{data}");
    assert_eq!((sum(&data, "requestsByOperation", "accepted"), sum(&data, "requestsByActor", "accepted")), (3, 2), "{data}");

    let own = server.client().with_token(first).graphql("{ devices { nodes { address unusual } } }", Value::Null).await.expect("answered");
    assert!(own["devices"]["nodes"].to_string().contains("TOO_FAR"), "{own}");
    let directory = site.path().join("outbox");
    let is_told =
        || files_in(&directory).iter().any(|mail| std::fs::read_to_string(mail).is_ok_and(|mail| mail.contains("unusual sign-in")));
    until("a mail that tells of it", async || is_told(), |told: &bool| *told).await;
    server.stop();
    let events = format!("{:?}", site.events());
    for personal in ["198.51.100.7", "Paris", "Browser/"] {
        assert!(!events.contains(personal), "{personal} is in the journal");
    }
    assert!(events.contains("SignInFoundUnusual"));
}
