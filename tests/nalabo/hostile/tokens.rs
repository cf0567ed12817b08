//! Tokens that are forged, damaged or too old.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    people::Person,
    site::{PATIENCE, Server, Site},
};

/// Status and code of a query under an `Authorization` header.
async fn asked(server: &Server, authorization: &str) -> (u16, Value) {
    let request = reqwest::Client::new().post(format!("http://{}/graphql", server.address)).header("authorization", authorization);
    let response = request.json(&json!({ "query": "{ me { id } }" })).send().await.expect("an answer");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    (status, body["errors"][0]["extensions"]["code"].clone())
}

#[tokio::test]
async fn tokens_that_are_not_ours_are_refused() {
    let site = Site::new();
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let parts: Vec<&str> = kit.tokens.access.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).expect("base64")).expect("JSON");
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut raised = claims.clone();
    raised["sub"] = "acc_00000000000000000000000000000000".into();
    let without_algorithm = encoded(&json!({ "alg": "none", "typ": "at+jwt" }));
    let with_a_shared_key = encoded(&json!({ "alg": "HS256", "typ": "at+jwt" }));
    for (what, authorization) in [
        ("another scheme", format!("Basic {}", kit.tokens.access)),
        ("no token", "Bearer ".to_owned()),
        ("nonsense", "Bearer nonsense".to_owned()),
        ("a refresh token", format!("Bearer {}", kit.tokens.refresh)),
        ("claims of another", format!("Bearer {}.{}.{}", parts[0], encoded(&raised), parts[2])),
        ("no signature", format!("Bearer {}.{}.", parts[0], parts[1])),
        ("no algorithm", format!("Bearer {without_algorithm}.{}.", parts[1])),
        ("another algorithm", format!("Bearer {with_a_shared_key}.{}.{}", parts[1], parts[2])),
        ("something behind it", format!("Bearer {}x", kit.tokens.access)),
    ] {
        assert_eq!(asked(&server, &authorization).await, (401, "UNAUTHENTICATED".into()), "{what}");
    }
    assert_eq!(asked(&server, &format!("bearer {}", kit.tokens.access)).await.0, 200);
    // And nothing at all is nobody, not an error.
    let me = server.client().graphql("{ me { id } }", Value::Null).await.expect("answered");
    assert_eq!(me["me"], Value::Null);
}

#[tokio::test]
async fn a_token_from_another_installation_is_refused() {
    let (mine, theirs) = (Site::new(), Site::new());
    let (server, other) = (mine.serve(), theirs.serve());
    let kit = Person::register(&other, "kit").await;
    assert_eq!(asked(&server, &format!("Bearer {}", kit.tokens.access)).await, (401, "UNAUTHENTICATED".into()));
}

#[tokio::test]
async fn a_token_that_has_run_out_closes_its_sockets_and_is_refused() {
    let site = Site::new();
    let server = site.serve_with(&[("NALABO_TOKENS__ACCESS_MINUTES", "1")]);
    let kit = Person::register(&server, "kit").await;
    let mut board = kit.client.subscribe("subscription { leaderboardChanged { totalCount } }", Value::Null).await.expect("a subscription");
    board.next().await.expect("told").expect("the board as it is");
    // Says when the minute is over.
    let end = board.next().await.expect_err("the socket is closed");
    assert_eq!(end.close_code(), Some(4403), "{end}");
    // Clocks of two machines may differ by some seconds, so requests are taken that much longer.
    let refused = async {
        while asked(&server, &format!("Bearer {}", kit.tokens.access)).await != (401, "UNAUTHENTICATED".into()) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("it is refused soon");
    let traded = server.client().mutate("tokenRefresh", json!({ "refreshToken": kit.tokens.refresh }), "accessToken").await;
    let renewed = traded.expect("its refresh token is good")["accessToken"].as_str().expect("a token").to_owned();
    assert_eq!(asked(&server, &format!("Bearer {renewed}")).await.0, 200);
}
