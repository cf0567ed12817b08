//! Asking for all that is known of a person. Fetching it is a route of the server's.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::Platform;

const EXPORT: &str = "mutation($input: AccountExportInput!) { accountExport(input: $input) { token expiresAt errors { code field } } }";

#[tokio::test]
async fn people_ask_for_their_own_and_administrators_for_others_with_a_reason() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let input = |reason: Value| json!({ "input": { "accountId": ada.id, "reason": reason } });
    let own = platform.data(Some(&ada), EXPORT, input(Value::Null)).await["accountExport"].clone();
    assert!(own["token"].as_str().is_some_and(|token| token.starts_with("nlb_exp_")), "{own}");
    assert!(own["expiresAt"].is_string() && own["errors"] == json!([]), "{own}");
    let hers = platform.data(Some(&root), EXPORT, input(Value::Null)).await;
    assert_eq!(hers["accountExport"]["errors"], json!([{ "code": "REASON_REQUIRED", "field": "reason" }]));
    let hers = platform.data(Some(&root), EXPORT, input("asked for by letter".into())).await;
    assert!(hers["accountExport"]["token"].is_string(), "{hers}");
    let roots = json!({ "input": { "accountId": root.id, "reason": "curious" } });
    assert_eq!(platform.code(Some(&ada), EXPORT, roots).await, "FORBIDDEN");
}
