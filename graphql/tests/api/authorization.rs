//! Whatever the schema has declares what it needs, and holds whoever asks to it: each field of each root, asked by somebody for each
//! permission there is.

mod arguments;
mod nested;
mod ownership;
mod selections;

use std::collections::BTreeMap;

use async_graphql::parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};
use commands::{
    Outcome, Request,
    authorization::{Act, Needs, acts, reads},
    identity::RoleDraft,
};
use domain::{identity::Permission, kernel::AccountId};
use serde_json::{Value, json};

use crate::{
    platform::{Person, Platform},
    socket::Socket,
};
use arguments::Field;

fn schema() -> ServiceDocument {
    async_graphql::parser::parse_schema(graphql::sdl()).expect("the published schema")
}

/// The fields of a root, in the order of the schema.
fn fields(schema: &ServiceDocument, root: &str) -> Vec<Field> {
    let of_root = |definition: &TypeSystemDefinition| match definition {
        TypeSystemDefinition::Type(found) if found.node.name.node == root => match &found.node.kind {
            TypeKind::Object(object) => Some(object.fields.clone()),
            _ => None,
        },
        _ => None,
    };
    let fields = schema.definitions.iter().find_map(of_root).expect("a root");
    fields.iter().map(|field| Field::of(schema, root, &field.node)).collect()
}

fn declared(root: &str, name: &str) -> Act {
    let all = if root == "Mutation" { acts::ALL } else { reads::ALL };
    *all.iter().find(|act| act.name == name).unwrap_or_else(|| panic!("{root}.{name} declares nothing"))
}

/// What is no field of its own: steps of what people do, and what is done beside the API.
const INSIDE: [&str; 14] = [
    "accountExportFetch",
    "accountImport",
    "calendarFeedCreate",
    "clusterAssess",
    "clusterFinishRemoval",
    "guestAnswerOffer",
    "guestErase",
    "guestPaymentOpen",
    "guestRegister",
    "guestTransfer",
    "guestWithdraw",
    "passkeyReport",
    "passwordRehash",
    "workshopImport",
];

#[test]
fn each_field_of_each_root_declares_what_it_needs() {
    let schema = schema();
    let found: Vec<_> = ["Query", "Mutation", "Subscription"]
        .into_iter()
        .flat_map(|root| fields(&schema, root).into_iter().map(move |field| declared(root, &field.name)))
        .collect();
    for act in reads::ALL {
        assert!(found.contains(act), "{} is declared, and nobody can ask for it", act.name);
    }
    for act in acts::ALL {
        let inside = act.needs == Needs::Program || INSIDE.contains(&act.name);
        assert_eq!(found.contains(act), !inside, "{}", act.name);
    }
}

/// Somebody who holds what learners do, and one permission beside.
async fn holder(platform: &Platform, permission: Permission) -> Person {
    let name = permission.name().replace([':', '_'], "-");
    let person = platform.person(&name, &[]).await;
    let (identity, system) = (&platform.services.commands.identity, Request::system("test"));
    let draft = RoleDraft { name, description: String::new(), permissions: [permission].into() };
    let Outcome::Accepted(role) = identity.define_role(&system, draft).await.expect("decided") else { panic!("{permission:?}") };
    let account: AccountId = person.id.parse().expect("an id");
    let granted = identity.grant_role(&system, account, role.value.into(), None).await.expect("decided");
    assert!(matches!(granted, Outcome::Accepted(_)));
    person
}

/// The code that whoever asks for somebody else's things is refused with, if they are.
fn refusal(needs: Needs, held: Option<Permission>) -> Option<&'static str> {
    let holds = |permission| held == Some(permission) || permission == Permission::Learn;
    match (needs, held) {
        (Needs::Nothing, _) => None,
        (_, None) => Some("UNAUTHENTICATED"),
        (Needs::Person, _) => None,
        (Needs::Permission(wanted) | Needs::PermissionWithin(wanted) | Needs::OwnOr(wanted), Some(_)) => {
            (!holds(wanted)).then_some("FORBIDDEN")
        }
        (Needs::OneOf(wanted), Some(_)) => (!wanted.iter().any(|wanted| holds(*wanted))).then_some("FORBIDDEN"),
        (Needs::Program, _) => panic!("nobody can ask for it"),
    }
}

