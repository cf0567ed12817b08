use serde_json::json;

use super::*;

#[test]
fn a_sentence_tells_what_happened_by_whom_and_the_plain_details() {
    let payload = json!({ "RoleGranted": { "role": "author", "until": null, "name": { "$personal": { "subject": "1" } } } });
    assert_eq!(sentence("RoleGranted", "Ada (acc_1)", None, &payload, &[]), "Role granted by Ada (acc_1): role author.");
    assert_eq!(sentence("RoleGranted", "acc_1", None, &payload, &["role"]), "Role granted by acc_1.");
    assert_eq!(
        sentence("SignInClosed", "system:x", Some("acc_2"), &json!("Closed"), &[]),
        "Sign in closed by system:x on behalf of acc_2."
    );
}
