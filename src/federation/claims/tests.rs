//! What claims are worth.

use domain::identity::{ProviderName, Role};
use serde_json::json;

use super::*;

fn party(rules: &[(&str, &str, Role)]) -> Party {
    Party {
        name: ProviderName::try_new("corp").expect("a name"),
        label: "Corp".into(),
        issuer: "https://id.example.org".into(),
        client_id: "nalabo".into(),
        client_secret: None,
        certificate_authority: None,
        scopes: vec![],
        second_factor: ["mfa".to_owned()].into(),
        roles: rules.iter().map(|(claim, value, role)| ((*claim).to_owned(), (*value).to_owned(), (*role).into())).collect(),
    }
}

fn facts(claims: Value) -> Facts {
    let Value::Object(claims) = claims else { panic!("an object") };
    Facts(claims)
}

#[test]
fn roles_are_those_of_the_rules_and_no_others() {
    let party = party(&[
        ("groups", "writers", Role::Author),
        ("realm_access.roles", "desk", Role::Support),
        ("https://example.org/job", "analyst", Role::Analyst),
    ]);
    let roles = |claims: Value| facts(claims).person(&party).roles.into_iter().map(|role| role.to_string()).collect::<Vec<_>>();
    assert_eq!(roles(json!({ "groups": ["writers", "administrator"], "role": "administrator" })), ["author"]);
    assert_eq!(roles(json!({ "groups": "writers", "realm_access": { "roles": ["desk"] } })), ["author", "support"]);
    assert_eq!(roles(json!({ "https://example.org/job": "analyst" })), ["analyst"]);
    for none in [json!({ "groups": { "writers": true } }), json!({ "groups": ["Writers"] }), json!({ "groups": null }), json!({})] {
        assert_eq!(roles(none), [""; 0]);
    }
}

#[test]
fn an_address_is_verified_where_it_is_said_and_by_nothing_but_true() {
    let party = party(&[]);
    let verified = |claims: Value| facts(claims).person(&party).email_verified;
    assert!(verified(json!({ "email": "ada@example.org", "email_verified": true })));
    for not in [json!("true"), json!(1), json!(null)] {
        assert!(!verified(json!({ "email": "ada@example.org", "email_verified": not })));
    }
    let merged = |mut signed: Facts, told| {
        signed.add(facts(told));
        let Person { email, email_verified, .. } = signed.person(&party);
        (email.expect("an address"), email_verified)
    };
    let signed = || facts(json!({ "email": "ada@example.org" }));
    assert_eq!(merged(signed(), json!({ "email": "bob@example.org", "email_verified": true })), ("ada@example.org".into(), false));
    let signed = || facts(json!({ "email_verified": true }));
    assert_eq!(merged(signed(), json!({ "email": "bob@example.org" })), ("bob@example.org".into(), false));
}

#[test]
fn more_than_one_factor_is_what_the_configuration_says() {
    let shown = |claims: Value| facts(claims).person(&party(&[])).second_factor;
    assert!(shown(json!({ "amr": ["pwd", "mfa"] })));
    assert!(!shown(json!({ "amr": ["pwd", "otp"] })));
    assert!(!shown(json!({ "amr": "mfa" })));
}
