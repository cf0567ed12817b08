//! Streams whose events fail are set aside; the others go on, and an operator is heard.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use commands::{
    Commands, Fault, Request,
    reactions::{
        Reaction,
        operator::{self, OperatorError, TRIES},
    },
};
use domain::fact::Fact;
use journal::{Advance, Append, NewEvent, ParkChange, Parked, Position, Recorded, StreamId, StreamWrite, Timer, TimerChange};
use serde_json::json;
use uuid::Uuid;

use crate::{
    platform::{Platform, accepted, author, now},
    rules::{Running, eventually},
    texts::reading,
};

/// Has the name of a rule that there is, so that operators find it.
const RULE: &str = "award_points_when_step_completed";

/// What a reaction came by, and what it chokes on: positions of events, keys of timers.
#[derive(Default)]
struct Diary {
    taken: Mutex<Vec<i64>>,
    poison: Mutex<HashSet<i64>>,
    panics: Mutex<HashSet<i64>>,
    fired: Mutex<Vec<String>>,
    bad_timers: Mutex<HashSet<String>>,
}

impl Diary {
    fn taken(&self) -> Vec<i64> {
        self.taken.lock().expect("held by nobody who panics").clone()
    }

    fn poison(&self, positions: impl IntoIterator<Item = i64>) {
        *self.poison.lock().expect("held by nobody who panics") = positions.into_iter().collect();
    }
}

struct Diarist(Arc<Diary>);

#[async_trait::async_trait]
impl Reaction for Diarist {
    fn name(&self) -> &'static str {
        RULE
    }

    async fn react(&self, event: &Recorded, _fact: &Fact, _commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let position = event.position.0;
        let panics = self.0.panics.lock().expect("held by nobody who panics").contains(&position);
        assert!(!panics, "as it was told");
        if self.0.poison.lock().expect("held by nobody who panics").contains(&position) {
            return Err(Fault::Outside(format!("cannot stand event {position}")));
        }
        self.0.taken.lock().expect("held by nobody who panics").push(position);
        Ok(vec![])
    }

    async fn due(&self, timer: &Timer, _commands: &Commands) -> Result<(), Fault> {
        if self.0.bad_timers.lock().expect("held by nobody who panics").contains(&timer.key) {
            return Err(Fault::Outside("no".into()));
        }
        self.0.fired.lock().expect("held by nobody who panics").push(timer.key.clone());
        Ok(())
    }
}

fn start(platform: &Platform, diary: &Arc<Diary>) -> Running {
    Running::start(platform, vec![Box::new(Diarist(Arc::clone(diary)))], now)
}

/// Appends one event to a stream, at a position that is the number of events so far.
async fn event(platform: &Platform, stream: u128, sequence: i64) {
    let new = NewEvent { id: Uuid::now_v7(), name: "Noted".into(), version: 1, payload: json!({}) };
    append(platform, StreamId::new("note", Uuid::from_u128(stream)), sequence, new).await;
}

