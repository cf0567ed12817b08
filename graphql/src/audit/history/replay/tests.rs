use serde_json::json;

use super::*;

#[test]
fn narrowed_states_differ_in_the_same_places() {
    let personal = |sealed: &str| json!({ "$personal": { "subject": 1, "sealed": sealed } });
    let open = |name: Value, roles: Value| json!({ "Open": { "name": name, "roles": roles, "epoch": 0, "limits": { "cpu": 1 } } });
    let states = [
        json!(null),
        json!("Absent"),
        json!({}),
        json!([]),
        json!({ "Open": {} }),
        json!({ "Open": { "name": null } }),
        open(json!("a"), json!([])),
        open(json!("a"), json!({})),
        open(json!("b"), json!(["author"])),
        open(json!("b"), json!(["author", { "role": "support", "until": null }])),
        open(json!("b"), json!(["support", { "role": "support", "until": 1 }, "author"])),
        open(json!("b"), json!({ "0": "author", "2": { "role": "support" } })),
        open(personal("v1.a"), json!([personal("v1.a"), personal("v1.b")])),
        open(personal("v1.b"), json!([personal("v1.b"), "author"])),
        open(json!({ "subject": 1 }), json!([null, null])),
    ];
    for before in &states {
        for after in &states {
            let (old, new) = narrowed(before, after);
            assert_eq!(fact::differences(&old, &new), fact::differences(before, after), "{before} {after}");
        }
    }
}

#[test]
fn what_is_the_same_is_left_out_but_for_one() {
    let entries = |last: u32| (0..100).map(|n| (format!("{n:02}"), json!({ "number": n, "stage": last * (n / 99) }))).collect::<Value>();
    let (old, new) = narrowed(&entries(1), &entries(2));
    assert_eq!(old, json!({ "98": null, "99": { "number": null, "stage": 1 } }));
    assert_eq!(new, json!({ "98": null, "99": { "number": null, "stage": 2 } }));
    assert_eq!(narrowed(&entries(1), &entries(1)), (Value::Null, Value::Null));
}
