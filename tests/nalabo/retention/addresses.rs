//! Keys of digests of network addresses of months that are long over.

use nalabo::node::Stores;
use serde_json::{Value, json};

use crate::{
    engines::Engine,
    people::Person,
    site::{Server, Site, said},
    waiting::until,
};

crate::engines::on_each_engine! {
    old_keys_are_kept_while_somebody_is_on_hold,
    old_keys_are_destroyed_and_the_audit_tells_of_it,
}

const SETTINGS: [(&str, &str); 1] = [("NALABO_RETENTION__ADDRESS_MONTHS", "1")];
const OLD: [&str; 2] = ["audit-addresses-2020-01", "audit-addresses-2020-02"];
const TRAIL: &str = "query($filter: AuditFilter) { auditTrail(filter: $filter, first: 10) { nodes { action actor outcome } } }";
const DESTROYED: &str = "query($filter: AuditFilter) { auditTrail(filter: $filter, first: 10) { nodes { subject actor outcome } } }";

/// The names of the keys that there are; with these made before. No server may be running.
async fn keys(site: &Site, made: &[&str]) -> Vec<String> {
    let stores = Stores::open(&site.config()).await.expect("stores");
    for name in made {
        stores.vault.secret(name, 32).await.expect("a key");
    }
    let names = stores.vault.secret_names("audit-addresses-").await.expect("names");
    stores.close().await;
    names
}

async fn says(server: &Server, words: &[&str]) {
    until("it says so", async || server.printed(), |printed| words.iter().all(|words| printed.contains(words))).await;
}

/// A site with old keys, on which somebody was put on hold, and released if they are to be; and all of its keys.
async fn site(engine: Engine, released: bool) -> (Site, Vec<String>) {
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let on_hold = json!({ "accountId": kit.account, "reason": "case 12/2026" });
    let administrator = Person::administrator(&server).await;
    administrator.mutate("legalHoldPlace", on_hold.clone(), "account { id }").await;
    if released {
        administrator.mutate("legalHoldRelease", on_hold, "account { id }").await;
    }
    server.stop();
    let all = keys(&site, &OLD).await;
    assert!(all.len() > OLD.len() && all.starts_with(&OLD.map(str::to_owned)), "those of now among them: {all:?}");
    (site, all)
}

async fn old_keys_are_kept_while_somebody_is_on_hold(engine: Engine) {
    let (site, all) = site(engine, false).await;
    let server = site.serve_with(&SETTINGS);
    says(&server, &["somebody is on hold"]).await;
    server.stop();
    assert!(keys(&site, &[]).await.starts_with(&all), "all are kept");
}

async fn old_keys_are_destroyed_and_the_audit_tells_of_it(engine: Engine) {
    let (site, all) = site(engine, true).await;
    let server = site.serve_with(&SETTINGS);
    says(&server, &["2020-01", "2020-02"]).await;
    let administrator = Person::administrator(&server).await;
    let entries = OLD.map(|key| json!({ "subject": key, "actor": "system:retention", "outcome": "ACCEPTED" }));
    let both = |data: &Value| data["auditTrail"]["nodes"] == json!(entries);
    administrator.until(DESTROYED, json!({ "filter": { "action": "addressKeyDestroy" } }), both).await;
    // What came from here this month is found, and looking makes no key of any month before.
    let here = json!({ "filter": { "address": "127.0.0.1", "action": "legalHoldPlace" } });
    let found = json!([{ "action": "legalHoldPlace", "actor": administrator.account, "outcome": "ACCEPTED" }]);
    administrator.until(TRAIL, here, |data| data["auditTrail"]["nodes"] == found).await;
    server.stop();
    let left = keys(&site, &[]).await;
    assert!(left.starts_with(&all[OLD.len()..]) && !left.iter().any(|name| name.contains("-2020-")), "{left:?}");
    let verified = site.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}
