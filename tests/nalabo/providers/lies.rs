//! What goes wrong on the way, and what is not believed.

use reqwest::StatusCode;
use serde_json::json;

use super::{
    Browser, PROGRAM, Provider, at, error,
    provider::{Page, SECRET},
    sign_in, tokens,
};
use crate::site::Site;

/// There and back by somebody new, with something wrong.
async fn with(provider: &Provider, server: &crate::site::Server, wrong: &str) -> Page {
    provider.told(json!({ "wrong": wrong })).await;
    let page = Browser::new().through(server, "/auth/corp").await;
    provider.told(json!({ "wrong": null })).await;
    page
}

#[tokio::test]
async fn an_id_token_is_believed_if_all_of_it_is_as_it_must_be() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    provider.knows("ada", json!({})).await;
    for wrong in ["nonce", "audience", "issuer", "expired", "early", "none", "hs256", "stranger", "hash"] {
        let page = with(&provider, &server, wrong).await;
        assert_eq!((error(&page), page.status), ("PROVIDER_NOT_TRUSTED", StatusCode::BAD_GATEWAY), "{wrong}");
        assert!(!page.set.iter().any(|set| set.contains("nalabo-refresh")), "{wrong}: {page:?}");
    }
    provider.told(json!({ "subject": "somebody else" })).await;
    assert_eq!(error(&Browser::new().through(&server, "/auth/corp").await), "PROVIDER_NOT_TRUSTED", "of userinfo");
    provider.told(json!({ "subject": null })).await;
    assert_eq!(Browser::new().through(&server, "/auth/corp").await.said, json!({ "signedIn": true }), "as it must be");
    let printed = server.printed();
    assert!(printed.contains("nobody comes by a provider") && !printed.contains(SECRET), "{printed}");
    server.stop();
    let opened = site.events().iter().filter(|event| event["type"] == "AccountRegistered").count();
    assert_eq!(opened, 2, "the administrator's, and that of who was believed");
}

#[tokio::test]
async fn a_key_that_was_rotated_is_looked_up() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    provider.knows("ada", json!({})).await;
    let (_, before) = sign_in(&server, PROGRAM).await;
    provider.told(json!({ "rotate": true })).await;
    let (_, after) = sign_in(&server, PROGRAM).await;
    assert_eq!(before["id"], after["id"]);
}

#[tokio::test]
async fn who_answers_must_be_who_was_asked() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    provider.knows("ada", json!({})).await;
    for issuer in [json!("http://127.0.0.1:1"), json!(null)] {
        provider.told(json!({ "issuer": issuer })).await;
        assert_eq!(error(&Browser::new().through(&server, "/auth/corp").await), "PROVIDER_NOT_TRUSTED", "{issuer}");
    }
}

#[tokio::test]
async fn what_was_brought_back_is_good_once_in_the_browser_that_left() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    provider.knows("ada", json!({})).await;
    let mut browser = Browser::new();
    let back = browser.away(&server, "/auth/corp").await;
    let page = Browser::new().get(&back).await;
    assert_eq!((error(&page), page.status), ("PROVIDER_CODE_INVALID", StatusCode::FORBIDDEN), "another's browser");
    // Whoever has the address, and another's cookie of the same kind, gets no further; and the state is still hers.
    let mut another = Browser::new();
    another.away(&server, "/auth/corp").await;
    assert_eq!(error(&another.get(&back).await), "PROVIDER_CODE_INVALID");
    assert_eq!(error(&browser.get(&back).await), "PROVIDER_CODE_INVALID", "the state was tried, so it is gone");
    let back = browser.away(&server, "/auth/corp").await;
    let cookies = browser.cookies.clone();
    assert_eq!(browser.get(&back).await.said, json!({ "signedIn": true }));
    browser.cookies = cookies;
    assert_eq!(error(&browser.get(&back).await), "PROVIDER_CODE_INVALID", "a second time");
    // The code of one way there, on another.
    let stolen = another.away(&server, "/auth/corp").await;
    let mut mixed = browser.away(&server, "/auth/corp").await;
    let code = stolen.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let pairs: Vec<_> = mixed.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let pairs = pairs.into_iter().map(|(name, value)| if name == "code" { (name, code.clone()) } else { (name, value) });
    mixed.query_pairs_mut().clear().extend_pairs(pairs.collect::<Vec<_>>());
    assert_eq!(error(&browser.get(&mixed).await), "PROVIDER_REFUSED", "it is of another verifier");
    // What a program trades is good once as well.
    let page = Browser::new().through(&server, PROGRAM).await;
    tokens(&server, &page).await;
    let again = server.client().mutate("signInWithProvider", json!({ "code": page.said["code"] }), "accessToken").await;
    assert_eq!(again.expect_err("it was used").codes(), ["PROVIDER_CODE_INVALID"]);
    for path in ["/auth/nobody", "/auth/nobody/callback?state=x&code=y", "/auth/corp/callback", "/auth/corp?ticket=none"] {
        let page = browser.get(&at(&server, path)).await;
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&page.status), "{path}: {page:?}");
    }
    assert_eq!(error(&browser.get(&at(&server, "/auth/nobody")).await), "PROVIDER_NOT_FOUND");
}

