//! Keys of digests of network addresses, one for each month, and what is found without them.

use std::sync::Arc;

use chrono::{Datelike, TimeDelta};
use commands::{
    Request,
    audit::{Deed, digests_since, month},
};
use domain::kernel::Timestamp;
use journal::{
    History,
    evidence::{self, Walk},
};
use serde_json::{Value, json};

use crate::platform::{Platform, anonymous, now, pass, stand_still};

const ADDRESS: &str = "192.0.2.7";
const KEYS: &str = "audit-addresses-";

async fn names(platform: &Platform) -> Vec<String> {
    platform.vault.secret_names(KEYS).await.expect("names")
}

async fn notes(platform: &Platform) -> Vec<Value> {
    platform.named("AuditNoted").await.iter().map(|event| event.payload.to_value().expect("JSON")["Noted"].clone()).collect()
}

/// Has something come from the address in this month and the ones after, and time stand in the last; the digests that it left.
async fn some_months(platform: &Platform, count: usize) -> (Timestamp, Vec<String>) {
    stand_still();
    // Of no month there are fewer days, and none is left out.
    pass(TimeDelta::days(15 - i64::from(now().day())));
    let (first, mut digests) = (now(), Vec::new());
    for number in 0..count {
        if number > 0 {
            let this = month(now());
            while month(now()) == this {
                pass(TimeDelta::days(15));
            }
        }
        let from_there = Request { address: Some(ADDRESS.into()), ..anonymous() };
        platform.commands.audit.record(&from_there, Deed::refused("signIn", "CREDENTIALS_WRONG", vec![])).await.expect("written");
        let note = notes(platform).await.pop().expect("a note");
        digests.push(note["address_digest"].as_str().expect("a digest").to_owned());
    }
    digests.reverse();
    (first, digests)
}

#[tokio::test]
async fn keys_of_months_that_ended_long_ago_are_destroyed_and_the_others_find_what_they_did() {
    let platform = Platform::init().await;
    let (first, digests) = some_months(&platform, 5).await;
    let all = names(&platform).await;
    assert_eq!(all.len(), 5);
    assert_eq!(digests_since(&*platform.vault, ADDRESS, first, now()).await.expect("digests"), digests);
    let audit = &platform.commands.audit;
    assert!(audit.forget_addresses(4).await.expect("done").is_empty(), "the first ended less than four months ago");
    assert_eq!(names(&platform).await, all);
    assert_eq!(audit.forget_addresses(2).await.expect("done"), all[..2]);
    assert_eq!(names(&platform).await, all[2..]);
    let before = platform.events().await.len();
    assert!(audit.forget_addresses(2).await.expect("done").is_empty());
    assert_eq!(platform.events().await.len(), before, "doing it again leaves no trace");
    assert_eq!(audit.digests(ADDRESS, Some(first), None).await.expect("digests"), digests[..3], "what is left finds what it did");

    let traces: Vec<_> = notes(&platform).await.into_iter().filter(|note| note["operation"] == "addressKeyDestroy").collect();
    let subjects: Vec<_> = traces.iter().map(|note| note["subjects"].clone()).collect();
    assert_eq!(subjects, all[..2].iter().map(|name| json!([name])).collect::<Vec<_>>());
    assert!(traces.iter().all(|note| note["actor"] == "system:retention" && note["verdict"] == "accepted"), "{traces:?}");
    let history: Arc<dyn History> = platform.journal.clone();
    let head = platform.journal.head().await.expect("a head");
    assert_eq!(evidence::walk(&history, Walk::default(), |_| {}).await.expect("whole").position, head, "the chain is whole");
}

#[tokio::test]
async fn looking_makes_no_keys_and_those_that_were_destroyed_stay_so() {
    let platform = Platform::init().await;
    let (first, _) = some_months(&platform, 2).await;
    let (early, late) = (first - TimeDelta::days(400), now() + TimeDelta::days(40));
    let audit = &platform.commands.audit;
    // Two months later, in which nothing came from anywhere.
    pass(TimeDelta::days(62));
    let all = names(&platform).await;
    assert_eq!(all.len(), 2);
    assert_eq!(digests_since(&*platform.vault, ADDRESS, early, late).await.expect("digests").len(), 2);
    assert_eq!(audit.digests(ADDRESS, Some(early), None).await.expect("digests").len(), 2);
    assert_eq!(names(&platform).await, all);
    assert_eq!(audit.forget_addresses(1).await.expect("done"), all);
    assert!(audit.digests(ADDRESS, None, None).await.expect("digests").is_empty());
    assert!(digests_since(&*platform.vault, ADDRESS, early, late).await.expect("digests").is_empty());
    assert!(names(&platform).await.is_empty());
    let month_of_now = month(now());
    let (_, digests) = some_months(&platform, 1).await;
    assert_eq!((names(&platform).await, digests.len()), (vec![month_of_now], 1), "what comes now has a key of its own");
}
