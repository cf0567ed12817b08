//! Getting in, staying in, and getting out.

use serde_json::{Value, json};

use crate::{
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{PASSWORD, Person, text},
    site::{PATIENCE, Site},
};

on_each_engine! {
    an_address_is_taken_once_however_many_try_at_once,
    unknown_addresses_and_wrong_passwords_are_answered_alike,
    a_refresh_token_is_good_once,
    signing_out_ends_tokens_subscriptions_and_terminals,
    roles_are_for_administrators_to_give_and_work_at_once,
}

const ME: &str = "{ me { email displayName roles } }";

async fn an_address_is_taken_once_however_many_try_at_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let tries = (0..8).map(|number| {
        let client = server.client();
        // The same address in other letters, too.
        let email = if number % 2 == 0 { "Kit@Example.org" } else { "kit@example.org" };
        let input = json!({ "email": email, "displayName": format!("Kit {number}"), "password": PASSWORD });
        tokio::spawn(async move { client.mutate("accountRegister", input, "account { id }").await })
    });
    let tries: Vec<_> = tries.collect();
    let mut registered = 0;
    for attempt in tries {
        match attempt.await.expect("no panic") {
            Ok(_) => registered += 1,
            Err(error) => assert_eq!(error.codes(), ["EMAIL_TAKEN"], "{error}"),
        }
    }
    assert_eq!(registered, 1);
    let administrator = Person::administrator(&server).await;
    let found = administrator.query("{ accounts(search: \"KIT@EXAMPLE\") { nodes { email } } }", Value::Null).await;
    assert_eq!(found["accounts"]["nodes"].as_array().map(Vec::len), Some(1));
}

async fn unknown_addresses_and_wrong_passwords_are_answered_alike(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    Person::register(&server, "kit").await;
    let mut answers = Vec::new();
    for (email, password) in [("nobody@example.org", PASSWORD), ("kit@example.org", "not the password"), ("no address", PASSWORD)] {
        let error = server.client().sign_in(email, password).await.expect_err("refused");
        assert_eq!(error.codes(), ["CREDENTIALS_WRONG"], "{error}");
        answers.push(error.to_string());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for (input, code) in [
        (json!({ "email": "no address", "displayName": "Kit", "password": PASSWORD }), "EMAIL_INVALID"),
        (json!({ "email": "a@example.org", "displayName": " ", "password": PASSWORD }), "DISPLAY_NAME_INVALID"),
        (json!({ "email": "a@example.org", "displayName": "Kit", "password": "short" }), "PASSWORD_INVALID"),
    ] {
        let error = server.client().mutate("accountRegister", input, "account { id }").await.expect_err(code);
        assert_eq!(error.codes(), [code], "{error}");
    }
}

async fn a_refresh_token_is_good_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let trade = |token: &str| json!({ "refreshToken": token });
    let traded = server.client().mutate("tokenRefresh", trade(&kit.tokens.refresh), "accessToken refreshToken").await.expect("traded");
    let renewed = server.client().with_token(text(&traded["accessToken"]));
    let me = renewed.graphql(ME, Value::Null).await.expect("answered");
    assert_eq!(me["me"], json!({ "email": "kit@example.org", "displayName": "kit", "roles": ["LEARNER"] }));
    for used_or_unknown in [kit.tokens.refresh.as_str(), "no token", kit.tokens.access.as_str()] {
        let error = server.client().mutate("tokenRefresh", trade(used_or_unknown), "accessToken").await.expect_err("not good");
        assert_eq!(error.codes(), ["REFRESH_TOKEN_INVALID"], "{error}");
    }
}

async fn signing_out_ends_tokens_subscriptions_and_terminals(engine: Engine) {
    let site = Site::with_workshops_on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let found = kit.query("{ workshop(slug: \"shell-files-and-processes\") { id } }", Value::Null).await;
    let lesson = Lesson::start(&kit, &text(&found["workshop"]["id"])).await;
    let environment = lesson.environment().await;
    let mut terminal = lesson.terminal(&environment).await.expect("a terminal");
    let mut changes = lesson.changes().await;
    changes.next().await.expect("told").expect("the session as it is");
    let again = Person::sign_in(&server, "kit@example.org", PASSWORD).await;

    let signed_out = kit.client.graphql("mutation { signOut { signedOut errors { code } } }", Value::Null).await.expect("answered");
    assert_eq!(signed_out["signOut"], json!({ "signedOut": true, "errors": [] }));
    let end = loop {
        if let Err(end) = tokio::time::timeout(PATIENCE, changes.next()).await.expect("the subscription ends") {
            break end;
        }
    };
    assert_eq!(end.close_code(), Some(4403), "{end}");
    let end = loop {
        if let Err(end) = tokio::time::timeout(PATIENCE, terminal.receive()).await.expect("the terminal ends") {
            break end;
        }
    };
    assert_eq!(end.close_code(), Some(4403), "{end}");
    let refused = kit.client.graphql(ME, Value::Null).await.expect_err("signed out");
    assert_eq!(refused.codes(), ["UNAUTHENTICATED"], "{refused}");
    let refused = kit.client.mutate("tokenRefresh", json!({ "refreshToken": kit.tokens.refresh }), "accessToken").await;
    assert!(refused.is_err(), "its refresh token is worth nothing either");
    // Another sign-in of the same person goes on.
    assert_eq!(again.query(ME, Value::Null).await["me"]["displayName"], "kit");
}

async fn roles_are_for_administrators_to_give_and_work_at_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let (kit, administrator) = (Person::register(&server, "kit").await, Person::administrator(&server).await);
    let role = json!({ "accountId": kit.account, "role": "ANALYST" });
    assert_eq!(kit.declined("accountGrantRole", role.clone(), "account { id }").await, ["FORBIDDEN"]);
    let events = "{ events(first: 1) { nodes { position } } }";
    assert_eq!(kit.client.graphql(events, Value::Null).await.expect_err("not yet").codes(), ["FORBIDDEN"]);
    administrator.mutate("accountGrantRole", role.clone(), "account { roles }").await;
    kit.query(events, Value::Null).await;
    administrator.mutate("accountRevokeRole", role, "account { roles }").await;
    assert_eq!(kit.client.graphql(events, Value::Null).await.expect_err("not any more").codes(), ["FORBIDDEN"]);
    let own = json!({ "accountId": administrator.account, "role": "ADMINISTRATOR" });
    assert_eq!(administrator.declined("accountRevokeRole", own, "account { id }").await, ["OWN_ROLE"]);
    let data = kit
        .client
        .graphql("query($id: ID!) { node(id: $id) { id ... on Account { email } } }", json!({ "id": administrator.account }))
        .await;
    assert_ne!(data.expect("answered")["node"]["email"], "root@example.org", "addresses are shown to their owners");
}
