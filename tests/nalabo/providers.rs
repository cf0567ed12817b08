//! Signing in with a provider: the binary, a real provider, and a browser between them.

mod lies;
mod provider;

use nalabo::client::Client;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    engines::Engine,
    people::{PASSWORD, Person, text},
    site::{Server, Site},
};
use provider::{Browser, Page, Provider, SECRET, at};

crate::engines::on_each_engine! {
    somebody_who_is_new_has_an_account_and_is_who_they_are_the_next_time,
    an_account_is_nobodys_to_take_by_its_address,
    an_account_is_linked_and_unlinked_by_its_owner,
    roles_come_and_go_with_what_the_provider_says,
    a_second_factor_is_asked_for_unless_the_provider_has_seen_one,
}

const PROGRAM: &str = "/auth/corp?program=true";
const ME: &str = "{ me { id email displayName emailVerified roles { role { id } } } }";

/// What a program trades a code for.
async fn tokens(server: &Server, page: &Page) -> Value {
    let code = page.said["code"].as_str().unwrap_or_else(|| panic!("no code: {page:?}"));
    let selection = "accessToken challenge refreshToken account { id }";
    server.client().mutate("signInWithProvider", json!({ "code": code }), selection).await.expect("signed in")
}

/// Signs in as whom the provider knows, by a program.
async fn sign_in(server: &Server, path: &str) -> (Client, Value) {
    let tokens = tokens(server, &Browser::new().through(server, path).await).await;
    let client = server.client().with_token(tokens["accessToken"].as_str().expect("a token"));
    let me = client.graphql(ME, Value::Null).await.expect("answered");
    (client, me["me"].clone())
}

fn error(page: &Page) -> &str {
    page.said["error"].as_str().unwrap_or_else(|| panic!("no error: {page:?}"))
}

async fn somebody_who_is_new_has_an_account_and_is_who_they_are_the_next_time(engine: Engine) {
    let (site, provider) = (Site::on(engine), Provider::start());
    let server = provider.serve(&site, &[("NALABO_TELEMETRY__LOG", "debug")]);
    provider.knows("ada", json!({})).await;
    let listed = server.client().graphql("{ providers { name label path } }", Value::Null).await.expect("listed");
    assert_eq!(listed["providers"], json!([{ "name": "corp", "label": "The corporation", "path": "/auth/corp" }]));
    let mut browser = Browser::new();
    let page = browser.through(&server, "/auth/corp").await;
    assert_eq!((page.status, &page.said), (StatusCode::OK, &json!({ "signedIn": true })));
    let kept = page.set.iter().find(|set| set.starts_with("__Host-nalabo-refresh=")).expect("a cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(kept.contains(attribute), "{kept}");
    }
    assert!(page.set.iter().any(|set| set.starts_with("__Host-nalabo-provider=; Max-Age=0")), "{:?}", page.set);
    let refresh = &browser.cookies[&server.address.port()]["__Host-nalabo-refresh"];
    let tokens = server.client().mutate("tokenRefresh", json!({ "refreshToken": refresh }), "accessToken account { id }").await;
    let account = tokens.expect("a normal sign-in")["account"]["id"].clone();
    let (client, me) = sign_in(&server, PROGRAM).await;
    let roles = json!([{ "role": { "id": "learner" } }]);
    let expected = json!({ "id": account, "email": "ada@example.org", "displayName": "ada", "emailVerified": true, "roles": roles });
    assert_eq!(me, expected);
    let linked = client.graphql("{ linkedProviders { provider roles } }", Value::Null).await.expect("answered");
    assert_eq!(linked["linkedProviders"], json!([{ "provider": "corp", "roles": [] }]));
    server.client().sign_in("ada@example.org", PASSWORD).await.expect_err("there is no password");
    let printed = server.printed();
    server.stop();
    let events = site.events();
    let opened = events.iter().filter(|event| event["type"] == "AccountRegistered").count();
    assert_eq!(opened, 2, "the administrator's and hers");
    for secret in [SECRET, refresh.as_str(), "ada@example.org"] {
        assert!(!printed.contains(secret), "{secret} is in the log");
        assert!(!format!("{events:?}").contains(secret), "{secret} is in the journal");
    }
}

async fn an_account_is_nobodys_to_take_by_its_address(engine: Engine) {
    let (site, provider) = (Site::on(engine), Provider::start());
    let server = provider.serve(&site, &[]);
    Person::register(&server, "ada").await;
    provider.knows("ada", json!({})).await;
    assert_eq!(error(&Browser::new().through(&server, "/auth/corp").await), "LINK_REQUIRED");
    // Nor by somebody who says that an address is theirs, and nobody knows.
    provider.knows("bob", json!({ "email_verified": false })).await;
    let (_, me) = sign_in(&server, PROGRAM).await;
    assert_eq!((&me["email"], &me["emailVerified"]), (&json!("bob@example.org"), &json!(false)));
    provider.told(json!({ "sub": "eve" })).await;
    assert_eq!(error(&Browser::new().through(&server, "/auth/corp").await), "EMAIL_NOT_ALLOWED");
}

