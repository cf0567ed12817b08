//! Reactions: each does what follows from an event once, whatever happens in between.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use commands::{
    Clock, Commands, Fault,
    learning::LaboratoryError,
    reactions::{self, Reaction},
};
use domain::fact::Fact;
use journal::{Advance, Position, Recorded, TimerChange};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    platform::{Platform, accepted, author, learner, now},
    texts::{content, file, practice, read, reading},
};

/// Longer than anything here takes.
const DEADLINE: Duration = Duration::from_mins(2);

/// Reactions at work.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(platform: &Platform, reactions: Vec<Box<dyn Reaction>>, clock: Clock) -> Self {
        let (stop, stopping) = watch::channel(false);
        let running = reactions::run(reactions, Arc::clone(&platform.commands), Arc::clone(&platform.journal), clock, stopping);
        Self { stop, task: tokio::spawn(running) }
    }

    /// Drops them wherever they are; nobody is told.
    pub(crate) async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.expect_err("dropped").is_cancelled());
    }

    /// Until what they were at is done.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.expect("no panic");
    }
}

/// Waits for what cannot be waited for otherwise.
pub(crate) async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let met = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

/// Runs all reactions until nothing follows from anything any more.
pub(crate) async fn settle(platform: &Platform) {
    let running = Running::start(platform, reactions::all(), now);
    level(platform).await;
    running.stop().await;
}

async fn level(platform: &Platform) {
    let (journal, reactions) = (&platform.journal, reactions::all());
    eventually("all reactions are level with the journal, and nothing is set aside", async || {
        let head = journal.head().await.expect("readable");
        for reaction in &reactions {
            let parked = journal.parked(reaction.name()).await.expect("readable");
            if journal.checkpoint(reaction.name()).await.expect("readable") != head || !parked.is_empty() {
                return false;
            }
        }
        journal.head().await.expect("readable") == head
    })
    .await;
}

pub(crate) async fn rewind(platform: &Platform) {
    for reaction in reactions::all() {
        platform.journal.advance(Advance::to(reaction.name(), Position(0))).await.expect("moved");
    }
}

#[tokio::test]
async fn an_environment_is_asked_for_with_the_start_and_goes_with_the_end() {
    let platform = Platform::init().await;
    let ada = learner();
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let session = accepted(platform.commands.learning.start(&ada, workshop, false).await);
    settle(&platform).await;
    let requested = platform.named("EnvironmentRequested").await;
    assert_eq!(requested.len(), 1);
    let started = &platform.named("SessionStarted").await[0];
    assert_eq!(requested[0].metadata.causation, Some(started.event_id));
    assert_eq!(requested[0].metadata.correlation, started.metadata.correlation);
    accepted(platform.commands.learning.abandon(&ada, session).await);
    settle(&platform).await;
    let names = ["EnvironmentRequested", "EnvironmentTeardownStarted"];
    assert_eq!(names_of(&platform, requested[0].stream.id).await, names);
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(names_of(&platform, requested[0].stream.id).await, names);
}

async fn names_of(platform: &Platform, stream: uuid::Uuid) -> Vec<String> {
    platform.events().await.into_iter().filter(|event| event.stream.id == stream).map(|event| event.name).collect()
}

#[tokio::test]
async fn a_workshop_without_an_environment_gets_none() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.abandon(&ada, session).await);
    settle(&platform).await;
    assert!(platform.events().await.iter().all(|event| event.stream.kind != "environment"));
}

#[tokio::test]
async fn an_environment_whose_session_has_ended_before_it_was_asked_for_goes_as_well() {
    let platform = Platform::init().await;
    let ada = learner();
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let session = accepted(platform.commands.learning.start(&ada, workshop, false).await);
    accepted(platform.commands.learning.abandon(&ada, session).await);
    // Each reaction follows the journal by itself: the end may be seen before the start.
    let (mut ends, others): (Vec<_>, Vec<_>) =
        reactions::all().into_iter().partition(|reaction| reaction.name() == "tear_down_environment_when_session_ended");
    let witness = Counted { seen: Arc::default(), reaction: ends.remove(0) };
    let seen = Arc::clone(&witness.seen);
    let early = Running::start(&platform, vec![Box::new(witness)], now);
    eventually("the end is seen", async || seen.load(Ordering::SeqCst) > 0).await;
    let late = Running::start(&platform, others, now);
    level(&platform).await;
    early.stop().await;
    late.stop().await;
    let requested = &platform.named("EnvironmentRequested").await[0];
    assert_eq!(names_of(&platform, requested.stream.id).await, ["EnvironmentRequested", "EnvironmentTeardownStarted"]);
}

/// Counts how often the end of a session has been reacted to.
struct Counted {
    seen: Arc<AtomicUsize>,
    reaction: Box<dyn Reaction>,
}

