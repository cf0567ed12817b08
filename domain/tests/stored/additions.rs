//! Fields that were added to events since they were first stored. The fixture of an event has its first form; a form with more is
//! here, and is stored as it is read.

use domain::fact::Fact;
use serde_json::json;

use super::store;

#[test]
fn a_sign_in_tells_its_epoch_and_its_device() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let sealed = |text: &str| json!({ "$personal": { "subject": account, "sealed": text } });
    let (agent, address) = (sealed("v1.YWdlbnQ"), sealed("v1.YWRkcmVzcw"));
    let payload = json!({ "Opened": { "account": account, "epoch": 2, "user_agent": agent, "address": address,
            "proof": { "until": "2026-03-04T05:06:07Z", "second_factor": true }, "method": { "provider": "corp" } } });
    let fact = Fact::read("sign_in", "SignedIn", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("sign_in", "SignedIn", 1, payload));
}

#[test]
fn a_role_tells_until_when_it_is_held() {
    let until = "2026-01-02T03:04:05Z";
    let grants = json!([{ "role": "author", "until": until }, { "role": "rol_0192f0c122337abc8def000000000050" }]);
    let payload = json!({ "RoleGranted": { "role": "author", "until": until, "grants": grants } });
    let fact = Fact::read("account", "RoleGranted", 2, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("account", "RoleGranted", 2, payload));
}
