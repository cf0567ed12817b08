//! Registering, roles, and who sees what of an account.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    leaderboards::{BOARD, read},
    platform::{PASSWORD, Person, Platform, pages},
};

const REGISTER: &str = "mutation($input: AccountRegisterInput!) { accountRegister(input: $input) {
    account { id email displayName roles { role { id } } } errors { code field message } stale } }";

/// Roles as the API lists them.
fn held(roles: &[&str]) -> Value {
    roles.iter().map(|role| json!({ "role": { "id": role } })).collect()
}

fn registration(email: &str) -> Value {
    json!({ "input": { "email": email, "displayName": "Ada", "password": PASSWORD } })
}

#[tokio::test]
async fn who_registers_reads_their_account_at_once() {
    let platform = Platform::start().await;
    let data = platform.data(None, REGISTER, registration("Ada@Example.org")).await;
    let account = &data["accountRegister"]["account"];
    assert_eq!(account["email"], "ada@example.org");
    assert_eq!(account["displayName"], "Ada");
    assert_eq!(account["roles"], held(&["learner"]));
    assert!(account["id"].as_str().is_some_and(|id| id.starts_with("acc_")));
    assert_eq!((&data["accountRegister"]["errors"], &data["accountRegister"]["stale"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn a_refusal_stands_in_the_payload_with_its_field() {
    let platform = Platform::start().await;
    platform.data(None, REGISTER, registration("ada@example.org")).await;
    for (input, code, field) in [
        (json!({ "email": "ada@example.org", "displayName": "Eve", "password": PASSWORD }), "EMAIL_TAKEN", "email"),
        (json!({ "email": "nowhere", "displayName": "Eve", "password": PASSWORD }), "EMAIL_INVALID", "email"),
        (json!({ "email": "eve@example.org", "displayName": " ", "password": PASSWORD }), "DISPLAY_NAME_INVALID", "displayName"),
        (json!({ "email": "eve@example.org", "displayName": "Eve", "password": "short" }), "PASSWORD_INVALID", "password"),
    ] {
        let data = platform.data(None, REGISTER, json!({ "input": input })).await;
        let payload = &data["accountRegister"];
        assert_eq!(payload["account"], Value::Null);
        assert_eq!((&payload["errors"][0]["code"], &payload["errors"][0]["field"]), (&json!(code), &json!(field)));
    }
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_answered_alike() {
    let platform = Platform::start().await;
    let mut input = registration("ada@example.org");
    input["input"]["idempotencyKey"] = json!("one");
    let first = platform.data(None, REGISTER, input.clone()).await;
    assert_eq!(platform.data(None, REGISTER, input.clone()).await, first);
    input["input"]["email"] = json!("eve@example.org");
    assert_eq!(platform.code(None, REGISTER, input.clone()).await, "IDEMPOTENCY_KEY_REUSED");
    input["input"]["idempotencyKey"] = json!("");
    assert_eq!(platform.code(None, REGISTER, input).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn addresses_are_shown_to_their_owners_and_to_administrators() {
    let platform = Platform::start().await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let admin = platform.person("admin", &[Role::Administrator]).await;
    let me = "{ me { id email displayName roles { role { id } } } }";
    let data = platform.data(Some(&ada), me, json!({})).await;
    assert_eq!(data["me"], json!({ "id": ada.id, "email": ada.email, "displayName": "ada", "roles": held(&["learner"]) }));
    assert_eq!(platform.data(None, me, json!({})).await["me"], Value::Null);

    let node = "query($id: ID!) { node(id: $id) { ... on Account { email } } }";
    assert_eq!(platform.data(Some(&admin), node, json!({ "id": ada.id })).await["node"]["email"], "ada@example.org");
    assert_eq!(platform.data(Some(&bob), node, json!({ "id": ada.id })).await["node"], Value::Null);
}

#[tokio::test]
async fn administrators_find_accounts_by_address_and_name() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    for name in ["ada", "adam", "bob"] {
        platform.person(name, &[]).await;
    }
    let find = "query($search: String, $first: Int, $after: String) { accounts(search: $search, first: $first, after: $after) {
        nodes { displayName } totalCount pageInfo { hasNextPage endCursor } } }";
    let data = platform.data(Some(&admin), find, json!({ "search": "ADA", "first": 1 })).await;
    assert_eq!(data["accounts"]["nodes"], json!([{ "displayName": "adam" }]));
    assert_eq!((&data["accounts"]["totalCount"], &data["accounts"]["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let cursor = &data["accounts"]["pageInfo"]["endCursor"];
    let data = platform.data(Some(&admin), find, json!({ "search": "ada", "first": 1, "after": cursor })).await;
    assert_eq!(data["accounts"]["nodes"], json!([{ "displayName": "ada" }]));
    assert_eq!(data["accounts"]["pageInfo"]["hasNextPage"], false);
    let data = platform.data(Some(&admin), find, json!({ "search": "bob@example" })).await;
    assert_eq!(data["accounts"]["totalCount"], 1);
    assert_eq!(platform.data(Some(&admin), find, json!({})).await["accounts"]["totalCount"], 4);
}

#[tokio::test]
async fn accounts_are_for_administrators() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author, Role::Analyst]).await;
    let grant = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code } } }";
    let input = json!({ "input": { "accountId": author.id, "role": "administrator" } });
    for (by, code) in [(Some(&author), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        assert_eq!(platform.code(by, "{ accounts { nodes { id } } }", json!({})).await, code);
        assert_eq!(platform.code(by, grant, input.clone()).await, code);
    }
}

#[tokio::test]
async fn granted_and_revoked_roles_are_felt_at_once() {
    let platform = Platform::start().await;
    let (ada, admin) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let events = "{ events { nodes { type } } }";
    assert_eq!(platform.code(Some(&ada), events, json!({})).await, "FORBIDDEN");
    let input = json!({ "input": { "accountId": ada.id, "role": "analyst" } });
    let grant = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { account { roles { role { id } } } errors { code } } }";
    let data = platform.data(Some(&admin), grant, input.clone()).await;
    assert_eq!(data["roleGrant"]["account"]["roles"], held(&["learner", "analyst"]));
    platform.data(Some(&ada), events, json!({})).await;
    let revoke = "mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) { account { roles { role { id } } } errors { code } } }";
    let data = platform.data(Some(&admin), revoke, input).await;
    assert_eq!(data["roleRevoke"]["account"]["roles"], held(&["learner"]));
    assert_eq!(platform.code(Some(&ada), events, json!({})).await, "FORBIDDEN");

    let own = json!({ "input": { "accountId": admin.id, "role": "administrator" } });
    let data = platform.data(Some(&admin), revoke, own).await;
    assert_eq!(data["roleRevoke"]["errors"][0]["code"], "OWN_ROLE");
}

#[tokio::test]
async fn an_erased_person_has_neither_name_nor_address() {
    let platform = Platform::start().await;
    let (ada, admin) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let id: domain::kernel::AccountId = ada.id.parse().expect("an id");
    platform.services.vault.erase_subject(id.into()).await.expect("erased");
    let node = "query($id: ID!) { node(id: $id) { ... on Account { email displayName } } }";
    let data = platform.data(Some(&admin), node, json!({ "id": ada.id })).await;
    assert_eq!(data["node"], json!({ "email": null, "displayName": "(erased)" }));
}

const ERASE: &str = "mutation($input: AccountEraseInput!) { accountErase(input: $input) {
    account { id displayName email roles { role { id } } erasedAt } errors { code field } stale } }";