#[tokio::test]
async fn each_query_and_mutation_is_for_whoever_holds_what_it_declares() {
    let platform = Platform::start().await;
    let schema = schema();
    let mut people = vec![(None, None)];
    for permission in Permission::ALL {
        people.push((Some(*permission), Some(holder(&platform, *permission).await)));
    }
    platform.level().await;
    let mut cells = 0;
    for root in ["Query", "Mutation"] {
        // Whoever has signed out is nobody.
        let mut fields = fields(&schema, root);
        fields.sort_by_key(|field| field.name == "signOut");
        for Field { name, operation, variables } in fields {
            let needs = declared(root, &name).needs;
            for (held, person) in &people {
                let answer = platform.answer(person.as_ref(), &operation, variables.clone()).await;
                let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
                let refused = Some(code).filter(|code| ["UNAUTHENTICATED", "FORBIDDEN"].contains(code));
                assert_eq!(refused, refusal(needs, *held), "{root}.{name} for {held:?}: {answer}");
                assert_ne!(code, "INTERNAL", "{root}.{name} for {held:?}: {answer}");
                assert_eq!(code.is_empty(), answer.get("errors").is_none(), "{root}.{name} for {held:?}: {answer}");
                cells += 1;
            }
        }
    }
    assert!(cells > 1000, "{cells} cells");
}

#[tokio::test]
async fn each_dangerous_mutation_needs_a_proof_that_is_not_stale() {
    let platform = Platform::without_proofs().await;
    let root = platform.person("root", &[domain::identity::Role::SuperAdministrator]).await;
    let mut fields = fields(&schema(), "Mutation");
    fields.sort_by_key(|field| field.name == "signOut");
    let mut dangerous = 0;
    for Field { name, operation, variables } in fields {
        let answer = platform.answer(Some(&root), &operation, variables).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        let act = declared("Mutation", &name);
        assert_eq!(*code == "STEP_UP_REQUIRED", act.dangerous, "{name}: {answer}");
        dangerous += usize::from(act.dangerous);
    }
    let all = acts::ALL.iter().filter(|act| act.dangerous && !INSIDE.contains(&act.name));
    assert_eq!(dangerous, all.count(), "each can be asked for");
}

#[tokio::test]
async fn each_subscription_is_for_whoever_holds_what_it_declares() {
    let platform = Platform::start().await;
    let schema = schema();
    let mut refused = BTreeMap::new();
    for permission in [Permission::Learn, Permission::ReadEvents] {
        let person = holder(&platform, permission).await;
        platform.level().await;
        for Field { name, operation, variables } in fields(&schema, "Subscription") {
            let Some(expected) = refusal(declared("Subscription", &name).needs, Some(permission)) else { continue };
            let mut socket = Socket::of(&platform, &person).await;
            socket.subscribe("1", &operation, variables).await;
            let answer = socket.hear().await;
            let errors = if answer["type"] == "error" { &answer["payload"] } else { &answer["payload"]["errors"] };
            assert_eq!(errors[0]["extensions"]["code"], expected, "{name}: {answer}");
            *refused.entry(permission).or_insert(0) += 1;
        }
    }
    assert!(refused[&Permission::Learn] > refused[&Permission::ReadEvents], "{refused:?}");
}

/// A role that somebody defined, by whom the API lists it.
fn role(data: &Value) -> Value {
    data["roleDefine"]["role"].clone()
}

const DEFINE: &str = "mutation($input: RoleDefineInput!) { roleDefine(input: $input) {
    role { id name description permissions { name } isBuiltIn } errors { code field } stale } }";
const REVISE: &str = "mutation($input: RoleReviseInput!) { roleRevise(input: $input) {
    role { name description permissions { name } } errors { code field } } }";
const GRANT: &str = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) {
    account { roles { role { id name } until } } errors { code field } } }";

