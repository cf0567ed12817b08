//! What operators are told by mail.

use std::sync::Arc;

use commands::{Request, identity::Undelivered};
use domain::{
    environments::cluster::{Health, Observation, Streak},
    identity::{
        Email,
        mail::{Failure, Occasion},
        watch::Watch,
    },
    kernel::ClusterId,
};

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, anonymous, now, registration},
    rules::{rewind, settle},
    sign_ins::signed_in,
};

const OPS: &str = "ops@example.org";
const NEVER: Undelivered = Undelivered { failure: Failure::Reply(550), permanent: true };

/// Where an operator is told, and an address is configured that nobody has.
async fn platform() -> (Platform, Arc<Mailbag>) {
    let (mut platform, bag) = Mailbag::platform().await;
    let operators = [OPS, "nobody@example.org"].map(|address| Email::try_new(address).expect("an address")).to_vec();
    let watch = Watch { new_devices: true, ..Watch::default() };
    let commands = platform.commands_on(&platform.vault).await;
    platform.commands = Arc::new(commands.with_postman(bag.clone()).with_operators(operators).with_watch(watch));
    accepted(platform.commands.identity.register(&Request::system("test"), registration(OPS, &[])).await);
    (platform, bag)
}

/// What the operator was told, and nobody else.
fn told(bag: &Mailbag) -> Vec<Occasion> {
    let mails = bag.all().into_iter().filter(|mail| mail.occasion.is_for_operators());
    mails.inspect(|mail| assert_eq!(mail.to, OPS)).map(|mail| mail.occasion).collect()
}

/// It is seen like this for a while.
async fn seen(platform: &Platform, cluster: ClusterId, health: Health) {
    let mut streak = None;
    for _ in 0..5 {
        let seen = Streak::after(streak.take(), Observation { health, reason: "no answer".into(), at: now() });
        accepted(platform.commands.environments.observe_cluster(&Request::system("test"), cluster, &seen).await);
        streak = Some(seen);
    }
    settle(platform).await;
}

#[tokio::test]
async fn a_cluster_that_goes_away_and_comes_back_is_told_once() {
    let (platform, bag) = platform().await;
    let cluster = platform.cluster("frankfurt").await;
    for health in [Health::Unreachable, Health::Healthy] {
        seen(&platform, cluster, health).await;
    }
    let expected = [Occasion::ClusterUnreachable, Occasion::ClusterRecovered];
    assert_eq!(told(&bag), expected);
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(told(&bag), expected, "reactions that come by again do nothing twice");
}

#[tokio::test]
async fn mails_that_are_parked_are_told_once_an_hour() {
    let (platform, bag) = platform().await;
    for address in ["ada@example.org", "bob@example.org", "cyd@example.org"] {
        bag.refuse(NEVER);
        accepted(platform.register(address, &[]).await);
        settle(&platform).await;
    }
    let before = told(&bag);
    assert!(before.iter().all(|told| *told == Occasion::MailsParked), "{before:?}");
    assert!((1..=2).contains(&before.len()), "an hour may have begun in between: {before:?}");
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(told(&bag), before, "reactions that come by again do nothing twice");
}

#[tokio::test]
async fn nobody_is_told_that_they_could_not_be_told() {
    let (platform, bag) = platform().await;
    bag.refuse(NEVER);
    bag.refuse(NEVER);
    accepted(platform.register("ada@example.org", &[]).await);
    settle(&platform).await;
    assert_eq!((told(&bag), platform.named("MailParked").await.len(), platform.named("MailQueued").await.len()), (vec![], 2, 2));
}

#[tokio::test]
async fn an_unusual_sign_in_is_told() {
    let (platform, bag) = platform().await;
    for agent in ["Firefox/128.0", "Phone/1"] {
        let request = Request { address: Some("192.0.2.7".into()), user_agent: Some(agent.into()), ..anonymous() };
        accepted(signed_in(platform.commands.identity.sign_in(&request, OPS, PASSWORD.into()).await));
        settle(&platform).await;
    }
    assert_eq!(told(&bag), [Occasion::UnusualSignIns]);
}