#[async_trait::async_trait]
impl Reaction for Counted {
    fn name(&self) -> &'static str {
        self.reaction.name()
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let reacted = self.reaction.react(event, fact, commands).await;
        if event.name == "SessionAbandoned" {
            self.seen.fetch_add(1, Ordering::SeqCst);
        }
        reacted
    }
}

#[tokio::test]
async fn a_reaction_that_fails_is_tried_again_and_later_events_wait() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let mut steps = vec![read("one"), read("two"), read("three"), read("four")];
    steps[1].files = vec![file("second.txt")];
    steps[3].files = vec![file("fourth.txt"), file("more.txt")];
    let workshop = platform.published(&author(), "docker", &content("Docker", steps)).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    for step in ["one", "two", "three"] {
        accepted(learning.complete(&ada, session, step).await);
    }
    platform.bench.next_provision(LaboratoryError::Failed("no".into()));
    platform.bench.next_provision(LaboratoryError::Failed("not yet".into()));
    settle(&platform).await;
    let second = || vec!["second.txt".to_owned()];
    assert_eq!(platform.bench.provided(), [second(), second(), second(), vec!["fourth.txt".into(), "more.txt".into()]]);
}

#[tokio::test]
async fn files_for_an_environment_that_is_not_ready_are_left_to_whoever_makes_it() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let mut steps = vec![read("one"), read("two")];
    steps[1].files = vec![file("second.txt")];
    let workshop = platform.published(&author(), "docker", &content("Docker", steps)).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.complete(&ada, session, "one").await);
    platform.bench.next_provision(LaboratoryError::NotReady("provisioning".into()));
    settle(&platform).await;
    assert_eq!(platform.bench.provided().len(), 1);
    let active = crate::sessions::active(&platform, session).await;
    let files = learning.files(&active, active.completed.len()).await.expect("readable");
    assert_eq!(files, [file("second.txt")]);
}

type Seen = std::sync::Mutex<Vec<i64>>;

/// Takes the numbers of the events it is shown, and fails at every third call.
#[derive(Clone, Default)]
struct Flaky {
    calls: Arc<AtomicUsize>,
    seen: Arc<Seen>,
}

#[async_trait::async_trait]
impl Reaction for Flaky {
    fn name(&self) -> &'static str {
        "flaky"
    }

    async fn react(&self, event: &Recorded, _fact: &Fact, _commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if self.calls.fetch_add(1, Ordering::SeqCst) % 3 == 2 {
            return Err(Fault::Busy);
        }
        self.seen.lock().expect("held by nobody who panics").push(event.position.0);
        Ok(vec![])
    }
}

#[tokio::test]
async fn no_event_is_lost_between_failures_and_restarts() {
    let platform = Platform::init().await;
    let (grace, seen) = (author(), Arc::<Seen>::default());
    let workshop = accepted(platform.commands.workshops.draft(&grace, "docker".into(), &reading("0")).await);
    // More failures than one in the first page.
    for nth in 1..8 {
        accepted(platform.commands.workshops.revise(&grace, workshop, &reading(&nth.to_string())).await);
    }
    for nth in 8..11 {
        let flaky = Flaky { seen: Arc::clone(&seen), ..Flaky::default() };
        let running = Running::start(&platform, vec![Box::new(flaky)], now);
        accepted(platform.commands.workshops.revise(&grace, workshop, &reading(&nth.to_string())).await);
        flaky_is_level(&platform).await;
        running.stop().await;
    }
    all_were_seen(&platform, &seen).await;
}

#[tokio::test]
async fn events_of_many_streams_are_taken_from_the_first_on_when_something_comes_in_the_way_again_and_again() {
    let platform = Platform::init().await;
    for nth in 0..12 {
        accepted(platform.commands.workshops.draft(&author(), format!("docker-{nth}"), &reading("0")).await);
    }
    let flaky = Flaky::default();
    let running = Running::start(&platform, vec![Box::new(flaky.clone())], now);
    flaky_is_level(&platform).await;
    running.stop().await;
    all_were_seen(&platform, &flaky.seen).await;
    // Each round has three calls and takes at least what is first by then.
    let (calls, events) = (flaky.calls.load(Ordering::SeqCst), platform.events().await.len());
    assert!(calls <= 3 * events, "{calls} calls for {events} events");
}

async fn flaky_is_level(platform: &Platform) {
    let head = platform.journal.head().await.expect("readable");
    eventually("the reaction is level", async || platform.journal.checkpoint("flaky").await.expect("readable") == head).await;
}

async fn all_were_seen(platform: &Platform, seen: &Seen) {
    let last = platform.journal.head().await.expect("readable").0;
    let seen: BTreeSet<_> = seen.lock().expect("held by nobody").iter().copied().collect();
    assert!(seen.into_iter().eq(1..=last));
}