#[tokio::test]
async fn a_provider_that_is_not_there_keeps_nobody_out_who_has_a_password() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    provider.knows("ada", json!({})).await;
    provider.told(json!({ "gone": true })).await;
    let ada = crate::people::Person::register(&server, "ada").await;
    let begun = ada.mutate("providerLinkStart", json!({ "provider": "corp" }), "path").await;
    let linking = at(&server, begun["path"].as_str().expect("a path"));
    let page = Browser::new().get(&linking).await;
    assert_eq!((error(&page), page.status), ("PROVIDER_UNAVAILABLE", StatusCode::BAD_GATEWAY));
    crate::people::Person::administrator(&server).await;
    provider.told(json!({ "gone": false })).await;
    // It is not asked for a moment, so that many who come do not wait for it together.
    tokio::time::timeout(crate::site::PATIENCE, async {
        while Browser::new().get(&at(&server, "/auth/corp")).await.location.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    })
    .await
    .expect("it is back");
    assert!(Browser::new().get(&linking).await.location.is_some(), "nothing was used up of who could not go");
    let mut browser = Browser::new();
    let back = browser.away(&server, "/auth/corp").await;
    provider.told(json!({ "gone": true })).await;
    assert_eq!(error(&browser.get(&back).await), "PROVIDER_UNAVAILABLE", "in between");
    drop(provider);
    crate::people::Person::administrator(&server).await;
}

#[tokio::test]
async fn from_one_address_so_many_go_to_a_provider() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[("NALABO_RATES__OPERATIONS_PER_MINUTE", "{signInWithProvider=3}")]);
    let (mut sent, mut refused) = (0, 0);
    // What may be asked grows again meanwhile.
    while refused == 0 {
        let page = Browser::new().get(&at(&server, "/auth/corp")).await;
        if page.location.is_some() {
            sent += 1;
            assert!(sent < 50, "nobody is refused");
        } else {
            assert_eq!((error(&page), page.status), ("RATE_LIMITED", StatusCode::TOO_MANY_REQUESTS));
            refused += 1;
        }
    }
    assert!(sent >= 3, "{sent} were sent");
}

#[tokio::test]
async fn a_provider_that_turns_us_down_with_a_page_is_no_liar() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    provider.knows("ada", json!({})).await;
    for path in ["/token", "/me"] {
        provider.told(json!({ "closed": path })).await;
        let page = Browser::new().through(&server, "/auth/corp").await;
        assert_eq!((error(&page), page.status), ("PROVIDER_REFUSED", StatusCode::FORBIDDEN), "{path}");
    }
    let printed = server.printed();
    assert!(printed.contains("it answers with status 403 and does not say why") && !printed.contains("Not for you"), "{printed}");
    provider.told(json!({ "closed": null })).await;
    assert_eq!(Browser::new().through(&server, "/auth/corp").await.said, json!({ "signedIn": true }));
}

#[tokio::test]
async fn people_end_on_the_page_that_is_configured_and_on_no_other() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[("NALABO_SIGN_IN__RETURN_TO", "https://app.example.org/in")]);
    provider.knows("ada", json!({})).await;
    let elsewhere = "/auth/corp?return_to=https%3A%2F%2Fevil.example&redirect_uri=https%3A%2F%2Fevil.example";
    let page = Browser::new().through(&server, elsewhere).await;
    let location = page.location.expect("a redirect");
    assert_eq!((page.status, location.as_str()), (StatusCode::SEE_OTHER, "https://app.example.org/in#signedIn=true"));
    let page = Browser::new().through(&server, PROGRAM).await;
    let location = page.location.expect("a redirect");
    assert!(location.fragment().is_some_and(|fragment| fragment.starts_with("code=")) && location.query().is_none(), "{location}");
    let page = Browser::new().get(&at(&server, "/auth/corp/callback?state=x&code=y&error=%3Cscript%3E")).await;
    let location = page.location.expect("a redirect");
    assert!(location.as_str().starts_with("https://app.example.org/in#error=PROVIDER_CODE_INVALID&message="), "{location}");
}

#[tokio::test]
async fn another_site_signs_nobody_in_by_itself() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    for (said, status) in [
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")][..], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-user", "?1")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")], StatusCode::SEE_OTHER),
        (&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")], StatusCode::SEE_OTHER),
    ] {
        let request = said.iter().fold(http.get(at(&server, "/auth/corp")), |request, (name, value)| request.header(*name, *value));
        assert_eq!(request.send().await.expect("an answer").status(), status, "{said:?}");
    }
}

#[tokio::test]
async fn metadata_lead_nowhere_else() {
    let (site, provider) = (Site::new(), Provider::start());
    let server = provider.serve(&site, &[]);
    let mut went_wrong = Vec::new();
    for (metadata, expected) in [
        (json!({ "issuer": "http://127.0.0.1:1" }), "PROVIDER_NOT_TRUSTED"),
        (json!({ "authorization_endpoint": "http://192.0.2.1/auth" }), "PROVIDER_NOT_TRUSTED"),
        (json!({ "authorization_endpoint": "javascript:alert(1)" }), "PROVIDER_NOT_TRUSTED"),
        (json!({ "token_endpoint": "http://169.254.169.254/token" }), "PROVIDER_NOT_TRUSTED"),
        (json!({ "jwks_uri": "https://169.254.169.254/keys" }), "PROVIDER_UNAVAILABLE"),
        (json!({ "jwks_uri": "http://192.168.0.1/keys" }), "PROVIDER_UNAVAILABLE"),
        (json!({ "padding": "x".repeat(600 * 1024) }), "PROVIDER_UNAVAILABLE"),
    ] {
        provider.told(json!({ "metadata": metadata })).await;
        // It is not asked for two seconds after it went wrong.
        tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
        let page = Browser::new().get(&at(&server, "/auth/corp")).await;
        if page.location.is_some() || error(&page) != expected {
            went_wrong.push((expected, page));
        }
    }
    assert!(went_wrong.is_empty(), "{went_wrong:?}");
    let printed = server.printed();
    assert!(printed.contains("169.254.169.254"), "the log says where it would have led: {printed}");
}