async fn an_account_is_linked_and_unlinked_by_its_owner(engine: Engine) {
    let (site, provider) = (Site::on(engine), Provider::start());
    let server = provider.serve(&site, &[]);
    let (ada, bob) = (Person::register(&server, "ada").await, Person::register(&server, "bob").await);
    provider.knows("ada", json!({})).await;
    let begun = async |person: &Person| {
        let begun = person.mutate("providerLinkStart", json!({ "provider": "corp" }), "path").await;
        begun["path"].as_str().expect("a path").to_owned()
    };
    let code = async |path: &str| {
        let page = Browser::new().through(&server, path).await;
        page.said["code"].as_str().unwrap_or_else(|| panic!("{page:?}")).to_owned()
    };
    let path = begun(&ada).await;
    let hers = code(&path).await;
    assert_eq!(error(&Browser::new().get(&at(&server, &path)).await), "PROVIDER_CODE_INVALID", "a ticket is good once");
    assert_eq!(bob.declined("providerLink", json!({ "code": hers }), "identity").await, ["PROVIDER_CODE_INVALID"]);
    assert_eq!(ada.declined("providerLink", json!({ "code": hers }), "identity").await, ["PROVIDER_CODE_INVALID"], "it was tried");
    let hers = code(&begun(&ada).await).await;
    let refused = server.client().mutate("signInWithProvider", json!({ "code": hers }), "accessToken").await.expect_err("for a link");
    assert_eq!(refused.codes(), ["PROVIDER_CODE_INVALID"]);
    let hers = code(&begun(&ada).await).await;
    let identity = ada.mutate("providerLink", json!({ "code": hers }), "identity").await["identity"].clone();
    assert_eq!(sign_in(&server, PROGRAM).await.1["id"], ada.account.as_str());
    let theirs = code(&begun(&bob).await).await;
    assert_eq!(bob.declined("providerLink", json!({ "code": theirs }), "identity").await, ["IDENTITY_TAKEN"]);
    assert_eq!(bob.declined("providerUnlink", json!({ "identity": identity }), "unlinked").await, ["IDENTITY_NOT_FOUND"]);
    let linked = ada.query("{ linkedProviders { identity shown } }", Value::Null).await;
    assert_eq!(linked["linkedProviders"], json!([{ "identity": identity, "shown": "ada@example.org" }]));
    ada.mutate("providerUnlink", json!({ "identity": identity }), "unlinked").await;
    assert_eq!(error(&Browser::new().through(&server, "/auth/corp").await), "LINK_REQUIRED", "it is linked no more");
    // Who came by a provider has nothing else, and proves by going there anew.
    provider.knows("cy", json!({})).await;
    let (cy, _) = sign_in(&server, PROGRAM).await;
    let linked = cy.graphql("{ linkedProviders { identity } }", Value::Null).await.expect("answered");
    let unlink = json!({ "identity": linked["linkedProviders"][0]["identity"] });
    let stale = cy.mutate("providerUnlink", unlink.clone(), "unlinked").await.expect_err("being signed in there proves nothing");
    assert_eq!(stale.codes(), ["STEP_UP_REQUIRED"]);
    let (cy, _) = sign_in(&server, "/auth/corp?program=true&fresh=true").await;
    let last = cy.mutate("providerUnlink", unlink, "unlinked").await.expect_err("nothing would be left");
    assert_eq!(last.codes(), ["LAST_WAY_IN"]);
}

async fn roles_come_and_go_with_what_the_provider_says(engine: Engine) {
    let (site, provider) = (Site::on(engine), Provider::start());
    let server = provider.serve(&site, &[]);
    let held = async || {
        let (_, me) = sign_in(&server, PROGRAM).await;
        me["roles"].as_array().expect("roles").iter().map(|role| role["role"]["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    provider.knows("ada", json!({ "groups": ["writers", "desk", "administrator"] })).await;
    assert_eq!(held().await, ["learner", "author", "support"]);
    provider.knows("ada", json!({ "groups": ["writers"] })).await;
    assert_eq!(held().await, ["learner", "author"]);
    // What an administrator gave is not the provider's to take.
    let (_, me) = sign_in(&server, PROGRAM).await;
    let administrator = Person::administrator(&server).await;
    administrator.mutate("roleGrant", json!({ "accountId": me["id"], "role": "analyst" }), "account { id }").await;
    provider.knows("ada", json!({})).await;
    assert_eq!(held().await, ["learner", "analyst"]);
}

async fn a_second_factor_is_asked_for_unless_the_provider_has_seen_one(engine: Engine) {
    let (site, provider) = (Site::on(engine), Provider::start());
    let server = provider.serve(&site, &[]);
    let ada = Person::register(&server, "ada").await;
    provider.knows("ada", json!({})).await;
    let path = ada.mutate("providerLinkStart", json!({ "provider": "corp" }), "path").await;
    let page = Browser::new().through(&server, path["path"].as_str().expect("a path")).await;
    ada.mutate("providerLink", json!({ "code": page.said["code"] }), "identity").await;
    let enrolled = ada.mutate("totpEnroll", json!({ "currentPassword": PASSWORD }), "secret").await;
    let code = crate::corpus::code(&text(&enrolled["secret"]), chrono::Utc::now().timestamp(), 0);
    let confirmed = ada.mutate("totpConfirm", json!({ "code": code }), "recoveryCodes").await;
    let page = Browser::new().through(&server, "/auth/corp").await;
    assert!(page.said["challenge"].is_string() && page.said.get("signedIn").is_none(), "{page:?}");
    assert!(!page.set.iter().any(|set| set.contains("nalabo-refresh")), "{page:?}");
    let complete = json!({ "challenge": page.said["challenge"], "code": confirmed["recoveryCodes"][0] });
    server.client().mutate("signInComplete", complete, "accessToken").await.expect("signed in");
    assert!(tokens(&server, &Browser::new().through(&server, PROGRAM).await).await["challenge"].is_string());
    provider.knows("ada", json!({ "amr": ["pwd", "mfa"] })).await;
    assert_eq!(Browser::new().through(&server, "/auth/corp").await.said, json!({ "signedIn": true }));
}
