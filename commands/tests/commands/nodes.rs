//! Several nodes on one journal: each reaction is at work on one of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use commands::{Commands, Fault, Request, reactions::Reaction};
use domain::{
    fact::Fact,
    gamification::scorecard::Source,
    kernel::{AccountId, Points, WorkshopId},
};
use journal::{Position, Recorded, Timer, TimerChange};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    platform::{Platform, accepted, author, now, pass},
    rules::{Running, eventually},
    texts::reading,
};

const RULE: &str = "herald";

/// What happened, over all nodes: who took which event, and how often each timer fired.
#[derive(Default)]
struct Log {
    taken: Mutex<Vec<(usize, i64)>>,
    fired: Mutex<HashMap<String, usize>>,
}

/// Gives somebody a point for each event, and sets a timer.
struct Herald {
    node: usize,
    log: Arc<Log>,
    /// While true, it hangs after its command, before it says that it is done.
    held: watch::Receiver<bool>,
}

const LEARNER: AccountId = AccountId(Uuid::from_u128(1));

#[async_trait::async_trait]
impl Reaction for Herald {
    fn name(&self) -> &'static str {
        RULE
    }

    async fn react(&self, event: &Recorded, _fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if event.stream.kind == "scorecard" {
            return Ok(vec![]);
        }
        self.log.taken.lock().expect("held by nobody who panics").push((self.node, event.position.0));
        // Not something that is done once by its nature: the key alone keeps it from being done twice.
        let source = Source::Step { workshop: WorkshopId(Uuid::nil()), step: Uuid::now_v7().to_string() };
        commands.gamification.award(&Request::because_of(RULE, event), LEARNER, source, Points(1)).await?;
        let mut held = self.held.clone();
        held.wait_for(|held| !held).await.expect("the test goes on");
        Ok(vec![TimerChange::Set(Timer { key: event.position.to_string(), due: now() })])
    }

    async fn due(&self, timer: &Timer, _commands: &Commands) -> Result<(), Fault> {
        *self.log.fired.lock().expect("held by nobody who panics").entry(timer.key.clone()).or_default() += 1;
        Ok(())
    }
}

fn start(platform: &Platform, node: usize, log: &Arc<Log>, held: &watch::Receiver<bool>) -> Running {
    let herald = Herald { node, log: Arc::clone(log), held: held.clone() };
    Running::start(platform, vec![Box::new(herald)], now)
}

async fn level(platform: &Platform) {
    eventually("the reaction is level", async || {
        let head = platform.journal.head().await.expect("readable");
        platform.journal.checkpoint(RULE).await.expect("readable") == head
    })
    .await;
}

async fn awards(platform: &Platform) -> usize {
    platform.named("PointsAwarded").await.len()
}

async fn drafts(platform: &Platform, slugs: impl IntoIterator<Item = String>) -> usize {
    let mut made = 0;
    for slug in slugs {
        accepted(platform.commands.workshops.draft(&author(), slug, &reading("Docker")).await);
        made += 3; // The slug is claimed with it, and room on the shelf.
    }
    made
}

#[tokio::test]
async fn of_three_nodes_one_works_and_when_it_stops_another_goes_on() {
    let platform = Platform::init().await;
    let (log, (_hanging, held)) = (Arc::default(), watch::channel(false));
    let mut made = drafts(&platform, ["a".to_owned()]).await;
    let mut nodes: HashMap<_, _> = (0..3).map(|node| (node, start(&platform, node, &log, &held))).collect();
    for round in 0..2 {
        made += drafts(&platform, (0..5).map(|nth| format!("r{round}-{nth}"))).await;
        level(&platform).await;
        let at_work = log.taken.lock().expect("free").last().expect("some").0;
        nodes.remove(&at_work).expect("a node that runs").stop().await;
    }
    made += drafts(&platform, ["z".to_owned()]).await;
    level(&platform).await;
    for (_, node) in nodes {
        node.stop().await;
    }
    let taken = log.taken.lock().expect("free").clone();
    let mut positions: Vec<_> = taken.iter().map(|(_, position)| *position).collect();
    assert_eq!(positions.len(), made, "each event on one node");
    positions.sort_unstable();
    positions.dedup();
    assert_eq!(positions.len(), made, "and once");
    assert_eq!(awards(&platform).await, made);
    let workers: std::collections::HashSet<_> = taken.iter().map(|(node, _)| *node).collect();
    assert_eq!(workers.len(), 3);
}

#[tokio::test]
async fn what_a_node_did_when_it_died_is_not_done_twice_by_the_next() {
    let platform = Platform::init().await;
    let log: Arc<Log> = Arc::default();
    let (hanging, held) = watch::channel(true);
    let made = drafts(&platform, ["a".to_owned()]).await;
    let first = start(&platform, 0, &log, &held);
    // Its commands are done, but nobody has been told.
    eventually("the commands are done", async || awards(&platform).await == made).await;
    assert_eq!(platform.journal.checkpoint(RULE).await.expect("readable"), Position(0));
    // As a crash: the task goes, and its lease is left to run out.
    first.crash().await;
    hanging.send_replace(false);
    let second = start(&platform, 1, &log, &held);
    level(&platform).await;
    second.stop().await;
    let taken = log.taken.lock().expect("free").clone();
    assert_eq!(taken.iter().filter(|(node, _)| *node == 1).count(), made, "the second did them again");
    assert_eq!(awards(&platform).await, made, "under the same keys");
}

#[tokio::test]
async fn a_clock_that_is_set_back_fires_no_timer_twice_and_stops_nothing() {
    let platform = Platform::init().await;
    let (log, (_hanging, held)) = (Arc::<Log>::default(), watch::channel(false));
    let made = drafts(&platform, ["a".to_owned()]).await;
    let running = start(&platform, 0, &log, &held);
    let fired = || log.fired.lock().expect("free").len();
    eventually("the timers fire", async || fired() == made).await;
    pass(TimeDelta::hours(-1));
    let more = drafts(&platform, ["b".to_owned()]).await;
    eventually("those set since fire", async || fired() == made + more).await;
    pass(TimeDelta::hours(2));
    level(&platform).await;
    running.stop().await;
    let twice: Vec<_> = log.fired.lock().expect("free").iter().filter(|(_, times)| **times != 1).map(|(key, _)| key.clone()).collect();
    assert_eq!(twice, Vec::<String>::new());
    let rest = platform.journal.due_timers(RULE, now() + TimeDelta::days(1), 10).await.expect("readable");
    assert_eq!(rest, []);
}
