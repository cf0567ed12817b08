//! Fetching all that is known of a person.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    audit::{BYTES, ENTRIES, begun, breaks_off},
    engines::Engine,
    feed,
    guards::{answer, header},
    people::{PASSWORD, Person, text},
    site::{Server, Site},
    waiting::until,
};

crate::engines::on_each_engine!(a_person_fetches_all_that_is_known_of_them_once);

fn fetch(server: &Server, token: Option<&str>) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().request(Method::GET, format!("http://{}/api/account/export", server.address));
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

async fn a_person_fetches_all_that_is_known_of_them_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let ada = Person::register(&server, "ada").await;
    let offered = ada.mutate("accountExport", json!({ "accountId": ada.account }), "token expiresAt").await;
    let token = text(&offered["token"]);
    for wrong in [None, Some(ada.tokens.access.as_str()), Some("nlb_exp_AAAA")] {
        let (status, _, problem) = answer(fetch(&server, wrong)).await;
        assert_eq!((status, &problem["code"]), (401, &json!("EXPORT_INVALID")), "{wrong:?}: {problem}");
    }
    let (status, headers, document) = answer(fetch(&server, Some(&token))).await;
    assert_eq!((status, &document["complete"]), (200, &json!(true)), "{document}");
    assert_eq!(document["profile"]["email"], "ada@example.org");
    assert_eq!(header(&headers, "content-type"), Some("application/json"));
    assert_eq!(header(&headers, "cache-control"), Some("no-store"));
    assert!(header(&headers, "content-disposition").is_some_and(|name| name.starts_with("attachment; filename=\"nalabo-acc_")));
    assert!(document["events"].as_array().is_some_and(|events| events.iter().any(|event| event["type"] == "AccountExportFetched")));
    let (status, ..) = answer(fetch(&server, Some(&token))).await;
    assert_eq!(status, 401, "once");
    let root = Person::administrator(&server).await;
    let input = json!({ "accountId": ada.account, "reason": "asked for by letter" });
    let offered = root.mutate("accountExport", input, "token").await;
    ada.mutate("accountErase", json!({ "accountId": ada.account }), "account { id }").await;
    let (status, _, problem) = answer(fetch(&server, Some(&text(&offered["token"])))).await;
    assert_eq!((status, problem.get("profile")), (401, None::<&Value>), "nothing is left of her");
    let printed = server.printed();
    assert!(!printed.contains(&token), "{printed}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_gets_no_more_of_what_is_known_of_them() {
    let site = Site::new();
    let server = site.serve();
    let ada = Person::register(&server, "ada").await;
    server.stop();
    feed::notes(&site, &ada.account, ENTRIES, BYTES).await;
    let server = site.serve();
    let (root, ada) = (Person::administrator(&server).await, Person::sign_in(&server, "ada@example.org", PASSWORD).await);
    let offered = ada.mutate("accountExport", json!({ "accountId": ada.account }), "token").await;
    let export = begun(fetch(&server, Some(&text(&offered["token"]))).send().await.expect("an answer")).await;
    root.mutate("accountSuspend", json!({ "accountId": ada.account, "reason": "shared with others" }), "account { id }").await;
    // However slowly it is read, it is put together no further.
    until("its end", async || server.printed(), |printed| printed.contains("an export broke off")).await;
    breaks_off(export).await;
    server.stop();
}
