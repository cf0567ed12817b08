//! Fields that were added to events since they were first stored. The fixture of an event has its first form; a form with more is
//! here, and is stored as it is read.

use domain::fact::Fact;
use serde_json::json;

use super::store;

#[test]
fn a_sign_in_tells_its_epoch_and_its_device() {
    let account = "0192f0c1-2233-7abc-8def-000000000001";
    let sealed = |text: &str| json!({ "$personal": { "subject": account, "sealed": text } });
    let payload =
        json!({ "Opened": { "account": account, "epoch": 2, "user_agent": sealed("v1.YWdlbnQ"), "address": sealed("v1.YWRkcmVzcw") } });
    let fact = Fact::read("sign_in", "SignedIn", 1, &payload.to_string()).expect("readable");
    assert_eq!(store(&fact), ("sign_in", "SignedIn", 1, payload));
}