async fn append(platform: &Platform, stream: StreamId, sequence: i64, event: NewEvent) {
    let write = StreamWrite { stream, expected: sequence - 1, events: vec![event] };
    let metadata = journal::Metadata {
        command: Uuid::now_v7(),
        correlation: Uuid::now_v7(),
        causation: None,
        actor: "system:test".into(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
        traceparent: Request::system("test").traceparent,
    };
    platform.journal.append(Append { writes: vec![write], metadata, receipt: None, fence: None }).await.expect("appended");
}

async fn parked(platform: &Platform) -> Vec<Parked> {
    platform.journal.parked(RULE).await.expect("readable")
}

async fn level(platform: &Platform) {
    let head = platform.journal.head().await.expect("readable");
    eventually("the reaction is level", async || platform.journal.checkpoint(RULE).await.expect("readable") == head).await;
}

/// As if the tries of the one stream that is aside had been used up.
async fn give_up(platform: &Platform) {
    let [parked] = &parked(platform).await[..] else { panic!("one stream") };
    let given_up = ParkChange::Park(Parked { attempts: TRIES, ..parked.clone() });
    platform.journal.advance(Advance { subscriber: RULE.into(), parked: vec![given_up], ..Advance::default() }).await.expect("written");
}

/// Stream 1 at positions 1, 3, 5 and stream 2 at 2, 4; `poison` sets a stream aside and the checkpoint is at the end.
async fn poisoned(poison: i64) -> (Platform, Arc<Diary>) {
    let (platform, diary) = (Platform::init().await, Arc::new(Diary::default()));
    diary.poison([poison]);
    for (stream, sequence) in [(1, 1), (2, 1), (1, 2), (2, 2), (1, 3)] {
        event(&platform, stream, sequence).await;
    }
    let running = start(&platform, &diary);
    level(&platform).await;
    running.stop().await;
    (platform, diary)
}

fn note(stream: u128) -> StreamId {
    StreamId::new("note", Uuid::from_u128(stream))
}

#[tokio::test]
async fn a_stream_that_fails_is_set_aside_and_the_others_go_on() {
    let (platform, diary) = poisoned(3).await;
    let mut taken = diary.taken();
    taken.sort_unstable();
    assert_eq!(taken, [1, 2, 4]);
    let parked = parked(&platform).await;
    assert_eq!(parked.iter().map(|parked| (parked.position, parked.stream.clone())).collect::<Vec<_>>(), [(Position(3), note(1))]);
    assert_eq!(parked[0].reason, "cannot stand event 3");
}

#[tokio::test]
async fn what_was_set_aside_is_tried_again_and_its_later_events_come_after_it() {
    let (platform, diary) = poisoned(3).await;
    let running = start(&platform, &diary);
    event(&platform, 1, 4).await;
    event(&platform, 2, 3).await;
    level(&platform).await;
    diary.poison([]);
    eventually("nothing is aside", async || parked(&platform).await.is_empty()).await;
    running.stop().await;
    let of_first: Vec<_> = diary.taken().into_iter().filter(|position| [1, 3, 5, 6].contains(position)).collect();
    assert_eq!(of_first, [1, 3, 5, 6], "each once, in order");
}

#[tokio::test]
async fn what_was_given_up_waits_for_an_operator() {
    let (platform, diary) = poisoned(3).await;
    let journal = &*platform.journal;
    let running = start(&platform, &diary);
    eventually("it is tried by the new runner", async || parked(&platform).await[0].attempts > 1).await;
    assert!(matches!(operator::skip(journal, RULE, &note(1)).await, Err(OperatorError::Retrying { .. })));
    running.stop().await;
    give_up(&platform).await;
    let listed = operator::list(journal).await.expect("readable");
    assert_eq!(listed.iter().map(|aside| (aside.reaction, aside.retrying)).collect::<Vec<_>>(), [(RULE, false)]);

    let running = start(&platform, &diary);
    eventually("a new start tries once", async || parked(&platform).await[0].attempts == TRIES + 1).await;
    event(&platform, 2, 3).await;
    level(&platform).await;
    assert_eq!(parked(&platform).await[0].attempts, TRIES + 1, "and no more");
    diary.poison([]);
    operator::retry(journal, RULE, &note(1)).await.expect("heard");
    eventually("it is taken up", async || parked(&platform).await.is_empty()).await;
    running.stop().await;
    assert_eq!(diary.taken().into_iter().filter(|position| [3, 5].contains(position)).collect::<Vec<_>>(), [3, 5]);
}

#[tokio::test]
async fn an_operator_passes_over_one_event_and_no_other() {
    let (platform, diary) = poisoned(3).await;
    give_up(&platform).await;
    operator::skip(&*platform.journal, RULE, &note(1)).await.expect("heard");
    let running = start(&platform, &diary);
    eventually("nothing is aside", async || parked(&platform).await.is_empty()).await;
    event(&platform, 1, 4).await;
    level(&platform).await;
    running.stop().await;
    assert_eq!(diary.taken().into_iter().filter(|position| [1, 3, 5, 6].contains(position)).collect::<Vec<_>>(), [1, 5, 6]);
}

#[tokio::test]
async fn an_operator_is_told_what_is_not_there() {
    let platform = Platform::init().await;
    let journal = &*platform.journal;
    assert!(
        matches!(operator::retry(journal, "no_such_rule", &note(1)).await, Err(OperatorError::NoReaction(name)) if name == "no_such_rule")
    );
    assert!(matches!(operator::retry(journal, RULE, &note(1)).await, Err(OperatorError::NotParked { .. })));
    assert!(matches!(operator::skip(journal, RULE, &note(1)).await, Err(OperatorError::NotParked { .. })));
    assert_eq!(operator::list(journal).await.expect("readable"), []);
}

#[tokio::test]
async fn a_reaction_that_panics_at_an_event_goes_on_with_other_streams() {
    let (platform, diary) = (Platform::init().await, Arc::new(Diary::default()));
    diary.panics.lock().expect("free").insert(1);
    event(&platform, 1, 1).await;
    event(&platform, 2, 1).await;
    let running = start(&platform, &diary);
    level(&platform).await;
    running.stop().await;
    assert_eq!((diary.taken(), parked(&platform).await[0].reason.as_str()), (vec![2], "the reaction panicked"));
}

#[tokio::test]
async fn an_event_of_a_newer_build_is_kept_for_that() {
    let (platform, diary) = (Platform::init().await, Arc::new(Diary::default()));
    let workshop = accepted(platform.commands.workshops.draft(&author(), "docker".into(), &reading("Docker")).await);
    let newer = NewEvent { id: Uuid::now_v7(), name: "WorkshopPraised".into(), version: 1, payload: json!({ "Praised": {} }) };
    append(&platform, StreamId::new("workshop", workshop.0), 2, newer).await;
    let running = start(&platform, &diary);
    level(&platform).await;
    running.stop().await;
    let [parked] = &parked(&platform).await[..] else { panic!("one stream") };
    assert!(parked.reason.contains("WorkshopPraised") && parked.reason.contains("newer build"), "{}", parked.reason);
}

#[tokio::test]
async fn no_personal_value_is_in_the_reason() {
    let (platform, diary) = (Platform::init().await, Arc::new(Diary::default()));
    let payload = json!({ "Registered": { "email": "ada@example.org" } });
    let damaged = NewEvent { id: Uuid::now_v7(), name: "AccountRegistered".into(), version: 1, payload };
    append(&platform, StreamId::new("account", Uuid::from_u128(1)), 1, damaged).await;
    let running = start(&platform, &diary);
    level(&platform).await;
    running.stop().await;
    assert_eq!(parked(&platform).await[0].reason, "the event AccountRegistered v1 is unreadable");
}

#[tokio::test]
async fn a_timer_that_fails_keeps_no_other_and_no_event_waiting() {
    let (platform, diary) = (Platform::init().await, Arc::new(Diary::default()));
    diary.bad_timers.lock().expect("free").insert("bad".into());
    let timer = |key: &str| TimerChange::Set(Timer { key: key.into(), due: now() });
    let timers = vec![timer("bad"), timer("good")];
    platform.journal.advance(Advance { subscriber: RULE.into(), timers, ..Advance::default() }).await.expect("set");
    let running = start(&platform, &diary);
    eventually("the other fires", async || diary.fired.lock().expect("free").contains(&"good".to_owned())).await;
    event(&platform, 1, 1).await;
    level(&platform).await;
    diary.bad_timers.lock().expect("free").clear();
    eventually("it fires after all", async || diary.fired.lock().expect("free").contains(&"bad".to_owned())).await;
    running.stop().await;
    assert_eq!(*diary.fired.lock().expect("free"), ["good", "bad"]);
}