#[tokio::test]
async fn administrators_define_roles_and_whoever_holds_them_may_do_what_they_permit() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[domain::identity::Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    let draft = json!({ "name": "Night shift", "description": "Looks after clusters.", "permissions": ["cluster:read"] });
    let defined = role(&platform.data(Some(&admin), DEFINE, json!({ "input": draft.clone() })).await);
    assert_eq!(defined["permissions"], json!([{ "name": "cluster:read" }]));
    assert_eq!((&defined["name"], &defined["isBuiltIn"]), (&json!("Night shift"), &json!(false)));
    let again = platform.data(Some(&admin), DEFINE, json!({ "input": draft })).await;
    assert_eq!(again["roleDefine"]["errors"], json!([{ "code": "ROLE_NAME_TAKEN", "field": "name" }]));

    let clusters = "{ clusters { totalCount } }";
    assert_eq!(platform.code(Some(&ada), clusters, json!({})).await, "FORBIDDEN");
    let input = json!({ "accountId": ada.id, "role": defined["id"], "until": "2999-01-01T00:00:00Z" });
    let granted = platform.data(Some(&admin), GRANT, json!({ "input": input })).await;
    let held = &granted["roleGrant"]["account"]["roles"][1];
    assert_eq!(held, &json!({ "role": { "id": defined["id"], "name": "Night shift" }, "until": "2999-01-01T00:00:00+00:00" }));
    platform.data(Some(&ada), clusters, json!({})).await;
    let mine = platform.data(Some(&ada), "{ permissions { name description } }", json!({})).await;
    let learns = json!({ "name": "session:take", "description": "Start sessions and work in them; register for runs; found communities and be of them." });
    assert_eq!(mine["permissions"], json!([learns, { "name": "cluster:read", "description": "See clusters." }]));

    let input = json!({ "role": defined["id"], "permissions": ["event:read"] });
    let revised = platform.data(Some(&admin), REVISE, json!({ "input": input })).await;
    assert_eq!(revised["roleRevise"]["role"]["name"], "Night shift", "what is left out stays");
    assert_eq!(platform.code(Some(&ada), clusters, json!({})).await, "FORBIDDEN", "with the next request");
    platform.data(Some(&ada), "{ events(first: 1) { nodes { type } } }", json!({})).await;

    let roles = platform.data(Some(&admin), "{ roles { id isBuiltIn permissions { name } } }", json!({})).await;
    let roles = roles["roles"].as_array().expect("roles");
    assert_eq!((roles.len(), &roles[0]["id"], &roles[10]["id"]), (11, &json!("learner"), &defined["id"]));
}

#[tokio::test]
async fn nothing_is_added_to_a_role_that_is_held_until_an_instant_alone() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[domain::identity::Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    let draft = json!({ "name": "Night shift", "permissions": ["cluster:read"] });
    let defined = role(&platform.data(Some(&admin), DEFINE, json!({ "input": draft })).await);
    for (role, until) in [(&defined["id"], Value::Null), (&json!("administrator"), json!("2999-01-01T00:00:00Z"))] {
        let input = json!({ "accountId": ada.id, "role": role, "until": until });
        assert_eq!(platform.data(Some(&admin), GRANT, json!({ "input": input })).await["roleGrant"]["errors"], json!([]));
    }
    let input = json!({ "role": defined["id"], "permissions": ["cluster:read", "role:grant"] });
    for (by, errors) in [(&ada, json!(["UNTIL_BEYOND_OWN"])), (&admin, json!([]))] {
        let revised = platform.data(Some(by), REVISE, json!({ "input": input })).await;
        let found = revised["roleRevise"]["errors"].as_array().expect("errors");
        assert_eq!(json!(found.iter().map(|error| &error["code"]).collect::<Vec<_>>()), errors);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_said_by_field() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[domain::identity::Role::Administrator]).await;
    let draft = |name: &str, permission: &str| json!({ "input": { "name": name, "permissions": [permission] } });
    let answer = platform.answer(Some(&admin), DEFINE, draft("x", "cluster:explode")).await;
    assert_eq!(answer["errors"][0]["message"], "permissions: expected names such as cluster:read, got \"cluster:explode\"");
    for (draft, code, field) in [
        (draft("", "cluster:read"), "ROLE_NAME_INVALID", "name"),
        (draft("Analyst", "cluster:read"), "ROLE_NAME_TAKEN", "name"),
        (draft("Owner", "platform:own"), "MORE_THAN_HELD", "role"),
    ] {
        let data = platform.data(Some(&admin), DEFINE, draft).await;
        assert_eq!(data["roleDefine"]["errors"], json!([{ "code": code, "field": field }]));
    }
    let grant = |role: &str, until: Value| json!({ "input": { "accountId": admin.id, "role": role, "until": until } });
    assert_eq!(platform.code(Some(&admin), GRANT, grant("owner", Value::Null)).await, "BAD_USER_INPUT");
    for (input, code, field) in [
        (grant("rol_00000000000000000000000000000001", Value::Null), "ROLE_NOT_FOUND", "role"),
        (grant("super_administrator", Value::Null), "MORE_THAN_HELD", "role"),
        (grant("author", json!("2001-01-01T00:00:00Z")), "UNTIL_PAST", "until"),
    ] {
        let data = platform.data(Some(&admin), GRANT, input).await;
        assert_eq!(data["roleGrant"]["errors"], json!([{ "code": code, "field": field }]));
    }
}
