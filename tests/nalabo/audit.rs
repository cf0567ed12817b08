//! The audit as a file.

use nalabo::node::Stores;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    feed,
    people::Person,
    site::{PATIENCE, Server, Site},
    waiting::until,
};

const EXPORT: &str = "/api/admin/audit";
/// Of an export: more pages than the kernel keeps for a connection on either side, so that the server has to wait for its reader.
pub(crate) const ENTRIES: usize = 2000;
pub(crate) const BYTES: usize = 15_000;

async fn get(server: &Server, token: Option<&str>, query: &str) -> Response {
    let request = reqwest::Client::new().get(format!("http://{}{EXPORT}?{query}", server.address));
    let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
    request.send().await.expect("an answer")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_exported_in_both_forms_and_tells_of_its_own_export() {
    let site = Site::new();
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let token = Some(administrator.tokens.access.as_str());
    assert_eq!(get(&server, None, "format=csv").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(get(&server, token, "format=xml").await.status(), StatusCode::BAD_REQUEST);

    let table = get(&server, token, "format=csv").await;
    assert_eq!((table.status(), &table.headers()["content-type"].to_str().expect("text")[..8]), (StatusCode::OK, "text/csv"));
    let table = table.text().await.expect("a table");
    assert!(table.starts_with("id,position,at,actor,") && table.contains(",signIn,accepted,"), "{table}");
    assert!(table.contains("127.0.0.1"), "{table}");

    let of = |exports: &[Value], outcome: &str| {
        exports.iter().filter(|line| line["outcome"] == json!(outcome)).map(|line| line["reason"].clone()).collect::<Vec<_>>()
    };
    let exported = async || lines(&get(&server, token, "format=ndjson&action=auditExport").await.text().await.expect("lines"));
    let tells = |exports: &Vec<Value>| of(exports, "refused").len() == 2 && !of(exports, "accepted").is_empty();
    let exports = until("both kinds of exports", exported, tells).await;
    assert_eq!(of(&exports, "refused"), [json!("UNAUTHENTICATED"), json!("BAD_USER_INPUT")]);
}

/// An export of which something was read, and no more for now.
pub(crate) async fn begun(mut export: Response) -> Response {
    assert_eq!(export.status(), StatusCode::OK);
    export.chunk().await.expect("a piece").expect("more than nothing");
    export
}

/// Reads on in an export until its connection breaks off, as it must before its end.
pub(crate) async fn breaks_off(mut export: Response) {
    let read = async {
        while export.chunk().await?.is_some() {}
        Ok::<_, reqwest::Error>(())
    };
    let read = tokio::time::timeout(PATIENCE, read).await.expect("it ends in some way");
    assert!(read.is_err(), "it came to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_the_audit_any_more_gets_no_more_of_an_export_that_has_begun() {
    let site = Site::new();
    feed::notes(&site, "system:test", ENTRIES, BYTES).await;
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let (kit, eve) = (Person::with_role(&server, "kit", "analyst").await, Person::with_role(&server, "eve", "analyst").await);
    // What was fed comes before.
    let granted = "{ auditTrail(filter: { action: \"roleGrant\" }, first: 2) { nodes { action } } }";
    administrator.until(granted, Value::Null, |data| data["auditTrail"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 2)).await;

    let export = async |person: &Person, form: &str| get(&server, Some(&person.tokens.access), &format!("format={form}")).await;
    let (table, lines) = (begun(export(&kit, "csv").await).await, begun(export(&eve, "ndjson").await).await);
    assert_eq!(export(&administrator, "csv").await.status(), StatusCode::SERVICE_UNAVAILABLE, "two are read already");
    administrator.mutate("roleRevoke", json!({ "accountId": kit.account, "role": "analyst" }), "account { id }").await;
    administrator.mutate("accountSuspend", json!({ "accountId": eve.account, "reason": "shared with others" }), "account { id }").await;
    for (person, status) in [(&kit, StatusCode::FORBIDDEN), (&eve, StatusCode::UNAUTHORIZED)] {
        until("the refusal", async || export(person, "csv").await.status(), |seen| *seen == status).await;
    }
    breaks_off(table).await;
    breaks_off(lines).await;
    let told = |printed: &String| printed.matches("an export broke off").count() == 2;
    let printed = until("both in the log", async || server.printed(), told).await;
    assert!(printed.contains("your roles do not permit this") && printed.contains("sign in first"), "{printed}");
    // Another's comes to its end, and in their turn.
    let whole = export(&administrator, "ndjson").await.text().await.expect("all of it");
    assert!(whole.lines().count() > ENTRIES);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_only_counted_is_in_the_audit_after_a_stop() {
    // More than are written one by one.
    const REFUSED: i64 = 70;
    let site = Site::new();
    let server = site.serve_with(&[("NALABO_RATES__LIMITED", "false")]);
    let administrator = Person::administrator(&server).await;
    let kit = Person::register(&server, "kit").await;
    for _ in 0..REFUSED {
        assert_eq!(get(&server, Some(&kit.tokens.access), "format=csv").await.status(), StatusCode::FORBIDDEN);
    }
    server.stop();
    let stores = Stores::open(&site.config()).await.expect("stores");
    let head = stores.journal.head().await.expect("read");
    let signed = stores.journal.signed_checkpoint(head).await.expect("read").expect("a checkpoint");
    assert_eq!(signed.link.position, head, "what was written last is signed");
    stores.close().await;
    let server = site.serve();
    let refused = format!("format=ndjson&action=auditExport&actor={}&outcome=refused", kit.account);
    let exported = async || lines(&get(&server, Some(&administrator.tokens.access), &refused).await.text().await.expect("lines"));
    let told = |lines: &[Value]| lines.iter().map(|line| line["times"].as_i64().expect("a number")).sum::<i64>();
    let lines = until("all of them", exported, |lines: &Vec<Value>| told(lines) == REFUSED).await;
    assert!(i64::try_from(lines.len()).expect("few") < REFUSED, "{} lines", lines.len());
    server.stop();
}
