//! Sign-ins that are unusual: found out once they are open, and told to who must know.

use std::sync::Arc;

use commands::Request;
use domain::identity::{
    mail::Occasion,
    watch::{Coordinates, Place, Watch},
};
use serde_json::{Value, json};

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, anonymous},
    rules::{rewind, settle},
    sign_ins::signed_in,
};

const EMAIL: &str = "ada@example.org";
const PARIS: &str = "192.0.2.7";
const TOKYO: &str = "198.51.100.7";

fn watch(speed_limit: u32) -> Watch {
    let place = |country, network, latitude, longitude| {
        Place::try_new(country, None, [network], Some(Coordinates { latitude, longitude })).expect("a network")
    };
    let places = vec![place("FR", "192.0.2.0/24", 48.86, 2.35), place("JP", "198.51.100.0/24", 35.68, 139.69)];
    Watch { new_countries: true, new_devices: true, speed_limit, places }
}

/// Where nobody travels faster than this.
async fn watched(speed_limit: u32) -> (Platform, Arc<Mailbag>) {
    let (mut platform, bag) = Mailbag::platform().await;
    let commands = platform.commands_on(&platform.vault).await;
    platform.commands = Arc::new(commands.with_postman(bag.clone()).with_watch(watch(speed_limit)));
    accepted(platform.register(EMAIL, &[]).await);
    (platform, bag)
}

async fn sign_in(platform: &Platform, from: &str, user_agent: &str) {
    let request = Request { address: Some(from.into()), user_agent: Some(user_agent.into()), ..anonymous() };
    accepted(signed_in(platform.commands.identity.sign_in(&request, EMAIL, PASSWORD.into()).await));
}

/// Why each was found unusual.
async fn found(platform: &Platform) -> Vec<Value> {
    settle(platform).await;
    let events = platform.named("SignInFoundUnusual").await;
    events.iter().map(|event| event.payload.to_value().expect("JSON")["FoundUnusual"]["unusual"].clone()).collect()
}

#[tokio::test]
async fn another_country_and_another_device_are_found_once_and_told_by_mail_once_an_hour() {
    let (platform, bag) = watched(0).await;
    sign_in(&platform, PARIS, "Firefox/128.0").await;
    sign_in(&platform, PARIS, "Firefox/131.0").await;
    assert_eq!(found(&platform).await, [] as [Value; 0], "a newer version is no other device");
    sign_in(&platform, TOKYO, "Firefox/131.0").await;
    assert_eq!(found(&platform).await, [json!(["new_country"])]);
    sign_in(&platform, TOKYO, "Phone/1").await;
    let expected = [json!(["new_country"]), json!(["new_device"])];
    assert_eq!(found(&platform).await, expected);
    sign_in(&platform, TOKYO, "Phone/1").await;
    assert_eq!(found(&platform).await, expected, "it is not new any more");
    let told: Vec<_> = bag.all().into_iter().filter(|mail| mail.occasion == Occasion::UnusualSignIn).collect();
    assert!((1..=2).contains(&told.len()) && told[0].to == EMAIL, "an hour may have begun in between: {told:?}");
    rewind(&platform).await;
    let before = platform.events().await.len();
    assert_eq!(found(&platform).await, expected);
    assert_eq!(platform.events().await.len(), before, "looking again adds nothing");
}

#[tokio::test]
async fn somebody_who_is_in_two_places_too_far_apart_is_found() {
    let (platform, bag) = watched(1000).await;
    sign_in(&platform, PARIS, "Firefox/128.0").await;
    assert_eq!(found(&platform).await, [] as [Value; 0]);
    sign_in(&platform, TOKYO, "Firefox/128.0").await;
    assert_eq!(found(&platform).await, [json!(["new_country", "too_far"])]);
    sign_in(&platform, PARIS, "Firefox/128.0").await;
    assert_eq!(found(&platform).await.last(), Some(&json!(["too_far"])), "also between places that are known");
    sign_in(&platform, "203.0.113.7", "Firefox/128.0").await;
    assert_eq!(found(&platform).await.len(), 2, "of where nobody knows where it is, nothing is said");
    assert!(bag.all().iter().any(|mail| mail.occasion == Occasion::UnusualSignIn));
}

#[tokio::test]
async fn what_was_seen_is_sealed_and_goes_with_the_person() {
    let (platform, _) = watched(1000).await;
    sign_in(&platform, PARIS, "Firefox/128.0").await;
    settle(&platform).await;
    sign_in(&platform, TOKYO, "Phone/1").await;
    assert_eq!(found(&platform).await.len(), 1);
    let stored: String = platform.events().await.iter().map(|event| event.payload.as_str()).collect();
    assert!(stored.contains("too_far"), "{stored}");
    for personal in ["Firefox", "Phone", "\"FR\"", "\"JP\"", PARIS] {
        assert!(!stored.contains(personal), "{personal}");
    }
    // It is signed in to no more, so nobody is looked at any more either.
    let ada = platform.named("SignedIn").await.pop().expect("signed in").metadata.actor.parse().expect("an account");
    sign_in(&platform, PARIS, "Tablet/1").await;
    accepted(platform.commands.identity.erase(&Request::system("test"), ada, Some("asked for")).await);
    let before = platform.named("SignInSeen").await.len();
    assert_eq!(found(&platform).await.len(), 1);
    assert_eq!(platform.named("SignInSeen").await.len(), before);
}

#[tokio::test]
async fn sign_ins_at_once_are_looked_at_one_after_the_other() {
    let (platform, _) = watched(1000).await;
    sign_in(&platform, PARIS, "Firefox/128.0").await;
    settle(&platform).await;
    let (platform, devices) = (&platform, ["Phone", "Tablet", "Watch"]);
    futures_util::future::join_all(devices.map(|device| sign_in(platform, PARIS, device))).await;
    assert_eq!(found(platform).await, vec![json!(["new_device"]); devices.len()]);
    assert_eq!(platform.named("SignInSeen").await.len(), devices.len() + 1);
}

#[tokio::test]
async fn where_nothing_is_watched_nothing_is_recorded() {
    let (platform, _) = Mailbag::platform().await;
    accepted(platform.register(EMAIL, &[]).await);
    sign_in(&platform, PARIS, "Firefox/128.0").await;
    settle(&platform).await;
    assert!(platform.named("SignInSeen").await.is_empty());
}
