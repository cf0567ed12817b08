//! What somebody is given of a thing that they ask for by its id, and how what they found of it compares.

use std::collections::HashMap;

use async_graphql::parser::types::ServiceDocument;
use serde_json::{Value, json};

use crate::{
    authorization::selections,
    platform::{Person, Platform},
};

/// What everybody sees of people.
const PROFILE: [&str; 4] = ["__typename", "id", "displayName", "avatar"];

/// What `node` gives somebody, by id; nothing of what it does not know, nor if it refuses.
pub(in crate::authorization) async fn direct(
    platform: &Platform,
    schema: &ServiceDocument,
    person: Option<&Person>,
    ids: &[&str],
) -> HashMap<String, Value> {
    let known = ids.iter().filter_map(|id| {
        let kind = match id.split_once('_')?.0 {
            "acc" => "Account",
            "wks" => "Workshop",
            "ses" => "Session",
            "env" => "Environment",
            "cls" => "Cluster",
            "run" => "Run",
            "reg" => "Registration",
            "com" => "Community",
            _ => return None,
        };
        Some((*id, kind))
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return HashMap::new();
    }
    let asked = known.iter().enumerate().map(|(at, (id, kind))| {
        let all = selections::itself(schema, kind);
        format!("a{at}: node(id: \"{id}\") {{ __typename ... on {kind} {{ {all} }} }}")
    });
    let request = platform.http().json(&json!({ "query": format!("{{ {} }}", asked.collect::<Vec<_>>().join(" ")) }));
    let request = match person {
        Some(person) => request.bearer_auth(&person.token),
        None => request,
    };
    // Whoever has ended their own sign-in is not let in at all.
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    if answer.get("errors").is_some() || answer["data"].is_null() {
        return HashMap::new();
    }
    let given = |(at, (id, _)): (usize, &(&str, &str))| ((*id).to_owned(), answer["data"][format!("a{at}")].clone());
    known.iter().enumerate().map(given).collect()
}

/// Whether it is somebody as everybody sees people.
fn is_profile(found: &Value) -> bool {
    let is_public = |(name, value): (&String, &Value)| PROFILE.contains(&name.as_str()) || value.is_null();
    found["__typename"] == "Account" && found.as_object().is_some_and(|found| found.iter().all(is_public))
}

/// Whether nothing is shown of what was found that is not given by its id.
pub(in crate::authorization) fn shows_no_more(found: &Value, given: &Value) -> bool {
    match (found, given) {
        (Value::Object(found), Value::Object(given)) => {
            given.iter().all(|(name, given)| found.get(name).is_none_or(|found| shows_no_more(found, given)))
        }
        (found, Value::Null) => found.is_null() || is_profile(found),
        _ => true,
    }
}

/// Whether what was found is what is given by its id, as far as both say something.
pub(super) fn is_the_same(found: &Value, given: &Value) -> bool {
    match (found, given) {
        (Value::Object(found), Value::Object(given)) => {
            given.iter().all(|(name, given)| found.get(name).is_none_or(|found| is_the_same(found, given)))
        }
        (Value::Array(found), Value::Array(given)) => {
            found.len() == given.len() && found.iter().zip(given).all(|(found, given)| is_the_same(found, given))
        }
        (found, given) => found == given || (given.is_null() && is_profile(found)),
    }
}
