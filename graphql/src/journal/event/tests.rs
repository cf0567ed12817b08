use serde_json::json;

use super::without_personal;

#[test]
fn of_a_personal_value_only_its_owner_is_left() {
    let stored = json!({
        "Registered": { "email": { "$personal": { "subject": "s", "sealed": "v1.x" } }, "roles": ["learner"] },
        "list": [{ "$personal": { "subject": "s", "value": "in the clear" } }],
    });
    let shown = json!({
        "Registered": { "email": { "$personal": { "subject": "s" } }, "roles": ["learner"] },
        "list": [{ "$personal": { "subject": "s" } }],
    });
    assert_eq!(without_personal(stored), shown);
}
