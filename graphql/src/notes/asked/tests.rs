use super::*;

fn of(text: &str, variables: serde_json::Value) -> Vec<(String, String, usize)> {
    let asked = asked(&mut Request::new(text).variables(Variables::from_json(variables)));
    asked.fields.into_iter().map(|field| (field.key, field.name, field.ids.len())).collect()
}

fn id(kind: &str) -> String {
    format!("{kind}_{}", "0".repeat(32))
}

#[test]
fn fields_of_the_root_are_found_with_what_they_name() {
    let text =
        "query($id: ID!, $more: [ID!]) { one: node(id: $id) { id } ...Rest } fragment Rest on Query { me { id } x(ids: $more) { id } }";
    let found = of(text, serde_json::json!({ "id": id("acc"), "more": [id("ses"), id("env"), "ada@example.org"] }));
    assert_eq!(found, [("one".into(), "node".into(), 1), ("me".into(), "me".into(), 0), ("x".into(), "x".into(), 2)]);
}

#[test]
fn ids_in_inputs_are_found_and_a_key_counts_once() {
    let text = format!("mutation {{ roleGrant(input: {{ accountId: \"{}\", role: \"author\" }}) {{ stale }} }}", id("acc"));
    assert_eq!(of(&text, serde_json::json!({})), [("roleGrant".into(), "roleGrant".into(), 1)]);
    assert_eq!(of("{ me { id } me { name } }", serde_json::json!({})).len(), 1);
}

#[test]
fn fragments_that_lead_into_each_other_twice_are_looked_into_once() {
    let next = |n: usize| format!("fragment F{n} on Query {{ ...F{next} ...F{next} }} ", next = n + 1);
    let text = format!("{{ ...F0 }} {} fragment F64 on Query {{ me {{ id }} }}", (0..64).map(next).collect::<String>());
    assert_eq!(of(&text, serde_json::json!({})), [("me".into(), "me".into(), 0)]);
    let round = "{ ...A } fragment A on Query { ...B me { id } } fragment B on Query { ...A }";
    assert_eq!(of(round, serde_json::json!({})).len(), 1);
}