async fn erase(platform: &Platform, by: &Person, whom: &Person, reason: Option<&str>) -> Value {
    let data = platform.data(Some(by), ERASE, json!({ "input": { "accountId": whom.id, "reason": reason } })).await;
    data["accountErase"].clone()
}

#[tokio::test]
async fn people_erase_themselves_and_are_nobody_at_once() {
    let platform = Platform::start().await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let stranger = json!({ "input": { "accountId": ada.id, "reason": "for fun" } });
    assert_eq!(platform.code(Some(&bob), ERASE, stranger.clone()).await, "FORBIDDEN");
    assert_eq!(platform.code(None, ERASE, stranger).await, "UNAUTHENTICATED");

    let payload = erase(&platform, &ada, &ada, None).await;
    assert_eq!((&payload["errors"], &payload["stale"]), (&json!([]), &json!(false)));
    assert_eq!((&payload["account"]["displayName"], &payload["account"]["email"]), (&json!("(erased)"), &Value::Null));
    assert!(payload["account"]["erasedAt"].is_string());
    let response = platform.http().bearer_auth(&ada.token).json(&json!({ "query": "{ me { id } }" })).send().await.expect("an answer");
    assert!(response.text().await.expect("text").contains("UNAUTHENTICATED"), "her token stops working");
    let refresh = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken errors { code } } }";
    let data = platform.data(None, refresh, json!({ "input": { "refreshToken": ada.refresh_token } })).await;
    assert_eq!(data["tokenRefresh"], json!({ "accessToken": null, "errors": [{ "code": "REFRESH_TOKEN_INVALID" }] }));
    let data = platform.data(None, REGISTER, registration(&ada.email)).await;
    assert_eq!(data["accountRegister"]["errors"], json!([]), "the address is free again");
    assert_ne!(data["accountRegister"]["account"]["id"], json!(ada.id));
}

