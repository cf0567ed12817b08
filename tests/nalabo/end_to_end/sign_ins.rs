//! Getting in, staying in, and getting out.

use serde_json::{Value, json};

use crate::{
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{PASSWORD, Person, text},
    site::{PATIENCE, Site, said},
};

on_each_engine! {
    an_address_is_taken_once_however_many_try_at_once,
    unknown_addresses_and_wrong_passwords_are_answered_alike,
    a_stolen_refresh_token_ends_the_sign_in,
    signing_out_ends_tokens_subscriptions_and_terminals,
    accounts_are_imported_with_their_hashes,
    roles_are_for_administrators_to_give_and_work_at_once,
}

const ME: &str = "{ me { email displayName roles { role { id } } } }";

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

async fn a_stolen_refresh_token_ends_the_sign_in(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let trade = |token: &str| json!({ "refreshToken": token });
    let traded = async |token: &str| server.client().mutate("tokenRefresh", trade(token), "accessToken refreshToken").await;
    let second = traded(&kit.tokens.refresh).await.expect("traded");
    let renewed = server.client().with_token(text(&second["accessToken"]));
    let me = renewed.graphql(ME, Value::Null).await.expect("answered");
    assert_eq!(me["me"], json!({ "email": "kit@example.org", "displayName": "kit", "roles": [{ "role": { "id": "learner" } }] }));
    traded(&text(&second["refreshToken"])).await.expect("traded");
    for unknown in ["no token", kit.tokens.access.as_str()] {
        assert_eq!(traded(unknown).await.expect_err("not good").codes(), ["REFRESH_TOKEN_INVALID"]);
    }
    renewed.graphql(ME, Value::Null).await.expect("nothing has happened by that");
    // Two generations old: somebody else has it.
    assert_eq!(traded(&kit.tokens.refresh).await.expect_err("used").codes(), ["REFRESH_TOKEN_INVALID"]);
    for client in [&renewed, &kit.client] {
        assert_eq!(client.graphql(ME, Value::Null).await.expect_err("ended").codes(), ["UNAUTHENTICATED"]);
    }
    assert_eq!(traded(&text(&second["refreshToken"])).await.expect_err("ended").codes(), ["REFRESH_TOKEN_INVALID"]);
    let administrator = Person::administrator(&server).await;
    let events = administrator.query("{ events(last: 20) { nodes { type } } }", Value::Null).await;
    let names = events["events"]["nodes"].as_array().expect("events").iter().map(|event| text(&event["type"]));
    let names: Vec<_> = names.filter(|name| name != "AuditNoted").collect();
    assert!(names.ends_with(&["RefreshTokenReused", "SignedOut", "SignedIn"].map(str::to_owned)), "{names:?}");
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

async fn accounts_are_imported_with_their_hashes(engine: Engine) {
    let site = Site::on(engine);
    // Made with 12 rounds of what is signed in with below.
    let hash = bcrypt::hash("an imported horse", 12).expect("hashed");
    let line = |email: &str, hash: &str| json!({ "email": email, "displayName": "Kit", "passwordHash": hash }).to_string();
    let file = site.path().join("accounts.ndjson");
    let lines = [line("kit@example.org", &hash), line("kit@example.org", &hash), line("ann@example.org", "$1$old"), "nonsense".to_owned()];
    std::fs::write(&file, lines.join("\n")).expect("written");
    let output = site.run(&["admin", "import", file.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for told in
        ["1 accounts are opened", "line 2: an account with this", "line 3: expected a bcrypt hash", "line 4: expected a JSON", "3 lines"]
    {
        assert!(said(&output).contains(told), "{told}: {}", said(&output));
    }
    let server = site.serve();
    let kit = Person::sign_in(&server, "kit@example.org", "an imported horse").await;
    let change = json!({ "currentPassword": "an imported horse", "password": PASSWORD });
    assert_eq!(kit.mutate("passwordChange", change, "changed").await["changed"], true);
    kit.query(ME, Value::Null).await;
    let administrator = Person::administrator(&server).await;
    let events = administrator.query("{ events(last: 8) { nodes { type } } }", Value::Null).await;
    let names = events["events"]["nodes"].as_array().expect("events").iter().map(|event| text(&event["type"]));
    // When a mail tells of it is another matter.
    let names: Vec<_> = names.filter(|name| !name.starts_with("Mail")).collect();
    assert_eq!(names[names.len() - 4..], ["PasswordRehashed", "SignedIn", "PasswordChanged", "SignedIn"]);
    Person::sign_in(&server, "kit@example.org", PASSWORD).await;
}

async fn roles_are_for_administrators_to_give_and_work_at_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let (kit, administrator) = (Person::register(&server, "kit").await, Person::administrator(&server).await);
    let role = json!({ "accountId": kit.account, "role": "analyst" });
    assert_eq!(kit.declined("roleGrant", role.clone(), "account { id }").await, ["FORBIDDEN"]);
    let events = "{ events(first: 1) { nodes { position } } }";
    assert_eq!(kit.client.graphql(events, Value::Null).await.expect_err("not yet").codes(), ["FORBIDDEN"]);
    administrator.mutate("roleGrant", role.clone(), "account { id }").await;
    kit.query(events, Value::Null).await;
    administrator.mutate("roleRevoke", role, "account { id }").await;
    assert_eq!(kit.client.graphql(events, Value::Null).await.expect_err("not any more").codes(), ["FORBIDDEN"]);
    let own = json!({ "accountId": administrator.account, "role": "super_administrator" });
    assert_eq!(administrator.declined("roleRevoke", own, "account { id }").await, ["LAST_SUPER_ADMINISTRATOR"]);
    let data = kit
        .client
        .graphql("query($id: ID!) { node(id: $id) { id ... on Account { email } } }", json!({ "id": administrator.account }))
        .await;
    assert_ne!(data.expect("answered")["node"]["email"], "root@example.org", "addresses are shown to their owners");
}