#[tokio::test]
async fn administrators_erase_others_for_a_reason() {
    let platform = Platform::start().await;
    let (ada, admin) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let refused = async |reason| erase(&platform, &admin, &ada, reason).await["errors"][0].clone();
    assert_eq!(refused(None).await, json!({ "code": "REASON_REQUIRED", "field": "reason" }));
    assert_eq!(refused(Some("two\nlines")).await, json!({ "code": "REASON_INVALID", "field": "reason" }));
    let own = erase(&platform, &admin, &admin, Some("bye")).await;
    assert_eq!(own["errors"][0], json!({ "code": "LAST_ADMINISTRATOR", "field": "accountId" }));
    assert_eq!(erase(&platform, &admin, &ada, Some("by letter")).await["account"]["roles"], json!([]));
    assert_eq!(refused(Some("again")).await, json!({ "code": "ERASED", "field": "accountId" }));
    let find = "query($search: String) { accounts(search: $search) { nodes { displayName email } totalCount } }";
    let data = platform.data(Some(&admin), find, json!({ "search": "ada" })).await;
    assert_eq!(data["accounts"]["totalCount"], 0, "what is erased is not found");
    let data = platform.data(Some(&admin), find, json!({})).await;
    assert_eq!(data["accounts"]["nodes"][1], json!({ "displayName": "(erased)", "email": null }), "{data}");
}

#[tokio::test]
async fn what_an_erased_person_did_stays_without_them() {
    let platform = Platform::in_files().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let ada = platform.person("zwetschgenknoedel", &[]).await;
    let workshop = platform.workshop(&admin, "pages", pages(1)).await;
    read(&platform, &ada, &workshop, 1).await;
    let named = |name: &'static str| move |data: &Value| data["leaderboard"]["nodes"][0]["learner"]["displayName"] == name;
    platform.until(&admin, BOARD, json!({}), named("zwetschgenknoedel")).await;
    assert_eq!(clear(&platform), Vec::<String>::new(), "no file holds the name before");

    erase(&platform, &admin, &ada, Some("by letter")).await;
    let board = platform.until(&admin, BOARD, json!({}), named("(erased)")).await;
    assert!(!board.to_string().contains("zwetschgenknoedel"), "{board}");
    let events = "{ events(first: 50) { nodes { type payload metadata } } }";
    let events = platform.data(Some(&admin), events, json!({})).await.to_string();
    assert!(events.contains("AccountErased") && events.contains("by letter"));
    assert!(!events.contains("zwetschgenknoedel") && !events.contains("sealed"), "{events}");
    let node = "query($id: ID!) { node(id: $id) { ... on Account { email displayName } } }";
    let data = platform.data(Some(&admin), node, json!({ "id": ada.id })).await;
    assert_eq!(data["node"], json!({ "email": null, "displayName": "(erased)" }));
    assert_eq!(clear(&platform), Vec::<String>::new(), "no file holds the name after");

    let (journal, mut link) = (&platform.services.journal, journal::Link::default());
    let head = journal.head().await.expect("a head");
    while link.position < head {
        link = journal.verify(link, 1000).await.expect("history still verifies");
    }
}

/// The files of the journal, the vault and the read models that hold the name in the clear.
fn clear(platform: &Platform) -> Vec<String> {
    let (mut found, mut folders) = (vec![], vec![platform.directory.path().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).expect("bytes").windows(17).any(|window| window == b"zwetschgenknoedel") {
                found.push(path.display().to_string());
            }
        }
    }
    found
}
